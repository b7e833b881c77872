#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/key_status.h"
#include "iam/listing.h"

namespace signet::iam {

namespace {

// A key of the caller's account; null otherwise.
const identity::AccessKey* find_own_key(const identity::Snapshot& snapshot,
                                        std::string_view account,
                                        std::string_view id) {
  const identity::AccessKey* key = snapshot.find<identity::AccessKey>(id);
  return key != nullptr && key->account == account ? key : nullptr;
}

Result<const identity::AccessKey*> find_key_of(const Owner& owner,
                                               const std::string& id,
                                               const api::HandlerContext& context) {
  const identity::AccessKey* key = find_own_key(context.snapshot, context.caller.account, id);
  if (key == nullptr || key->owner_id() != owner.id) {
    return access_key_not_found(id);
  }
  return key;
}

}  // namespace

// CreateAccessKey

Result<CreateAccessKeyResponse> handle(const api::Authorized&,
                                       const CreateAccessKeyRequest& request,
                                       api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::AccessKeysPerUser,
                          snapshot.access_keys_of(account, owner.id).size()));
  Secret secret = token::make_secret_access_key(context.deps.random);
  identity::AccessKey key;
  key.id = fresh_id<identity::AccessKey>(snapshot, account, context.deps.random);
  key.account = account;
  key.user_id = owner.user != nullptr ? owner.id : std::string();
  key.secret = std::make_shared<const Secret>(secret.clone());
  key.created = context.request.now;
  CreateAccessKeyResponse response;
  response.access_key.user_name = owner.name();
  response.access_key.access_key_id = key.id;
  response.access_key.status = text_of(key.status);
  response.access_key.secret_access_key = std::move(secret);
  response.access_key.create_date = key.created;
  context.transaction->put(std::move(key));
  return response;
}

// ListAccessKeys

Result<ListAccessKeysResponse> handle(const api::Authorized&,
                                      const ListAccessKeysRequest& request,
                                      api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const PageQuery query = TRY(page_query(request, context, owner.id));
  Page<const identity::AccessKey*> page =
      page_of(context.snapshot.access_keys_of(context.caller.account, owner.id),
              query,
              [](const identity::AccessKey* key) { return key->id; });
  ListAccessKeysResponse response;
  set_position(response, page);
  for (const identity::AccessKey* key : page.items) {
    AccessKeyMetadata shown;
    if (owner.user != nullptr) {
      shown.user_name = owner.user->name;
    }
    shown.access_key_id = key->id;
    shown.status = text_of(key->status);
    shown.create_date = key->created;
    response.access_key_metadata.push_back(std::move(shown));
  }
  return response;
}

// UpdateAccessKey

Result<UpdateAccessKeyResponse> handle(const api::Authorized&,
                                       const UpdateAccessKeyRequest& request,
                                       api::HandlerContext& context) {
  const identity::KeyStatus status = TRY(settable_status(request.status));
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::AccessKey* key = TRY(find_key_of(owner, request.access_key_id, context));
  identity::AccessKey changed = *key;
  changed.status = status;
  context.transaction->put(std::move(changed));
  return UpdateAccessKeyResponse{};
}

// DeleteAccessKey

Result<DeleteAccessKeyResponse> handle(const api::Authorized&,
                                       const DeleteAccessKeyRequest& request,
                                       api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::AccessKey* key = TRY(find_key_of(owner, request.access_key_id, context));
  context.transaction->erase<identity::AccessKey>(key->id);
  return DeleteAccessKeyResponse{};
}

// GetAccessKeyLastUsed

namespace {

// For a key that the account does not have: AccessDenied whoever asks, without a colon after
// "perform" (aws-wire 2.4).
std::string unknown_key_text(const model::Caller& caller, std::string_view id) {
  return concat("User: ",
                caller.arn,
                " is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ",
                id);
}

}  // namespace

Result<api::CheckList> checks(const GetAccessKeyLastUsedRequest& request,
                              const api::CheckContext& context) {
  const std::string& account = context.caller.account;
  const identity::AccessKey* key = find_own_key(context.snapshot, account, request.access_key_id);
  api::Check check;
  check.action = action_of(request);
  check.wording.resource = concat("access key ", request.access_key_id);
  if (key == nullptr) {
    check.resource = "*";
    check.wording.text = unknown_key_text(context.caller, request.access_key_id);
    return api::CheckList{std::move(check)};
  }
  const identity::User* user = context.snapshot.find<identity::User>(key->user_id);
  check.resource = user != nullptr ? identity::arn_of(*user) : model::root_arn(account);
  check.resource_tags = user != nullptr ? &*user->tags : nullptr;
  return api::CheckList{std::move(check)};
}

Result<GetAccessKeyLastUsedResponse> handle(const api::Authorized&,
                                            const GetAccessKeyLastUsedRequest& request,
                                            api::HandlerContext& context) {
  const identity::AccessKey* key =
      find_own_key(context.snapshot, context.caller.account, request.access_key_id);
  if (key == nullptr) {
    return fail_because(ErrorCode::AccessDenied,
                        unknown_key_text(context.caller, request.access_key_id),
                        "the caller's account has no such access key");
  }
  GetAccessKeyLastUsedResponse response;
  if (const identity::User* user = context.snapshot.find<identity::User>(key->user_id)) {
    response.user_name = user->name;
  }
  AccessKeyLastUsed& shown = response.access_key_last_used.emplace();
  shown.service_name = "N/A";
  shown.region = "N/A";
  if (const identity::LastUsed* used = context.snapshot.find<identity::LastUsed>(key->id)) {
    shown.last_used_date = used->at;
    shown.service_name = used->service;
    shown.region = used->region;
  }
  return response;
}

}  // namespace signet::iam
