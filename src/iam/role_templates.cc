#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "facts/errors.h"
#include "iam/boundaries.h"
#include "iam/checks.h"
#include "iam/documents.h"
#include "iam/ids.h"
#include "iam/tagging.h"
#include "iam/template_text.h"
#include "iam/views.h"
#include "policy_language/size.h"

// Role templates (new-in-2026 5): GetRoleTemplateVersion, and AcquireRole, which makes a role from
// a template or finds the one that it made.
namespace signet::iam {

namespace {

using identity::RoleTemplate;

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kPathMax = 512;
constexpr std::size_t kDescriptionMax = 1000;

// A version of a template, or NoSuchEntity.
Result<const RoleTemplate*> find_template(const api::Deps& deps,
                                          std::string_view arn,
                                          const std::optional<std::int64_t>& minor) {
  const RoleTemplate* found =
      deps.templates != nullptr ? deps.templates->find_role(arn, minor) : nullptr;
  if (found != nullptr) {
    return found;
  }
  if (minor && deps.templates != nullptr && deps.templates->find_role(arn) != nullptr) {
    return role_template_version_not_found(std::to_string(*minor), arn);
  }
  return role_template_not_found(arn);
}

// On a template. The two operations name it differently in AccessDenied (new-in-2026 11).
api::Check template_check(const std::string& arn, std::string_view noun) {
  api::Check check;
  check.action = "iam:GetRoleTemplateVersion";
  check.resource = arn;
  check.wording.resource = concat(noun, arn);
  return check;
}

}  // namespace

// GetRoleTemplateVersion

Result<api::CheckList> checks(const GetRoleTemplateVersionRequest& request,
                              const api::CheckContext& /*context*/) {
  return one_check(template_check(request.template_arn, "role-template "));
}

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

ParameterDefinition show(const identity::TemplateParameter& parameter) {
  return {.name = parameter.name,
          .type = std::string(identity::name_of(parameter.type)),
          .description = unless_empty(parameter.description),
          .is_required = parameter.is_required,
          .default_value = parameter.default_value,
          .immutable = parameter.is_immutable};
}

// The lists of a template; those without items are left out.
void show_lists(RoleTemplateVersion& shown, const RoleTemplate& from) {
  for (const identity::TemplatePart& part : from.inline_policies) {
    auto& policies = shown.inline_policy_templates ? *shown.inline_policy_templates
                                                   : shown.inline_policy_templates.emplace();
    policies.push_back({.policy_name = part.name, .policy_document = part.text});
  }
  if (!from.managed_policies.empty()) {
    shown.managed_policy_arns = from.managed_policies;
  }
  for (const identity::TemplateParameter& parameter : from.parameters) {
    auto& parameters = shown.parameters_definition ? *shown.parameters_definition
                                                   : shown.parameters_definition.emplace();
    parameters.push_back(show(parameter));
  }
  for (const identity::TemplatePart& part : from.tags) {
    auto& tags =
        shown.role_tags_template ? *shown.role_tags_template : shown.role_tags_template.emplace();
    tags.push_back({.key = part.name, .value = part.text});
  }
}

RoleTemplateVersion show(const RoleTemplate& from) {
  RoleTemplateVersion shown;
  shown.template_arn = from.arn;
  shown.template_name = from.name;
  shown.template_version_id = from.version_id;
  shown.description = unless_empty(from.description);
  shown.major_version = from.major;
  shown.default_minor_version = from.default_minor;
  shown.managed_by_type = "Service";
  shown.managed_by_value = from.service;
  shown.enabled = from.is_enabled;
  shown.minor_version = from.minor;
  shown.role_name_pattern = from.name_pattern;
  shown.role_path_pattern = from.path_pattern;
  shown.role_description_pattern = unless_empty(from.description_pattern);
  shown.assume_role_policy_document_template = from.trust_policy;
  show_lists(shown, from);
  shown.permission_boundary_arn = unless_empty(from.boundary);
  shown.max_session_duration = from.max_session_seconds;
  shown.version_enabled = from.is_version_enabled;
  shown.create_timestamp = from.created;
  shown.update_timestamp = from.updated;
  return shown;
}

}  // namespace

