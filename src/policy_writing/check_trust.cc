#include <algorithm>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

// Role trust policies, and services as principals of resource policies.

namespace signet::policy::lint {
namespace {

constexpr std::string_view kGithub = "token.actions.githubusercontent.com";

// How a principal may assume a role.
enum class Door : std::uint8_t { AssumeRole, Saml, WebIdentity, Unknown };

constexpr std::pair<std::string_view, Door> kDoors[] = {
    {"sts:AssumeRole", Door::AssumeRole},
    {"sts:AssumeRoleWithSAML", Door::Saml},
    {"sts:AssumeRoleWithWebIdentity", Door::WebIdentity}};

// The issuer of an OIDC principal: the ARN's last part, or the domain name itself.
std::string_view issuer_of(std::string_view federated) {
  static constexpr std::string_view kMark = ":oidc-provider/";
  const std::size_t at = federated.find(kMark);
  return at == std::string_view::npos ? federated : federated.substr(at + kMark.size());
}

Door door_of(const PrincipalName& principal) {
  const std::string_view text = principal.value.text;
  if (principal.kind == PrincipalKind::Federated) {
    if (text.find(":saml-provider/") != std::string_view::npos) {
      return Door::Saml;
    }
    const bool is_oidc = text.find(":oidc-provider/") != std::string_view::npos;
    const bool is_domain = text.find(':') == std::string_view::npos && text.find('.') != text.npos;
    return is_oidc || is_domain ? Door::WebIdentity : Door::Unknown;
  }
  return principal.kind == PrincipalKind::Canonical ? Door::Unknown : Door::AssumeRole;
}

bool allows(const WrittenStatement& statement, std::string_view action) {
  return std::any_of(statement.actions.begin(), statement.actions.end(), [&](const Text& text) {
    return match_glob_ignore_case(text.text, action);
  });
}

class TrustCheck {
 public:
  explicit TrustCheck(Findings& findings) : findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (const PrincipalName& principal : statement.principals) {
      federated(principal);
      fitting_action(statement, principal);
      redundant(statement, principal);
      if (statement.is_allow && door_of(principal) == Door::WebIdentity) {
        issuer(statement, principal);
      }
      if (statement.is_allow && principal.kind == PrincipalKind::Service &&
          principal.value.text == "rolesanywhere.amazonaws.com") {
        roles_anywhere(statement, principal);
      }
    }
    fitting_principals(statement);
    audience(statement);
  }

 private:
  void federated(const PrincipalName& principal) {
    if (principal.kind == PrincipalKind::Federated && door_of(principal) == Door::Unknown &&
        !has_wildcard(principal.value.text)) {
      findings_.add(FindingId::InvalidFederatedPrincipal,
                    principal.value.node,
                    "write the ARN of a SAML or OIDC provider, or the domain name of a provider");
    }
  }

  // A principal whose way in no action of the statement opens.
  void fitting_action(const WrittenStatement& statement, const PrincipalName& principal) {
    const Door door = door_of(principal);
    const bool names_any = std::any_of(std::begin(kDoors), std::end(kDoors), [&](const auto& row) {
      return allows(statement, row.first);
    });
    for (const auto& [action, opens] : kDoors) {
      if (opens == door && names_any && !statement.is_not_action && !allows(statement, action)) {
        findings_.add(FindingId::MismatchedActionForPrincipal,
                      principal.value.node,
                      concat("this principal comes in through ", action, ": add the action"));
      }
    }
  }

  // An action for whose way in the statement has no principal.
  void fitting_principals(const WrittenStatement& statement) {
    if (statement.is_not_action || statement.is_not_principal || statement.principals.empty()) {
      return;
    }
    for (const Text& action : statement.actions) {
      for (const auto& [name, opens] : kDoors) {
        if (equals_ignore_case(action.text, name) && !has_door(statement, opens)) {
          findings_.add(FindingId::MismatchedActionForPrincipal,
                        action.node,
                        concat("none of the statement's principals can call ",
                               name,
                               ": use the action of their kind"));
        }
      }
    }
  }

