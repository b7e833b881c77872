#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/policy_set.h"

// Which resources identity policies can allow an action on: a superset, so that not everybody has
// to be asked about everybody.

namespace signet::escalation {

// Resources by what they begin with.
struct Reach {
  struct Part {
    std::string text;
    bool is_whole = false;  // this one alone
  };

  std::vector<Part> parts;

  [[nodiscard]] bool is_nothing() const { return parts.empty(); }
};

// What is asked, and for whom.
struct ReachOf {
  std::string_view action;
  std::string_view account;    // the caller's
  std::string_view user_name;  // ${aws:username}; empty: of a role
};

// Of the Allow statements of a set. A null set, and one that cannot be read: nothing.
[[nodiscard]] Reach reach_of(const policy::PolicySet* set, const ReachOf& of);

// Calls visit(item) for each item of a sorted list whose `arn` the reach has, once each, in order.
template <class Item, class Visit>
void each_within(const Reach& reach, const std::vector<Item>& sorted, Visit visit) {
  std::size_t done = 0;  // index behind the last that was visited: the parts are sorted
  for (const Reach::Part& part : reach.parts) {
    const auto at = std::ranges::lower_bound(sorted, part.text, {}, &Item::arn);
    for (auto i = std::max(done, static_cast<std::size_t>(at - sorted.begin()));
         i < sorted.size() &&
         (part.is_whole ? sorted[i].arn == part.text : sorted[i].arn.starts_with(part.text));
         ++i) {
      visit(sorted[i]);
      done = i + 1;
    }
  }
}

}  // namespace signet::escalation
