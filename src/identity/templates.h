#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"

namespace signet::identity {

// Templates that roles and delegated permissions are made from. They live outside the store, as
// AWS's managed policies do; texts hold placeholders @{parameter}.

enum class ParameterType : std::uint8_t { String, StringList, Number, NumberList, Arn, ArnList };

// "String", "StringList" and so on, in the order of the enumerators.
[[nodiscard]] std::string_view name_of(ParameterType type);
[[nodiscard]] std::optional<ParameterType> parameter_type(std::string_view name);
[[nodiscard]] bool is_list(ParameterType type);

struct TemplateParameter {
  std::string name;
  ParameterType type = ParameterType::String;
  std::string description;
  std::optional<std::string> default_value;
  bool is_required = false;
  bool is_immutable = false;
};

// A name and a text, either with placeholders: an inline policy or a tag.
struct TemplatePart {
  std::string name;
  std::string text;
};

// One minor version of a role template. Never edited: a change is a new minor version.
struct RoleTemplate {
  std::string arn;  // arn:aws:iam::aws:role-template/<service principal>/<name>:<major>
  std::string name;
  std::string version_id;  // AVTA...
  std::string description;
  std::string service;  // who manages it: a service principal
  std::uint32_t major = 1;
  std::uint32_t minor = 0;
  std::uint32_t default_minor = 0;
  bool is_enabled = true;          // the template
  bool is_version_enabled = true;  // this minor version
  std::string name_pattern;
  std::string path_pattern = "/";
  std::string description_pattern;
  std::string trust_policy;
  std::vector<TemplatePart> inline_policies;
  std::vector<std::string> managed_policies;
  std::string boundary;  // ARN; empty: none
  std::vector<TemplateParameter> parameters;
  std::vector<TemplatePart> tags;
  std::uint32_t max_session_seconds = 3600;
  std::optional<Instant> created;
  std::optional<Instant> updated;
};

// Permissions that a partner may ask for in a delegation request.
struct PolicyTemplate {
  std::string arn;
  std::string requestor;       // account of the partner that may use it
  std::string requestor_name;  // for people; may be empty
  std::string document;
  std::vector<TemplateParameter> parameters;
  std::vector<std::string> role_boundaries;  // boundaries of roles that the partner may make
};

// Immutable after the start, and safe to use from any thread.
class TemplateCatalogue {
 public:
  // In the place of what has the same ARN (and minor version).
  void add(RoleTemplate from);
  void add(PolicyTemplate from);

  // A minor version of a role template; without a number its default one. Null if there is none.
  [[nodiscard]] const RoleTemplate* find_role(std::string_view arn,
                                              std::optional<std::int64_t> minor = {}) const;
  [[nodiscard]] const PolicyTemplate* find_policy(std::string_view arn) const;

  // Ordered by ARN, then minor version.
  [[nodiscard]] const auto& roles() const { return roles_; }

 private:
  std::map<std::pair<std::string, std::uint32_t>, RoleTemplate> roles_;
  std::map<std::string, PolicyTemplate, std::less<>> policies_;
};

}  // namespace signet::identity
