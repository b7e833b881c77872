#include "iam/quotas.h"

#include "base/strings.h"
#include "facts/iam_sentences.h"

namespace signet::iam {

namespace {

const facts::QuotaRow& row_of(Quota quota) {
  return facts::kQuotas[static_cast<std::size_t>(quota)];
}

}  // namespace

std::size_t limit_of(const identity::Snapshot& snapshot, std::string_view account, Quota quota) {
  const identity::Account* owner = snapshot.find<identity::Account>(account);
  if (owner == nullptr || owner->settings.empty()) {
    return row_of(quota).limit;
  }
  const std::string key = concat("quota.", row_of(quota).name);
  for (const model::Tag& setting : owner->settings) {
    if (setting.key == key) {
      const auto number = parse_decimal(setting.value);
      return number ? static_cast<std::size_t>(*number) : row_of(quota).limit;
    }
  }
  return row_of(quota).limit;
}

Status require_room(const identity::Snapshot& snapshot,
                    std::string_view account,
                    Quota quota,
                    std::size_t used) {
  const std::size_t limit = limit_of(snapshot, account, quota);
  if (used >= limit) {
    return quota_exceeded(row_of(quota).name, limit);
  }
  return {};
}

}  // namespace signet::iam
