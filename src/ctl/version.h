#pragma once

#include <string_view>

namespace signet::ctl {

inline constexpr std::string_view kVersionText = "signet 0.1.0";

}  // namespace signet::ctl
