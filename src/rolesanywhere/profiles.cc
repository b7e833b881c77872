#include <algorithm>

#include "policy_writing/validate.h"
#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"
#include "rolesanywhere/mapping.h"

namespace signet::rolesanywhere {
namespace {

using identity::AnywhereProfile;

constexpr std::int64_t kDefaultSeconds = 3600;

ProfileDetail detail_of(const AnywhereProfile& profile) {
  ProfileDetail detail{.profile_id = profile.id,
                       .profile_arn = arn_of(profile),
                       .name = profile.name,
                       .require_instance_properties = profile.requires_instance_properties,
                       .enabled = profile.is_enabled,
                       .created_by = profile.creator,
                       .session_policy = {},
                       .role_arns = profile.role_arns,
                       .managed_policy_arns = profile.managed_policy_arns,
                       .created_at = profile.created,
                       .updated_at = profile.updated,
                       .duration_seconds = profile.session_seconds,
                       .accept_role_session_name = profile.accepts_session_name,
                       .attribute_mappings = to_wire(profile.mappings),
                       .alias_name = {},
                       .alias_arn = {},
                       .tip_configuration = {},
                       .previous_alias_name = {}};
  if (!profile.session_policy.empty()) {
    detail.session_policy = profile.session_policy;
  }
  tell_alias(profile, detail);
  return detail;
}

Status refuse_propagation(const std::optional<TipConfiguration>& wanted) {
  return wanted && wanted->status == "ENABLED" ? Status(tip_not_served()) : Status();
}

// What CreateProfile and UpdateProfile both set, as far as the request has it.
template <class Request>
Status set_limits(const Request& request, AnywhereProfile& profile) {
  if (request.session_policy) {
    TRY_STATUS(policy::validate(*request.session_policy, {.profile = policy::Profile::Session}));
    profile.session_policy = *request.session_policy;
  }
  if (request.managed_policy_arns) {
    profile.managed_policy_arns = *request.managed_policy_arns;
  }
  if (request.duration_seconds) {
    profile.session_seconds = static_cast<std::uint32_t>(*request.duration_seconds);
  }
  profile.accepts_session_name =
      request.accept_role_session_name.value_or(profile.accepts_session_name);
  return refuse_propagation(request.tip_configuration);
}

// Roles are passed, so they are the account's own.
Status set_roles(const std::vector<std::string>& arns, AnywhereProfile& profile) {
  for (const std::string& arn : arns) {
    const auto parts = model::split_arn(arn);
    if (!parts || parts->account != profile.account) {
      return role_foreign(arn);
    }
  }
  profile.role_arns = arns;
  return {};
}

}  // namespace

Result<CreateProfileResponse> handle(const api::Authorized&,
                                     const CreateProfileRequest& request,
                                     api::HandlerContext& context) {
  TRY_STATUS(
      require_room<AnywhereProfile>(context, facts::kAnywhereProfilesPerAccount, "profiles"));
  AnywhereProfile profile = TRY(begin<AnywhereProfile>(request, context));
  profile.creator = context.caller.arn;
  profile.session_seconds = kDefaultSeconds;
  profile.requires_instance_properties = request.require_instance_properties.value_or(false);
  profile.mappings = default_mappings();
  TRY_STATUS(set_roles(request.role_arns, profile));
  TRY_STATUS(set_limits(request, profile));
  TRY_STATUS(set_alias(profile, request.alias_name, context));
  CreateProfileResponse response{.profile = detail_of(profile)};
  context.transaction->put(std::move(profile));
  return response;
}

Result<GetProfileResponse> handle(const api::Authorized&,
                                  const GetProfileRequest& request,
                                  api::HandlerContext& context) {
  return GetProfileResponse{.profile = detail_of(*TRY(require<AnywhereProfile>(
                                context.snapshot, place_of(context), request.profile_id)))};
}

Result<ListProfilesResponse> handle(const api::Authorized&,
                                    const ListProfilesRequest& request,
                                    api::HandlerContext& context) {
  const Place place = place_of(context);
  const PageQuery query =
      TRY(read_page(Named<AnywhereProfile>::kType, place, request.next_token, request.page_size));
  const auto show = [](const AnywhereProfile& profile) {
    return detail_of(profile);
  };
  auto page = page_of<AnywhereProfile>(context.snapshot, place, query, show);
  return ListProfilesResponse{.next_token = std::move(page.next),
                              .profiles = std::move(page.items)};
}

Result<UpdateProfileResponse> handle(const api::Authorized&,
                                     const UpdateProfileRequest& request,
                                     api::HandlerContext& context) {
  AnywhereProfile profile = TRY(copy_of<AnywhereProfile>(request.profile_id, context));
  profile.name = request.name.value_or(profile.name);
  if (request.role_arns) {
    TRY_STATUS(set_roles(*request.role_arns, profile));
  }
  TRY_STATUS(set_limits(request, profile));
  const auto lost = TRY(set_alias(profile, request.alias_name, context));
  UpdateProfileResponse response{.profile = detail_of(profile)};
  response.profile->previous_alias_name = lost;
  context.transaction->put(std::move(profile));
  return response;
}

Result<EnableProfileResponse> handle(const api::Authorized&,
                                     const EnableProfileRequest& request,
                                     api::HandlerContext& context) {
  return EnableProfileResponse{
      .profile = detail_of(TRY(switched<AnywhereProfile>(request.profile_id, true, context)))};
}

Result<DisableProfileResponse> handle(const api::Authorized&,
                                      const DisableProfileRequest& request,
                                      api::HandlerContext& context) {
  return DisableProfileResponse{
      .profile = detail_of(TRY(switched<AnywhereProfile>(request.profile_id, false, context)))};
}

Result<DeleteProfileResponse> handle(const api::Authorized&,
                                     const DeleteProfileRequest& request,
                                     api::HandlerContext& context) {
  const AnywhereProfile profile =
      *TRY(require<AnywhereProfile>(context.snapshot, place_of(context), request.profile_id));
  context.transaction->erase<AnywhereProfile>(profile.id);
  return DeleteProfileResponse{.profile = detail_of(profile)};
}

// Attribute mappings

Result<PutAttributeMappingResponse> handle(const api::Authorized&,
                                           const PutAttributeMappingRequest& request,
                                           api::HandlerContext& context) {
  AnywhereProfile profile = TRY(copy_of<AnywhereProfile>(request.profile_id, context));
  identity::AttributeMapping mapping{.field = field_of(request.certificate_field),
                                     .specifiers = {}};
  for (const MappingRule& rule : request.mapping_rules) {
    TRY_STATUS(check_specifier(mapping.field, rule.specifier));
    if (std::ranges::find(mapping.specifiers, rule.specifier) == mapping.specifiers.end()) {
      mapping.specifiers.push_back(rule.specifier);
    }
  }
  if (mapping.specifiers.size() > facts::kAttributeMappingRules) {
    return too_many(facts::kAttributeMappingRules, "mapping rules of a field");
  }
  std::erase_if(profile.mappings, [&](const auto& old) { return old.field == mapping.field; });
  profile.mappings.push_back(std::move(mapping));
  PutAttributeMappingResponse response{.profile = detail_of(profile)};
  context.transaction->put(std::move(profile));
  return response;
}

// Without specifiers, all of the field.
Result<DeleteAttributeMappingResponse> handle(const api::Authorized&,
                                              const DeleteAttributeMappingRequest& request,
                                              api::HandlerContext& context) {
  AnywhereProfile profile = TRY(copy_of<AnywhereProfile>(request.profile_id, context));
  const identity::CertificateField field = field_of(request.certificate_field);
  const auto mapping =
      std::ranges::find(profile.mappings, field, &identity::AttributeMapping::field);
  if (mapping == profile.mappings.end()) {
    return mapping_missing(request.certificate_field, "*");
  }
  if (!request.specifiers || request.specifiers->empty()) {
    profile.mappings.erase(mapping);
  } else {
    for (const std::string& specifier : *request.specifiers) {
      if (std::erase(mapping->specifiers, specifier) == 0) {
        return mapping_missing(request.certificate_field, specifier);
      }
    }
    if (mapping->specifiers.empty()) {
      profile.mappings.erase(mapping);
    }
  }
  DeleteAttributeMappingResponse response{.profile = detail_of(profile)};
  context.transaction->put(std::move(profile));
  return response;
}

}  // namespace signet::rolesanywhere
