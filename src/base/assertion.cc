#include "base/assertion.h"

#include <cstdio>
#include <cstdlib>

namespace signet {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "signet: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace signet
