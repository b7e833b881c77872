#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "policy_prove/prove.h"

// When somebody may do something: always, never, or under a condition, told in policy language.

namespace signet::policy::prove {

struct AbilityQuestion {
  // Members of a batch question as ProofQuestion::now has them: policies, and "principal", a user
  // or role. Keys of its context hold of all requests.
  std::string question;
  // What requests ask for, as a policy writes it: all of these together get one answer.
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  bool is_not_action = false;  // all but these
  bool is_not_resource = false;
  std::uint64_t budget = kUsualBudget;
};

enum class AbilityKind : std::uint8_t {
  Always,   // proved: no such request is refused
  Never,    // proved: none is allowed
  If,       // proved: exactly those are allowed that meet the formula
  Unknown,  // none of these
};

struct Ability {
  AbilityKind kind = AbilityKind::Unknown;
  // If: Condition blocks of policy language, of which one has to be met.
  std::vector<std::string> formula;
  std::optional<Witness> allowed;  // a request that is, where one was found
  std::optional<Witness> refused;
  std::string reason;  // Unknown
};

// "always", "never", "if", "unknown".
[[nodiscard]] std::string_view name_of(AbilityKind kind);

// The error says which policy cannot be read.
[[nodiscard]] std::expected<Ability, std::string> find_ability(const AbilityQuestion& question);

// What one Allow statement of the caller's identity policies comes to, with everything that limits
// it.
struct Grant {
  std::string policy;
  std::uint32_t statement = 0;  // from 0
  std::string sid;
  AbilityQuestion asked;  // the statement's actions and resources, or some of them
  Ability ability;
};

// Of every Allow statement, in order, on resources of the caller's own account unless the question
// says whose; one that has no answer as a whole is told action by action
// and resource by resource. The error says which policy cannot be read.
[[nodiscard]] std::expected<std::vector<Grant>, std::string> find_grants(const std::string& asked);

}  // namespace signet::policy::prove