  static bool has_door(const WrittenStatement& statement, Door wanted) {
    for (const PrincipalName& principal : statement.principals) {
      const Door door = door_of(principal);
      if (door == wanted || door == Door::Unknown || principal.value.text == "*") {
        return true;
      }
    }
    return false;
  }

  // A session beside its own role, and anybody beside the own account.
  void redundant(const WrittenStatement& statement, const PrincipalName& principal) {
    const std::vector<std::string_view> own = split_colons(principal.value.text, 6);
    if (own.size() < 6 || own[5] == "root") {
      return;
    }
    for (const PrincipalName& other : statement.principals) {
      const std::vector<std::string_view> parts = split_colons(other.value.text, 6);
      const bool is_account = other.value.text == own[4] ||
                              (parts.size() == 6 && parts[4] == own[4] && parts[5] == "root");
      if (is_account) {
        findings_.add(FindingId::RedundantTrustPrincipal,
                      principal.value.node,
                      "its whole account is listed, which lets in everybody whom the account "
                      "allows: remove the account or this entry");
        return;
      }
      if (parts.size() == 6 && is_session_of(own, parts)) {
        findings_.add(FindingId::RedundantTrustPrincipal,
                      principal.value.node,
                      concat("its role ", other.value.text, " is listed: remove the session"));
        return;
      }
    }
  }

  static bool is_session_of(const std::vector<std::string_view>& session,
                            const std::vector<std::string_view>& role) {
    static constexpr std::string_view kSession = "assumed-role/";
    if (!session[5].starts_with(kSession) || role[4] != session[4] ||
        !role[5].starts_with("role/")) {
      return false;
    }
    const std::string_view name = session[5].substr(kSession.size());
    return role[5].substr(role[5].rfind('/') + 1) == name.substr(0, name.find('/'));
  }

