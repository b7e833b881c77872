#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signet::objects {

// Buckets that take nothing more, because they are being deleted. Whether they really are is
// decided elsewhere (the directory's commit): who asks for that holds the bucket closed until the
// answer is known. Once nobody holds it, it has to be settled: opened again, or removed.
// Thread-safe.
class ClosedBuckets {
 public:
  // So many that are gone are remembered: a request is decided on the newest state right before it
  // stores anything, so it cannot be behind by more deletions than that.
  static constexpr std::size_t kGoneMax = 65'536;

  // A bucket that nobody holds any more, and when that was: a later hold makes it another moment.
  struct Unsettled {
    std::string bucket;
    std::uint64_t moment = 0;
  };

  [[nodiscard]] bool contains(std::string_view bucket) const;

  // Closes the bucket, or holds it closed once more.
  void hold(std::string_view bucket);
  // Ends one hold. After the last one the bucket is unsettled.
  void let_go(std::string_view bucket);

  // Closed by an earlier process: unsettled from the start.
  void add_unsettled(std::string_view bucket);

  [[nodiscard]] std::vector<Unsettled> unsettled() const;

  // Opens it again, unless it was held since.
  void open(const Unsettled& bucket);
  // It is gone: it stays closed to whoever still knows its id, while others follow it, and needs no
  // settling.
  void keep_closed(const Unsettled& bucket);

  // Told, on any thread, when a bucket becomes unsettled; must be quick. Once, before use.
  void on_unsettled(std::function<void()> wake);

  void clear();

 private:
  struct Entry {
    int holds = 0;
    std::uint64_t moment = 0;
  };

  // Takes the entry out if nobody has held it since.
  bool take_out(const Unsettled& bucket);

  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::set<std::string, std::less<>> gone_;
  std::deque<std::string> gone_in_order_;  // the first went first
  std::uint64_t moments_ = 0;
  std::function<void()> wake_;
};

// One hold; ends when it is dropped.
class BucketHold {
 public:
  BucketHold(ClosedBuckets& buckets, std::string_view bucket)
      : buckets_(&buckets), bucket_(bucket) {
    buckets_->hold(bucket_);
  }

  BucketHold(const BucketHold&) = delete;
  BucketHold& operator=(const BucketHold&) = delete;
  BucketHold(BucketHold&& other) noexcept;
  BucketHold& operator=(BucketHold&&) = delete;
  ~BucketHold();

 private:
  ClosedBuckets* buckets_;  // null: moved from
  std::string bucket_;
};

}  // namespace signet::objects
