#include "base/testdata_for_test.h"

namespace signet {

std::string testdata_path(std::string_view name) {
  return std::string(SIGNET_TESTDATA "/").append(name);
}

}  // namespace signet
