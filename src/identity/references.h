#pragma once

#include <string>
#include <string_view>

#include "base/strings.h"
#include "identity/policy_uses.h"
#include "identity/snapshot.h"

namespace signet::identity {

// What defects call an entity. Never a secret: a ticket shows only what it is.
template <class T>
[[nodiscard]] std::string label_of(const T& v) {
  if constexpr (requires { std::string_view(v.id); }) {
    return concat(Kind<T>::kNoun, " ", v.id);
  } else if constexpr (requires { std::string_view(v.name); }) {
    return concat(Kind<T>::kNoun, " ", v.name);
  } else {
    return std::string(Kind<T>::kNoun);
  }
}

// A customer managed policy must be there and belong to the account that uses it. AWS-managed ones
// are not looked for: a policy that left the catalogue must not make a store unreadable (it denies
// instead).
[[nodiscard]] bool is_policy_there(const Snapshot& snapshot,
                                   std::string_view account,
                                   std::string_view arn);

template <class T>
concept HasReferences = requires(const T& v) { Kind<T>::references(v, [](auto) {}); };

// What an entity refers to and does not find; empty if all is there.
template <class T>
[[nodiscard]] std::string missing_reference(const Snapshot& snapshot, const T& v) {
  std::string missing;
  if constexpr (HasReferences<T>) {
    Kind<T>::references(v, [&]<class Other>(RefersTo<Other> to) {
      const Other* found = snapshot.find<Other>(to.id);
      if (missing.empty() && (found == nullptr || found->account != v.account)) {
        missing = concat(label_of(v), ": no ", Kind<Other>::kNoun, " ", to.id);
      }
    });
  }
  if constexpr (UsesPolicies<T>) {
    const auto require_policy = [&](std::string_view arn) {
      if (missing.empty() && !is_policy_there(snapshot, v.account, arn)) {
        missing = concat(label_of(v), ": no policy ", arn);
      }
    };
    for (const std::string& arn : v.attached_policies) {
      require_policy(arn);
    }
    if constexpr (requires { v.boundary; }) {
      if (!v.boundary.empty()) {
        require_policy(v.boundary);
      }
    }
  }
  return missing;
}

}  // namespace signet::identity
