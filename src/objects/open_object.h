#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "objects/object_files.h"
#include "objects/object_info.h"

namespace signet::objects {

// The files of an object that was put together from the parts of an upload, in their order.
struct PartFiles {
  struct One {
    std::string name;
    std::uint64_t size = 0;
  };

  std::vector<One> list;
  std::shared_ptr<const void> pin;  // as long as it lives, they stay
};

// An object with its bytes open for reading: what was opened stays readable whatever happens to the
// object. The store must outlive it.
struct OpenObject {
  ObjectInfo info;
  FileOwner owner;
  OpenFile file;                   // unless it has
  std::optional<PartFiles> parts;  // which are encrypted, each
  const ObjectFiles* room = nullptr;
  // The bytes open with a customer's key that was not given: they are not to be read.
  bool lacks_key = false;
};

}  // namespace signet::objects
