#include "server/org_file.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "policy_engine/policy_set.h"
#include "policy_writing/validate.h"

namespace signet::server {
namespace {

using codec::Json;
using identity::OrgLevel;
using identity::OrgPolicy;

std::unexpected<Error> bad(std::string_view where, std::string_view what) {
  return fail(ErrorCode::InvalidInput, concat(where, ": ", what));
}

// SCPs and RCPs count at most 5,120 characters (AWS Organizations quotas).
constexpr std::size_t kMaxCharacters = 5'120;

bool is_label(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && text.starts_with(prefix) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
         });
}

Result<OrgPolicy> read_policy(const Json& json,
                              OrgPolicyKind kind,
                              std::string name,
                              std::string_view where) {
  const Json* document = &json;
  if (const Json* inner = json.find("document"); inner != nullptr) {
    document = inner;
    if (const std::string_view given = json.string_at("name"); !given.empty()) {
      name = given;
    }
    if (json.members().size() != (json.find("name") != nullptr ? 2U : 1U)) {
      return bad(where, R"(expected {"name", "document"})");
    }
  }
  std::string text = document->text();
  if (const std::string_view known = named_org_policy(kind, text); !known.empty()) {
    name = text;
    text = known;
  } else if (document->is_object()) {
    codec::append_json(text, *document);
  } else if (!document->is_string()) {
    return bad(where, "expected a policy document");
  }
  if (text.size() > kMaxCharacters) {
    return bad(where, "a policy of an organization has at most 5120 characters");
  }
  const policy::Profile profile =
      kind == OrgPolicyKind::Scp ? policy::Profile::Scp : policy::Profile::Rcp;
  if (const auto valid = policy::validate(text, {.profile = profile, .bucket = {}, .settings = {}});
      !valid) {
    return bad(where, valid.error().message);
  }
  return OrgPolicy{.name = std::move(name), .document = identity::make_document(std::move(text))};
}

}  // namespace

std::string_view named_org_policy(OrgPolicyKind kind, std::string_view name) {
  const bool is_scp = kind == OrgPolicyKind::Scp;
  if (name != "FullAWSAccess" && (is_scp || name != "RCPFullAWSAccess")) {
    return {};
  }
  return is_scp
             ? R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"
             : R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
}

