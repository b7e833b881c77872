#pragma once

#include <string_view>

#include "model/caller.h"

namespace signet::model {

// The root user of an account, with no key of its own yet.
[[nodiscard]] Caller root_caller(std::string_view account);

}  // namespace signet::model
