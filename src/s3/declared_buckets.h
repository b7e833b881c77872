#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/random.h"
#include "base/result.h"
#include "identity/entities.h"
#include "identity/snapshot.h"

namespace signet::s3 {

// What makes a bucket, for requests and for files that describe buckets instead. Errors are S3's.

// Empty, with an id for the object store that no other bucket has.
[[nodiscard]] identity::Bucket new_bucket(
    std::string name, std::string account, std::string region, Random& random, Instant now);

// A bucket without objects, that no state has yet. An empty region is us-east-1.
[[nodiscard]] Result<identity::Bucket> declared_bucket(const identity::Snapshot& snapshot,
                                                       std::string name,
                                                       std::string account,
                                                       std::string region,
                                                       Random& random,
                                                       Instant now);

// Replaces its tags.
[[nodiscard]] Status set_tags(identity::Bucket& bucket,
                              const std::vector<std::pair<std::string, std::string>>& tags,
                              Random& random);

// Replaces its policy. `snapshot` has whom the policy names.
[[nodiscard]] Status set_policy(identity::Bucket& bucket,
                                const std::string& document,
                                const identity::Snapshot& snapshot);

}  // namespace signet::s3
