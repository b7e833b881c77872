#include "server/template_files.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base32.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/role_templates.h"
#include "iam/template_text.h"
#include "model/arn.h"
#include "server/json_place.h"

namespace signet::server {
namespace {

using identity::PolicyTemplate;
using identity::RoleTemplate;
using identity::TemplateParameter;
using identity::TemplatePart;
using policy::JsonKind;

constexpr std::size_t kDigestCharacters = 17;
constexpr std::int64_t kShortestSession = 3600;
constexpr std::int64_t kLongestSession = 43200;
constexpr std::size_t kRequestorNameMax = 30;

bool is_word(std::string_view text, std::string_view more, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, [&](char c) {
    return is_alpha(c) || is_digit(c) || more.contains(c);
  });
}

// A whole number from `least` to `most`; `otherwise` if the member is absent.
Result<std::uint32_t> number_at(const JsonPlace& json,
                                std::string_view name,
                                std::int64_t least,
                                std::int64_t most,
                                std::uint32_t otherwise) {
  const auto member = json.find(name);
  if (!member) {
    return otherwise;
  }
  const auto number =
      member->is(JsonKind::Number) ? parse_decimal(member->content()) : std::nullopt;
  if (!number || *number < least || *number > most) {
    return member->refuse(concat(
        "expected a whole number from ", std::to_string(least), " to ", std::to_string(most)));
  }
  return static_cast<std::uint32_t>(*number);
}

Result<bool> flag_or_true(const JsonPlace& json, std::string_view name) {
  return json.find(name) ? json.flag_at(name) : Result<bool>(true);
}

Result<std::optional<Instant>> time_at(const JsonPlace& json, std::string_view name) {
  const std::string text = TRY(json.text_at(name));
  if (text.empty()) {
    return std::optional<Instant>();
  }
  const std::optional<Instant> time = codec::parse_iso8601(text);
  if (!time) {
    return json.find(name)->refuse("expected a time such as 2026-02-17T09:44:42Z");
  }
  return time;
}

Result<std::vector<std::string>> arns_at(const JsonPlace& json, std::string_view name) {
  std::vector<std::string> arns;
  for (const JsonPlace& item : TRY(json.list_at(name))) {
    std::string arn = TRY(item.as_text());
    if (!model::split_arn(arn)) {
      return item.refuse("expected the ARN of a managed policy");
    }
    arns.push_back(std::move(arn));
  }
  return arns;
}

Result<TemplateParameter> read_parameter(const JsonPlace& json) {
  constexpr std::size_t kNameMax = 128;
  TRY_STATUS(json.expect_members(
      {"Name", "Type", "SubType", "Description", "IsRequired", "DefaultValue", "Immutable"}));
  TemplateParameter parameter;
  parameter.name = TRY(json.required_text_at("Name"));
  if (!is_word(parameter.name, "_.-", kNameMax)) {
    return json.find("Name")->refuse("expected a name of letters, digits and _.-");
  }
  const std::string type = TRY(json.required_text_at("Type"));
  const auto known = identity::parameter_type(type);
  if (!known) {
    return json.find("Type")->refuse(
        "expected String, StringList, Number, NumberList, Arn or ArnList");
  }
  parameter.type = *known;
  if (const auto sub_type = json.find("SubType")) {
    return sub_type->refuse(
        "what a SubType allows is not known, so it would not be enforced; leave it out if the "
        "type alone will do");
  }
  parameter.description = TRY(json.text_at("Description"));
  parameter.is_required = TRY(json.flag_at("IsRequired"));
  parameter.is_immutable = TRY(json.flag_at("Immutable"));
  if (const auto value = json.find("DefaultValue")) {
    parameter.default_value = TRY(value->as_text());
    if (!iam::check_values(parameter, {*parameter.default_value})) {
      return value->refuse(concat("the default value is not of the type ", type));
    }
  }
  return parameter;
}

Result<std::vector<TemplateParameter>> read_parameters(const JsonPlace& json,
                                                       std::string_view name) {
  std::vector<TemplateParameter> parameters;
  for (const JsonPlace& item : TRY(json.list_at(name))) {
    TemplateParameter parameter = TRY(read_parameter(item));
    if (std::ranges::find(parameters, parameter.name, &TemplateParameter::name) !=
        parameters.end()) {
      return item.refuse(concat("there are two parameters ", parameter.name));
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

// Every placeholder is one of a parameter.
Status check_placeholders(const JsonPlace& json,
                          std::string_view text,
                          const std::vector<TemplateParameter>& parameters) {
  const auto names = iam::placeholders_of(text);
  if (!names) {
    return json.refuse("a placeholder has the form @{parameter}");
  }
  for (const std::string& name : *names) {
    if (std::ranges::find(parameters, name, &TemplateParameter::name) == parameters.end()) {
      return json.refuse(concat("@{", name, "} is none of the parameters"));
    }
  }
  return {};
}

Result<std::string> pattern_at(const JsonPlace& json,
                               std::string_view name,
                               const std::vector<TemplateParameter>& parameters) {
  std::string text = TRY(json.text_at(name));
  if (!text.empty()) {
    TRY_STATUS(check_placeholders(*json.find(name), text, parameters));
  }
  return text;
}

// A policy, as an object or as text. That it is one is seen only once it has its values; here every
// placeholder is tried with a value of its type.
Result<std::string> document_at(const JsonPlace& json,
                                std::string_view name,
                                const std::vector<TemplateParameter>& parameters) {
  const auto member = json.find(name);
  if (!member) {
    return json.refuse(concat("\"", name, "\" is missing"));
  }
  std::string text(member->is(JsonKind::String) ? member->content() : member->raw());
  TRY_STATUS(check_placeholders(*member, text, parameters));
  iam::TemplateValues values;
  for (const TemplateParameter& parameter : parameters) {
    values.push_back(
        {.name = parameter.name, .is_list = identity::is_list(parameter.type), .values = {"1"}});
  }
  if (!iam::fill_document(text, values)) {
    return member->refuse(
        "expected a policy in JSON, with placeholders in values, and those of lists as whole "
        "values");
  }
  return text;
}

Result<std::vector<TemplatePart>> read_inline(const JsonPlace& json,
                                              const std::vector<TemplateParameter>& parameters) {
  std::vector<TemplatePart> parts;
  for (const JsonPlace& item : TRY(json.list_at("InlinePolicyTemplates"))) {
    TRY_STATUS(item.expect_members({"PolicyName", "PolicyDocument"}));
    TRY(item.required_text_at("PolicyName"));
    TemplatePart part{.name = TRY(pattern_at(item, "PolicyName", parameters)), .text = {}};
    part.text = TRY(document_at(item, "PolicyDocument", parameters));
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<std::vector<TemplatePart>> read_tags(const JsonPlace& json,
                                            const std::vector<TemplateParameter>& parameters) {
  std::vector<TemplatePart> parts;
  for (const JsonPlace& item : TRY(json.list_at("RoleTagsTemplate"))) {
    TRY_STATUS(item.expect_members({"Key", "Value"}));
    TRY(item.required_text_at("Key"));
    TemplatePart part{.name = TRY(pattern_at(item, "Key", parameters)), .text = {}};
    part.text = TRY(pattern_at(item, "Value", parameters));
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string arn_of(const RoleTemplate& from) {
  return concat("arn:aws:iam::aws:role-template/",
                from.service,
                "/",
                from.name,
                ":",
                std::to_string(from.major));
}

// An id of AWS's shape, the same at every start.
std::string version_id_of(const RoleTemplate& from) {
  const crypto::Sha256Digest digest =
      crypto::sha256(concat(from.arn, ".", std::to_string(from.minor)));
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return concat("AVTA", codec::encode_base32(bytes).substr(0, kDigestCharacters));
}

Status read_identity(const JsonPlace& json, RoleTemplate& from) {
  constexpr std::size_t kNameMax = 128;
  constexpr std::int64_t kVersionMax = 1'000'000;
  from.name = TRY(json.required_text_at("TemplateName"));
  if (!is_word(from.name, "_+=,.-", kNameMax)) {
    return json.find("TemplateName")->refuse("expected a name of letters, digits and _+=,.-");
  }
  const std::string kind = TRY(json.text_at("ManagedByType"));
  if (!kind.empty() && kind != "Service") {
    return json.find("ManagedByType")->refuse("expected Service");
  }
  from.service = TRY(json.required_text_at("ManagedByValue"));
  if (!is_word(from.service, ".-", kNameMax)) {
    return json.find("ManagedByValue")
        ->refuse("expected a service principal such as iam.amazonaws.com");
  }
  from.major = TRY(number_at(json, "MajorVersion", 1, kVersionMax, 1));
  from.minor = TRY(number_at(json, "MinorVersion", 0, kVersionMax, 0));
  from.default_minor = TRY(number_at(json, "DefaultMinorVersion", 0, kVersionMax, from.minor));
  from.arn = arn_of(from);
  const std::string arn = TRY(json.text_at("TemplateArn"));
  if (!arn.empty() && arn != from.arn) {
    return json.find("TemplateArn")->refuse(concat("expected ", from.arn));
  }
  from.version_id = TRY(json.text_at("TemplateVersionId"));
  if (from.version_id.empty()) {
    from.version_id = version_id_of(from);
  }
  return {};
}

Status read_patterns(const JsonPlace& json, RoleTemplate& from) {
  TRY(json.required_text_at("RoleNamePattern"));
  from.name_pattern = TRY(pattern_at(json, "RoleNamePattern", from.parameters));
  if (json.find("RolePathPattern")) {
    from.path_pattern = TRY(pattern_at(json, "RolePathPattern", from.parameters));
  }
  from.description_pattern = TRY(pattern_at(json, "RoleDescriptionPattern", from.parameters));
  from.trust_policy = TRY(document_at(json, "AssumeRolePolicyDocumentTemplate", from.parameters));
  from.inline_policies = TRY(read_inline(json, from.parameters));
  from.tags = TRY(read_tags(json, from.parameters));
  return {};
}

Status read_rest(const JsonPlace& json, RoleTemplate& from) {
  from.description = TRY(json.text_at("Description"));
  from.is_enabled = TRY(flag_or_true(json, "Enabled"));
  from.is_version_enabled = TRY(flag_or_true(json, "VersionEnabled"));
  from.managed_policies = TRY(arns_at(json, "ManagedPolicyArns"));
  from.boundary = TRY(json.text_at("PermissionBoundaryArn"));
  from.max_session_seconds = TRY(number_at(json,
                                           "MaxSessionDuration",
                                           kShortestSession,
                                           kLongestSession,
                                           std::uint32_t{kShortestSession}));
  from.created = TRY(time_at(json, "CreateTimestamp"));
  from.updated = TRY(time_at(json, "UpdateTimestamp"));
  return {};
}

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

// Names and texts of the .json files of a folder, by name.
Result<std::vector<std::pair<std::string, std::string>>> files_of(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  if (folder.empty()) {
    return files;
  }
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() != ".json") {
      continue;
    }
    std::ifstream in(entry->path(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) {
      return bad(concat("the template ", entry->path().string(), " cannot be read"));
    }
    files.emplace_back(entry->path().string(), std::move(text));
  }
  if (error) {
    return bad(concat("templates in ", folder, " cannot be read: ", error.message()));
  }
  std::ranges::sort(files);
  return files;
}

// What all minor versions of a template share: which one is the default, and whether the template
// is enabled.
Status check_shared(const identity::TemplateCatalogue& templates) {
  const RoleTemplate* first = nullptr;
  for (const auto& [key, from] : templates.roles()) {
    if (first == nullptr || first->arn != from.arn) {
      first = &from;
    }
    if (from.default_minor != first->default_minor || from.is_enabled != first->is_enabled) {
      return bad(concat("the minor versions of ",
                        from.arn,
                        " differ in DefaultMinorVersion or Enabled: all must say the same"));
    }
    if (templates.find_role(from.arn) == nullptr) {
      return bad(concat("the default minor version of ", from.arn, " is missing"));
    }
  }
  return {};
}

}  // namespace

Result<RoleTemplate> read_role_template(std::string name, std::string text) {
  const JsonFile file = TRY(JsonFile::parse(std::move(name), std::move(text)));
  const JsonPlace root(file);
  // As `aws iam get-role-template-version` prints it, too.
  const JsonPlace json = root.find("RoleTemplateVersion").value_or(root);
  TRY_STATUS(json.expect_members({"TemplateArn",
                                  "TemplateName",
                                  "TemplateVersionId",
                                  "Description",
                                  "MajorVersion",
                                  "DefaultMinorVersion",
                                  "ManagedByType",
                                  "ManagedByValue",
                                  "Enabled",
                                  "MinorVersion",
                                  "RoleNamePattern",
                                  "RolePathPattern",
                                  "RoleDescriptionPattern",
                                  "AssumeRolePolicyDocumentTemplate",
                                  "InlinePolicyTemplates",
                                  "ManagedPolicyArns",
                                  "PermissionBoundaryArn",
                                  "ParametersDefinition",
                                  "RoleTagsTemplate",
                                  "MaxSessionDuration",
                                  "VersionEnabled",
                                  "CreateTimestamp",
                                  "UpdateTimestamp"}));
  RoleTemplate from;
  TRY_STATUS(read_identity(json, from));
  from.parameters = TRY(read_parameters(json, "ParametersDefinition"));
  TRY_STATUS(read_patterns(json, from));
  TRY_STATUS(read_rest(json, from));
  return from;
}

Result<PolicyTemplate> read_policy_template(std::string name, std::string text) {
  const JsonFile file = TRY(JsonFile::parse(std::move(name), std::move(text)));
  const JsonPlace json(file);
  TRY_STATUS(json.expect_members({"PolicyTemplateArn",
                                  "RequestorId",
                                  "RequestorName",
                                  "PermissionPolicy",
                                  "ParametersDefinition",
                                  "RolePermissionRestrictionArns"}));
  PolicyTemplate from;
  from.arn = TRY(json.required_text_at("PolicyTemplateArn"));
  const auto parts = model::split_arn(from.arn);
  if (!parts || parts->service != "iam" || parts->resource.empty()) {
    return json.find("PolicyTemplateArn")
        ->refuse("expected an ARN such as arn:aws:iam::123456789012:delegation-template/NAME");
  }
  from.requestor = TRY(json.required_text_at("RequestorId"));
  if (!model::is_account_id(from.requestor)) {
    return json.find("RequestorId")->refuse("expected the 12 digits of the partner's account");
  }
  from.requestor_name = TRY(json.text_at("RequestorName"));
  if (from.requestor_name.size() > kRequestorNameMax) {
    return json.find("RequestorName")->refuse("expected at most 30 characters");
  }
  from.parameters = TRY(read_parameters(json, "ParametersDefinition"));
  from.document = TRY(document_at(json, "PermissionPolicy", from.parameters));
  from.role_boundaries = TRY(arns_at(json, "RolePermissionRestrictionArns"));
  return from;
}

Result<std::unique_ptr<identity::TemplateCatalogue>> load_templates(
    const TemplateFolders& folders) {
  auto templates = std::make_unique<identity::TemplateCatalogue>();
  for (const facts::RoleTemplateFile& file : facts::role_template_files()) {
    templates->add(TRY(read_role_template(std::string(file.name), std::string(file.text))));
  }
  std::vector<std::pair<std::string, std::string>> files = TRY(files_of(folders.roles));
  for (auto& [name, text] : files) {
    templates->add(TRY(read_role_template(name, std::move(text))));
  }
  files = TRY(files_of(folders.policies));
  for (auto& [name, text] : files) {
    templates->add(TRY(read_policy_template(name, std::move(text))));
  }
  TRY_STATUS(check_shared(*templates));
  return templates;
}

}  // namespace signet::server
