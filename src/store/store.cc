#include "store/store.h"

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {

Result<Revision> Store::load_all(const Visitor& visit) {
  return load({}, visit);
}

Result<std::unique_ptr<Moment>> Store::hold_moment() {
  return std::unexpected(
      facts::service_failure(concat("store ", location(), ": there is nothing to copy")));
}

}  // namespace signet::store
