#include "escalation/hypothetical.h"

#include <memory>
#include <utility>

#include "authn/authenticator.h"
#include "base/strings.h"
#include "model/arn.h"

namespace signet::escalation {
namespace {

constexpr std::string_view kSessionName = "session";
constexpr std::int64_t kSessionSeconds = 3600;

constexpr std::string_view kAssumptions[] = {"sts:AssumeRole",
                                             "sts:AssumeRoleWithSAML",
                                             "sts:AssumeRoleWithWebIdentity",
                                             "sts:TagSession",
                                             "sts:SetSourceIdentity"};

bool is_assumption(std::string_view action) {
  for (const std::string_view name : kAssumptions) {
    if (equals_ignore_case(action, name)) {
      return true;
    }
  }
  return false;
}

void guard_by_entity(const model::ArnParts& arn,
                     const identity::Snapshot& snapshot,
                     authz::Check& check) {
  check.resource_account = arn.account;
  if (const auto* role = snapshot.find_by_arn<identity::Role>(check.resource)) {
    check.resource_tags = &*role->tags;
    check.role = is_assumption(check.action) ? role : nullptr;
  } else if (const auto* user = snapshot.find_by_arn<identity::User>(check.resource)) {
    check.resource_tags = &*user->tags;
  }
}

// A session of those that begin now.
std::shared_ptr<model::Session> session_for(model::SessionKind kind,
                                            const std::string& account,
                                            const std::string& principal_id,
                                            Instant now) {
  auto session = std::make_shared<model::Session>();
  session->kind = kind;
  session->account = account;
  session->principal_id = principal_id;
  session->issued = now;
  session->expires = now.plus_seconds(kSessionSeconds);
  return session;
}

model::Caller caller_for(model::SessionKind kind, const identity::Role& role, Instant now) {
  auto session = session_for(kind, role.account, role.id, now);
  session->session_name = kSessionName;
  model::Caller caller = authn::caller_of_role(role, *session);
  caller.session = std::move(session);
  return caller;
}

model::Caller with_token(const identity::User& user, std::optional<Instant> mfa, Instant now) {
  auto session = session_for(model::SessionKind::SessionToken, user.account, user.id, now);
  session->mfa_time = mfa;
  model::Caller caller = authn::caller_of_user(user);
  caller.session = std::move(session);
  return caller;
}

}  // namespace

model::Caller caller_with_mfa(const identity::User& user, Instant now) {
  return with_token(user, now, now);
}

model::Caller caller_without_mfa(const identity::User& user, Instant now) {
  return with_token(user, std::nullopt, now);
}

model::Caller caller_of(const identity::Role& role, Instant now) {
  return caller_for(model::SessionKind::AssumedRole, role, now);
}

model::Caller caller_by_provider(const identity::Role& role, Instant now) {
  return caller_for(model::SessionKind::WebIdentity, role, now);
}

authz::Check permission_for(const std::string& arn, const identity::Snapshot& snapshot) {
  authz::Check check = check_for("iam:SimulatePrincipalPolicy", arn, snapshot);
  check.wording.resource = arn;
  return check;
}

std::optional<model::Caller> caller_named(std::string_view arn,
                                          std::string_view account,
                                          const identity::Snapshot& snapshot,
                                          Instant now) {
  const auto parts = model::split_arn(arn);
  if (!parts || parts->account != account) {
    return std::nullopt;
  }
  if (const auto* user = snapshot.find_by_arn<identity::User>(arn)) {
    return authn::caller_of_user(*user);
  }
  const auto* role = snapshot.find_by_arn<identity::Role>(arn);
  return role != nullptr ? std::optional(caller_of(*role, now)) : std::nullopt;
}

authz::Check check_for(std::string_view action,
                       std::string_view resource,
                       const identity::Snapshot& snapshot) {
  authz::Check check;
  check.action = action;
  check.resource = resource;
  const auto arn = model::split_arn(resource);
  if (!arn) {
    return check;
  }
  if (arn->service == "iam") {
    guard_by_entity(*arn, snapshot, check);
  } else if (arn->service == "s3") {
    const std::string_view name = arn->resource.substr(0, arn->resource.find('/'));
    check.bucket = snapshot.find<identity::Bucket>(name);
    check.resource_account = check.bucket != nullptr ? check.bucket->account : std::string();
  }
  return check;
}

}  // namespace signet::escalation
