#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "upstream/upstream.h"

namespace signet::upstream {

// Which upstream holds the objects of a bucket: its own, or the one of all buckets that have none.
class Upstreams {
 public:
  // `bucket`: its name; empty: every other bucket. False if there is one already.
  [[nodiscard]] bool add(std::string_view bucket, std::unique_ptr<Upstream> upstream);

  // Null: the objects of the bucket lie here.
  [[nodiscard]] Upstream* of(std::string_view bucket) const;

  [[nodiscard]] bool empty() const { return by_bucket_.empty(); }

 private:
  std::map<std::string, std::unique_ptr<Upstream>, std::less<>> by_bucket_;
};

}  // namespace signet::upstream
