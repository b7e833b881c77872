#include "s3/bucket_name.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/strings.h"

namespace signet::s3 {
namespace {

constexpr std::size_t kShortest = 3;
constexpr std::size_t kLongest = 63;

constexpr std::array<std::string_view, 2> kReservedPrefixes = {"xn--", "sthree-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {
    "-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool is_lower_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

// Four groups of digits: looks like an IPv4 address, whatever the values.
bool looks_like_an_address(std::string_view name) {
  const bool has_only_digits =
      std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
  return has_only_digits && std::count(name.begin(), name.end(), '.') == 3;
}

}  // namespace

bool is_possible_bucket_name(std::string_view name) {
  return name.size() >= kShortest && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_lower_or_digit(c) || c == '-' || c == '.';
         });
}

bool is_new_bucket_name(std::string_view name) {
  if (!is_possible_bucket_name(name) || !is_lower_or_digit(name.front()) ||
      !is_lower_or_digit(name.back())) {
    return false;
  }
  const bool is_reserved =
      std::any_of(kReservedPrefixes.begin(),
                  kReservedPrefixes.end(),
                  [name](std::string_view prefix) { return name.starts_with(prefix); }) ||
      std::any_of(kReservedSuffixes.begin(),
                  kReservedSuffixes.end(),
                  [name](std::string_view suffix) { return name.ends_with(suffix); });
  return !is_reserved && name.find("..") == std::string_view::npos && !looks_like_an_address(name);
}

}  // namespace signet::s3
