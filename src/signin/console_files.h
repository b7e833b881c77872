#pragma once

#include <memory>
#include <string_view>

#include "signin/invocation.h"

namespace signet::signin {

inline constexpr std::string_view kConsoleFiles = "/_console/assets/";

// A file of the console's application; null if it has none of that name. Compressed by brotli for
// those who accept that. Names change with their content, so browsers may keep them for good.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_console_file(const SigninParts& parts);

}  // namespace signet::signin
