#pragma once

#include <cstddef>
#include <string_view>

#include "policy_engine/question.h"

namespace signet::authz {

// Which kind of policy refused a call, and whether by a Deny: a closed list, for metrics. The
// default is for calls that no policy refused but what they asked for.
class RefusedBy {
 public:
  static constexpr std::size_t kPlaces = 20;

  constexpr RefusedBy() = default;

  constexpr explicit RefusedBy(const policy::Decision& decision)
      : RefusedBy(static_cast<std::size_t>(decision.type) * 2 +
                  (decision.verdict == policy::Verdict::ExplicitlyDenied ? 1 : 0)) {}

  // The one with that number below kPlaces.
  constexpr explicit RefusedBy(std::size_t place) : place_(place) {}

  [[nodiscard]] constexpr std::size_t place() const { return place_; }

  // "identity", "scp" ... as policy::name_of() has them.
  [[nodiscard]] std::string_view policy() const {
    return policy::name_of(static_cast<policy::PolicyType>(place_ / 2));
  }

  // "explicit": a Deny; "implicit": nothing allowed it.
  [[nodiscard]] std::string_view verdict() const {
    return place_ % 2 == 1 ? "explicit" : "implicit";
  }

 private:
  std::size_t place_ = 0;
};

static_assert(static_cast<std::size_t>(policy::PolicyType::Scope) * 2 + 2 == RefusedBy::kPlaces);

}  // namespace signet::authz
