#include "iam/boundaries.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/tagging.h"
#include "iam/views.h"

namespace signet::iam {

// CreateUser

Result<CreateUserResponse> handle(const api::Authorized&,
                                  const CreateUserRequest& request,
                                  api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  identity::User user;
  user.tags = TRY(first_tags<identity::User>(request.tags, snapshot, account));
  if (snapshot.find<identity::User>(account, request.user_name) != nullptr) {
    return user_exists(request.user_name);
  }
  if (request.permissions_boundary) {
    TRY_STATUS(require_boundary(snapshot, account, *request.permissions_boundary));
    user.boundary = *request.permissions_boundary;
  }
  TRY_STATUS(require_room(
      snapshot, account, Quota::UsersPerAccount, snapshot.table<identity::User>(account).size()));
  user.account = account;
  user.id = fresh_id<identity::User>(snapshot, account, context.deps.random);
  user.name = request.user_name;
  user.path = request.path.value_or("/");
  user.created = context.request.now;

  User shown = show(user, snapshot);
  if (!user.tags.empty()) {
    shown.tags = to_wire(user.tags);
  }
  if (!user.boundary.empty()) {
    shown.permissions_boundary = show_boundary(user.boundary);
  }
  context.transaction->put(std::move(user));
  return CreateUserResponse{.user = std::move(shown)};
}

// GetUser

Result<GetUserResponse> handle(const api::Authorized&,
                               const GetUserRequest& request,
                               api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Subject subject = TRY(subject_of(request.user_name, context.caller));
  if (subject.is_root) {
    const identity::Account* owner = snapshot.find<identity::Account>(account);
    if (owner == nullptr) {
      return user_not_found("root");
    }
    return GetUserResponse{.user = show_root(*owner, snapshot)};
  }
  const identity::User* user = TRY(find_subject(snapshot, account, subject));
  User shown = show(*user, snapshot);
  if (!user->tags.empty()) {
    shown.tags = to_wire(user->tags);
  }
  if (!user->boundary.empty()) {
    shown.permissions_boundary = show_boundary(user->boundary);
  }
  return GetUserResponse{.user = std::move(shown)};
}

// ListUsers

Result<ListUsersResponse> handle(const api::Authorized&,
                                 const ListUsersRequest& request,
                                 api::HandlerContext& context) {
  const PageQuery query = TRY(page_query(request, context));
  Page<User> page =
      page_of_table<User>(context.snapshot.table<identity::User>(context.caller.account),
                          query,
                          request.path_prefix.value_or("/"),
                          [&](const identity::User& user) { return show(user, context.snapshot); });
  ListUsersResponse response;
  set_position(response, page);
  response.users = std::move(page.items);
  return response;
}

// UpdateUser

Result<api::CheckList> checks(const UpdateUserRequest& request, const api::CheckContext& context) {
  return moving_checks<identity::User>(
      action_of(request), context, request.user_name, request.new_path, request.new_user_name);
}

Result<UpdateUserResponse> handle(const api::Authorized&,
                                  const UpdateUserRequest& request,
                                  api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const identity::User* user =
      TRY(require<identity::User>(context.snapshot, account, request.user_name));
  identity::User changed = *user;
  if (request.new_user_name) {
    const identity::User* holder =
        context.snapshot.find<identity::User>(account, *request.new_user_name);
    if (holder != nullptr && holder->id != user->id) {
      return user_exists(*request.new_user_name);
    }
    changed.name = *request.new_user_name;
  }
  if (request.new_path) {
    changed.path = *request.new_path;
  }
  context.transaction->put(std::move(changed));
  return UpdateUserResponse{};
}

// DeleteUser

Result<DeleteUserResponse> handle(const api::Authorized&,
                                  const DeleteUserRequest& request,
                                  api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const identity::User* user = TRY(require<identity::User>(snapshot, account, request.user_name));
  // AWS-DIFF: what keeps a user from being deleted is named in Signet's order; of AWS's only
  // "attached before inline" is recorded (aws-wire 4.4).
  if (!user->attached_policies.empty()) {
    return has_attached_policies();
  }
  if (!user->inline_policies.empty()) {
    return has_inline_policies();
  }
  if (!user->group_ids.empty()) {
    return has_group_memberships();
  }
  if (!snapshot.access_keys_of(account, user->id).empty()) {
    return has_access_keys();
  }
  if (user->login) {
    return has_login_profile();
  }
  if (!snapshot.mfa_devices_of(account, user->id).empty()) {
    return has_mfa_device();
  }
  if (!snapshot.signing_certificates_of(account, user->id).empty()) {
    return has_certificates();
  }
  if (!snapshot.ssh_public_keys_of(account, user->id).empty() ||
      !snapshot.service_credentials_of(account, user->id).empty()) {
    return has_referenced_objects();
  }
  context.transaction->erase<identity::User>(user->id);
  return DeleteUserResponse{};
}

// Tags

Result<TagUserResponse> handle(const api::Authorized&,
                               const TagUserRequest& request,
                               api::HandlerContext& context) {
  return tag<TagUserResponse, identity::User>(request, context);
}

Result<UntagUserResponse> handle(const api::Authorized&,
                                 const UntagUserRequest& request,
                                 api::HandlerContext& context) {
  return untag<UntagUserResponse, identity::User>(request, context);
}

Result<ListUserTagsResponse> handle(const api::Authorized&,
                                    const ListUserTagsRequest& request,
                                    api::HandlerContext& context) {
  return list_tags<ListUserTagsResponse, identity::User>(request, context);
}

}  // namespace signet::iam
