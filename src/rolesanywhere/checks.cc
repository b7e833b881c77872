#include "rolesanywhere/checks.h"

namespace signet::rolesanywhere {
namespace {

constexpr std::string_view kPassedTo = "rolesanywhere.amazonaws.com";

}  // namespace

void pass_tags(api::Check& check, const std::optional<std::vector<Tag>>& tags) {
  for (const Tag& tag : tags.value_or(std::vector<Tag>())) {
    check.request_tags.push_back({.key = tag.key, .value = tag.value});
  }
}

void add_pass_role_checks(const std::vector<std::string>& role_arns,
                          const api::CheckContext& context,
                          api::CheckList& list) {
  for (const std::string& arn : role_arns) {
    const auto* role = context.snapshot.find_by_arn<identity::Role>(arn);
    api::Check check{
        .action = "iam:PassRole",
        .resource = arn,
        .wording = {.resource = arn},
        .resource_tags = role != nullptr ? &*role->tags : nullptr,
        .context = {{.key = "iam:PassedToService", .values = {std::string(kPassedTo)}}}};
    list.push_back(std::move(check));
  }
}

// CreateTrustAnchor, CreateProfile, ImportCrl, UpdateProfile

Result<api::CheckList> checks(const CreateTrustAnchorRequest& request,
                              const api::CheckContext& /*context*/) {
  api::Check check = account_check("rolesanywhere:CreateTrustAnchor");
  pass_tags(check, request.tags);
  return one_check(std::move(check));
}

Result<api::CheckList> checks(const ImportCrlRequest& request,
                              const api::CheckContext& /*context*/) {
  api::Check check = account_check("rolesanywhere:ImportCrl");
  pass_tags(check, request.tags);
  return one_check(std::move(check));
}

Result<api::CheckList> checks(const CreateProfileRequest& request,
                              const api::CheckContext& context) {
  api::Check check = account_check("rolesanywhere:CreateProfile");
  pass_tags(check, request.tags);
  api::CheckList list = one_check(std::move(check));
  add_pass_role_checks(request.role_arns, context, list);
  return list;
}

Result<api::CheckList> checks(const UpdateProfileRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list = one_check(entity_check<identity::AnywhereProfile>(
      "rolesanywhere:UpdateProfile", context, request.profile_id));
  add_pass_role_checks(request.role_arns.value_or(std::vector<std::string>()), context, list);
  return list;
}

}  // namespace signet::rolesanywhere
