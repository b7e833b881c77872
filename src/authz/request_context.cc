#include "authz/request_context.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/strings.h"
#include "facts/condition_keys.h"

namespace signet::authz {
namespace {

using facts::KeyId;
using facts::TagFamily;
using model::Caller;
using model::CallerKind;
using model::Session;
using model::SessionKind;

std::string_view principal_type(CallerKind kind) {
  switch (kind) {
    case CallerKind::Root:
      return "Account";
    case CallerKind::User:
      return "User";
    case CallerKind::AssumedRole:
      return "AssumedRole";
    case CallerKind::FederatedUser:
      return "FederatedUser";
    case CallerKind::Anonymous:
      return "Anonymous";
    case CallerKind::Service:
      break;
  }
  return "Service";
}

void fill_request(const AuthzContext& context, policy::RequestContext& out) {
  const RequestInfo& request = context.request;
  out.set_instant(KeyId::AwsCurrentTime, request.now);
  out.set_number(KeyId::AwsEpochTime, request.now.seconds());
  out.set_bool(KeyId::AwsSecureTransport, request.is_secure);
  out.set_bool(KeyId::AwsViaAWSService, false);
  out.set(KeyId::AwsRequestedRegion, request.region);
  if (!request.source_ip.empty()) {
    out.set(KeyId::AwsSourceIp, request.source_ip);
  }
  if (!request.user_agent.empty()) {
    out.set(KeyId::AwsUserAgent, request.user_agent);
  }
  if (!request.referer.empty()) {
    out.set(KeyId::AwsReferer, request.referer);
  }
}

// MFA: long-term keys have neither key; GetSessionToken and console sessions say true or false; a
// role session says false even when MFA was given to assume it (policy-semantics 5.1).
void fill_mfa(const Session& session, Instant now, policy::RequestContext& out) {
  switch (session.kind) {
    case SessionKind::SessionToken:
    case SessionKind::Console:
      out.set_bool(KeyId::AwsMultiFactorAuthPresent, session.mfa_time.has_value());
      if (session.mfa_time) {
        out.set_number(KeyId::AwsMultiFactorAuthAge, now.seconds() - session.mfa_time->seconds());
      }
      break;
    case SessionKind::AssumedRole:
    case SessionKind::Delegated:  // whatever the approver had
      out.set_bool(KeyId::AwsMultiFactorAuthPresent, false);
      break;
    case SessionKind::FederatedUser:
    case SessionKind::WebIdentity:
    case SessionKind::Saml:
    case SessionKind::AssumedRoot:
      break;
  }
}

// What outlives sign-in at an identity provider. Neighbours of one name are a list.
void fill_claims(std::span<const model::Tag> claims,
                 ContextStorage& storage,
                 policy::RequestContext& out) {
  while (!claims.empty()) {
    const auto end = std::ranges::find_if(
        claims, [&claims](const model::Tag& claim) { return claim.key != claims.front().key; });
    const auto count = static_cast<std::size_t>(end - claims.begin());
    if (count == 1) {
      out.add(claims.front().key, claims.front().value);
    } else {
      auto& values = storage.lists.emplace_back();
      for (const model::Tag& claim : claims.first(count)) {
        values.push_back(claim.value);
      }
      out.add_list(claims.front().key, values);
    }
    claims = claims.subspan(count);
  }
}

// The sign-in session that credentials are of (signin-api 5).
void fill_sign_in_session(const Session& session,
                          const identity::Snapshot& snapshot,
                          ContextStorage& storage,
                          policy::RequestContext& out) {
  if (session.console_session_id.empty()) {
    return;
  }
  const auto* ticket = snapshot.find<identity::Ticket>(
      {identity::TicketKind::ConsoleSession, session.console_session_id});
  if (ticket != nullptr && ticket->session) {
    storage.sign_in_session = identity::sign_in_session_arn(ticket->account, *ticket->session);
    out.set(KeyId::AwsSignInSessionArn, storage.sign_in_session);
  }
}

void fill_session(const Session& session,
                  Instant now,
                  ContextStorage& storage,
                  policy::RequestContext& out) {
  out.set_instant(KeyId::AwsTokenIssueTime, session.issued);
  fill_mfa(session, now, out);
  if (!session.source_identity.empty()) {
    out.set(KeyId::AwsSourceIdentity, session.source_identity);
  }
  if (!session.federated_provider.empty()) {
    out.set(KeyId::AwsFederatedProvider, session.federated_provider);
  }
  fill_claims(session.claims, storage, out);
  if (session.kind == SessionKind::AssumedRoot) {
    out.set_bool(KeyId::AwsAssumedRoot, true);
  }
}

// Tags of the role or user behind the caller.
std::span<const model::Tag> own_tags(const AuthzContext& context) {
  const Caller& caller = context.caller;
  if (caller.kind == CallerKind::AssumedRole) {
    const identity::Role* role = context.snapshot.find<identity::Role>(caller.principal_id);
    return role != nullptr ? std::span<const model::Tag>(role->tags)
                           : std::span<const model::Tag>();
  }
  if (caller.kind == CallerKind::User || caller.kind == CallerKind::FederatedUser) {
    const identity::User* user = context.snapshot.find<identity::User>(caller.principal_id);
    return user != nullptr ? std::span<const model::Tag>(user->tags)
                           : std::span<const model::Tag>();
  }
  return {};
}

// Tags of the caller: the user's or the role's, overlaid by the session's.
void fill_principal_tags(const AuthzContext& context, policy::RequestContext& out) {
  const Caller& caller = context.caller;
  const std::span<const model::Tag> own = own_tags(context);
  std::span<const model::Tag> session_tags;
  if (caller.session) {
    session_tags = caller.session->tags;
  }
  if (!own.empty() || !session_tags.empty()) {
    out.set_tags(TagFamily::AwsPrincipalTag, session_tags, own);
  }
}

// A caller that an identity provider vouches for is nobody of an account's yet.
void fill_principal(const AuthzContext& context,
                    const Check& check,
                    ContextStorage& storage,
                    policy::RequestContext& out) {
  const Caller& caller = context.caller;
  if (caller.kind == CallerKind::Anonymous && check.federation == Federation::Service) {
    out.set_bool(KeyId::AwsPrincipalIsAWSService, true);
    out.set(KeyId::AwsPrincipalServiceName, check.federated_provider);
    // What the service tells of whom it calls for: Roles Anywhere's trust policies name it so.
    if (!check.request_tags.empty()) {
      out.set_tags(TagFamily::AwsPrincipalTag, check.request_tags);
    }
    return;
  }
  if (caller.kind == CallerKind::Anonymous && check.federation != Federation::None) {
    return;
  }
  out.set(KeyId::AwsPrincipalType, principal_type(caller.kind));
  if (caller.kind == CallerKind::Anonymous) {
    out.set(KeyId::AwsPrincipalAccount, "anonymous");
    out.set(KeyId::AwsUserid, "anonymous");
    return;
  }
  out.set(KeyId::AwsPrincipalArn, caller.principal_arn);
  out.set(KeyId::AwsPrincipalAccount, caller.account);
  out.set(KeyId::AwsUserid, caller.user_id);
  out.set_bool(KeyId::AwsPrincipalIsAWSService, false);
  if (caller.kind == CallerKind::User) {
    out.set(KeyId::AwsUsername, caller.name);
  }
  fill_principal_tags(context, out);
  if (caller.session) {
    fill_session(*caller.session, context.request.now, storage, out);
    fill_sign_in_session(*caller.session, context.snapshot, storage, out);
  }
}

void fill_tags(const Check& check, ContextStorage& storage, policy::RequestContext& out) {
  if (check.resource_tags != nullptr && !check.resource_tags->empty()) {
    out.set_tags(TagFamily::AwsResourceTag, *check.resource_tags);
    const bool is_identity_action =
        check.action.starts_with("iam:") || check.action.starts_with("sts:");
    if (is_identity_action) {
      out.set_tags(TagFamily::IamResourceTag, *check.resource_tags);
    }
  }
  if (!check.request_tags.empty()) {
    out.set_tags(TagFamily::AwsRequestTag, check.request_tags);
    storage.tag_keys.reserve(check.request_tags.size());
    for (const model::Tag& tag : check.request_tags) {
      storage.tag_keys.push_back(tag.key);
    }
    out.set_list(KeyId::AwsTagKeys, storage.tag_keys);
  }
  out.set_creates_resource(check.creates_resource);
}

// Accounts outside every organization have none of these keys; anonymous callers and services have
// no account (policy-semantics 5.1).
void fill_organization(const AccountGuards* guards,
                       KeyId id,
                       KeyId paths,
                       policy::RequestContext& out) {
  if (guards == nullptr) {
    return;
  }
  if (!guards->organization_id.empty()) {
    out.set(id, guards->organization_id);
  }
  if (!guards->path.empty()) {
    out.set_list(paths, guards->path);
  }
}

}  // namespace

void fill_context(const AuthzContext& context,
                  const Check& check,
                  ContextStorage& storage,
                  policy::RequestContext& out,
                  const Organizations& organizations) {
  fill_request(context, out);
  fill_principal(context, check, storage, out);
  fill_organization(
      organizations.caller, KeyId::AwsPrincipalOrgID, KeyId::AwsPrincipalOrgPaths, out);
  const std::string& owner =
      check.resource_account.empty() ? context.caller.account : check.resource_account;
  if (!owner.empty()) {
    out.set(KeyId::AwsResourceAccount, owner);
  }
  fill_organization(
      organizations.resource, KeyId::AwsResourceOrgID, KeyId::AwsResourceOrgPaths, out);
  fill_tags(check, storage, out);
  for (const ContextTexts::Entry& entry : check.texts.all()) {
    out.set(entry.key, entry.text);
  }
  storage.lists.reserve(storage.lists.size() + check.context.size());
  for (const ContextEntry& entry : check.context) {
    if (!entry.is_list) {
      out.add(entry.key, entry.values.front());
      continue;
    }
    auto& values = storage.lists.emplace_back(entry.values.begin(), entry.values.end());
    out.add_list(entry.key, values);
  }
}

std::vector<ShownKey> present_keys(const AuthzContext& context,
                                   const Check& check,
                                   const policy::RequestContext& keys) {
  std::vector<ShownKey> present;
  for (std::size_t i = 0; i < facts::kKeyCount; ++i) {
    const auto id = static_cast<KeyId>(i);
    const policy::Value value = keys.find(id);
    if (!value.is_absent()) {
      present.push_back({.name = std::string(facts::condition_key(id).name), .value = value});
    }
  }
  // Tags, claims and keys that the catalogue has not.
  const auto add = [&](std::string name) {
    const policy::Value value = keys.find(policy::resolve_key(name));
    const bool is_known = std::ranges::any_of(
        present, [&name](const ShownKey& one) { return equals_ignore_case(one.name, name); });
    if (!value.is_absent() && !is_known) {
      present.push_back({.name = std::move(name), .value = value});
    }
  };
  const auto add_tags = [&add](TagFamily family, std::span<const model::Tag> tags) {
    for (const model::Tag& tag : tags) {
      add(concat(facts::condition_key(family).name, tag.key));
    }
  };
  add_tags(TagFamily::AwsPrincipalTag, own_tags(context));
  if (context.caller.session) {
    add_tags(TagFamily::AwsPrincipalTag, context.caller.session->tags);
    for (const model::Tag& claim : context.caller.session->claims) {
      add(claim.key);
    }
  }
  for (const TagFamily family : {TagFamily::AwsResourceTag, TagFamily::IamResourceTag}) {
    if (check.resource_tags != nullptr) {
      add_tags(family, *check.resource_tags);
    }
  }
  add_tags(TagFamily::AwsRequestTag, check.request_tags);
  for (const ContextEntry& entry : check.context) {
    add(entry.key);
  }
  return present;
}

}  // namespace signet::authz
