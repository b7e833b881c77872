#include <algorithm>

#include "base/strings.h"
#include "model/arn.h"
#include "policy_writing/check_parts.h"

// Who a policy names: form, and what the kind of policy takes.

namespace signet::policy::lint {
namespace {

bool is_upper_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z');
}

// AIDA..., AROA...: what AWS shows once the user or role is gone.
bool is_unique_id(std::string_view text, std::string_view prefix) {
  return text.size() >= 16 && text.starts_with(prefix) &&
         std::all_of(text.begin(), text.end(), is_upper_or_digit);
}

bool has_principal_form(std::string_view arn) {
  const std::vector<std::string_view> parts = split_colons(arn, 6);
  if (parts.size() < 6 || parts[0] != "arn" || (parts[2] != "iam" && parts[2] != "sts") ||
      !parts[3].empty() || (!model::is_account_id(parts[4]) && parts[4] != "cloudfront")) {
    return false;
  }
  const std::string_view path = parts[5];
  const std::string_view kind = path.substr(0, path.find('/'));
  if (parts[2] == "sts") {
    return kind == "assumed-role" || kind == "federated-user";
  }
  return path == "root" || (path.size() > kind.size() + 1 && (kind == "user" || kind == "role"));
}

// The account of a principal; empty when it names none.
std::string_view account_of(std::string_view principal) {
  if (model::is_account_id(principal)) {
    return principal;
  }
  const std::vector<std::string_view> parts = split_colons(principal, 6);
  return parts.size() == 6 && model::is_account_id(parts[4]) ? parts[4] : std::string_view();
}

class PrincipalCheck {
 public:
  PrincipalCheck(const Written& policy, Findings& findings)
      : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    if (statement.principal == kNoNode) {
      missing(statement);
      return;
    }
    if (policy_.is_identity() || policy_.profile() == Profile::Scp) {
      findings_.add(policy_.profile() == Profile::Scp ? FindingId::ScpPrincipal
                                                      : FindingId::UnsupportedPrincipal,
                    statement.principal - 1,
                    "remove it: such a policy is about those it is attached to");
      return;
    }
    for (const PrincipalName& principal : statement.principals) {
      name(statement, principal);
    }
    layers(statement);
  }

 private:
  void missing(const WrittenStatement& statement) {
    const Profile profile = policy_.profile();
    if (profile == Profile::Trust || profile == Profile::Bucket || profile == Profile::Rcp ||
        profile == Profile::Endpoint) {
      findings_.add(FindingId::MissingPrincipal,
                    statement.node,
                    "add a Principal: who the statement is about");
    }
  }

  static bool is_dotted(std::string_view text) { return text.find('.') != std::string_view::npos; }

  void name(const WrittenStatement& statement, const PrincipalName& principal) {
    const std::string_view text = principal.value.text;
    if (has_variable(text)) {
      findings_.add(FindingId::VariableInElement,
                    principal.value.node,
                    "variables are literal text in principals: name it in full");
      return;
    }
    switch (principal.kind) {
      case PrincipalKind::Anyone:
        anyone(principal);
        return;
      case PrincipalKind::Aws:
        aws(statement, principal);
        return;
      case PrincipalKind::Federated:
        if (policy_.profile() != Profile::Trust) {
          findings_.add(FindingId::FederatedPrincipalNotSupported,
                        principal.value.node,
                        "only a trust policy takes identity providers: name the role instead");
        }
        wildcard(principal);
        return;
      case PrincipalKind::Service:
        wildcard(principal);
        if (!has_wildcard(text) && (!is_dotted(text) || text != to_lower(text))) {
          findings_.add(
              FindingId::InvalidServicePrincipal,
              principal.value.node,
              concat("\"", text, "\" is no service: write service.amazonaws.com, in lower case"));
        }
        return;
      case PrincipalKind::Canonical:
        wildcard(principal);
        return;
    }
  }

  void anyone(const PrincipalName& principal) {
    if (policy_.profile() == Profile::Trust) {
      findings_.add(FindingId::TrustWildcardPrincipal,
                    principal.value.node,
                    "a trust policy takes no bare \"*\": name the principals");
    }
  }

  void wildcard(const PrincipalName& principal) {
    if (has_wildcard(principal.value.text)) {
      findings_.add(FindingId::UnsupportedWildcardInPrincipal,
                    principal.value.node,
                    "wildcards are literal text in this principal: name it in full");
    }
  }

