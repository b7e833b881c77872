#pragma once

#include <string_view>

#include "http/message.h"

namespace signet::signin {

struct ConsentPage {
  std::string_view arn;  // whose credentials
  std::string_view account;
  std::string_view where;  // where the code goes
  bool is_remote = false;
  std::string_view step;
};

// Asks before a program gets credentials; always, whoever is signed in.
[[nodiscard]] http::Response consent_page(const ConsentPage& page);

// Shows what to type into the program that waits.
[[nodiscard]] http::Response code_page(std::string_view code);

}  // namespace signet::signin
