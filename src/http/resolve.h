#pragma once

#include <expected>
#include <string>
#include <vector>

namespace signet::http {

// The addresses that a host name leads to, in the system's order; an address is its own. At least
// one. May block as long as the system's resolver does. The error is a sentence.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> resolve(const std::string& host);

}  // namespace signet::http
