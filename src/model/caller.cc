#include "model/caller.h"

#include "base/strings.h"

namespace signet::model {

std::string_view Session::claim(std::string_view key) const {
  for (const Tag& claim : claims) {
    if (equals_ignore_case(claim.key, key)) {
      return claim.value;
    }
  }
  return {};
}

}  // namespace signet::model
