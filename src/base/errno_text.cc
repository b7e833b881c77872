#include "base/errno_text.h"

#include <array>
#include <cstring>

namespace signet {

std::string errno_text(int number) {
  std::array<char, 128> buffer{};
  // GNU's form: the text may lie elsewhere than in the buffer.
  return strerror_r(number, buffer.data(), buffer.size());
}

}  // namespace signet
