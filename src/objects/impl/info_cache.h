#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "objects/object_info.h"

namespace signet::objects::impl {

// Objects that were looked up lately, so that the next look needs no disk. Thread-safe. Whoever
// looks into the index takes the generation first: what was looked up while a write was committed
// is not kept, so a write that was answered is never hidden.
class InfoCache {
 public:
  [[nodiscard]] std::uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }

  // Never waits: nothing if another thread is at it just now.
  [[nodiscard]] std::optional<ObjectInfo> find(std::string_view bucket, std::string_view key);

  void keep(std::uint64_t generation, std::string_view bucket, const ObjectInfo& info);

  // A write that touched these objects (bucket and key joined by name_of()) was committed.
  void forget(const std::vector<std::string>& names);

  void clear();

  [[nodiscard]] static std::string name_of(std::string_view bucket, std::string_view key);

 private:
  // When full it starts over: a miss costs a look into the index.
  static constexpr std::size_t kMaxEntries = 2048;

  std::atomic<std::uint64_t> generation_ = 0;
  std::mutex mutex_;
  std::unordered_map<std::string, ObjectInfo> entries_;  // guarded by mutex_
};

}  // namespace signet::objects::impl
