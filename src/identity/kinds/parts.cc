#include "identity/kinds/parts.h"

#include <algorithm>
#include <functional>

#include "base/strings.h"

namespace signet::identity {

void sort_unique(std::vector<std::string>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

void sort_unique(SharedList<std::string>& items) {
  if (std::ranges::adjacent_find(items, std::greater_equal<>()) != items.end()) {
    items.edit([](std::vector<std::string>& all) { sort_unique(all); });
  }
}

Status normalize_inline(SharedList<InlinePolicy>& policies, std::string_view owner) {
  if (!std::ranges::is_sorted(policies, {}, &InlinePolicy::name)) {
    policies.edit(
        [](std::vector<InlinePolicy>& all) { std::ranges::sort(all, {}, &InlinePolicy::name); });
  }
  for (const InlinePolicy& policy : policies) {
    if (policy.document == nullptr) {
      return refuse(owner, concat("inline policy ", policy.name, " has no document"));
    }
  }
  return {};
}

}  // namespace signet::identity
