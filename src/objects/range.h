#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.h"

namespace signet::objects {

// Bytes of an object, `length` of them from `offset` on.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  bool operator==(const ByteRange&) const = default;
};

enum class RangeFault : std::uint8_t {
  Ignored,        // not one well-formed byte range: the whole object is sent (RFC 7233 3.1)
  Unsatisfiable,  // 416
};

struct RangeResult {
  std::optional<ByteRange> range;
  RangeFault fault = RangeFault::Ignored;  // when there is no range
};

// A Range header against an object of that size (RFC 7233 2.1): "bytes=a-b", "bytes=a-",
// "bytes=-n". Several ranges are ignored, as S3 does.
[[nodiscard]] RangeResult parse_range(std::string_view header, std::uint64_t size);

// The conditional headers of a read, by their S3 or HTTP spelling; absent ones are nothing.
struct ReadConditions {
  std::optional<std::string_view> if_match;
  std::optional<std::string_view> if_none_match;
  std::optional<std::string_view> if_modified_since;
  std::optional<std::string_view> if_unmodified_since;
};

enum class ConditionResult : std::uint8_t { Proceed, NotModified, Failed };

// RFC 7232 6: If-Match beats If-Unmodified-Since, If-None-Match beats If-Modified-Since. `etag`
// without quotes. Dates that cannot be read are ignored, and so is a "modified since" that is later
// than `now` (RFC 7232 3.3).
[[nodiscard]] ConditionResult evaluate(const ReadConditions& conditions,
                                       std::string_view etag,
                                       Instant modified,
                                       Instant now);

}  // namespace signet::objects
