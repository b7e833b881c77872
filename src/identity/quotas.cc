#include "identity/quotas.h"

#include "base/strings.h"

namespace signet::identity {

std::size_t limit_of(const Snapshot& snapshot, std::string_view account, facts::Quota quota) {
  const facts::QuotaRow& row = facts::kQuotas[static_cast<std::size_t>(quota)];
  const Account* owner = snapshot.find<Account>(account);
  if (owner == nullptr || owner->settings.empty()) {
    return row.limit;
  }
  const std::string key = concat("quota.", row.name);
  for (const model::Tag& setting : owner->settings) {
    if (setting.key == key) {
      const auto number = parse_decimal(setting.value);
      return number ? static_cast<std::size_t>(*number) : row.limit;
    }
  }
  return row.limit;
}

}  // namespace signet::identity
