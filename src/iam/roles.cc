#include "iam/boundaries.h"
#include "iam/checks.h"
#include "iam/documents.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/signin_duration.h"
#include "iam/tagging.h"
#include "iam/views.h"

namespace signet::iam {

namespace {

using NamedRole = Named<identity::Role>;

void show_description(Role& shown, const identity::Role& role) {
  if (!role.description.empty()) {
    shown.description = role.description;
  }
}

// Of roles that AcquireRole made; GetRole alone shows it (new-in-2026 5).
std::optional<SourceRoleTemplate> show_origin(const identity::Role& role) {
  if (role.origin.empty()) {
    return std::nullopt;
  }
  return SourceRoleTemplate{.template_arn = role.origin.front().template_arn,
                            .template_minor_version = role.origin.front().minor_version};
}

void show_tags_and_boundary(Role& shown, const identity::Role& role) {
  if (!role.tags.empty()) {
    shown.tags = to_wire(role.tags);
  }
  if (!role.boundary.empty()) {
    shown.permissions_boundary = show_boundary(role.boundary);
  }
}

}  // namespace

// CreateRole

namespace {

// What CreateRole makes, before it has an id.
Result<identity::Role> role_of_request(const CreateRoleRequest& request,
                                       const identity::Snapshot& snapshot,
                                       const std::string& account) {
  identity::Role role;
  role.account = account;
  role.name = request.role_name;
  role.path = request.path.value_or("/");
  if (NamedRole::is_protected_path(role.path)) {
    return reserved_path(role.path);
  }
  role.tags = TRY(first_tags<identity::Role>(request.tags, snapshot, account));
  TrustPolicy trust =
      TRY(accept_trust_policy(snapshot, account, request.assume_role_policy_document));
  role.trust_policy = std::move(trust.document);
  role.trust_pins = std::move(trust.pins);
  if (request.permissions_boundary) {
    TRY_STATUS(require_boundary(snapshot, account, *request.permissions_boundary));
    role.boundary = *request.permissions_boundary;
  }
  role.description = request.description.value_or("");
  if (request.max_session_duration) {
    role.max_session_seconds = static_cast<std::uint32_t>(*request.max_session_duration);
  }
  role.max_signin_seconds =
      static_cast<std::uint32_t>(request.max_signin_session_duration.value_or(0));
  return role;
}

}  // namespace

Result<CreateRoleResponse> handle(const api::Authorized&,
                                  const CreateRoleRequest& request,
                                  api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  identity::Role role = TRY(role_of_request(request, snapshot, account));
  if (snapshot.find<identity::Role>(account, request.role_name) != nullptr) {
    return role_exists(request.role_name);
  }
  TRY_STATUS(require_room(
      snapshot, account, Quota::RolesPerAccount, snapshot.table<identity::Role>(account).size()));
  role.id = fresh_id<identity::Role>(snapshot, account, context.deps.random);
  role.created = context.request.now;
  // Neither description, session duration nor last use is shown here (aws-wire 4.6), and the trust
  // policy as it was sent: an account id stays one (four recordings of 2024 and 2025).
  Role shown = show(role, snapshot);
  shown.assume_role_policy_document = request.assume_role_policy_document;
  show_tags_and_boundary(shown, role);
  shown.max_signin_session_duration = show_signin_duration(role.max_signin_seconds);
  context.transaction->put(std::move(role));
  return CreateRoleResponse{.role = std::move(shown)};
}

// GetRole

Result<GetRoleResponse> handle(const api::Authorized&,
                               const GetRoleRequest& request,
                               api::HandlerContext& context) {
  const identity::Role* role =
      TRY(require<identity::Role>(context.snapshot, context.caller.account, request.role_name));
  Role shown = show(*role, context.snapshot);
  show_description(shown, *role);
  show_tags_and_boundary(shown, *role);
  shown.max_session_duration = role->max_session_seconds;
  shown.max_signin_session_duration = show_signin_duration(role->max_signin_seconds);
  shown.source_role_template = show_origin(*role);
  shown.role_last_used = show_last_used(*role, context.snapshot, context.request.now);
  return GetRoleResponse{.role = std::move(shown)};
}

// ListRoles

Result<ListRolesResponse> handle(const api::Authorized&,
                                 const ListRolesRequest& request,
                                 api::HandlerContext& context) {
  const PageQuery query = TRY(page_query(request, context));
  // Neither tags, boundary nor last use is shown here (aws-wire 4.6).
  Page<Role> page = page_of_table<Role>(
      context.snapshot.table<identity::Role>(context.caller.account),
      query,
      request.path_prefix.value_or("/"),
      [&](const identity::Role& role) {
        Role shown = show(role, context.snapshot);
        show_description(shown, role);
        shown.max_session_duration = role.max_session_seconds;
        shown.max_signin_session_duration = show_signin_duration(role.max_signin_seconds);
        return shown;
      });
  ListRolesResponse response;
  set_position(response, page);
  response.roles = std::move(page.items);
  return response;
}

// UpdateRole, UpdateRoleDescription

namespace {

bool changes_description_only(const UpdateRoleRequest& request) {
  return request.description && !request.max_session_duration &&
         !request.max_signin_session_duration &&
         !request.reset_max_signin_session_duration.value_or(false);
}

// The description is the one thing that may change on a service-linked role (aws-wire 4.19).
Result<const identity::Role*> role_to_update(const UpdateRoleRequest& request,
                                             const api::HandlerContext& context) {
  const identity::Role* role =
      TRY(require<identity::Role>(context.snapshot, context.caller.account, request.role_name));
  if (!NamedRole::is_service_linked(*role) || !changes_description_only(request)) {
    TRY_STATUS(NamedRole::require_modifiable(*role));
  }
  return role;
}

}  // namespace

Result<UpdateRoleResponse> handle(const api::Authorized&,
                                  const UpdateRoleRequest& request,
                                  api::HandlerContext& context) {
  const identity::Role* role = TRY(role_to_update(request, context));
  identity::Role changed = *role;
  if (request.description) {
    changed.description = *request.description;
  }
  if (request.max_session_duration) {
    changed.max_session_seconds = static_cast<std::uint32_t>(*request.max_session_duration);
  }
  TRY_STATUS(update_signin_duration(request, changed.max_signin_seconds));
  context.transaction->put(std::move(changed));
  return UpdateRoleResponse{};
}

Result<UpdateRoleDescriptionResponse> handle(const api::Authorized&,
                                             const UpdateRoleDescriptionRequest& request,
                                             api::HandlerContext& context) {
  // The description is the one thing that may change on a role of AWS's (aws-wire 4.19).
  const identity::Role* role =
      TRY(require<identity::Role>(context.snapshot, context.caller.account, request.role_name));
  identity::Role changed = *role;
  changed.description = request.description;
  Role shown = show(changed, context.snapshot);
  show_description(shown, changed);
  context.transaction->put(std::move(changed));
  return UpdateRoleDescriptionResponse{.role = std::move(shown)};
}

// UpdateAssumeRolePolicy

Result<UpdateAssumeRolePolicyResponse> handle(const api::Authorized&,
                                              const UpdateAssumeRolePolicyRequest& request,
                                              api::HandlerContext& context) {
  const identity::Role* role = TRY(require_modifiable<identity::Role>(
      context.snapshot, context.caller.account, request.role_name));
  TrustPolicy trust =
      TRY(accept_trust_policy(context.snapshot, context.caller.account, request.policy_document));
  identity::Role changed = *role;
  changed.trust_policy = std::move(trust.document);
  changed.trust_pins = std::move(trust.pins);
  context.transaction->put(std::move(changed));
  return UpdateAssumeRolePolicyResponse{};
}

// DeleteRole

Result<DeleteRoleResponse> handle(const api::Authorized&,
                                  const DeleteRoleRequest& request,
                                  api::HandlerContext& context) {
  const identity::Role* role = TRY(require_modifiable<identity::Role>(
      context.snapshot, context.caller.account, request.role_name));
  if (!context.snapshot.instance_profiles_of(*role).empty()) {
    return is_in_instance_profile();
  }
  if (!role->attached_policies.empty()) {
    return has_attached_policies();
  }
  if (!role->inline_policies.empty()) {
    return has_inline_policies();
  }
  context.transaction->erase<identity::Role>(role->id);
  return DeleteRoleResponse{};
}

// Tags

Result<TagRoleResponse> handle(const api::Authorized&,
                               const TagRoleRequest& request,
                               api::HandlerContext& context) {
  return tag<TagRoleResponse, identity::Role>(request, context);
}

Result<UntagRoleResponse> handle(const api::Authorized&,
                                 const UntagRoleRequest& request,
                                 api::HandlerContext& context) {
  return untag<UntagRoleResponse, identity::Role>(request, context);
}

Result<ListRoleTagsResponse> handle(const api::Authorized&,
                                    const ListRoleTagsRequest& request,
                                    api::HandlerContext& context) {
  return list_tags<ListRoleTagsResponse, identity::Role>(request, context);
}

}  // namespace signet::iam
