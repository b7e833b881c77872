#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::server {

// The file signet.backup of a backup: what is in it, with a digest of each file
// (docs/formats/backup.md).

struct BackupHead {
  std::string program;     // version of the program that made it
  std::string made;        // ISO 8601
  std::string by;          // "uid 1000"
  std::string source;      // path of the data folder
  std::string master_key;  // id of the master key that its secrets are under
  bool has_master_key = false;
  std::vector<std::string> accounts;
  std::uint64_t objects = 0;
  std::uint64_t object_bytes = 0;
};

struct BackupFile {
  std::string path;  // below the backup's folder, and below the folder that is restored
  std::uint64_t size = 0;
  std::string sha256;  // hexadecimal

  bool operator==(const BackupFile&) const = default;
};

struct BackupManifest {
  BackupHead head;
  std::vector<BackupFile> files;
};

[[nodiscard]] std::string manifest_text(const BackupManifest& manifest);

// Refuses what is not whole, of a newer program, or names a file outside the folder.
[[nodiscard]] Result<BackupManifest> parse_manifest(std::string_view text);

}  // namespace signet::server