Result<GetRoleTemplateVersionResponse> handle(const api::Authorized&,
                                              const GetRoleTemplateVersionRequest& request,
                                              api::HandlerContext& context) {
  const RoleTemplate* found =
      TRY(find_template(context.deps, request.template_arn, request.minor_version));
  return GetRoleTemplateVersionResponse{.role_template_version = show(*found)};
}

// AcquireRole

namespace {

// What AcquireRole was asked for, as far as it depends on nothing but template and values.
struct Outline {
  const RoleTemplate* from = nullptr;
  TemplateValues values;  // by name, defaults included
  std::string name;
  std::string path;
  std::string description;
  std::vector<Tag> tags;
};

using Replacements = std::vector<std::pair<std::string, ReplacementValueEntry>>;

Status require_known(const RoleTemplate& from, const Replacements& given) {
  for (const auto& [name, entry] : given) {
    if (std::ranges::find(from.parameters, name, &identity::TemplateParameter::name) ==
        from.parameters.end()) {
      return template_parameter_unknown(name);
    }
    if (std::ranges::count(given, name, &Replacements::value_type::first) != 1) {
      return template_value_form_invalid(name);
    }
  }
  return {};
}

// The values of all parameters that have one.
Result<TemplateValues> values_of(const RoleTemplate& from, const Replacements& given) {
  TRY_STATUS(require_known(from, given));
  TemplateValues values;
  for (const identity::TemplateParameter& parameter : from.parameters) {
    const auto found = std::ranges::find(given, parameter.name, &Replacements::value_type::first);
    TemplateValue value{.name = parameter.name, .is_list = identity::is_list(parameter.type)};
    if (found != given.end()) {
      value.values = found->second.values;
    } else if (parameter.default_value) {
      value.values = {*parameter.default_value};
    } else if (parameter.is_required) {
      return template_value_missing(parameter.name);
    } else {
      continue;
    }
    TRY_STATUS(check_values(parameter, value.values));
    values.push_back(std::move(value));
  }
  std::ranges::sort(values, {}, &TemplateValue::name);
  return values;
}

bool is_role_name(std::string_view text) {
  static constexpr std::string_view kMore = "+=,.@_-";
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || kMore.contains(c);
  });
}

bool is_path(std::string_view text) {
  return text.starts_with('/') && text.ends_with('/') && text.size() <= kPathMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Status require_valid(const Outline& outline) {
  const bool has_plain_description =
      outline.description.size() <= kDescriptionMax &&
      std::ranges::all_of(outline.description, [](char c) { return c >= ' ' && c < '\x7f'; });
  if (!is_role_name(outline.name) || !is_path(outline.path) || !has_plain_description) {
    return template_result_invalid(outline.from->arn);
  }
  if (Named<identity::Role>::is_protected_path(outline.path)) {
    return reserved_path(outline.path);
  }
  return {};
}

Result<Outline> outline_of(const RoleTemplate& from, TemplateValues values) {
  Outline outline;
  outline.from = &from;
  outline.name = TRY(fill_text(from.name_pattern, values));
  outline.path = TRY(fill_text(from.path_pattern, values));
  outline.description = TRY(fill_text(from.description_pattern, values));
  for (const identity::TemplatePart& part : from.tags) {
    Tag tag{.key = TRY(fill_text(part.name, values)), .value = {}};
    tag.value = TRY(fill_text(part.text, values));
    outline.tags.push_back(std::move(tag));
  }
  outline.values = std::move(values);
  TRY_STATUS(require_valid(outline));
  return outline;
}

Result<Outline> outline_of(const AcquireRoleRequest& request, const api::Deps& deps) {
  const RoleTemplate* from =
      TRY(find_template(deps, request.template_arn, request.template_minor_version));
  if (!from->is_enabled || !from->is_version_enabled) {
    return role_template_disabled(from->arn);
  }
  TemplateValues values = TRY(values_of(*from, request.replacement_values));
  return outline_of(*from, std::move(values));
}

// What making the role needs, in the order in which AWS asks for it (new-in-2026 5).
void add_creation_checks(api::CheckList& list, const Outline& outline, const std::string& account) {
  const RoleTemplate& from = *outline.from;
  const std::string arn =
      model::iam_arn(account, identity::Kind<identity::Role>::kArn, outline.path, outline.name);
  const auto add = [&](std::string_view action, std::string shown) -> api::Check& {
    api::Check check = creation_check(action, arn, std::move(shown));
    add_key(check, "iam:RoleTemplateARN", from.arn);
    if (!from.boundary.empty()) {
      add_key(check, "iam:PermissionsBoundary", from.boundary);
    }
    return list.emplace_back(std::move(check));
  };
  pass_tags(add("iam:CreateRole", arn), outline.tags);
  const std::string shown = concat("role/", outline.name);
  for (const std::string& policy : from.managed_policies) {
    add_key(add("iam:AttachRolePolicy", shown), "iam:PolicyARN", policy);
  }
  for (std::size_t i = 0; i < from.inline_policies.size(); ++i) {
    add("iam:PutRolePolicy", shown);
  }
  if (!from.boundary.empty()) {
    add("iam:PutRolePermissionsBoundary", shown);
  }
  if (!outline.tags.empty()) {
    pass_tags(add("iam:TagRole", arn), outline.tags);
  }
}

}  // namespace

