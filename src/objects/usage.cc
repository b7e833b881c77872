#include "objects/usage.h"

#include "facts/errors.h"
#include "facts/s3_sentences.h"

namespace signet::objects {
namespace {

std::uint64_t moved(std::uint64_t value, std::int64_t by) {
  const auto size = static_cast<std::uint64_t>(by < 0 ? -by : by);
  if (by >= 0) {
    return value + size;
  }
  return value > size ? value - size : 0;
}

void move(Usage& usage, const UsageChange& change) {
  usage.bytes = moved(usage.bytes, change.bytes);
  usage.objects = moved(usage.objects, change.objects);
  usage.uploads = moved(usage.uploads, change.uploads);
}

bool passes(std::uint64_t value, std::int64_t by, std::uint64_t bound) {
  return bound != 0 && by > 0 && moved(value, by) > bound;
}

Status check(const Usage& usage, const UsageChange& change, const Usage& bound) {
  if (passes(usage.uploads, change.uploads, bound.uploads)) {
    return std::unexpected(s3::too_many_uploads());
  }
  const bool is_too_much = passes(usage.bytes, change.bytes, bound.bytes) ||
                           passes(usage.objects, change.objects, bound.objects);
  return is_too_much ? std::unexpected(facts::make_error(ErrorCode::QuotaExceeded)) : Status();
}

}  // namespace

UsageBook::Bucket& UsageBook::bucket_of(std::string_view bucket) {
  const auto found = buckets_.find(bucket);
  return found != buckets_.end() ? found->second : buckets_[std::string(bucket)];
}

void UsageBook::own(std::string_view bucket, std::string_view account) {
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(bucket);
  if (entry.account == account) {
    return;
  }
  Usage& before = accounts_[entry.account];
  before.bytes -= entry.usage.bytes;
  before.objects -= entry.usage.objects;
  before.uploads -= entry.usage.uploads;
  entry.account = account;
  Usage& now = accounts_[entry.account];
  now.bytes += entry.usage.bytes;
  now.objects += entry.usage.objects;
  now.uploads += entry.usage.uploads;
}

Status UsageBook::apply(const UsageChange& change) {
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(change.bucket);
  Usage& account = accounts_[entry.account];
  TRY_STATUS(check(entry.usage, change, quota_.bucket));
  TRY_STATUS(check(account, change, quota_.account));
  move(entry.usage, change);
  move(account, change);
  return {};
}

void UsageBook::add(const UsageChange& present) {
  const std::scoped_lock lock(mutex_);
  Bucket& entry = bucket_of(present.bucket);
  move(entry.usage, present);
  move(accounts_[entry.account], present);
}

void UsageBook::undo(const UsageChange& change) {
  add({.bucket = change.bucket,
       .bytes = -change.bytes,
       .objects = -change.objects,
       .uploads = -change.uploads});
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
