#include "store/embedded/log_header.h"

#include <algorithm>

#include "crypto/checksum.h"
#include "store/embedded/little_endian.h"

namespace signet::store {
namespace {

// On disk: do not change. All of it lies in one sector, so it is never written in part.
constexpr std::string_view kMagic = "SgntLogF";
constexpr std::size_t kNumberAt = kMagic.size() + kLogIdSize;
constexpr std::size_t kSizeAt = kNumberAt + 4;
constexpr std::size_t kChecksumAt = kSizeAt + 8;
constexpr std::size_t kEnd = kChecksumAt + 8;

}  // namespace

std::string make_log_header(const LogHeader& header) {
  std::string bytes(kMagic);
  bytes.append(header.id.data(), header.id.size());
  append_number(bytes, header.number, 4);
  append_number(bytes, header.size, 8);
  append_number(bytes, crypto::crc64nvme(0, bytes), 8);
  bytes.resize(kLogBlock);
  return bytes;
}

std::optional<LogHeader> read_log_header(std::string_view bytes) {
  if (bytes.size() < kEnd || !bytes.starts_with(kMagic) ||
      crypto::crc64nvme(0, bytes.substr(0, kChecksumAt)) != number_at(bytes, kChecksumAt, 8)) {
    return std::nullopt;
  }
  LogHeader header{.id = {},
                   .number = static_cast<std::uint32_t>(number_at(bytes, kNumberAt, 4)),
                   .size = number_at(bytes, kSizeAt, 8)};
  std::ranges::copy(bytes.substr(kMagic.size(), kLogIdSize), header.id.begin());
  return header;
}

}  // namespace signet::store
