#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "crypto/checksum.h"

namespace signet::objects {

// Whether a checksum is over the whole object or over the checksums of its parts. On disk: do not
// renumber.
enum class ChecksumKind : std::uint8_t { FullObject = 1, Composite = 2 };

// An object's additional checksum as S3 shows it (base64; "-<parts>" follows composite ones).
struct ObjectChecksum {
  crypto::ChecksumAlgorithm algorithm = crypto::ChecksumAlgorithm::Crc64Nvme;
  ChecksumKind kind = ChecksumKind::FullObject;
  std::string value;

  bool operator==(const ObjectChecksum&) const = default;
};

// Response headers that were given at upload, by lower-case wire name: content-type, cache-control,
// x-amz-meta-* ...
using StoredHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of a stored header; nothing if there is none of that name.
[[nodiscard]] std::optional<std::string_view> stored_header(const StoredHeaders& stored,
                                                            std::string_view name);

// Replaces it; nothing takes it away.
void set_stored_header(StoredHeaders& stored,
                       std::string_view name,
                       std::optional<std::string> value);

// The stored header that holds the tags of an object, as a request has them ("a=1&b=2",
// percent-encoded). It is shown to nobody as it is.
inline constexpr std::string_view kTagsHeader = "x-amz-tagging";

// What is known of an object besides its bytes.
struct ObjectInfo {
  std::string key;
  std::string etag;  // without quotes: MD5 in hexadecimal, or MD5 of the parts' MD5s and "-<parts>"
  std::uint64_t size = 0;
  Instant modified;
  std::optional<ObjectChecksum> checksum;
  StoredHeaders headers;
  std::vector<std::uint64_t> part_sizes;  // of a multipart upload; empty otherwise
  // Base64, of the algorithm of `checksum`, where the upload named one; empty otherwise.
  std::vector<std::string> part_checksums;
  std::string upload;  // id of the multipart upload that made it; empty: none, or not known
  // Name of the file that holds the bytes; one that begins with kPartsMark stands for the files of
  // the parts of `upload`, one that begins with kIndexMark for bytes that the index has. Differs
  // for everything that a key ever held. The store's business.
  std::string file;
  bool is_sealed = false;  // the bytes are encrypted at rest; with part files, all of them are
  std::string version;     // id of the version; empty: the null version
  bool is_marker = false;  // a delete marker: key, version and time are all there is
};

// The id that the null version has in requests and answers.
inline constexpr std::string_view kNullVersion = "null";

// The id that a version has there.
[[nodiscard]] inline std::string_view shown_version(const ObjectInfo& info) {
  return info.version.empty() ? kNullVersion : std::string_view(info.version);
}

inline constexpr char kPartsMark = '+';

// Whether an object is made of the files of its parts.
[[nodiscard]] inline bool has_part_files(const ObjectInfo& info) {
  return info.file.starts_with(kPartsMark);
}

inline constexpr char kIndexMark = '=';

// Whether the index has the bytes: they are few, and encrypted.
[[nodiscard]] inline bool is_in_index(const ObjectInfo& info) {
  return info.file.starts_with(kIndexMark);
}

// The form in which what has no column of its own stands in the index (docs/formats/objects.md).
// decode answers nothing for bytes that encode did not make.
struct ObjectAttributes {
  StoredHeaders headers;
  std::vector<std::uint64_t> part_sizes;
  std::string upload;
  bool is_sealed = false;
  std::string version;
  std::vector<std::string> part_checksums = {};

  bool operator==(const ObjectAttributes&) const = default;
};

[[nodiscard]] std::string encode_attributes(const ObjectAttributes& attributes);
[[nodiscard]] std::optional<ObjectAttributes> decode_attributes(std::string_view bytes);

}  // namespace signet::objects
