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
#include <utility>

namespace signet::http {

// What the connections of one peer address hold together.
struct AddressUse {
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::uint64_t> buffered = 0;
};

// Memory for request bodies, long heads and unsent answers, of all connections of a server. One
// address may hold half of it. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(std::uint64_t total) : total_(total) {}

  // False, and counted, if the memory would pass the budget, or half of it for this address (null:
  // an unknown one, which has no such bound).
  [[nodiscard]] bool take(AddressUse* address, std::uint64_t bytes);
  // For what cannot be refused any more, such as an answer.
  void take_always(AddressUse* address, std::uint64_t bytes);
  void give_back(AddressUse* address, std::uint64_t bytes);

  [[nodiscard]] std::uint64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  const std::uint64_t total_;
  std::atomic<std::uint64_t> in_use_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

// One connection of an address; gives its place back when destroyed. Empty: counted nowhere.
class AddressLease {
 public:
  AddressLease() = default;

  explicit AddressLease(std::shared_ptr<AddressUse> use) : use_(std::move(use)) {}

  AddressLease(const AddressLease&) = delete;
  AddressLease& operator=(const AddressLease&) = delete;
  AddressLease(AddressLease&& other) noexcept = default;
  AddressLease& operator=(AddressLease&& other) noexcept;
  ~AddressLease();

  [[nodiscard]] AddressUse* get() const { return use_.get(); }

 private:
  std::shared_ptr<AddressUse> use_;
};

// Who has how many connections. An IPv6 peer is counted by its network of 64 bits, which one host
// usually has for itself. Thread-safe.
class AddressBook {
 public:
  explicit AddressBook(std::size_t connections_max) : connections_max_(connections_max) {}

  // A place for one more connection; nothing if the address has all of its own.
  [[nodiscard]] std::optional<AddressLease> admit(std::string_view address);

  // Addresses that are remembered: those with connections, and at most as many without.
  [[nodiscard]] std::size_t size() const;

 private:
  void forget_idle();

  const std::size_t connections_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<AddressUse>> uses_;  // guarded by mutex_
  std::size_t forget_at_ = 64;                                         // guarded by mutex_
};

}  // namespace signet::http
