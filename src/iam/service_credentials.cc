#include "facts/service_credentials.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/key_status.h"
#include "iam/listing.h"
#include "token/service_secret.h"

// User names and passwords, and API keys, for single services (aws-wire 4.18, new-in-2026 7). None
// of the services is served here: what is kept is who may sign in there.
namespace signet::iam {

namespace {

using facts::ServiceWithCredentials;

constexpr std::int64_t kSecondsADay = 86'400;
constexpr std::string_view kServiceKey = "iam:ServiceSpecificCredentialServiceName";
constexpr std::string_view kAgeKey = "iam:ServiceSpecificCredentialAgeDays";

// A service by its name, whatever its case.
Result<const ServiceWithCredentials*> require_service(const std::string& name) {
  const bool is_name = std::ranges::all_of(
      name, [](char c) { return is_alpha(c) || is_digit(c) || c == '.' || c == '-'; });
  if (!is_name) {
    return service_name_invalid();
  }
  const ServiceWithCredentials* service = facts::find_service_with_credentials(to_lower(name));
  if (service == nullptr) {
    return service_has_no_credentials(name);
  }
  return service;
}

// The user that a request names, or who calls.
template <class Request>
Result<const identity::User*> user_of(const Request& request, const api::HandlerContext& context) {
  const Subject subject = TRY(user_subject_of(request.user_name, context.caller));
  return find_subject(context.snapshot, context.caller.account, subject);
}

// A credential of the account; null if it has none of that id.
const identity::ServiceCredential* find_own(const identity::Snapshot& snapshot,
                                            std::string_view account,
                                            std::string_view id) {
  const auto* credential = snapshot.find<identity::ServiceCredential>(id);
  return credential != nullptr && credential->account == account ? credential : nullptr;
}

// The credential that a request names and the user who must have it. For changing.
template <class Request>
Result<identity::ServiceCredential> copy_of(const Request& request,
                                            const identity::User& user,
                                            const api::HandlerContext& context) {
  const std::string& id = request.service_specific_credential_id;
  const auto* credential = find_own(context.snapshot, context.caller.account, id);
  if (credential == nullptr) {
    return service_credential_not_found(id);
  }
  if (credential->user_id != user.id) {
    return service_credential_of_another_user(user.name, id);
  }
  return *credential;
}

std::string status_of(const identity::ServiceCredential& credential, Instant now) {
  return std::string(credential.is_expired(now) ? "Expired" : text_of(credential.status));
}

bool has_api_key(const identity::ServiceCredential& credential) {
  const auto* service = facts::find_service_with_credentials(credential.service);
  return service != nullptr && service->has_api_keys();
}

// What the answer that shows a secret and those that do not have in common.
template <class Shown>
Shown show(const identity::ServiceCredential& credential, const std::string& user, Instant now) {
  Shown shown;
  shown.user_name = user;
  shown.status = status_of(credential, now);
  shown.create_date = credential.created;
  if (credential.expires != Instant{}) {
    shown.expiration_date = credential.expires;
  }
  shown.service_name = credential.service;
  (has_api_key(credential) ? shown.service_credential_alias : shown.service_user_name) =
      credential.name;
  shown.service_specific_credential_id = credential.id;
  return shown;
}

// Gives a credential a new secret, which only the answer shows.
ServiceSpecificCredential renew(identity::ServiceCredential& credential,
                                const std::string& user,
                                const api::HandlerContext& context) {
  const auto* service = facts::find_service_with_credentials(credential.service);
  const bool is_key = service != nullptr && service->has_api_keys();
  token::ServiceSecret made =
      is_key ? token::make_service_api_key(service->prefix, credential.name, context.deps.random)
             : token::make_service_password(context.deps.random);
  credential.secret_digest = std::move(made.digest);
  auto shown = show<ServiceSpecificCredential>(credential, user, context.request.now);
  (is_key ? shown.service_credential_secret : shown.service_password) = std::move(made.shown);
  return shown;
}

// The first of bob-at-ACCOUNT, bob+1-at-ACCOUNT, ... that nobody has at the service.
std::string free_name(const identity::Snapshot& snapshot,
                      const identity::User& user,
                      std::string_view service) {
  std::string name = concat(user.name, "-at-", user.account);
  for (int number = 1; snapshot.find_service_credential(user.account, service, name) != nullptr;
       ++number) {
    name = concat(user.name, "+", std::to_string(number), "-at-", user.account);
  }
  return name;
}

// The decision on a call about a stored credential: on the user, with the service it is for.
template <class Request>
Result<api::CheckList> credential_checks(const Request& request, const api::CheckContext& context) {
  const Subject subject = TRY(user_subject_of(request.user_name, context.caller));
  api::Check check = subject_check(action_of(request), context, subject);
  const auto* credential =
      find_own(context.snapshot, context.caller.account, request.service_specific_credential_id);
  if (credential != nullptr) {
    add_key(check, kServiceKey, credential->service);
  }
  return one_check(std::move(check));
}

}  // namespace

// CreateServiceSpecificCredential

Result<api::CheckList> checks(const CreateServiceSpecificCredentialRequest& request,
                              const api::CheckContext& context) {
  api::Check check = entity_check<identity::User>(action_of(request), context, request.user_name);
  add_key(check, kServiceKey, to_lower(request.service_name));
  if (request.credential_age_days) {
    add_key(check, kAgeKey, std::to_string(*request.credential_age_days));
  }
  return one_check(std::move(check));
}

Result<CreateServiceSpecificCredentialResponse> handle(
    const api::Authorized&,
    const CreateServiceSpecificCredentialRequest& request,
    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const identity::User* user = TRY(require<identity::User>(snapshot, account, request.user_name));
  const ServiceWithCredentials* service = TRY(require_service(request.service_name));
  const auto present = snapshot.service_credentials_of(account, user->id);
  const auto used = std::ranges::count_if(
      present, [&](const auto* credential) { return credential->service == service->name; });
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::ContextSpecificCredentialsPerUserPerContext,
                          static_cast<std::size_t>(used)));
  identity::ServiceCredential credential;
  credential.id = fresh_id<identity::ServiceCredential>(snapshot, account, context.deps.random);
  credential.account = account;
  credential.user_id = user->id;
  credential.service = service->name;
  credential.name = free_name(snapshot, *user, service->name);
  credential.created = context.request.now;
  if (request.credential_age_days) {
    credential.expires =
        credential.created.plus_seconds(*request.credential_age_days * kSecondsADay);
  }
  CreateServiceSpecificCredentialResponse response;
  response.service_specific_credential = renew(credential, user->name, context);
  context.transaction->put(std::move(credential));
  return response;
}

