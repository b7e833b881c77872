#include "base/secret.h"

#include <cstring>

namespace signet {

bool Secret::equals(std::string_view other) const {
  // The length is not a secret here: every secret we issue has a documented length.
  if (other.size() != bytes_.size()) {
    return false;
  }
  unsigned char difference = 0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(bytes_[i]) ^
                                                          static_cast<unsigned char>(other[i])));
  }
  const volatile unsigned char result = difference;
  return result == 0;
}

void Secret::wipe() {
  explicit_bzero(bytes_.data(), bytes_.capacity());
  bytes_.clear();
}

}  // namespace signet
