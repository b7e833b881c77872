#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "objects/object_files.h"
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

  // `file`: what the index has of its bytes; null: it is not remembered.
  void keep(std::uint64_t generation,
            std::string_view bucket,
            const ObjectInfo& info,
            std::shared_ptr<const OpenFile> file = nullptr);

  // What was kept with this object; null if that is not known any more. Never waits.
  [[nodiscard]] std::shared_ptr<const OpenFile> file(std::string_view bucket,
                                                     const ObjectInfo& info);

  // A write that touched these objects (bucket and key joined by name_of()) was committed.
  void forget(const std::vector<std::string>& names);

  void clear();

  [[nodiscard]] static std::string name_of(std::string_view bucket, std::string_view key);

 private:
  // When full it starts over: a miss costs a look into the index.
  static constexpr std::size_t kMaxEntries = 2048;
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20U;

  struct Entry {
    ObjectInfo info;
    std::shared_ptr<const OpenFile> file;
  };

  std::atomic<std::uint64_t> generation_ = 0;
  std::mutex mutex_;  // of what follows
  std::unordered_map<std::string, Entry> entries_;
  std::size_t bytes_ = 0;  // kept since it began, at most
};

}  // namespace signet::objects::impl
