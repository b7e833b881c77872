#include "objects/usage.h"

#include "facts/errors.h"

namespace signet::objects {
namespace {

std::uint64_t moved(std::uint64_t value, std::int64_t by) {
  const auto size = static_cast<std::uint64_t>(by < 0 ? -by : by);
  if (by >= 0) {
    return value + size;
  }
  return value > size ? value - size : 0;
}

void move(Usage& usage, std::int64_t bytes, std::int64_t objects) {
  usage.bytes = moved(usage.bytes, bytes);
  usage.objects = moved(usage.objects, objects);
}

bool passes(const Usage& usage, const UsageChange& change, const Usage& bound) {
  const bool is_too_long =
      bound.bytes != 0 && change.bytes > 0 && moved(usage.bytes, change.bytes) > bound.bytes;
  const bool is_too_many = bound.objects != 0 && change.objects > 0 &&
                           moved(usage.objects, change.objects) > bound.objects;
  return is_too_long || is_too_many;
}

}  // namespace

UsageBook::Bucket& UsageBook::bucket_of(std::string_view bucket) {
  const auto found = buckets_.find(bucket);
  return found != buckets_.end() ? found->second : buckets_[std::string(bucket)];
}

void UsageBook::own(std::string_view bucket, std::string_view account) {
  if (!is_on()) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(bucket);
  if (entry.account == account) {
    return;
  }
  Usage& before = accounts_[entry.account];
  before.bytes -= entry.usage.bytes;
  before.objects -= entry.usage.objects;
  entry.account = account;
  Usage& now = accounts_[entry.account];
  now.bytes += entry.usage.bytes;
  now.objects += entry.usage.objects;
}

Status UsageBook::apply(const UsageChange& change) {
  if (!is_on()) {
    return {};
  }
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(change.bucket);
  Usage& account = accounts_[entry.account];
  if (passes(entry.usage, change, quota_.bucket) || passes(account, change, quota_.account)) {
    return std::unexpected(facts::make_error(ErrorCode::QuotaExceeded));
  }
  move(entry.usage, change.bytes, change.objects);
  move(account, change.bytes, change.objects);
  return {};
}

void UsageBook::add(const UsageChange& present) {
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(present.bucket);
  move(entry.usage, present.bytes, present.objects);
  move(accounts_[entry.account], present.bytes, present.objects);
}

void UsageBook::undo(const UsageChange& change) {
  if (is_on()) {
    add({.bucket = change.bucket, .bytes = -change.bytes, .objects = -change.objects});
  }
}

void UsageBook::clear() {
  const std::scoped_lock lock(mutex_);
  for (auto& [name, bucket] : buckets_) {
    bucket.usage = Usage();
  }
  for (auto& [name, usage] : accounts_) {
    usage = Usage();
  }
}

Usage UsageBook::of_bucket(std::string_view bucket) const {
  const std::scoped_lock lock(mutex_);
  const auto found = buckets_.find(bucket);
  return found == buckets_.end() ? Usage() : found->second.usage;
}

Usage UsageBook::of_account(std::string_view account) const {
  const std::scoped_lock lock(mutex_);
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? Usage() : found->second;
}

}  // namespace signet::objects
