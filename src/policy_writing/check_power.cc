#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

// Statements that give more than they look like.

namespace signet::policy::lint {
namespace {

// Six ways to give one dangerous action for every role, as AWS names them.
struct Ways {
  std::string_view action;
  std::string_view key;  // a condition on it narrows the grant
  std::string_view danger;
  FindingId not_resource;
  FindingId star_action_not_resource;
  FindingId not_action_not_resource;
  FindingId star_resource;
  FindingId star_action_star_resource;
  FindingId not_action_star_resource;
};

constexpr Ways kPassRole{
    .action = "iam:PassRole",
    .key = "iam:PassedToService",
    .danger = "lets every role be passed to every service",
    .not_resource = FindingId::PassRoleWithNotResource,
    .star_action_not_resource = FindingId::PassRoleWithStarActionAndNotResource,
    .not_action_not_resource = FindingId::PassRoleWithNotActionAndNotResource,
    .star_resource = FindingId::PassRoleWithStar,
    .star_action_star_resource = FindingId::PassRoleWithStarActionAndResource,
    .not_action_star_resource = FindingId::PassRoleWithStarResourceAndNotAction};

constexpr Ways kCreateServiceLinkedRole{
    .action = "iam:CreateServiceLinkedRole",
    .key = "iam:AWSServiceName",
    .danger = "lets a role be made for every service",
    .not_resource = FindingId::CreateRoleWithNotResource,
    .star_action_not_resource = FindingId::CreateRoleWithStarActionAndNotResource,
    .not_action_not_resource = FindingId::CreateRoleWithNotActionAndNotResource,
    .star_resource = FindingId::CreateRoleWithStarResource,
    .star_action_star_resource = FindingId::CreateRoleWithStarActionAndResource,
    .not_action_star_resource = FindingId::CreateRoleWithStarResourceAndNotAction};

// What lets its holder take the permissions of others (as Parliament and Cloudsplaining list it).
constexpr std::array<std::string_view, 19> kEscalations{"iam:AddUserToGroup",
                                                        "iam:AttachGroupPolicy",
                                                        "iam:AttachRolePolicy",
                                                        "iam:AttachUserPolicy",
                                                        "iam:CreateAccessKey",
                                                        "iam:CreateLoginProfile",
                                                        "iam:CreatePolicyVersion",
                                                        "iam:DeactivateMFADevice",
                                                        "iam:DeleteRolePermissionsBoundary",
                                                        "iam:DeleteRolePolicy",
                                                        "iam:DeleteUserPermissionsBoundary",
                                                        "iam:PutGroupPolicy",
                                                        "iam:PutRolePermissionsBoundary",
                                                        "iam:PutRolePolicy",
                                                        "iam:PutUserPermissionsBoundary",
                                                        "iam:PutUserPolicy",
                                                        "iam:SetDefaultPolicyVersion",
                                                        "iam:UpdateAssumeRolePolicy",
                                                        "iam:UpdateLoginProfile"};

// "*", and ARNs that leave the name of the entity open.
bool reaches_every(std::string_view resource, std::string_view kind) {
  if (resource.find_first_not_of('*') == std::string_view::npos) {
    return !resource.empty();
  }
  const std::vector<std::string_view> parts = split_colons(resource, 6);
  if (parts.size() < 6) {
    return false;
  }
  return match_glob(parts[2], "iam") && match_glob(parts[5], concat(kind, "/any-9q4z7"));
}

const Text* open_resource(const WrittenStatement& statement) {
  static constexpr std::array<std::string_view, 4> kKinds{"role", "user", "group", "policy"};
  for (const Text& resource : statement.resources) {
    for (const std::string_view kind : kKinds) {
      if (reaches_every(resource.text, kind)) {
        return &resource;
      }
    }
  }
  return nullptr;
}

bool is_everything(std::string_view action) {
  return action == "*" || action == "*:*";
}

class PowerCheck {
 public:
  PowerCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    if (!statement.is_allow || policy_.profile() == Profile::Scp ||
        policy_.profile() == Profile::Rcp || policy_.profile() == Profile::Endpoint) {
      return;
    }
    if (statement.is_not_action) {
      findings_.add(FindingId::AllowWithNotAction,
                    statement.action,
                    "Allow with NotAction grants every other action, new ones too: use Action");
    }
    if (statement.is_not_resource) {
      findings_.add(FindingId::AllowWithNotResource,
                    statement.resource,
                    "Allow with NotResource grants access to everything else: use Resource");
    }
    if (!policy_.is_identity()) {
      return;
    }
    full_access(statement);
    ways(statement, kPassRole);
    ways(statement, kCreateServiceLinkedRole);
    if (policy_.profile() != Profile::Boundary) {
      escalation(statement);
    }
  }

 private:
  void full_access(const WrittenStatement& statement) {
    const bool is_open = std::any_of(statement.resources.begin(),
                                     statement.resources.end(),
                                     [](const Text& resource) { return resource.text == "*"; });
    for (const Text& action : statement.actions) {
      if (is_everything(action.text) && is_open && !statement.is_not_resource &&
          !statement.is_not_action && statement.tests.empty()) {
        findings_.add(FindingId::FullAccess,
                      action.node,
                      "grants every action on every resource: name actions and resources");
      }
    }
  }

  void ways(const WrittenStatement& statement, const Ways& ways) {
    const bool is_narrowed =
        std::any_of(statement.tests.begin(), statement.tests.end(), [&](const Test& test) {
          return equals_ignore_case(test.key, ways.key);
        });
    if (is_narrowed) {
      return;
    }
    const Text* action = nullptr;
    for (const Text& text : statement.actions) {
      action = match_glob_ignore_case(text.text, ways.action) ? &text : action;
    }
    if (statement.is_not_action ? action != nullptr : action == nullptr) {
      return;
    }
    const bool is_exact = action != nullptr && !has_wildcard(action->text);
    const auto pick = [&](FindingId exact, FindingId star, FindingId negated) {
      return statement.is_not_action ? negated : is_exact ? exact : star;
    };
    const NodeId node = action == nullptr ? statement.action : action->node;
    const std::string message =
        concat(ways.danger, ": name the resources, or ask ", ways.key, " in a condition");
    if (statement.is_not_resource) {
      findings_.add(
          pick(ways.not_resource, ways.star_action_not_resource, ways.not_action_not_resource),
          node,
          message);
      return;
    }
    for (const Text& resource : statement.resources) {
      const bool is_open = reaches_every(resource.text, "role");
      if (is_open) {
        findings_.add(
            pick(ways.star_resource, ways.star_action_star_resource, ways.not_action_star_resource),
            node,
            message);
        return;
      }
    }
  }

  void escalation(const WrittenStatement& statement) {
    if (statement.is_not_action || statement.is_not_resource || !statement.tests.empty() ||
        open_resource(statement) == nullptr) {
      return;
    }
    for (const Text& action : statement.actions) {
      if (is_everything(action.text)) {
        continue;  // FullAccess says it
      }
      std::string names;
      std::size_t count = 0;
      for (const std::string_view power : kEscalations) {
        if (match_glob_ignore_case(action.text, power) && ++count <= 3) {
          names += concat(names.empty() ? "" : ", ", power);
        }
      }
      if (count > 0) {
        findings_.add(FindingId::PrivilegeEscalation,
                      action.node,
                      concat(names,
                             count > 3 ? " and more" : "",
                             " on any entity lets the holder take anybody's permissions: name the "
                             "resources, or add a condition"));
      }
    }
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_power(const Written& policy, Findings& findings) {
  PowerCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