// There is no action iam:AcquireRole. A request that cannot be understood needs the permission to
// see the template, and is refused by handle().
Result<api::CheckList> checks(const AcquireRoleRequest& request, const api::CheckContext& context) {
  api::CheckList list = one_check(template_check(request.template_arn, "role template "));
  const Result<Outline> outline = outline_of(request, context.deps);
  if (!outline) {
    return list;
  }
  const std::string& account = context.caller.account;
  if (context.snapshot.find<identity::Role>(account, outline->name) == nullptr) {
    add_creation_checks(list, *outline, account);
    return list;
  }
  api::Check check = permission_check<identity::Role>("iam:GetRole", context, outline->name);
  add_key(check, "iam:RoleTemplateARN", request.template_arn);
  list.push_back(std::move(check));
  return list;
}

namespace {

std::vector<identity::OriginParameter> parameters_of(const TemplateValues& values) {
  std::vector<identity::OriginParameter> parameters;
  parameters.reserve(values.size());
  for (const TemplateValue& value : values) {
    parameters.push_back({.name = value.name, .values = value.values});
  }
  return parameters;
}

// The values that a role was made with. Lists are told by the template that it was made from.
TemplateValues values_of(const RoleTemplate& from, const identity::RoleOrigin& origin) {
  TemplateValues values;
  for (const identity::OriginParameter& parameter : origin.parameters) {
    const auto defined =
        std::ranges::find(from.parameters, parameter.name, &identity::TemplateParameter::name);
    const bool is_list = defined != from.parameters.end() && identity::is_list(defined->type);
    values.push_back({.name = parameter.name, .is_list = is_list, .values = parameter.values});
  }
  return values;
}

Status add_inline_policies(identity::Role& role, const Outline& outline) {
  std::size_t size = 0;
  for (const identity::TemplatePart& part : outline.from->inline_policies) {
    const std::string text = TRY(fill_document(part.text, outline.values));
    size += policy::counted_characters(text);
    role.inline_policies.push_back({.name = TRY(fill_text(part.name, outline.values)),
                                    .document = TRY(accept_identity_policy(text))});
  }
  if (size > facts::kRoleInlineMax) {
    return inline_policies_too_large(facts::kRoleInlineMax, "role", role.name);
  }
  return {};
}

Status add_managed_policies(identity::Role& role,
                            const RoleTemplate& from,
                            const identity::Snapshot& snapshot) {
  for (const std::string& arn : from.managed_policies) {
    const identity::ManagedPolicy* policy = find_usable_policy(snapshot, role.account, arn);
    if (policy == nullptr || !policy->is_attachable) {
      return policy_not_attachable(arn);
    }
    TRY_STATUS(require_room(
        snapshot, role.account, Quota::PoliciesPerRole, role.attached_policies.size()));
    role.attached_policies.push_back(arn);
  }
  if (!from.boundary.empty()) {
    TRY_STATUS(require_boundary(snapshot, role.account, from.boundary));
    role.boundary = from.boundary;
  }
  return {};
}

// The role that a template makes, before it has an id.
Result<identity::Role> role_of(const Outline& outline,
                               const identity::Snapshot& snapshot,
                               const std::string& account) {
  const RoleTemplate& from = *outline.from;
  identity::Role role;
  role.account = account;
  role.name = outline.name;
  role.path = outline.path;
  role.description = outline.description;
  role.max_session_seconds = from.max_session_seconds;
  role.tags = TRY(first_tags<identity::Role>(outline.tags, snapshot, account));
  const std::string trust = TRY(fill_document(from.trust_policy, outline.values));
  TrustPolicy accepted = TRY(accept_trust_policy(snapshot, account, trust));
  role.trust_policy = std::move(accepted.document);
  role.trust_pins = std::move(accepted.pins);
  TRY_STATUS(add_inline_policies(role, outline));
  TRY_STATUS(add_managed_policies(role, from, snapshot));
  identity::sort_unique(role.attached_policies);
  TRY_STATUS(identity::normalize_inline(role.inline_policies, role.name));
  role.origin.push_back({.template_arn = from.arn,
                         .minor_version = from.minor,
                         .parameters = parameters_of(outline.values)});
  return role;
}

bool says_the_same(const identity::DocumentRef& a, const identity::DocumentRef& b) {
  const auto canonical = canonical_document(a->text());
  return canonical && canonical == canonical_document(b->text());
}

// Session duration and description do not count (new-in-2026 5).
bool is_as_made(const identity::Role& role, const identity::Role& made) {
  const auto is_same_policy = [](const identity::InlinePolicy& a, const identity::InlinePolicy& b) {
    return a.name == b.name && says_the_same(a.document, b.document);
  };
  return role.tags == made.tags && role.boundary == made.boundary &&
         role.attached_policies == made.attached_policies &&
         std::ranges::equal(role.inline_policies, made.inline_policies, is_same_policy) &&
         says_the_same(role.trust_policy, made.trust_policy);
}

// An existing role, if it is the one that the request would make. It is compared with what its own
// minor version makes; where that is gone nothing can be said for it.
Status require_as_made(const identity::Role& role,
                       const Outline& outline,
                       const api::HandlerContext& context) {
  if (role.origin.empty() || role.origin.front().template_arn != outline.from->arn) {
    return role_not_of_template();
  }
  const identity::RoleOrigin& origin = role.origin.front();
  if (role.name != outline.name || origin.parameters != parameters_of(outline.values)) {
    return role_of_other_parameters();
  }
  const RoleTemplate* from =
      context.deps.templates->find_role(origin.template_arn, origin.minor_version);
  if (from == nullptr) {
    return role_modified(role.name);
  }
  const Result<Outline> again = outline_of(*from, values_of(*from, origin));
  const Result<identity::Role> made =
      again ? role_of(*again, context.snapshot, role.account) : std::unexpected(again.error());
  if (!made || !is_as_made(role, *made)) {
    return role_modified(role.name);
  }
  return {};
}

}  // namespace

Result<AcquireRoleResponse> handle(const api::Authorized&,
                                   const AcquireRoleRequest& request,
                                   api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Outline outline = TRY(outline_of(request, context.deps));
  if (const identity::Role* role = snapshot.find<identity::Role>(account, outline.name)) {
    TRY_STATUS(require_as_made(*role, outline, context));
    return AcquireRoleResponse{.role = show(*role, snapshot)};
  }
  identity::Role role = TRY(role_of(outline, snapshot, account));
  TRY_STATUS(require_room(
      snapshot, account, Quota::RolesPerAccount, snapshot.table<identity::Role>(account).size()));
  role.id = fresh_id<identity::Role>(snapshot, account, context.deps.random);
  role.created = context.request.now;
  AcquireRoleResponse response{.role = show(role, snapshot)};
  context.transaction->put(std::move(role));
  return response;
}

}  // namespace signet::iam
