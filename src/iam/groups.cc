#include <algorithm>

#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/views.h"

namespace signet::iam {

// CreateGroup

Result<CreateGroupResponse> handle(const api::Authorized&,
                                   const CreateGroupRequest& request,
                                   api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  if (snapshot.find<identity::Group>(account, request.group_name) != nullptr) {
    return group_exists(request.group_name);
  }
  TRY_STATUS(require_room(
      snapshot, account, Quota::GroupsPerAccount, snapshot.table<identity::Group>(account).size()));
  identity::Group group;
  group.account = account;
  group.id = fresh_id<identity::Group>(snapshot, account, context.deps.random);
  group.name = request.group_name;
  group.path = request.path.value_or("/");
  group.created = context.request.now;
  Group shown = show(group);
  context.transaction->put(std::move(group));
  return CreateGroupResponse{.group = std::move(shown)};
}

// GetGroup

Result<GetGroupResponse> handle(const api::Authorized&,
                                const GetGroupRequest& request,
                                api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const identity::Group* group =
      TRY(require<identity::Group>(snapshot, context.caller.account, request.group_name));
  const PageQuery query = TRY(page_query(request, context, group->id));
  PageBuilder<User> builder(query);
  for (const identity::User* user : snapshot.members_of(*group, query.after, query.limit + 1)) {
    if (!builder.add(identity::fold_name(user->name), show(*user, snapshot))) {
      break;
    }
  }
  Page<User> page = builder.take();
  GetGroupResponse response;
  response.group = show(*group);
  set_position(response, page);
  response.users = std::move(page.items);
  return response;
}

// ListGroups

Result<ListGroupsResponse> handle(const api::Authorized&,
                                  const ListGroupsRequest& request,
                                  api::HandlerContext& context) {
  const PageQuery query = TRY(page_query(request, context));
  Page<Group> page =
      page_of_table<Group>(context.snapshot.table<identity::Group>(context.caller.account),
                           query,
                           request.path_prefix.value_or("/"),
                           [](const identity::Group& group) { return show(group); });
  ListGroupsResponse response;
  set_position(response, page);
  response.groups = std::move(page.items);
  return response;
}

// ListGroupsForUser

Result<ListGroupsForUserResponse> handle(const api::Authorized&,
                                         const ListGroupsForUserRequest& request,
                                         api::HandlerContext& context) {
  const identity::User* user =
      TRY(require<identity::User>(context.snapshot, context.caller.account, request.user_name));
  const PageQuery query = TRY(page_query(request, context, user->id));
  Page<const identity::Group*> found =
      page_of(context.snapshot.groups_of(*user), query, [](const identity::Group* group) {
        return identity::fold_name(group->name);
      });
  ListGroupsForUserResponse response;
  set_position(response, found);
  for (const identity::Group* group : found.items) {
    response.groups.push_back(show(*group));
  }
  return response;
}

// UpdateGroup

Result<api::CheckList> checks(const UpdateGroupRequest& request, const api::CheckContext& context) {
  return moving_checks<identity::Group>(
      action_of(request), context, request.group_name, request.new_path, request.new_group_name);
}

Result<UpdateGroupResponse> handle(const api::Authorized&,
                                   const UpdateGroupRequest& request,
                                   api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const identity::Group* group =
      TRY(require<identity::Group>(context.snapshot, account, request.group_name));
  identity::Group changed = *group;
  if (request.new_group_name) {
    const identity::Group* holder =
        context.snapshot.find<identity::Group>(account, *request.new_group_name);
    if (holder != nullptr && holder->id != group->id) {
      return group_exists(*request.new_group_name);
    }
    changed.name = *request.new_group_name;
  }
  if (request.new_path) {
    changed.path = *request.new_path;
  }
  context.transaction->put(std::move(changed));
  return UpdateGroupResponse{};
}

// DeleteGroup

Result<DeleteGroupResponse> handle(const api::Authorized&,
                                   const DeleteGroupRequest& request,
                                   api::HandlerContext& context) {
  const identity::Group* group =
      TRY(require<identity::Group>(context.snapshot, context.caller.account, request.group_name));
  if (!group->attached_policies.empty()) {
    return has_attached_policies();
  }
  if (!group->inline_policies.empty()) {
    return has_inline_policies();
  }
  if (!context.snapshot.members_of(*group, {}, 1).empty()) {
    return has_group_memberships();
  }
  context.transaction->erase<identity::Group>(group->id);
  return DeleteGroupResponse{};
}

// Membership. A missing user is reported before a missing group (aws-wire 4.5).

Result<AddUserToGroupResponse> handle(const api::Authorized&,
                                      const AddUserToGroupRequest& request,
                                      api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const identity::User* user = TRY(require<identity::User>(snapshot, account, request.user_name));
  const identity::Group* group =
      TRY(require<identity::Group>(snapshot, account, request.group_name));
  if (std::ranges::find(user->group_ids, group->id) == user->group_ids.end()) {
    TRY_STATUS(require_room(snapshot, account, Quota::GroupsPerUser, user->group_ids.size()));
    context.transaction->add_to_group(user->id, group->id);
  }
  return AddUserToGroupResponse{};
}

Result<RemoveUserFromGroupResponse> handle(const api::Authorized&,
                                           const RemoveUserFromGroupRequest& request,
                                           api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const identity::User* user =
      TRY(require<identity::User>(context.snapshot, account, request.user_name));
  const identity::Group* group =
      TRY(require<identity::Group>(context.snapshot, account, request.group_name));
  context.transaction->remove_from_group(user->id, group->id);
  return RemoveUserFromGroupResponse{};
}

}  // namespace signet::iam
