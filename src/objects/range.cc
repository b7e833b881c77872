#include "objects/range.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/time.h"

namespace signet::objects {
namespace {

// Whether a list of entity tags (or "*") holds one. Weak tags compare by their opaque part, as S3
// has no weak ones.
bool holds(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = trimmed(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (one.starts_with("W/")) {
      one.remove_prefix(2);
    }
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') {
      one = one.substr(1, one.size() - 2);
    }
    if (one == "*" || one == etag) {
      return true;
    }
  }
  return false;
}

// Digits only; values past 63 bits count as larger than any object.
std::optional<std::uint64_t> number(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(parse_decimal(digits).value_or(INT64_MAX));
}

RangeResult suffix_range(std::optional<std::uint64_t> length, std::uint64_t size) {
  if (!length) {
    return {};
  }
  if (*length == 0 || size == 0) {
    return {.range = std::nullopt, .fault = RangeFault::Unsatisfiable};
  }
  const std::uint64_t taken = std::min(*length, size);
  return {.range = ByteRange{.offset = size - taken, .length = taken}};
}

}  // namespace

RangeResult parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.size() < kUnit.size() || !equals_ignore_case(header.substr(0, kUnit.size()), kUnit)) {
    return {};
  }
  const std::string_view text = trimmed(header.substr(kUnit.size()));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return {};
  }
  const std::string_view last_digits = text.substr(dash + 1);
  if (dash == 0) {
    return suffix_range(number(last_digits), size);
  }
  const auto first = number(text.substr(0, dash));
  const auto last =
      last_digits.empty() ? std::optional<std::uint64_t>(INT64_MAX) : number(last_digits);
  if (!first || !last || *last < *first) {
    return {};
  }
  if (*first >= size) {
    return {.range = std::nullopt, .fault = RangeFault::Unsatisfiable};
  }
  const std::uint64_t end = std::min(*last, size - 1);
  return {.range = ByteRange{.offset = *first, .length = end - *first + 1}};
}

ConditionResult evaluate(const ReadConditions& conditions,
                         std::string_view etag,
                         Instant modified,
                         Instant now) {
  const auto date = [](std::optional<std::string_view> header) {
    return codec::parse_http_date(header.value_or(""));
  };
  if (conditions.if_match) {
    if (!holds(*conditions.if_match, etag)) {
      return ConditionResult::Failed;
    }
  } else if (const auto since = date(conditions.if_unmodified_since);
             since && modified.seconds() > since->seconds()) {
    return ConditionResult::Failed;
  }
  if (conditions.if_none_match) {
    return holds(*conditions.if_none_match, etag) ? ConditionResult::NotModified
                                                  : ConditionResult::Proceed;
  }
  const auto since = date(conditions.if_modified_since);
  const bool counts = since && since->seconds() <= now.seconds();
  return counts && modified.seconds() <= since->seconds() ? ConditionResult::NotModified
                                                          : ConditionResult::Proceed;
}

}  // namespace signet::objects