  void aws(const WrittenStatement& statement, const PrincipalName& principal) {
    const std::string_view text = principal.value.text;
    const NodeId node = principal.value.node;
    if (text == "*") {
      return;
    }
    if (has_wildcard(text)) {
      findings_.add(FindingId::UnsupportedWildcardInPrincipal,
                    node,
                    "wildcards are literal text in a principal: name it in full, or ask "
                    "aws:PrincipalArn in a condition");
    } else if (is_unique_id(text, "AIDA")) {
      findings_.add(FindingId::InvalidUserReference,
                    node,
                    "the id of a user, perhaps one that is gone: write the user's ARN");
    } else if (is_unique_id(text, "AROA")) {
      findings_.add(FindingId::InvalidRoleReference,
                    node,
                    "the id of a role, perhaps one that is gone: write the role's ARN");
    } else if (!model::is_account_id(text) && !has_principal_form(text)) {
      findings_.add(
          FindingId::PrincipalNeverMatches,
          node,
          concat("\"", text, "\" matches nobody: write an account, or the ARN of a user or role"));
    } else {
      known_account(statement, principal);
    }
  }

  void known_account(const WrittenStatement& statement, const PrincipalName& principal) {
    const std::string_view account = account_of(principal.value.text);
    const std::span<const std::string> known = policy_.options.known_accounts;
    if (known.empty() || account.empty() || statement.is_not_principal) {
      return;
    }
    if (std::find(known.begin(), known.end(), account) == known.end()) {
      findings_.add(FindingId::AccountNotKnown,
                    principal.value.node,
                    concat("account ", account, " is not known here: the entry matches nobody"));
    }
  }

  // NotPrincipal: the layers above each entry.
  void layers(const WrittenStatement& statement) {
    if (!statement.is_not_principal) {
      return;
    }
    if (policy_.profile() == Profile::Trust) {
      findings_.add(FindingId::TrustNotPrincipal,
                    statement.principal - 1,
                    "a trust policy takes no NotPrincipal: name who may assume the role");
    }
    if (statement.is_allow) {
      findings_.add(FindingId::AllowWithNotPrincipal,
                    statement.principal,
                    "grants access to everyone else, anonymous callers included: use Principal");
      return;
    }
    findings_.add(FindingId::DenyWithNotPrincipal,
                  statement.principal,
                  "denies every principal with a permissions boundary, the listed ones too: prefer "
                  "a condition on aws:PrincipalArn");
    for (const PrincipalName& principal : statement.principals) {
      for (const std::string& layer : missing_layers(statement, principal)) {
        findings_.add(FindingId::NotPrincipalLayerMissing,
                      principal.value.node,
                      concat("spares nobody without ", layer, " in the list: add it"));
      }
      if (split_colons(principal.value.text, 6).back() == "root" &&
          statement.principals.size() == 1) {
        findings_.add(FindingId::NotPrincipalLayerMissing,
                      principal.value.node,
                      "spares the root user of the account alone: list the users, roles and "
                      "sessions as well");
      }
    }
  }

  static bool is_listed(const WrittenStatement& statement, std::string_view arn) {
    return std::any_of(statement.principals.begin(),
                       statement.principals.end(),
                       [&](const PrincipalName& other) { return other.value.text == arn; });
  }

  static std::vector<std::string> missing_layers(const WrittenStatement& statement,
                                                 const PrincipalName& principal) {
    std::vector<std::string> missing;
    const std::vector<std::string_view> parts = split_colons(principal.value.text, 6);
    if (parts.size() < 6 || parts[5] == "root" || !model::is_account_id(parts[4])) {
      return missing;
    }
    const std::string head = concat(parts[0], ":", parts[1], ":iam::", parts[4], ":");
    if (parts[5].starts_with("assumed-role/")) {
      const std::string_view rest = parts[5].substr(parts[5].find('/') + 1);
      const std::string role = concat(head, "role/", rest.substr(0, rest.find('/')));
      if (!has_role(statement, role)) {
        missing.push_back(role);
      }
    }
    if (!is_listed(statement, head + "root") && !is_listed(statement, parts[4])) {
      missing.push_back(head + "root");
    }
    return missing;
  }

  // The role may have a path, which the ARN of its session does not show.
  static bool has_role(const WrittenStatement& statement, std::string_view role) {
    const std::string_view name = role.substr(role.rfind('/'));
    const std::string_view head = role.substr(0, role.size() - name.size());
    return std::any_of(
        statement.principals.begin(), statement.principals.end(), [&](const PrincipalName& other) {
          return other.value.text.starts_with(head) && other.value.text.ends_with(name);
        });
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_principals(const Written& policy, Findings& findings) {
  PrincipalCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
