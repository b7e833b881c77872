#include "objects/closed_buckets.h"

#include <utility>

namespace signet::objects {

bool ClosedBuckets::contains(std::string_view bucket) const {
  const std::scoped_lock lock(mutex_);
  return entries_.contains(bucket) || gone_.contains(bucket);
}

void ClosedBuckets::hold(std::string_view bucket) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[std::string(bucket)];
  entry.holds += 1;
  entry.moment = ++moments_;
}

void ClosedBuckets::let_go(std::string_view bucket) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(bucket);
  if (found == entries_.end() || found->second.holds == 0) {
    return;  // cleared meanwhile
  }
  found->second.holds -= 1;
  if (found->second.holds == 0 && wake_) {
    wake_();
  }
}

void ClosedBuckets::add_unsettled(std::string_view bucket) {
  const std::scoped_lock lock(mutex_);
  entries_[std::string(bucket)].moment = ++moments_;
}

std::vector<ClosedBuckets::Unsettled> ClosedBuckets::unsettled() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Unsettled> out;
  for (const auto& [bucket, entry] : entries_) {
    if (entry.holds == 0) {
      out.push_back({.bucket = bucket, .moment = entry.moment});
    }
  }
  return out;
}

bool ClosedBuckets::take_out(const Unsettled& bucket) {
  const auto found = entries_.find(bucket.bucket);
  const bool is_same =
      found != entries_.end() && found->second.holds == 0 && found->second.moment == bucket.moment;
  if (is_same) {
    entries_.erase(found);
  }
  return is_same;
}

void ClosedBuckets::open(const Unsettled& bucket) {
  const std::scoped_lock lock(mutex_);
  take_out(bucket);
}

void ClosedBuckets::keep_closed(const Unsettled& bucket) {
  const std::scoped_lock lock(mutex_);
  if (!take_out(bucket) || !gone_.insert(bucket.bucket).second) {
    return;
  }
  gone_in_order_.push_back(bucket.bucket);
  if (gone_in_order_.size() > kGoneMax) {
    gone_.erase(gone_in_order_.front());
    gone_in_order_.pop_front();
  }
}

void ClosedBuckets::on_unsettled(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

void ClosedBuckets::clear() {
  const std::scoped_lock lock(mutex_);
  entries_.clear();
  gone_.clear();
  gone_in_order_.clear();
}

BucketHold::BucketHold(BucketHold&& other) noexcept
    : buckets_(std::exchange(other.buckets_, nullptr)), bucket_(std::move(other.bucket_)) {}

BucketHold::~BucketHold() {
  if (buckets_ != nullptr) {
    buckets_->let_go(bucket_);
  }
}

}  // namespace signet::objects