void append_levels(codec::JsonWriter& writer, const std::vector<OrgLevel>& levels) {
  writer.begin_array();
  for (const OrgLevel& level : levels) {
    writer.begin_array();
    for (const OrgPolicy& policy : level.policies) {
      writer.begin_object();
      writer.member("name", policy.name);
      writer.key("document");
      if (policy.document->policy() != nullptr) {
        writer.literal(policy.document->text());
      } else {
        writer.string(policy.document->text());  // damaged: shown as text
      }
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_array();
}

Result<OrgLevel> read_level(const Json& json,
                            OrgPolicyKind kind,
                            std::string_view label,
                            std::string_view where) {
  OrgLevel level;
  if (!json.is_array()) {
    level.policies.push_back(TRY(read_policy(json, kind, concat(label, ".1"), where)));
    return level;
  }
  for (const Json& item : json.items()) {
    const std::string number = std::to_string(level.policies.size() + 1);
    level.policies.push_back(TRY(
        read_policy(item, kind, concat(label, ".", number), concat(where, ", policy ", number))));
  }
  return level;
}

Result<std::vector<OrgLevel>> read_levels(const Json& json,
                                          OrgPolicyKind kind,
                                          std::string_view where) {
  if (!json.is_array()) {
    return bad(where, "expected a list of levels, each a list of policies");
  }
  std::vector<OrgLevel> levels;
  for (const Json& item : json.items()) {
    const std::string number = std::to_string(levels.size() + 1);
    if (!item.is_array()) {
      return bad(concat(where, ", level ", number), "expected a list of policies");
    }
    levels.push_back(TRY(read_level(item,
                                    kind,
                                    concat(kind == OrgPolicyKind::Scp ? "scp." : "rcp.", number),
                                    concat(where, ", level ", number))));
  }
  return levels;
}

Status check_organization(const identity::OrgPolicies& org, std::string_view where) {
  if (!org.organization_id.empty() && !is_label(org.organization_id, "o-")) {
    return bad(where, "an organization id is o- and lower-case letters and digits");
  }
  const bool is_for_management =
      org.has_iam_access || org.is_billing_only || !org.delegated_administrator.empty();
  if (is_for_management && !org.is_management) {
    return bad(
        where,
        "trusted access, features and delegated administrator of an organization are said of "
        "its management account");
  }
  if (!org.delegated_administrator.empty() && (!model::is_account_id(org.delegated_administrator) ||
                                               org.delegated_administrator == org.account)) {
    return bad(where, "the delegated administrator is the id of another account, 12 digits");
  }
  if (org.path.empty()) {
    return {};
  }
  const std::size_t slash = org.path.find('/');
  const std::string_view first = std::string_view(org.path).substr(0, slash);
  if (!org.path.ends_with('/') || !is_label(first, "o-")) {
    return bad(where, "a path reads o-.../r-.../ou-.../ and ends in '/'");
  }
  if (!org.organization_id.empty() && first != org.organization_id) {
    return bad(where, "the path is in another organization than the id");
  }
  return {};
}

Status read_organization(const Json& json, std::string_view where, identity::OrgPolicies& org) {
  if (!json.is_object()) {
    return bad(where, "expected an object");
  }
  for (const auto& [name, value] : json.members()) {
    if (name == "management" && value.type() == Json::Type::Bool) {
      org.is_management = value.as_bool();
    } else if (name == "id" && value.is_string()) {
      org.organization_id = value.text();
    } else if (name == "path" && value.is_string()) {
      org.path = value.text();
    } else if (name == "iam_access" && value.type() == Json::Type::Bool) {
      org.has_iam_access = value.as_bool();
    } else if (name == "billing_only" && value.type() == Json::Type::Bool) {
      org.is_billing_only = value.as_bool();
    } else if (name == "delegated_administrator" && value.is_string()) {
      org.delegated_administrator = value.text();
    } else {
      return bad(where, concat("member \"", name, "\" is unknown or has the wrong type"));
    }
  }
  return check_organization(org, where);
}

namespace {

// What holds for the organization as a whole.
void append_management(codec::JsonWriter& writer, const identity::OrgPolicies& org) {
  if (org.has_iam_access) {
    writer.key("iam_access");
    writer.boolean(true);
  }
  if (org.is_billing_only) {
    writer.key("billing_only");
    writer.boolean(true);
  }
  if (!org.delegated_administrator.empty()) {
    writer.member("delegated_administrator", org.delegated_administrator);
  }
  if (!org.root_features.empty()) {
    writer.key("root_features");
    writer.begin_array();
    for (const std::string& feature : org.root_features) {
      writer.string(feature);
    }
    writer.end_array();
  }
}

}  // namespace

std::string show_org(const identity::OrgPolicies& org) {
  std::string out;
  codec::JsonWriter writer(out);
  writer.begin_object();
  writer.key("organization");
  writer.begin_object();
  if (!org.organization_id.empty()) {
    writer.member("id", org.organization_id);
  }
  if (!org.path.empty()) {
    writer.member("path", org.path);
  }
  writer.key("management");
  writer.boolean(org.is_management);
  if (org.is_management) {
    append_management(writer, org);
  }
  writer.end_object();
  writer.key("scps");
  append_levels(writer, org.scps);
  writer.key("rcps");
  append_levels(writer, org.rcps);
  writer.end_object();
  return out;
}

bool allows_nothing(const OrgLevel& level) {
  return std::all_of(level.policies.begin(), level.policies.end(), [](const OrgPolicy& policy) {
    const policy::PolicyRef& compiled = policy.document->policy();
    if (compiled == nullptr) {
      return true;
    }
    const auto statements = policy::document_of(*compiled).statements();
    return std::all_of(statements.begin(), statements.end(), [](const policy::Statement& s) {
      return s.effect == policy::Effect::Deny;
    });
  });
}

}  // namespace signet::server
