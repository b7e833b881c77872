#include "policy_language/settings.h"

#include <array>

namespace signet::policy {
namespace {

struct Row {
  std::string_view name;
  bool Settings::* member;
};

constexpr auto kRows = std::to_array<Row>({
    {"match_resources_per_part", &Settings::match_resources_per_part},
    {"empty_value_is_unresolved", &Settings::empty_value_is_unresolved},
    {"null_treats_empty_as_absent", &Settings::null_treats_empty_as_absent},
    {"four_digits_are_a_year", &Settings::four_digits_are_a_year},
    {"list_key_needs_quantifier", &Settings::list_key_needs_quantifier},
    {"variables_in_bool", &Settings::variables_in_bool},
    {"star_reaches_services", &Settings::star_reaches_services},
    {"pin_bucket_principals", &Settings::pin_bucket_principals},
    {"report_rcp_before_scp", &Settings::report_rcp_before_scp},
    {"exact_operator_case", &Settings::exact_operator_case},
    {"root_may_assume_roles", &Settings::root_may_assume_roles},
    {"create_sees_request_tags_as_resource_tags",
     &Settings::create_sees_request_tags_as_resource_tags},
    {"classic_scp_language", &Settings::classic_scp_language},
});

}  // namespace

bool set_by_name(Settings& settings, std::string_view name, bool value) {
  for (const Row& row : kRows) {
    if (row.name == name) {
      settings.*row.member = value;
      return true;
    }
  }
  return false;
}

}  // namespace signet::policy
