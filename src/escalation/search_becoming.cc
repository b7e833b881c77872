#include <set>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "escalation/search.h"
#include "facts/quotas.h"
#include "identity/snapshot_edit.h"
#include "identity/stored_document.h"

// Ways to become a role or a user.
namespace signet::escalation {
namespace {

constexpr std::string_view kAnywhere = "rolesanywhere.amazonaws.com";
// Nobody changes these but the service that they are of.
constexpr std::string_view kLinkedPath = "/aws-service-role/";

std::string trust_in(std::string_view arn) {
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")",
                arn,
                R"("},"Action":"sts:AssumeRole"}]})");
}

}  // namespace

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
    const bool is_linked = std::string_view(role.path).starts_with(kLinkedPath);
    if (role.account == asker_.account() && !is_known && !is_linked) {
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
  identity::Role changed = role;
  changed.trust_policy = identity::make_document(trust);
  changed.trust_pins = std::vector<identity::PrincipalPin>{
      {.arn = asker_.arn, .id = asker_.callers.front().principal_id}};
  identity::Snapshot supposed = identity::SnapshotEdit::supposition(snapshot_);
  if (!identity::SnapshotEdit(supposed).put(std::move(changed))) {
    return std::nullopt;
  }
  const identity::Role* open = supposed.find_by_arn<identity::Role>(identity::arn_of(role));
  auto assume = ask(plan_assume(*open), supposed);
  return assume ? Calls({*std::move(change), *std::move(assume)}) : std::nullopt;
}

// Whoever replaces the metadata of a SAML provider signs its assertions from then on.
void Search::find_saml(std::map<std::string, Way>& ways) {
  each_within(reach("iam:UpdateSAMLProvider"), tools_.roster.providers, [&](const auto& listed) {
    const identity::SamlProvider& provider = *listed.entity;
    if (provider.account != asker_.account()) {
      return;
    }
    auto change = ask(plan_on(provider,
                              "iam:UpdateSAMLProvider",
                              concat("iam update-saml-provider --saml-provider-arn ",
                                     listed.arn,
                                     " --saml-metadata-document file://metadata.xml")));
    if (!change) {
      return;
    }
    for (const identity::Role* role : tools_.roster.naming(listed.arn)) {
      Planned sign_in = plan_on(*role,
                                "sts:AssumeRoleWithSAML",
                                concat("sts assume-role-with-saml --role-arn ",
                                       identity::arn_of(*role),
                                       " --principal-arn ",
                                       listed.arn,
                                       " --saml-assertion file://assertion.b64"));
      sign_in.check.role = role;
      sign_in.check.federation = authz::Federation::Saml;
      sign_in.check.federated_provider = listed.arn;
      const auto condition = tools_.decider.ask_of_provider(snapshot_, sign_in.check);
      if (condition) {
        add_way(identity::arn_of(*role),
                Calls({*change,
                       {.action = sign_in.check.action,
                        .resource = sign_in.check.resource,
                        .command = sign_in.command,
                        .condition = *condition}}),
                ways);
      }
    }
  });
}

// Roles Anywhere lends roles to whoever has a certificate of an authority that the account trusts:
// who makes an authority trusted and passes the role to a profile has both.
void Search::find_anywhere(std::map<std::string, Way>& ways) {
  const bool can_begin = !reach("rolesanywhere:CreateTrustAnchor").is_nothing() &&
                         !reach("rolesanywhere:CreateProfile").is_nothing() &&
                         !reach("iam:PassRole").is_nothing();
  if (!can_begin) {
    return;
  }
  for (const identity::Role* role : tools_.roster.naming(kAnywhere)) {
    if (role->account == asker_.account() && reaches("iam:PassRole", identity::arn_of(*role))) {
      add_way(identity::arn_of(*role), by_new_anchor(*role), ways);
    }
  }
}

Search::Calls Search::by_new_anchor(const identity::Role& role) {
  const std::string arn = identity::arn_of(role);
  Planned pass = plan_on(role, "iam:PassRole", {});
  pass.check.context = {{.key = "iam:PassedToService", .values = {std::string(kAnywhere)}}};
  auto calls =
      ask_all({plan("rolesanywhere:CreateTrustAnchor",
                    "*",
                    "rolesanywhere create-trust-anchor --enabled --name own --source "
                    "'sourceType=CERTIFICATE_BUNDLE,sourceData={x509CertificateData=PEM}'"),
               plan("rolesanywhere:CreateProfile",
                    "*",
                    concat("rolesanywhere create-profile --enabled --name own --role-arns ", arn)),
               pass});
  if (!calls) {
    return std::nullopt;
  }
  for (const std::string_view action : {"sts:AssumeRole", "sts:TagSession"}) {
    Planned session = plan_on(role, action, {});
    session.check.role = &role;
    session.check.federation = authz::Federation::Service;
    session.check.federated_provider = kAnywhere;
    auto condition = tools_.decider.ask_of_provider(snapshot_, session.check);
    if (!condition) {
      return std::nullopt;
    }
    calls->push_back({.action = std::string(action),
                      .resource = arn,
                      .command = {},
                      .condition = *std::move(condition)});
  }
  (calls->end() - 2)->command = concat(
      "aws_signing_helper credential-process --certificate own.pem --private-key own.key "
      "--trust-anchor-arn ANCHOR --profile-arn PROFILE --role-arn ",
      arn);
  return calls;
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
