#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "api/fair_queue.h"

namespace signet::api {

// How many places there are: for one account, and for one caller in it.
struct ShareLimits {
  std::size_t account_places = 4096;
  std::size_t caller_places = 1024;
};

// Who has how many places in something that all share (the directory's queue, memory for bodies
// that nobody has verified yet), so that nobody fills it for all others: who has its share is told
// to slow down, everybody else goes on. Thread-safe.
class Shares {
 public:
  // One place; given back when it is destroyed, on any thread.
  class Place {
   public:
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();

   private:
    friend class Shares;

    Place(Shares& shares, Share share) : shares_(&shares), share_(std::move(share)) {}

    Shares* shares_;
    Share share_;
  };

  explicit Shares(const ShareLimits& limits) : limits_(limits) {}

  // Nothing: the caller, or its account, has all the places it may.
  [[nodiscard]] std::optional<Place> enter(Share share);

 private:
  using Counts = std::unordered_map<std::string, std::size_t>;

  void leave(const Share& share);

  const ShareLimits limits_;
  std::mutex mutex_;
  Counts accounts_;
  Counts callers_;  // an address, or a principal's id, which no other account has
};

}  // namespace signet::api
