#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace signet::s3 {

// What a signed form may be used for (Amazon S3 API reference, "POST policy").
class PostPolicy {
 public:
  // `text` is JSON. InvalidPolicyDocument for what is no policy.
  [[nodiscard]] static Result<PostPolicy> parse(std::string_view text);

  // Holds a form to it: `fields` with names in lower case, the bucket of the URL among them as
  // "bucket". AccessDenied, with the condition that does not hold, or the field that no condition
  // is about: none but the signature, the key of version 2, the policy itself and
  // "x-ignore-..." may be left out.
  [[nodiscard]] Status check(std::span<const std::pair<std::string, std::string>> fields,
                             Instant now) const;

  // Holds the size of the file to it: EntityTooSmall, EntityTooLarge.
  [[nodiscard]] Status check_size(std::uint64_t size) const;

  // The largest file that it allows, in bytes.
  [[nodiscard]] std::uint64_t max_size() const;

 private:
  struct Condition {
    bool is_prefix = false;
    std::string field;  // lower case
    std::string value;
    std::string shown;  // as refusals show it
  };

  [[nodiscard]] Status add(std::string_view given, std::string_view name, std::string_view value);

  struct SizeRange {
    std::int64_t min = 0;
    std::int64_t max = 0;
  };

  Instant expires_;
  std::vector<Condition> conditions_;
  std::optional<SizeRange> size_;
  std::string never_holds_;  // a condition on no field, or of no sizes, as refusals show it
};

}  // namespace signet::s3
