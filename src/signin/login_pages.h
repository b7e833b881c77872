#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace signet::signin {

struct ConsentPage {
  std::string_view arn;  // whose credentials
  std::string_view account;
  std::string_view where;  // where the code goes
  bool is_remote = false;
  std::string_view step;
  std::size_t session = 0;  // of the browser's (session_number.h)
  // Who else is signed in with this browser, and where to go on as that one.
  std::vector<std::pair<std::string, std::string>> others = {};
};

// Asks before a program gets credentials; always, whoever is signed in.
[[nodiscard]] http::Response consent_page(const ConsentPage& page);

// Shows what to type into the program that waits.
[[nodiscard]] http::Response code_page(std::string_view code);

}  // namespace signet::signin
