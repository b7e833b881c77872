#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace signet::signin {

// What the files that make pages share. `body` and `head_extra` are HTML, everything else is text.

// A whole page with its headers; `head_extra` goes to the right of the brand, and forms may lead to
// `form_targets` (of a content security policy).
[[nodiscard]] http::Response page(int status,
                                  std::string_view title,
                                  std::string_view head_extra,
                                  std::string_view body,
                                  std::string_view form_targets = "'self'");

// The same with a script of this server's, which may ask an authenticator and nothing else.
[[nodiscard]] http::Response page_with_script(int status,
                                              std::string_view title,
                                              std::string_view body,
                                              std::string_view script);

// A field of a form that is not shown.
[[nodiscard]] std::string hidden(std::string_view name, std::string_view value);

}  // namespace signet::signin
