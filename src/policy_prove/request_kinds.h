#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_prove/access.h"
#include "policy_prove/callers.h"
#include "policy_prove/vocabulary.h"

// The kinds of requests that decide() treats unlike, whatever statements say.

namespace signet::policy::prove {

// Actions that decide() knows by name; each is a class of its own.
[[nodiscard]] std::span<const std::string_view> known_by_name();

// What the action alone tells.
struct ActionTraits {
  bool is_trust = false;  // a role's trust policy answers for it, on roles
  bool is_key = false;    // of KMS
  bool is_bucket_policy = false;
  bool is_assume_role = false;
  bool needs_no_permission = false;
  bool is_of_sts = false;

  bool operator==(const ActionTraits&) const = default;
};

[[nodiscard]] ActionTraits traits_of(std::string_view action);

// A part of all resources.
struct ResourceCase {
  bool is_arn = true;  // otherwise "*"
  RequestKind kind;

  // Of the ARN: literals over these languages.
  struct Limit {
    std::string pattern;  // the first five parts have wildcards of their own
    bool is_inside = true;
  };

  std::vector<Limit> limits;
};

// Resources as decide() tells them apart for that caller. `resource_account`: of the question;
// empty: not said.
[[nodiscard]] std::vector<ResourceCase> resource_cases(const Caller& caller,
                                                       const ActionTraits& action,
                                                       std::string_view resource_account);

// An ARN pattern of six parts as a language.
[[nodiscard]] Language arn_language(std::string_view pattern);

}  // namespace signet::policy::prove
