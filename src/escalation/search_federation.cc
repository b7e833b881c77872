#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "escalation/search.h"

// Ways to become a role by what it trusts beside users and roles: identity providers, and
// certificates (IAM Roles Anywhere).
namespace signet::escalation {
namespace {

using identity::AnywhereProfile;
using identity::Role;
using identity::TrustAnchor;

constexpr std::string_view kAnywhere = "rolesanywhere.amazonaws.com";
constexpr std::string_view kOwnAuthority =
    " --source 'sourceType=CERTIFICATE_BUNDLE,sourceData={x509CertificateData=PEM}'";

std::string_view last_of(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

// On a trust anchor or a profile.
template <class Entity>
Planned plan_anywhere(const Entity& entity,
                      std::string_view action,
                      std::string_view type,
                      std::string command) {
  Planned planned = plan(
      action,
      concat("arn:aws:rolesanywhere:", entity.region, ":", entity.account, ":", type, entity.id),
      concat("rolesanywhere --region ", entity.region, " ", command));
  planned.check.resource_account = entity.account;
  planned.check.resource_tags = &entity.tags;
  return planned;
}

}  // namespace

// One way for each role that trusts the provider, which is the asker's once it made that change.
void Search::add_signins(const Planned& change,
                         const std::string& provider,
                         authz::Federation federation,
                         std::map<std::string, Way>& ways) {
  const auto changed = ask(change);
  if (!changed) {
    return;
  }
  const bool is_saml = federation == authz::Federation::Saml;
  for (const Role* role : tools_.roster.naming(provider)) {
    const std::string arn = identity::arn_of(*role);
    Planned sign_in =
        plan_on(*role,
                is_saml ? "sts:AssumeRoleWithSAML" : "sts:AssumeRoleWithWebIdentity",
                is_saml ? concat("sts assume-role-with-saml --role-arn ",
                                 arn,
                                 " --principal-arn ",
                                 provider,
                                 " --saml-assertion file://assertion.b64")
                        : concat("sts assume-role-with-web-identity --role-arn ",
                                 arn,
                                 " --role-session-name escalation --web-identity-token "
                                 "file://token"));
    sign_in.check.role = role;
    sign_in.check.federation = federation;
    sign_in.check.federated_provider = provider;
    auto condition = tools_.decider.ask_of_provider(snapshot_, sign_in.check);
    if (!condition) {
      continue;
    }
    // Who issues tokens is not changed by whoever trusts them.
    if (!is_saml) {
      std::string reason = concat("it takes a token of ", provider.substr(provider.find('/') + 1));
      for (const std::string& block : condition->formula) {
        reason += concat(reason.ends_with('}') ? " or " : " that meets ", block);
      }
      condition =
          Condition{.kind = Condition::Kind::Unknown, .formula = {}, .reason = std::move(reason)};
    }
    add_way(arn,
            Calls({*changed,
                   {.action = sign_in.check.action,
                    .resource = arn,
                    .command = sign_in.command,
                    .condition = *std::move(condition)}}),
            ways);
  }
}

// Whoever replaces the metadata of a SAML provider signs its assertions from then on.
void Search::find_saml(std::map<std::string, Way>& ways) {
  each_within(reach("iam:UpdateSAMLProvider"), tools_.roster.providers, [&](const auto& listed) {
    if (listed.entity->account == asker_.account()) {
      add_signins(plan_on(*listed.entity,
                          "iam:UpdateSAMLProvider",
                          concat("iam update-saml-provider --saml-provider-arn ",
                                 listed.arn,
                                 " --saml-metadata-document file://metadata.xml")),
                  listed.arn,
                  authz::Federation::Saml,
                  ways);
    }
  });
}

// Providers that trust policies name and that are not there can be made.
void Search::find_missing_providers(std::map<std::string, Way>& ways) {
  const std::string root = concat("arn:aws:iam::", asker_.account(), ":");
  for (const std::string& arn : tools_.roster.names_from(concat(root, "saml-provider/"))) {
    if (snapshot_.find_by_arn<identity::SamlProvider>(arn) == nullptr &&
        reaches("iam:CreateSAMLProvider", arn)) {
      add_signins(plan("iam:CreateSAMLProvider",
                       arn,
                       concat("iam create-saml-provider --name ",
                              last_of(arn, '/'),
                              " --saml-metadata-document file://metadata.xml")),
                  arn,
                  authz::Federation::Saml,
                  ways);
    }
  }
  const std::string of_tokens = concat(root, "oidc-provider/");
  for (const std::string& arn : tools_.roster.names_from(of_tokens)) {
    if (snapshot_.find_by_arn<identity::OidcProvider>(arn) == nullptr &&
        reaches("iam:CreateOpenIDConnectProvider", arn)) {
      add_signins(plan("iam:CreateOpenIDConnectProvider",
                       arn,
                       concat("iam create-open-id-connect-provider --url https://",
                              arn.substr(of_tokens.size()),
                              " --client-id-list AUDIENCE")),
                  arn,
                  authz::Federation::WebIdentity,
                  ways);
    }
  }
}

// Roles Anywhere lends roles to whoever has a certificate of an authority that the account trusts:
// who makes its own authority trusted, and has a profile with the role, has both.
void Search::find_anywhere(std::map<std::string, Way>& ways) {
  const std::vector<Opening> anchors = own_anchors();
  if (anchors.empty()) {
    return;
  }
  for (const Role* role : tools_.roster.naming(kAnywhere)) {
    if (role->account != asker_.account()) {
      continue;
    }
    for (const Opening& profile : profiles_with(*role)) {
      for (const Opening& anchor : anchors) {
        if (anchor.region.empty() || profile.region.empty() || anchor.region == profile.region) {
          add_way(identity::arn_of(*role), by_certificate(*role, anchor, profile), ways);
        }
      }
    }
  }
}

// Ways to have an authority of one's own trusted: a new trust anchor, or one that is there.
std::vector<Search::Opening> Search::own_anchors() {
  std::vector<Opening> openings;
  if (!reach("rolesanywhere:CreateTrustAnchor").is_nothing()) {
    if (auto calls = ask_all({plan(
            "rolesanywhere:CreateTrustAnchor",
            "*",
            concat("rolesanywhere create-trust-anchor --enabled --name own", kOwnAuthority))})) {
      openings.push_back({.calls = *std::move(calls), .region = {}, .arn = {}});
    }
  }
  if (reach("rolesanywhere:UpdateTrustAnchor").is_nothing()) {
    return openings;
  }
  for (const auto& entry : snapshot_.table<TrustAnchor>(asker_.account())) {
    const TrustAnchor& anchor = *entry.value;
    const Planned update =
        plan_anywhere(anchor,
                      "rolesanywhere:UpdateTrustAnchor",
                      "trust-anchor/",
                      concat("update-trust-anchor --trust-anchor-id ", anchor.id, kOwnAuthority));
    auto calls = anchor.is_enabled ? ask_all({update}) : std::nullopt;
    if (calls) {
      openings.push_back(
          {.calls = *std::move(calls), .region = anchor.region, .arn = update.check.resource});
    }
  }
  return openings;
}

// Profiles that lend the role and limit it no further: those that do, and those that can be made
// to.
std::vector<Search::Opening> Search::profiles_with(const Role& role) {
  const std::string arn = identity::arn_of(role);
  std::vector<Opening> openings;
  Planned pass = plan_on(role, "iam:PassRole", {});
  pass.check.context = {{.key = "iam:PassedToService", .values = {std::string(kAnywhere)}}};
  const bool can_pass = reaches("iam:PassRole", arn) && ask(pass);
  const auto add = [&](Calls calls, const std::string& region, std::string profile) {
    if (calls) {
      openings.push_back({.calls = *std::move(calls), .region = region, .arn = std::move(profile)});
    }
  };
  if (can_pass && !reach("rolesanywhere:CreateProfile").is_nothing()) {
    add(ask_all(
            {plan("rolesanywhere:CreateProfile",
                  "*",
                  concat("rolesanywhere create-profile --enabled --name own --role-arns ", arn)),
             pass}),
        {},
        {});
  }
  for (const auto& entry : snapshot_.table<AnywhereProfile>(asker_.account())) {
    const AnywhereProfile& profile = *entry.value;
    if (!profile.is_enabled || !profile.session_policy.empty() ||
        !profile.managed_policy_arns.empty()) {
      continue;
    }
    const Planned update =
        plan_anywhere(profile,
                      "rolesanywhere:UpdateProfile",
                      "profile/",
                      concat("update-profile --profile-id ", profile.id, " --role-arns ", arn));
    if (std::ranges::find(profile.role_arns, arn) != profile.role_arns.end()) {
      add(Calls(std::vector<Call>()), profile.region, update.check.resource);
    } else if (can_pass && !reach("rolesanywhere:UpdateProfile").is_nothing()) {
      add(ask_all({update, pass}), profile.region, update.check.resource);
    }
  }
  return openings;
}

Search::Calls Search::by_certificate(const Role& role,
                                     const Opening& anchor,
                                     const Opening& profile) {
  const std::string arn = identity::arn_of(role);
  std::vector<Call> calls = anchor.calls;
  calls.insert(calls.end(), profile.calls.begin(), profile.calls.end());
  std::string command = concat(
      "aws_signing_helper credential-process --certificate own.pem --private-key own.key "
      "--trust-anchor-arn ",
      anchor.arn.empty() ? "ANCHOR" : anchor.arn,
      concat(
          " --profile-arn ", profile.arn.empty() ? "PROFILE" : profile.arn, " --role-arn ", arn));
  for (const std::string_view action : {"sts:AssumeRole", "sts:TagSession"}) {
    Planned session = plan_on(role, action, {});
    session.check.role = &role;
    session.check.federation = authz::Federation::Service;
    session.check.federated_provider = kAnywhere;
    if (!anchor.arn.empty()) {
      session.check.context = {{.key = "aws:SourceArn", .values = {anchor.arn}}};
    }
    auto condition = tools_.decider.ask_of_provider(snapshot_, session.check);
    if (!condition) {
      return std::nullopt;
    }
    calls.push_back({.action = std::string(action),
                     .resource = arn,
                     .command = std::exchange(command, {}),
                     .condition = *std::move(condition)});
  }
  return calls;
}

}  // namespace signet::escalation
