#include "facts/credentials.h"

#include <array>
#include <cstddef>

namespace signet::facts {
namespace {

constexpr auto kRows = std::to_array<CredentialRow>({
#include "facts/credentials_table.inc"
});

constexpr bool ids_match_their_rows() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].id) != i) {
      return false;
    }
  }
  return true;
}

static_assert(ids_match_their_rows());

}  // namespace

const CredentialRow& credentials_of(Operation id) {
  return kRows[static_cast<std::size_t>(id)];
}

}  // namespace signet::facts
