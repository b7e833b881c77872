#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::objects::impl {

// What became of a call on a file, by errno: SlowDown with a cause on a full disk, otherwise
// S3InternalError with one.
[[nodiscard]] Error file_error(std::string_view doing, std::string_view path);

// Makes a folder for the owner only; one that is there is as good.
[[nodiscard]] Status make_folder(const std::string& path);

}  // namespace signet::objects::impl
