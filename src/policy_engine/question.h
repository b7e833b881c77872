#pragma once

#include <cstdint>
#include <string_view>

#include "policy_engine/policy_member.h"
#include "policy_language/request_names.h"

// What the engine is asked and what it answers: types alone, which every part of it shares.

namespace signet::policy {

class GuardRails;

enum class PrincipalKind : std::uint8_t {
  Anonymous,
  Root,
  User,           // long-term key, GetSessionToken or console session of an IAM user
  FederatedUser,  // GetFederationToken session
  AssumedRole,
  WebIdentity,  // unsigned AssumeRoleWithWebIdentity call
  Saml,         // unsigned AssumeRoleWithSAML call
  Service,
};

// Who asks. Views only; must outlive the decision. Fields that a kind does not have stay empty.
struct Principal {
  PrincipalKind kind = PrincipalKind::Anonymous;
  std::string_view account;     // 12 digits: Root, User, FederatedUser, AssumedRole
  std::string_view arn;         // what GetCallerIdentity answers
  std::string_view entity_arn;  // ARN, path included, of the user (User), the issuing user
                                // (FederatedUser) or the role (AssumedRole)
  std::string_view
      entity_id;  // AIDA... or AROA... of that entity; empty when unknown (offline evaluation)
  std::string_view session_name;        // AssumedRole
  std::string_view service;             // Service: for instance ec2.amazonaws.com
  std::string_view federated_provider;  // WebIdentity, Saml: provider ARN or built-in host name
  std::string_view canonical_user_id;   // of the account, where known (S3)

  // Has identity policies and may have a boundary: User, AssumedRole, FederatedUser.
  [[nodiscard]] bool is_entity() const {
    return kind == PrincipalKind::User || kind == PrincipalKind::AssumedRole ||
           kind == PrincipalKind::FederatedUser;
  }

  // A role below /aws-service-role/: SCPs and RCPs do not apply to it.
  [[nodiscard]] bool is_service_linked_role() const;
};

// What is asked.
struct Request {
  ActionName action;
  ResourceName resource;
  std::string_view resource_account;  // owner of the resource; empty: the caller's own account
  bool wildcard_only =
      false;  // the action knows no resource types; resource then counts as "*"
  // The resource policy is a role trust policy or a key policy: it must allow in every case
  // (7.4, 8.1).
  bool resource_policy_must_allow = false;
};

// The policies that apply. Which apply to whom is policy-semantics 7.1; the caller of decide()
// leaves out what does not (SCPs of a management account, boundaries of root). decide() itself
// leaves out what a kind of principal never has: identity policies and boundaries of root and of
// anonymous, SCPs of outsiders, services and service-linked roles.
struct PolicyInputs {
  const GuardRails* scps = nullptr;  // null: no organization, or management account
  const GuardRails* rcps = nullptr;
  const PolicySet* endpoint = nullptr;  // null: not through an endpoint with a policy
  const PolicySet* resource = nullptr;  // bucket or trust policy; null: the resource has none
  const PolicySet* identity = nullptr;  // null: no policies at all
  const PolicySet* boundary = nullptr;  // null: no boundary
  const PolicySet* session = nullptr;   // null: no session policy was given
  // Layers of GetScopedCredentials: each must allow, whatever else does (new-in-2026 1). Null:
  // none.
  const GuardRails* scopes = nullptr;
};

enum class Verdict : std::uint8_t { Allowed, ImplicitlyDenied, ExplicitlyDenied };

// The kind of policy that decided.
enum class PolicyType : std::uint8_t {
  None,  // nothing had to allow: root in its own account, actions that need no permission
  Identity,
  Resource,
  Boundary,
  Session,
  Scp,
  Rcp,
  Endpoint,
  Trust,
  Scope,
};

// Whose policies decided, seen from the resource: the account of the caller or the account of the
// resource.
enum class AccountSide : std::uint8_t { Same, Caller, Resource };

// An answer with its reason. `statement` names one of the statements that decided (a matching Deny,
// or a matching Allow); which one is open when several match.
struct Decision {
  Verdict verdict = Verdict::ImplicitlyDenied;
  PolicyType type = PolicyType::Identity;
  AccountSide side = AccountSide::Same;
  bool is_error = false;  // denied because a policy could not be read
  StatementRef statement;

  [[nodiscard]] bool is_allowed() const { return verdict == Verdict::Allowed; }
};

// "identity", "resource", "boundary", "session", "scp", "rcp", "endpoint", "trust",
// "scope", "none".
[[nodiscard]] std::string_view name_of(PolicyType type);

// "Allowed", "ImplicitlyDenied", "ExplicitlyDenied".
[[nodiscard]] std::string_view name_of(Verdict verdict);

}  // namespace signet::policy
