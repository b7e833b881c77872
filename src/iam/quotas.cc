#include "iam/quotas.h"

#include "facts/iam_sentences.h"

namespace signet::iam {

namespace {

const facts::QuotaRow& row_of(Quota quota) {
  return facts::kQuotas[static_cast<std::size_t>(quota)];
}

}  // namespace

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
