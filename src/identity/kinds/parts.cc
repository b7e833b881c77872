#include "identity/kinds/parts.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::identity {

void sort_unique(std::vector<std::string>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

Status normalize_inline(std::vector<InlinePolicy>& policies, std::string_view owner) {
  std::sort(policies.begin(), policies.end(), [](const InlinePolicy& a, const InlinePolicy& b) {
    return a.name < b.name;
  });
  for (const InlinePolicy& policy : policies) {
    if (policy.document == nullptr) {
      return refuse(owner, concat("inline policy ", policy.name, " has no document"));
    }
  }
  return {};
}

}  // namespace signet::identity
