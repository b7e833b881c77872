#include "facts/signing_names.h"

#include <algorithm>
#include <array>

namespace signet::facts {
namespace {

constexpr auto kSigningNames = std::to_array<SigningName>({
#include "facts/signing_names_table.inc"
});

static_assert(std::ranges::is_sorted(kSigningNames, {}, &SigningName::name));

}  // namespace

bool SigningName::speaks(std::string_view protocol) const {
  std::string_view rest = protocols;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    if (one == protocol) {
      return true;
    }
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return false;
}

const SigningName* find_signing_name(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kSigningNames, name, {}, &SigningName::name);
  return found != kSigningNames.end() && found->name == name ? found : nullptr;
}

}  // namespace signet::facts
