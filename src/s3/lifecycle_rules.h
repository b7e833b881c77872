#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "http/message.h"
#include "identity/entities.h"
#include "model/caller.h"
#include "objects/object_info.h"

namespace signet::s3 {

// An enabled rule of a bucket's lifecycle, as far as it removes something: transitions change
// nothing here.
struct LifecycleRule {
  std::string id;
  // Which objects it is for: all that are given must fit.
  std::string prefix;
  std::vector<model::Tag> tags;
  std::optional<std::uint64_t> larger_than;  // bytes
  std::optional<std::uint64_t> smaller_than;

  std::optional<std::int64_t> days;  // of an object's life
  std::optional<Instant> date;       // from then on
  bool removes_lone_markers = false;
  std::optional<std::int64_t> noncurrent_days;  // since a version's successor came
  std::int64_t newer_noncurrent = 0;            // so many of the newest noncurrent versions stay
  std::optional<std::int64_t> abort_days;       // of an upload's life
};

// None of a bucket without a lifecycle.
[[nodiscard]] std::vector<LifecycleRule> lifecycle_rules(const identity::Bucket& bucket);

// x-amz-expiration: when the first of the rules of a bucket removes its object, and which; none if
// none does.
void add_expiration_header(http::ResponseHeaders& headers,
                           const identity::Bucket& bucket,
                           const objects::ObjectInfo& info);

// When something that began then has been there for so many days: S3 rounds up to the next midnight
// UTC (S3 user guide, lifecycle rules based on an object's age).
[[nodiscard]] Instant due_after(Instant began, std::int64_t days);

// Whether a rule is for an object or version; a delete marker has neither tags nor a size, so that
// rules which ask for them are not for it.
[[nodiscard]] bool is_for(const LifecycleRule& rule, const objects::ObjectInfo& info);

}  // namespace signet::s3
