#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/checksum.h"

namespace signet::s3 {

// The XML documents that requests carry. Each reader answers MalformedXML for what it cannot use.

// CreateBucketConfiguration. Empty body: nothing in it.
struct BucketConfiguration {
  std::string location;  // empty: not given
  std::vector<std::pair<std::string, std::string>> tags;
};

[[nodiscard]] Result<BucketConfiguration> read_bucket_configuration(std::string_view body);

struct DeleteEntry {
  std::string key;
  std::string version_id;  // empty: none
  std::string etag;        // condition; empty: none
};

struct DeleteList {
  std::vector<DeleteEntry> entries;  // 1 to 1,000
  bool is_quiet = false;
};

[[nodiscard]] Result<DeleteList> read_delete_list(std::string_view body);

struct CompletedPart {
  std::int64_t number = 0;
  std::string etag;  // without quotes
  std::vector<std::pair<crypto::ChecksumAlgorithm, std::string>> checksums;
};

// Up to 10,000 parts, in the order given; none of an empty body.
[[nodiscard]] Result<std::vector<CompletedPart>> read_completed_parts(std::string_view body);

// "ChecksumCRC32" and so on: the element that carries a checksum in answers.
[[nodiscard]] std::string checksum_element(crypto::ChecksumAlgorithm algorithm);

// Largest bodies worth reading.
inline constexpr std::size_t kDeleteListBytes = 4UL * 1024 * 1024;
inline constexpr std::size_t kCompletedPartsBytes = 4UL * 1024 * 1024;

}  // namespace signet::s3
