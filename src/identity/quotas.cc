#include "identity/quotas.h"

#include "base/strings.h"
#include "identity/settings.h"

namespace signet::identity {

std::size_t limit_of(const Snapshot& snapshot, std::string_view account, facts::Quota quota) {
  const facts::QuotaRow& row = facts::kQuotas[static_cast<std::size_t>(quota)];
  const Account* owner = snapshot.find<Account>(account);
  if (owner == nullptr || owner->settings.empty()) {
    return row.limit;
  }
  const std::string* own = find_setting(owner->settings, concat("quota.", row.name));
  const auto number = own != nullptr ? parse_decimal(*own) : std::nullopt;
  return number ? static_cast<std::size_t>(*number) : row.limit;
}

}  // namespace signet::identity
