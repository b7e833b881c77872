#include <set>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "escalation/search.h"
#include "escalation/supposed.h"
#include "facts/quotas.h"
#include "identity/stored_document.h"

// Ways to become a role or a user.
namespace signet::escalation {

void Search::find_roles(std::map<std::string, Way>& ways) {
  std::set<const identity::Role*> candidates;
  const auto named = asker_.user != nullptr ? tools_.roster.naming(*asker_.user)
                                            : tools_.roster.naming(*asker_.role);
  candidates.insert(named.begin(), named.end());
  candidates.insert(tools_.roster.open_to_all.begin(), tools_.roster.open_to_all.end());
  each_within(reach("sts:AssumeRole"), tools_.roster.roles, [&candidates](const auto& role) {
    candidates.insert(role.entity);
  });
  for (const identity::Role* role : candidates) {
    if (auto call = ask(plan_assume(*role))) {
      add_way(identity::arn_of(*role), std::vector{*std::move(call)}, ways);
    }
  }
}

// A role whose trust policy can be rewritten.
void Search::find_trust_changes(std::map<std::string, Way>& ways) {
  each_within(reach("iam:UpdateAssumeRolePolicy"), tools_.roster.roles, [&](const auto& listed) {
    const identity::Role& role = *listed.entity;
    const auto known = ways.find(listed.arn);
    const bool is_known = known != ways.end() && kind_of(known->second) == Condition::Kind::Always;
    if (role.account == asker_.account() && !is_known && !is_linked(role)) {
      add_way(listed.arn, by_new_trust(role), ways);
    }
  });
}

Search::Calls Search::by_new_trust(const identity::Role& role) {
  const std::string trust = trust_in(asker_.arn);
  auto change = ask(plan_change_of(role,
                                   "iam:UpdateAssumeRolePolicy",
                                   concat("iam update-assume-role-policy --role-name ",
                                          std::string(role.name),
                                          " --policy-document ",
                                          shell_quoted(trust))));
  if (!change) {
    return std::nullopt;
  }
  const auto then = supposed(snapshot_, role, [&](identity::Role& changed) {
    changed.trust_policy = identity::make_document(trust);
    changed.trust_pins = std::vector<identity::PrincipalPin>{
        {.arn = asker_.arn, .id = asker_.callers.front().principal_id}};
  });
  if (!then) {
    return std::nullopt;
  }
  auto assume = ask(plan_assume(*find_again(*then, role)), *then);
  return assume ? Calls({*std::move(change), *std::move(assume)}) : std::nullopt;
}

// A user is become with a key or a password of theirs.
void Search::find_users(std::map<std::string, Way>& ways) {
  const auto each = [&](std::string_view action, auto way) {
    each_within(reach(action), tools_.roster.users, [&](const auto& listed) {
      if (listed.entity->account == asker_.account() && listed.arn != asker_.arn) {
        add_way(listed.arn, way(*listed.entity), ways);
      }
    });
  };
  each("iam:CreateAccessKey", [this](const identity::User& user) { return by_new_key(user); });
  each("iam:UpdateLoginProfile", [this](const identity::User& user) {
    return user.login ? by_password(user) : std::nullopt;
  });
  each("iam:CreateLoginProfile", [this](const identity::User& user) {
    return user.login ? std::nullopt : by_password(user);
  });
}

Search::Calls Search::by_new_key(const identity::User& user) {
  std::vector<Planned> planned;
  const auto keys = snapshot_.access_keys_of(user.account, user.id);
  if (keys.size() >= facts::kAccessKeysPerUser) {
    planned.push_back(plan_on(
        user,
        "iam:DeleteAccessKey",
        concat("iam delete-access-key", named(user), " --access-key-id ", keys.front()->id)));
  }
  planned.push_back(
      plan_on(user, "iam:CreateAccessKey", concat("iam create-access-key", named(user))));
  return ask_all(planned);
}

// Whoever has an MFA device is asked for its code as well.
Search::Calls Search::by_password(const identity::User& user) {
  constexpr std::string_view kPassword =
      " --no-password-reset-required --password 'Long-New-Pass-1'";
  std::vector<Planned> planned;
  planned.push_back(user.login
                        ? plan_on(user,
                                  "iam:UpdateLoginProfile",
                                  concat("iam update-login-profile", named(user), kPassword))
                        : plan_on(user,
                                  "iam:CreateLoginProfile",
                                  concat("iam create-login-profile", named(user), kPassword)));
  for (const identity::MfaDevice* device : snapshot_.mfa_devices_of(user.account, user.id)) {
    planned.push_back(plan_on(
        user,
        "iam:DeactivateMFADevice",
        concat("iam deactivate-mfa-device", named(user), " --serial-number ", device->serial())));
  }
  return ask_all(planned);
}

}  // namespace signet::escalation
