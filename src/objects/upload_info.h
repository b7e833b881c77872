#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/instant.h"
#include "objects/object_info.h"

namespace signet::objects {

// A multipart upload in progress.
struct UploadInfo {
  std::string id;
  std::string key;
  Instant initiated;
  StoredHeaders headers;  // what the object will get
  std::optional<crypto::ChecksumAlgorithm> algorithm;
  ChecksumKind checksum_kind = ChecksumKind::FullObject;
  std::string initiator;  // ARN of who began it
  // File of the object that had the key then; empty: there was none. Nothing: not known.
  std::optional<std::string> base;
};

// One part of it.
struct PartInfo {
  std::int64_t number = 1;  // 1 to 10,000
  std::string etag;         // MD5 in hexadecimal
  std::uint64_t size = 0;
  Instant modified;
  std::optional<crypto::ChecksumAlgorithm> algorithm;  // of the checksum; nothing: the upload's
  std::string checksum;                                // base64; empty: none
  std::string file;
  bool is_sealed = false;  // the bytes are encrypted at rest
};

}  // namespace signet::objects
