#pragma once

#include <string>

#include "base/result.h"

namespace signet::store {

// A new name in a folder is durable only when the folder itself was flushed.
[[nodiscard]] Status flush_folder(const std::string& path);

}  // namespace signet::store
