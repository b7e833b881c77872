#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "objects/object_info.h"

namespace signet::objects {

// One bucket's objects in the order of their keys' bytes. Starts nowhere; seek() first.
class KeyCursor {
 public:
  KeyCursor() = default;
  KeyCursor(const KeyCursor&) = delete;
  KeyCursor& operator=(const KeyCursor&) = delete;
  KeyCursor(KeyCursor&&) = delete;
  KeyCursor& operator=(KeyCursor&&) = delete;
  virtual ~KeyCursor() = default;

  // Goes forward to the first key that is not less than `from`; the first time, from anywhere.
  [[nodiscard]] virtual Status seek(std::string_view from) = 0;
  // Goes to the next key; at_end() must be false.
  [[nodiscard]] virtual Status next() = 0;
  [[nodiscard]] virtual bool at_end() const = 0;
  // The key here, and all else of it. Valid until the cursor moves.
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual Result<ObjectInfo> info() const = 0;
};

// Where a listing goes on.
struct ListStart {
  std::string after;         // only keys greater than this; empty: from the beginning
  bool skips_below = false;  // `after` is a common prefix that was shown: nothing below it any more
};

struct ListQuery {
  std::string prefix;
  std::string delimiter;  // empty: none
  ListStart start;
  std::size_t max_keys = 1000;  // objects and common prefixes together
};

struct ListPage {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  ListStart next;  // of a truncated page
};

// What a key shares with others: up to and with the delimiter behind the prefix. Empty: the key
// stands for itself (no delimiter, another prefix). A view into `key`.
[[nodiscard]] std::string_view common_prefix_of(std::string_view key,
                                                std::string_view prefix,
                                                std::string_view delimiter);

// One page of a listing. Keys that share what stands between the prefix and the first delimiter
// after it (inclusive) are one common prefix, whose keys are jumped over. Reads O(page) keys,
// however many hide below a common prefix.
[[nodiscard]] Result<ListPage> list_page(KeyCursor& keys, const ListQuery& query);

// One bucket's versions in the order of their keys' bytes and, within a key, newest first: by rank,
// where the least is the newest. Starts nowhere; seek() first.
class VersionCursor {
 public:
  VersionCursor() = default;
  VersionCursor(const VersionCursor&) = delete;
  VersionCursor& operator=(const VersionCursor&) = delete;
  VersionCursor(VersionCursor&&) = delete;
  VersionCursor& operator=(VersionCursor&&) = delete;
  virtual ~VersionCursor() = default;

  // Goes to the first version of the key that is not before `rank`, or of the first key behind it.
  [[nodiscard]] virtual Status seek(std::string_view key, std::int64_t rank) = 0;
  // Goes to the next version; at_end() must be false.
  [[nodiscard]] virtual Status next() = 0;
  [[nodiscard]] virtual bool at_end() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual Result<ObjectInfo> info() const = 0;
};

struct VersionQuery {
  std::string prefix;
  std::string delimiter;            // empty: none
  std::string key_marker;           // only what is behind this key; empty: from the beginning
  std::string version_marker = {};  // and behind this version of it (as shown_version() has it)
  std::size_t max_keys = 1000;
};

struct VersionPage {
  struct Version {
    ObjectInfo info;
    bool is_latest = false;
  };

  std::vector<Version> versions;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  // Of a truncated page: the markers of the next one.
  std::string next_key;
  std::string next_version;  // empty behind a common prefix
};

// One page of a listing of versions, as list_page(). `start_rank`: where to begin among the
// versions of the key marker; nothing: behind all of them.
[[nodiscard]] Result<VersionPage> version_page(VersionCursor& versions,
                                               const VersionQuery& query,
                                               std::optional<std::int64_t> start_rank);

// The continuation token of ListObjectsV2: opaque to clients, no secret (a forged one is but
// another start). Parsing answers nothing for a token we did not write.
[[nodiscard]] std::string format_token(const ListStart& start);
[[nodiscard]] std::optional<ListStart> parse_token(std::string_view token);

}  // namespace signet::objects
