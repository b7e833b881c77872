#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"

namespace signet::model {

struct Tag {
  std::string key;
  std::string value;

  bool operator==(const Tag&) const = default;
};

// How a temporary credential came to be. Persisted inside session tokens: do not renumber.
enum class SessionKind : std::uint8_t {
  SessionToken = 1,   // GetSessionToken of a user or of root
  AssumedRole = 2,    // AssumeRole
  FederatedUser = 3,  // GetFederationToken
  WebIdentity = 4,    // AssumeRoleWithWebIdentity
  Saml = 5,           // AssumeRoleWithSAML
  Console = 6,        // minted for a console session of a user, root or role
  AssumedRoot = 7,    // AssumeRoot
  Delegated = 8,      // GetDelegatedAccessToken
};

// What a session token carries, in clear. The token room seals and opens it; authn turns it into a
// Caller.
struct Session {
  SessionKind kind = SessionKind::SessionToken;
  std::string access_key_id;  // ASIA...
  std::string account;        // the account the credentials belong to
  std::string principal_id;  // AIDA... of the user, AROA... of the role, or the account id for root
  std::string session_name;  // role session name or federated user name; empty for users and root
  Instant issued;            // aws:TokenIssueTime
  Instant expires;
  std::optional<Instant> mfa_time;  // when MFA was given; aws:MultiFactorAuthPresent/Age
  bool is_chained = false;  // made with temporary credentials: one-hour cap, no SessionDuration
  std::string policy;       // inline session policy text; empty: none
  std::vector<std::string> policy_arns;
  bool has_session_policy =
      false;  // a policy or policy ARNs were given (GetFederationToken without one grants nothing)
  std::vector<Tag> tags;  // session tags, inherited transitive ones included
  std::vector<std::string> transitive_keys;
  std::string source_identity;
  std::string federated_provider;  // aws:FederatedProvider
  std::string console_session_id;  // for SessionKind::Console: the session whose end revokes these
                                   // credentials
  std::vector<Tag>
      claims;  // context keys that outlive web identity and SAML sign-in, such as <issuer>:sub
  bool is_scoped = false;                   // of GetScopedCredentials or GetDelegatedAccessToken
  std::vector<std::string> scope_policies;  // its layers, the first laid first: each must allow

  // The first value of a context key that the session carries; empty: it does not.
  [[nodiscard]] std::string_view claim(std::string_view key) const;
};

// Closed set of kinds of caller. Never a bag of booleans.
enum class CallerKind : std::uint8_t {
  Anonymous,
  Root,
  User,           // an IAM user, by long-term key, GetSessionToken or console session
  AssumedRole,    // any role session
  FederatedUser,  // GetFederationToken session
  Service,        // a service principal (not reachable over the wire)
};

// Who makes a request, after authentication. Immutable; lives as long as the request.
struct Caller {
  CallerKind kind = CallerKind::Anonymous;
  std::string account;  // 12 digits; empty for Anonymous
  std::string arn;      // what GetCallerIdentity answers; empty for Anonymous
  std::string
      principal_arn;  // aws:PrincipalArn: the role's ARN for a role session, otherwise `arn`
  std::string
      principal_id;     // unique id of the entity: AIDA..., AROA..., or the account id for root
  std::string user_id;  // aws:userid: AIDA..., AROA...:session, ACCT:name, ACCT
  std::string name;     // user name, role name or federated user name; empty for root
  std::string access_key_id;  // the key that signed; may be logged
  // Present for temporary credentials. Shared with the per-loop cache of opened tokens.
  std::shared_ptr<const Session> session;

  [[nodiscard]] bool is_temporary() const { return session != nullptr; }
};

// Somebody whom an identity provider vouches for in a call that takes no signature
// (AssumeRoleWithWebIdentity, AssumeRoleWithSAML), as the audit trail names them (aws-wire 7.2).
struct Vouched {
  enum class Kind : std::uint8_t { WebIdentity, Saml };

  Kind kind = Kind::WebIdentity;
  std::string id;        // PROVIDER:AUDIENCE:SUBJECT, or NAMEQUALIFIER:SUBJECT
  std::string name;      // the subject
  std::string provider;  // ARN or host name, or the name qualifier
};

// A caller that several requests share.
using CallerRef = std::shared_ptr<const Caller>;

}  // namespace signet::model
