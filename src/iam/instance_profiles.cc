#include <utility>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/tagging.h"
#include "iam/views.h"

namespace signet::iam {

namespace {

// Roles in instance profiles are for EC2 (policy-semantics ).
constexpr std::string_view kPassedTo = "ec2.amazonaws.com";

// EC2 takes the role of an instance profile, so a caller who puts one there must be allowed to pass
// it.
api::Check pass_role_check(const api::CheckContext& context, const std::string& role_name) {
  api::Check check = entity_check<identity::Role>("iam:PassRole", context, role_name);
  check.wording.resource = check.resource;
  add_key(check, "iam:PassedToService", kPassedTo);
  // Which instance it will be is not known yet (IAM user guide, "IAM and AWS STS condition context
  // keys").
  add_key(check,
          "iam:AssociatedResourceArn",
          concat("arn:aws:ec2:*:", context.caller.account, ":instance/*"));
  return check;
}

}  // namespace

// CreateInstanceProfile

Result<CreateInstanceProfileResponse> handle(const api::Authorized&,
                                             const CreateInstanceProfileRequest& request,
                                             api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  identity::InstanceProfile profile;
  profile.tags = TRY(first_tags<identity::InstanceProfile>(request.tags, snapshot, account));
  if (snapshot.find<identity::InstanceProfile>(account, request.instance_profile_name) != nullptr) {
    return instance_profile_exists(request.instance_profile_name);
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::InstanceProfilesPerAccount,
                          snapshot.table<identity::InstanceProfile>(account).size()));
  profile.account = account;
  profile.id = fresh_id<identity::InstanceProfile>(snapshot, account, context.deps.random);
  profile.name = request.instance_profile_name;
  profile.path = request.path.value_or("/");
  profile.created = context.request.now;
  InstanceProfile shown = show(profile, snapshot);
  if (!profile.tags.empty()) {
    shown.tags = to_wire(profile.tags);
  }
  context.transaction->put(std::move(profile));
  return CreateInstanceProfileResponse{.instance_profile = std::move(shown)};
}

// GetInstanceProfile

Result<GetInstanceProfileResponse> handle(const api::Authorized&,
                                          const GetInstanceProfileRequest& request,
                                          api::HandlerContext& context) {
  const identity::InstanceProfile* profile = TRY(require<identity::InstanceProfile>(
      context.snapshot, context.caller.account, request.instance_profile_name));
  InstanceProfile shown = show(*profile, context.snapshot);
  // Here tags are shown even when there are none (aws-wire 4.2).
  shown.tags = to_wire(profile->tags);
  return GetInstanceProfileResponse{.instance_profile = std::move(shown)};
}

// ListInstanceProfiles, ListInstanceProfilesForRole

Result<ListInstanceProfilesResponse> handle(const api::Authorized&,
                                            const ListInstanceProfilesRequest& request,
                                            api::HandlerContext& context) {
  const PageQuery query = TRY(page_query(request, context));
  Page<InstanceProfile> page = page_of_table<InstanceProfile>(
      context.snapshot.table<identity::InstanceProfile>(context.caller.account),
      query,
      request.path_prefix.value_or("/"),
      [&](const identity::InstanceProfile& profile) { return show(profile, context.snapshot); });
  ListInstanceProfilesResponse response;
  set_position(response, page);
  response.instance_profiles = std::move(page.items);
  return response;
}

Result<ListInstanceProfilesForRoleResponse> handle(
    const api::Authorized&,
    const ListInstanceProfilesForRoleRequest& request,
    api::HandlerContext& context) {
  const identity::Role* role =
      TRY(require<identity::Role>(context.snapshot, context.caller.account, request.role_name));
  const PageQuery query = TRY(page_query(request, context, role->id));
  PageBuilder<InstanceProfile> builder(query);
  for (const identity::InstanceProfile* profile : context.snapshot.instance_profiles_of(*role)) {
    if (!builder.add(identity::fold_name(profile->name), show(*profile, context.snapshot))) {
      break;
    }
  }
  Page<InstanceProfile> page = builder.take();
  ListInstanceProfilesForRoleResponse response;
  set_position(response, page);
  response.instance_profiles = std::move(page.items);
  return response;
}

// DeleteInstanceProfile

Result<DeleteInstanceProfileResponse> handle(const api::Authorized&,
                                             const DeleteInstanceProfileRequest& request,
                                             api::HandlerContext& context) {
  const identity::InstanceProfile* profile = TRY(require<identity::InstanceProfile>(
      context.snapshot, context.caller.account, request.instance_profile_name));
  if (!profile->role_id.empty()) {
    return is_in_instance_profile();
  }
  context.transaction->erase<identity::InstanceProfile>(profile->id);
  return DeleteInstanceProfileResponse{};
}

// The role in a profile

Result<api::CheckList> checks(const AddRoleToInstanceProfileRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list = one_check(entity_check<identity::InstanceProfile>(
      action_of(request), context, request.instance_profile_name));
  list.push_back(pass_role_check(context, request.role_name));
  return list;
}

Result<AddRoleToInstanceProfileResponse> handle(const api::Authorized&,
                                                const AddRoleToInstanceProfileRequest& request,
                                                api::HandlerContext& context) {
  const identity::InstanceProfile* profile = TRY(require<identity::InstanceProfile>(
      context.snapshot, context.caller.account, request.instance_profile_name));
  const identity::Role* role = TRY(require_modifiable<identity::Role>(
      context.snapshot, context.caller.account, request.role_name));
  if (!profile->role_id.empty()) {
    return quota_exceeded("InstanceSessionsPerInstanceProfile",
                          facts::kInstanceSessionsPerInstanceProfile);
  }
  identity::InstanceProfile changed = *profile;
  changed.role_id = role->id;
  context.transaction->put(std::move(changed));
  return AddRoleToInstanceProfileResponse{};
}

Result<RemoveRoleFromInstanceProfileResponse> handle(
    const api::Authorized&,
    const RemoveRoleFromInstanceProfileRequest& request,
    api::HandlerContext& context) {
  const identity::InstanceProfile* profile = TRY(require<identity::InstanceProfile>(
      context.snapshot, context.caller.account, request.instance_profile_name));
  const identity::Role* role = TRY(require_modifiable<identity::Role>(
      context.snapshot, context.caller.account, request.role_name));
  if (profile->role_id != role->id) {
    return role_not_in_profile(request.role_name, request.instance_profile_name);
  }
  identity::InstanceProfile changed = *profile;
  changed.role_id.clear();
  context.transaction->put(std::move(changed));
  return RemoveRoleFromInstanceProfileResponse{};
}

// Tags

Result<TagInstanceProfileResponse> handle(const api::Authorized&,
                                          const TagInstanceProfileRequest& request,
                                          api::HandlerContext& context) {
  return tag<TagInstanceProfileResponse, identity::InstanceProfile>(request, context);
}

Result<UntagInstanceProfileResponse> handle(const api::Authorized&,
                                            const UntagInstanceProfileRequest& request,
                                            api::HandlerContext& context) {
  return untag<UntagInstanceProfileResponse, identity::InstanceProfile>(request, context);
}

Result<ListInstanceProfileTagsResponse> handle(const api::Authorized&,
                                               const ListInstanceProfileTagsRequest& request,
                                               api::HandlerContext& context) {
  return list_tags<ListInstanceProfileTagsResponse, identity::InstanceProfile>(request, context);
}

}  // namespace signet::iam
