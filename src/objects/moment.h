#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "objects/staged_file.h"

namespace signet::objects {

namespace impl {
class Database;
}  // namespace impl

// All objects and uploads as they were at one moment, for a copy of them. Writes go on meanwhile;
// files that they make superfluous stay as long as this lives. One thread at a time; the store must
// outlive it.
class Moment {
 public:
  struct Copied {
    std::uint64_t objects = 0;  // and parts
    std::uint64_t bytes = 0;
  };

  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  Moment(Moment&&) = delete;
  Moment& operator=(Moment&&) = delete;
  ~Moment();

  // Makes a folder of objects (docs/formats/objects.md) at `folder`, which is empty. Its files are
  // other names of ours where the file system allows that.
  [[nodiscard]] Result<Copied> copy_to(const std::string& folder);

 private:
  friend class ObjectStore;
  Moment(const ObjectFiles& files, std::unique_ptr<impl::Database> index);

  // Fixes the moment: what is committed now is seen.
  [[nodiscard]] Status begin();

  const ObjectFiles& files_;
  ObjectFiles::Hold hold_;  // before the moment, so that nothing of it can go
  std::unique_ptr<impl::Database> index_;
};

}  // namespace signet::objects
