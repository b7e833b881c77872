#pragma once

#include <memory>

#include "store/store.h"

namespace signet::store {

// Keeps everything in this process; gone when it ends. For tests and `serve --dev`.
[[nodiscard]] std::unique_ptr<Store> make_memory_store();

}  // namespace signet::store
