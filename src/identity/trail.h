#pragma once

#include <cstdint>
#include <string_view>

namespace signet::identity {

// Where the lines go that tell of changes (audit records). The directory stores the lines of a
// batch together with its changes, under a number, and forgets them once they are settled; so a
// change that is durable always has its lines. Called on the directory's writer thread.
class Trail {
 public:
  Trail() = default;
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;
  Trail(Trail&&) = delete;
  Trail& operator=(Trail&&) = delete;
  virtual ~Trail() = default;

  // Lines of changes that are durable and not yet acknowledged. They are stored under numbers up to
  // `number`; 0: they are stored nowhere, since nothing was changed. On return they survive the
  // end of this process.
  virtual void keep(std::uint64_t number, std::string_view lines) = 0;

  // Lines stored under numbers up to `number` by an earlier process, which may have kept them or
  // not.
  virtual void keep_again(std::uint64_t number, std::string_view lines) = 0;

  // All lines of numbers up to this one are durable without the store's copy.
  [[nodiscard]] virtual std::uint64_t settled() = 0;

  // Makes what was kept durable now, as far as that is possible.
  virtual void settle() = 0;
};

}  // namespace signet::identity
