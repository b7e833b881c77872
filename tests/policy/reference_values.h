#pragma once

#include <optional>
#include <string>
#include <string_view>

// The typed values of the reference: numbers, dates, addresses, base64 (policy-semantics to
//

namespace signet::ref {

struct Numeric {
  bool exact = false;
  long long integer = 0;
  double real = 0;
};

[[nodiscard]] std::optional<Numeric> number(const std::string& text);
[[nodiscard]] int compare(const Numeric& a, const Numeric& b);

// Milliseconds since 1970.
[[nodiscard]] std::optional<long long> date(std::string text, bool four_digit_year);

[[nodiscard]] bool in_block(const std::string& value, const std::string& block);
[[nodiscard]] std::optional<std::string> base64(const std::string& text);

// Whether a three-way order fits a Numeric or Date operator, given in lower case.
[[nodiscard]] bool order_fits(const std::string& base, int order);

}  // namespace signet::ref
