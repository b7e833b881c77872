#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "objects/object_info.h"

namespace signet::objects {

// What must hold for a write to happen, decided together with the write.
struct WriteCondition {
  bool must_be_absent = false;  // If-None-Match: *
  std::string must_match;       // If-Match: an ETag without quotes, or "*"; empty: no condition

  [[nodiscard]] bool is_set() const { return must_be_absent || !must_match.empty(); }
};

// Whether a bucket keeps what its keys held before. On disk in buckets' documents, not here.
enum class Versioning : std::uint8_t { Off, Enabled, Suspended };

// What a deletion is of: a key's object, or one version.
struct Deletion {
  std::string key;
  std::string version = {};  // as shown_version() has it; empty: the object
  WriteCondition condition = {};
  // Of an object: only while it is the one whose record has this file; otherwise nothing is done.
  // Empty: whichever it is.
  std::string only_file = {};
  // Of a version: one for which this is true stays. Asked together with the removal.
  std::function<bool(const ObjectInfo&)> keeps = nullptr;
};

// What became of one.
struct Deleted {
  // The version that was removed, or the delete marker that was made; empty where no version was
  // named and none made.
  std::string version;
  bool is_marker = false;  // that one is a delete marker
  bool is_kept = false;    // nothing was done: see Deletion::keeps
};

}  // namespace signet::objects
