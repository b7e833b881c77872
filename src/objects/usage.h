#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::objects {

// What objects and parts take. Parts count as bytes; an upload in progress counts as an object.
struct Usage {
  std::uint64_t bytes = 0;
  std::uint64_t objects = 0;
  std::uint64_t uploads = 0;  // in progress

  bool operator==(const Usage&) const = default;
};

// Bounds; 0: none.
struct Quota {
  Usage bucket;
  Usage account;

  // Whether bytes or objects are bounded: only then what is there has to be counted.
  [[nodiscard]] bool bounds_sizes() const {
    return bucket.bytes != 0 || bucket.objects != 0 || account.bytes != 0 || account.objects != 0;
  }
};

// A change of what one bucket holds.
struct UsageChange {
  std::string bucket;
  std::int64_t bytes = 0;
  std::int64_t objects = 0;
  std::int64_t uploads = 0;
};

// How much each bucket and account holds, and whether it may hold more. Thread-safe.
class UsageBook {
 public:
  explicit UsageBook(const Quota& quota) : quota_(quota) {}

  // False: bytes and objects that are there already need not be counted.
  [[nodiscard]] bool counts_sizes() const { return quota_.bounds_sizes(); }

  // The account that a bucket's usage counts for, from now on. Before its first use.
  void own(std::string_view bucket, std::string_view account);

  // Makes the change; QuotaExceeded, and nothing is changed, if it makes a bucket or account larger
  // than it may be. One that makes nothing larger is always taken.
  [[nodiscard]] Status apply(const UsageChange& change);

  // Adds what is there already, whatever the quota.
  void add(const UsageChange& present);

  // Takes a change back that was applied.
  void undo(const UsageChange& change);

  // Forgets what is used, not who owns what.
  void clear();

  [[nodiscard]] Usage of_bucket(std::string_view bucket) const;
  [[nodiscard]] Usage of_account(std::string_view account) const;

 private:
  struct Bucket {
    std::string account;
    Usage usage;
  };

  [[nodiscard]] Bucket& bucket_of(std::string_view bucket);

  const Quota quota_;
  mutable std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;
  std::map<std::string, Usage, std::less<>> accounts_;
};

}  // namespace signet::objects
