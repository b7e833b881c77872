#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::crypto {

// S3's additional checksums. Persisted with objects: do not renumber.
enum class ChecksumAlgorithm : std::uint8_t {
  Crc32 = 1,
  Crc32c = 2,
  Crc64Nvme = 3,
  Sha1 = 4,
  Sha256 = 5,
  Sha512 = 6,
  Md5 = 7,
  Xxhash64 = 8,
  Xxhash3 = 9,
  Xxhash128 = 10
};

// All of them, in the order of their numbers.
[[nodiscard]] std::span<const ChecksumAlgorithm> checksum_algorithms();

// "CRC32", "SHA256", "XXHASH3" ...: as in x-amz-sdk-checksum-algorithm and in S3's messages.
[[nodiscard]] std::string_view checksum_name(ChecksumAlgorithm algorithm);

// "x-amz-checksum-crc32" and so on.
[[nodiscard]] std::string_view checksum_header(ChecksumAlgorithm algorithm);

// The algorithm of such a name or header, in any case.
[[nodiscard]] std::optional<ChecksumAlgorithm> checksum_of_name(std::string_view name);
[[nodiscard]] std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header);

// Bytes of a raw value: 4 to 64.
[[nodiscard]] std::size_t checksum_size(ChecksumAlgorithm algorithm);

// Updates of the three CRCs (reflected, initial and final complement inside): start with 0, feed
// the result back. CRC-32 is ISO-HDLC, CRC-32C is Castagnoli, CRC-64/NVME as in NVM Express.
[[nodiscard]] std::uint32_t crc32(std::uint32_t crc, std::string_view bytes);
[[nodiscard]] std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);
[[nodiscard]] std::uint64_t crc64nvme(std::uint64_t crc, std::string_view bytes);

// The checksum of two texts one behind the other from theirs: raw values, as finish() gives them,
// and the length of the second. Nothing for algorithms that cannot (all but the CRCs), and for what
// is no value of theirs. In time that grows with the logarithm of the length.
[[nodiscard]] std::optional<std::string> joined_checksum(ChecksumAlgorithm algorithm,
                                                         std::string_view first,
                                                         std::string_view second,
                                                         std::uint64_t second_size);

// One incremental checksum. Move-only; a moved-from one may only be assigned or dropped.
class Checksum {
 public:
  // Takes pieces of a text; defined where its algorithms are.
  class Hash;

  explicit Checksum(ChecksumAlgorithm algorithm);
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;
  Checksum(Checksum&& other) noexcept;
  Checksum& operator=(Checksum&& other) noexcept;
  ~Checksum();

  [[nodiscard]] ChecksumAlgorithm algorithm() const { return algorithm_; }

  void update(std::string_view bytes);

  // The raw value, big-endian for numbers: S3 sends it in base64. Call once.
  [[nodiscard]] std::string finish();

 private:
  ChecksumAlgorithm algorithm_;
  std::unique_ptr<Hash> hash_;
};

}  // namespace signet::crypto
