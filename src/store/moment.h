#pragma once

#include <string>

#include "base/result.h"

namespace signet::store {

// The state of a store at one moment, for a copy of it: what was committed before, and nothing
// after. Commits go on meanwhile. One thread at a time; the store must outlive it.
class Moment {
 public:
  Moment() = default;
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  Moment(Moment&&) = delete;
  Moment& operator=(Moment&&) = delete;
  virtual ~Moment() = default;

  // Writes what a data folder has as signet.db to a new file, whole and on the disk. Once.
  [[nodiscard]] virtual Status write_to(const std::string& path) = 0;
};

}  // namespace signet::store