  void roles_anywhere(const WrittenStatement& statement, const PrincipalName& principal) {
    for (const std::string_view action :
         {"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}) {
      if (!allows(statement, action)) {
        findings_.add(FindingId::MissingRolesAnywhereAction,
                      principal.value.node,
                      concat("Roles Anywhere needs ", action, " as well: add it"));
        return;
      }
    }
  }

  void issuer(const WrittenStatement& statement, const PrincipalName& principal) {
    const std::string prefix = concat(issuer_of(principal.value.text), ":");
    const bool has_key =
        std::any_of(statement.tests.begin(), statement.tests.end(), [&](const Test& test) {
          return starts_with_ignore_case(test.key, prefix);
        });
    if (!has_key) {
      findings_.add(FindingId::OidcWithoutCondition,
                    principal.value.node,
                    concat("add a condition on a key of the provider, such as ", prefix, "aud"));
    }
    if (starts_with_ignore_case(prefix, kGithub)) {
      github(statement, principal, concat(prefix, "sub"));
    }
  }

  // GitHub serves every repository in the world (aws-wire 3.3).
  void github(const WrittenStatement& statement,
              const PrincipalName& principal,
              const std::string& key) {
    bool is_bound = false;
    for (const Test& test : statement.tests) {
      if (!equals_ignore_case(test.key, key) || !needs_its_key(test) || test.values.empty()) {
        continue;
      }
      is_bound = true;
      for (const Text& value : test.values) {
        subject(test, value);
      }
    }
    if (!is_bound) {
      findings_.add(FindingId::SharedIssuerWithoutSubject,
                    principal.value.node,
                    concat("without StringEquals or StringLike on ",
                           key,
                           " every repository of GitHub is trusted: name yours"));
    }
  }

  void subject(const Test& test, const Text& value) {
    if (test.op.compare != Compare::StringLike || !has_wildcard(value.text)) {
      return;
    }
    // "repo:owner/name:..." with the owner open trusts strangers.
    const std::string_view text = value.text;
    const std::size_t slash = text.find('/');
    const std::string_view owner = text.substr(0, std::min(slash, text.size()));
    if (!owner.starts_with("repo:") || has_wildcard(owner)) {
      findings_.add(FindingId::GithubSubjectOpen,
                    value.node,
                    concat("\"",
                           text,
                           "\" trusts repositories of other owners: write "
                           "repo:OWNER/NAME:ref:refs/heads/BRANCH"));
    }
    findings_.add(FindingId::GithubSubjectTooWide,
                  value.node,
                  concat("\"",
                         text,
                         "\" trusts more than one branch of one repository: write "
                         "repo:OWNER/NAME:ref:refs/heads/BRANCH"));
  }

  void audience(const WrittenStatement& statement) {
    for (const Test& test : statement.tests) {
      if (test.key.ends_with(":aud") && test.op.quantifier != Quantifier::None) {
        findings_.add(FindingId::ConfirmAudienceType,
                      test.key_node,
                      concat(test.key,
                             " usually has one value: remove the quantifier unless the provider "
                             "sends several"));
      }
    }
  }

  Findings& findings_;
};

bool is_source_key(std::string_view key) {
  static constexpr std::string_view kKeys[] = {"aws:SourceArn",
                                               "aws:SourceAccount",
                                               "aws:SourceOrgID",
                                               "aws:SourceOrgPaths",
                                               "aws:SourceOwner"};
  return std::any_of(std::begin(kKeys), std::end(kKeys), [&](std::string_view known) {
    return equals_ignore_case(known, key);
  });
}

// Keys about users and roles, which a service that calls for itself does not carry.
bool is_key_of_people(std::string_view key) {
  static constexpr std::string_view kKeys[] = {"aws:PrincipalArn",
                                               "aws:PrincipalAccount",
                                               "aws:PrincipalOrgID",
                                               "aws:PrincipalOrgPaths",
                                               "aws:PrincipalType",
                                               "aws:userid",
                                               "aws:username",
                                               "aws:MultiFactorAuthPresent",
                                               "aws:MultiFactorAuthAge"};
  return starts_with_ignore_case(key, "aws:PrincipalTag/") ||
         std::any_of(std::begin(kKeys), std::end(kKeys), [&](std::string_view known) {
           return equals_ignore_case(known, key);
         });
}

void check_service(const WrittenStatement& statement, bool is_trust, Findings& findings) {
  const auto service = std::find_if(
      statement.principals.begin(), statement.principals.end(), [](const PrincipalName& name) {
        return name.kind == PrincipalKind::Service;
      });
  if (!statement.is_allow || statement.is_not_principal || service == statement.principals.end()) {
    return;
  }
  bool has_source = false;
  const Test* other = nullptr;
  for (const Test& test : statement.tests) {
    has_source = has_source || is_source_key(test.key);
    other = is_source_key(test.key) ? other : &test;
    if (is_key_of_people(test.key) && needs_its_key(test)) {
      findings.add(FindingId::UnsupportedKeyForService,
                   test.key_node,
                   concat("no service carries ",
                          test.key,
                          ": use aws:SourceAccount or "
                          "aws:SourceOrgID"));
    }
  }
  // Roles are usually for one service of the same account; AWS asks for a source on resources only.
  if (has_source || is_trust) {
    return;
  }
  findings.add(FindingId::ServiceWithoutSource,
               service->value.node,
               "the service acts for anybody's resources: add aws:SourceArn or aws:SourceAccount");
  if (other != nullptr) {
    findings.add(FindingId::SourceKeyRecommended,
                 other->key_node,
                 concat("restrict the service with aws:SourceArn or aws:SourceAccount instead of ",
                        other->key));
  }
}

}  // namespace

void check_trust(const Written& policy, Findings& findings) {
  if (policy.profile() != Profile::Trust) {
    return;
  }
  TrustCheck check(findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

void check_services(const Written& policy, Findings& findings) {
  for (const WrittenStatement& statement : policy.statements) {
    check_service(statement, policy.profile() == Profile::Trust, findings);
  }
}

}  // namespace signet::policy::lint
