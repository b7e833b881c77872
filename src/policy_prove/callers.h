#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy_engine/policy_set.h"
#include "policy_engine/question.h"
#include "policy_prove/key_value.h"
#include "policy_telling/offline.h"

// Who can ask: callers that policies tell apart, each with what well-formed requests of it can
// carry (policy-semantics 5.1).

namespace signet::policy::prove {

// A caller, or all callers that are alike. Texts are its own.
struct Caller {
  PrincipalKind kind = PrincipalKind::Anonymous;
  std::string partition = "aws";
  std::string account;     // of a caller who has one
  std::string name;        // what the batch's "principal" says; of a class of callers, one of them
  std::string entity_arn;  // user or role
  std::string entity_id;
  std::string session;
  std::string service;
  std::string provider;
  std::string canonical_user_id;
  std::string issuer;           // of a federated user
  bool is_any_name = false;     // stands for all users or roles that no policy names
  bool is_any_session = false;  // stands for all sessions of the role that no policy names
  bool is_any_account = false;  // of all accounts that no policy names
  bool is_stranger = false;     // nobody in particular: public access
  // Users and roles (ARNs), accounts, and sessions of the role that are callers of their own.
  std::vector<std::string> not_named;
  std::vector<std::string> not_accounts;
  std::vector<std::string> not_sessions;

  // What all its requests say, by key in lower case; and that tags which are not among it are
  // absent.
  std::map<std::string, DimensionValue> fixed;
  bool has_fixed_tags = false;

  // Views this caller.
  [[nodiscard]] Principal principal() const;

  // What its requests can say about a key.
  [[nodiscard]] DimensionDomain domain_of(const KeyRef& key) const;
};

// The ARN of a role's session, made of its parts.
[[nodiscard]] std::string session_arn(const Caller& caller);

// Those of the policies in which principals, sessions among them, are named; null where there are
// none.
[[nodiscard]] std::vector<const PolicySet*> naming_sets(const PolicyInputs& inputs);

// The caller of a question that names one.
[[nodiscard]] Caller caller_of(const Principal& principal);

// The caller that the question names, with what its context says of all its requests. A role's own
// ARN stands for all its sessions: those that the policies name are callers of their own.
[[nodiscard]] std::vector<Caller> callers_of(const Question& question,
                                             std::span<const PolicySet* const> sets);

// A user, a session of a role and a federated user of an account: whoever identity policies count
// for.
[[nodiscard]] std::vector<Caller> identities(std::string_view account);

// All callers that the Principal elements of some policies tell apart, strangers included. None is
// of the account `owner`, unless a policy names it.
[[nodiscard]] std::vector<Caller> everybody(std::span<const PolicySet* const> sets,
                                            std::string_view owner);

// Nobody in particular: anonymous, some user, role or root of another account, some service.
[[nodiscard]] std::vector<Caller> strangers(std::span<const PolicySet* const> sets,
                                            std::string_view owner);

}  // namespace signet::policy::prove
