#pragma once

#include <string_view>

namespace signet::server {

inline constexpr std::string_view kVersion = "0.1.0";
inline constexpr std::string_view kVersionText = "signet 0.1.0";

}  // namespace signet::server
