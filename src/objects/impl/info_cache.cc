#include "objects/impl/info_cache.h"

#include <utility>

#include "base/strings.h"

namespace signet::objects::impl {

// Bucket ids hold no NUL.
std::string InfoCache::name_of(std::string_view bucket, std::string_view key) {
  return concat(bucket, std::string_view("\0", 1), key);
}

std::optional<ObjectInfo> InfoCache::find(std::string_view bucket, std::string_view key) {
  const std::string name = name_of(bucket, key);
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return std::nullopt;
  }
  const auto found = entries_.find(name);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.info);
}

std::shared_ptr<const OpenFile> InfoCache::file(std::string_view bucket, const ObjectInfo& info) {
  const std::string name = name_of(bucket, info.key);
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return nullptr;
  }
  const auto found = entries_.find(name);
  return found != entries_.end() && found->second.info.file == info.file ? found->second.file
                                                                         : nullptr;
}

void InfoCache::keep(std::uint64_t generation,
                     std::string_view bucket,
                     const ObjectInfo& info,
                     std::shared_ptr<const OpenFile> file) {
  std::string name = name_of(bucket, info.key);
  const std::lock_guard lock(mutex_);
  if (generation != generation_.load(std::memory_order_relaxed)) {
    return;
  }
  if (entries_.size() >= kMaxEntries || bytes_ > kMaxBytes) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += file ? file->indexed->size() : 0;
  entries_.insert_or_assign(std::move(name), Entry{.info = info, .file = std::move(file)});
}

void InfoCache::forget(const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  generation_.fetch_add(1, std::memory_order_release);
  for (const std::string& name : names) {
    entries_.erase(name);
  }
}

void InfoCache::clear() {
  const std::lock_guard lock(mutex_);
  generation_.fetch_add(1, std::memory_order_release);
  entries_.clear();
}

}  // namespace signet::objects::impl
