#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace signet::objects {

// What the file system says about itself, in bytes. All 0: it would not tell.
struct DiskState {
  std::uint64_t total = 0;
  std::uint64_t free = 0;  // for us: what only root may use is not
};

// Keeps objects from taking the last room of the disk, which everything else needs: identities,
// records of what happened, deletions. Below the reserve no object bytes are taken. Beyond that a
// file of ballast keeps room that a deletion on a full disk gives free to do its work.
// Thread-safe.
class DiskGuard {
 public:
  struct Options {
    std::string folder;
    std::uint64_t reserve = 0;  // bytes; 0: default_reserve()
    bool is_on = true;          // false: everything is admitted, there is no ballast
  };

  explicit DiskGuard(Options options) : options_(std::move(options)) {}

  // Whether so many object bytes may be written: SlowDown if they would leave less than the
  // reserve.
  [[nodiscard]] Status admit(std::uint64_t bytes) const;

  [[nodiscard]] DiskState look() const;

  // Of the disk as it is now.
  [[nodiscard]] std::uint64_t reserve() const { return reserve_of(look()); }

  [[nodiscard]] bool is_on() const { return options_.is_on; }

  // Makes the ballast if it is not there and there is room above the reserve.
  void keep_ballast() const;

  // Gives the ballast's room free.
  void release_ballast() const;

 private:
  [[nodiscard]] std::string ballast_path() const;
  [[nodiscard]] std::uint64_t reserve_of(const DiskState& state) const;

  Options options_;
};

// The reserve of a file system of this size: 64 MiB or a twentieth, whichever is more, but at most
// 1 GiB and a quarter of it.
[[nodiscard]] std::uint64_t default_reserve(std::uint64_t total);

// The answer to a write for which there is no room. `cause` is for the log.
[[nodiscard]] Error no_room_error(std::string cause);

}  // namespace signet::objects