// ListServiceSpecificCredentials

Result<api::CheckList> checks(const ListServiceSpecificCredentialsRequest& request,
                              const api::CheckContext& context) {
  if (!request.all_users.value_or(false)) {
    const Subject subject = TRY(user_subject_of(request.user_name, context.caller));
    return one_check(subject_check(action_of(request), context, subject));
  }
  api::Check check;
  check.action = action_of(request);
  check.resource = model::iam_arn(context.caller.account, "user", "/", "*");
  check.wording.resource = check.resource;
  return one_check(std::move(check));
}

namespace {

// Those of one user or, when `user` is null, of all.
std::vector<const identity::ServiceCredential*> credentials_of(const identity::User* user,
                                                               const api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  if (user != nullptr) {
    return context.snapshot.service_credentials_of(account, user->id);
  }
  std::vector<const identity::ServiceCredential*> all;
  for (const auto& entry : context.snapshot.table<identity::ServiceCredential>(account)) {
    all.push_back(entry.value.get());
  }
  return all;
}

}  // namespace

Result<ListServiceSpecificCredentialsResponse> handle(
    const api::Authorized&,
    const ListServiceSpecificCredentialsRequest& request,
    api::HandlerContext& context) {
  const bool is_for_all = request.all_users.value_or(false);
  if (is_for_all && request.user_name) {
    return user_name_and_all_users();
  }
  const identity::User* user = nullptr;
  if (!is_for_all) {
    user = TRY(user_of(request, context));
  }
  std::string_view service;  // empty: of all services, as an empty filter means
  if (!request.service_name.value_or(std::string()).empty()) {
    service = TRY(require_service(*request.service_name))->name;
  }
  auto found = credentials_of(user, context);
  std::erase_if(found, [service](const auto* credential) {
    return !service.empty() && credential->service != service;
  });
  const std::string of = concat(user != nullptr ? std::string_view(user->id) : "*", " ", service);
  const PageQuery query = TRY(page_query(request, context, of));
  Page<const identity::ServiceCredential*> page =
      page_of(std::move(found), query, [](const auto* credential) { return credential->id; });
  ListServiceSpecificCredentialsResponse response;
  // A user's list that nobody asked pages of says nothing of them (recorded 2025).
  if (page.marker || is_for_all || request.max_items || request.marker) {
    set_position(response, page);
  }
  auto& shown = response.service_specific_credentials.emplace();
  for (const identity::ServiceCredential* credential : page.items) {
    const auto* owner = context.snapshot.find<identity::User>(credential->user_id);
    shown.push_back(show<ServiceSpecificCredentialMetadata>(
        *credential, owner != nullptr ? owner->name : std::string(), context.request.now));
  }
  return response;
}

// ResetServiceSpecificCredential

Result<api::CheckList> checks(const ResetServiceSpecificCredentialRequest& request,
                              const api::CheckContext& context) {
  return credential_checks(request, context);
}

Result<ResetServiceSpecificCredentialResponse> handle(
    const api::Authorized&,
    const ResetServiceSpecificCredentialRequest& request,
    api::HandlerContext& context) {
  const identity::User* user = TRY(user_of(request, context));
  identity::ServiceCredential changed = TRY(copy_of(request, *user, context));
  ResetServiceSpecificCredentialResponse response;
  response.service_specific_credential = renew(changed, user->name, context);
  context.transaction->put(std::move(changed));
  return response;
}

// UpdateServiceSpecificCredential

Result<api::CheckList> checks(const UpdateServiceSpecificCredentialRequest& request,
                              const api::CheckContext& context) {
  return credential_checks(request, context);
}

Result<UpdateServiceSpecificCredentialResponse> handle(
    const api::Authorized&,
    const UpdateServiceSpecificCredentialRequest& request,
    api::HandlerContext& context) {
  const identity::KeyStatus status = TRY(settable_status(request.status));
  const identity::User* user = TRY(user_of(request, context));
  identity::ServiceCredential changed = TRY(copy_of(request, *user, context));
  changed.status = status;
  context.transaction->put(std::move(changed));
  return UpdateServiceSpecificCredentialResponse{};
}

// DeleteServiceSpecificCredential

Result<api::CheckList> checks(const DeleteServiceSpecificCredentialRequest& request,
                              const api::CheckContext& context) {
  return credential_checks(request, context);
}

Result<DeleteServiceSpecificCredentialResponse> handle(
    const api::Authorized&,
    const DeleteServiceSpecificCredentialRequest& request,
    api::HandlerContext& context) {
  const identity::User* user = TRY(user_of(request, context));
  const identity::ServiceCredential credential = TRY(copy_of(request, *user, context));
  context.transaction->erase<identity::ServiceCredential>(credential.id);
  return DeleteServiceSpecificCredentialResponse{};
}

}  // namespace signet::iam
