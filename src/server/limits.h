#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::server {

// What one caller, and all together, may cost. Names, defaults and bounds: limit_rows();
// docs/guide/limits.md explains them.
enum class Limit : std::uint8_t {
  ConnectionsMax,
  ConnectionsPerAddress,
  MemoryBodies,
  MemoryUnsignedBody,
  ObjectsThreads,
  ObjectsQueue,
  ObjectsQueueAccount,
  ObjectsQueueCaller,
  LongThreads,
  LongQueue,
  LongQueueAccount,
  LongQueueCaller,
  PasswordsThreads,
  PasswordsQueue,
  PasswordsQueueAccount,
  PasswordsQueueCaller,
  PagesThreads,
  PagesQueue,
  PagesQueueAddress,
  EvidenceThreads,
  EvidenceQueue,
  EvidenceQueueAddress,
  WritesQueueAccount,
  WritesQueueCaller,
  BodiesThreads,
  TicketsAccount,
  TicketsSession,
  TicketsIdle,
  DiskReserve,
  QuotaAccountBytes,
  QuotaAccountObjects,
  QuotaAccountUploads,
  QuotaBucketBytes,
  QuotaBucketObjects,
  QuotaBucketUploads,
  Count,
};

inline constexpr std::size_t kLimitCount = static_cast<std::size_t>(Limit::Count);

enum class LimitUnit : std::uint8_t { Number, Bytes };

struct LimitRow {
  std::string_view name;
  LimitUnit unit = LimitUnit::Number;
  std::int64_t fallback = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view text;  // what it bounds, one sentence without its full stop
};

// In the order of Limit.
[[nodiscard]] std::span<const LimitRow, kLimitCount> limit_rows();

// The settings of one server.
class Limits {
 public:
  Limits();

  [[nodiscard]] std::int64_t get(Limit limit) const {
    return values_[static_cast<std::size_t>(limit)];
  }

  [[nodiscard]] std::size_t size(Limit limit) const { return static_cast<std::size_t>(get(limit)); }

  // Takes "NAME=VALUE"; bytes may end in KiB, MiB or GiB. InvalidInput says what would be right.
  [[nodiscard]] Status set(std::string_view assignment);

 private:
  std::array<std::int64_t, kLimitCount> values_{};
};

// The value as set() takes it: 65536 bytes are "64KiB".
[[nodiscard]] std::string limit_text(LimitUnit unit, std::int64_t value);

}  // namespace signet::server
