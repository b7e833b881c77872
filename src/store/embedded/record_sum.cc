#include "store/embedded/record_sum.h"

#include <string>

#include "crypto/checksum.h"
#include "store/embedded/little_endian.h"

namespace signet::store {

std::uint64_t record_checksum(std::string_view key, std::string_view value, Revision revision) {
  std::string size;
  append_number(size, key.size(), 8);
  std::string number;
  append_number(number, revision, 8);
  std::uint64_t crc = crypto::crc64nvme(0, size);
  crc = crypto::crc64nvme(crc, key);
  crc = crypto::crc64nvme(crc, value);
  return crypto::crc64nvme(crc, number);
}

}  // namespace signet::store
