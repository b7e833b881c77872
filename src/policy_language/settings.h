#pragma once

#include <string_view>

namespace signet::policy {

// What AWS leaves open (policy-semantics 11, Q-1 to Q-12), as switches. The defaults are the
// documented ones; each has a case for either value in testdata/policy/questions.json. Set once per
// process: policies compiled under different settings must not meet in one decision.
struct Settings {
  // Resource patterns are compared part by part; otherwise as one string.
  bool match_resources_per_part = true;
  // A variable whose key holds "" is unresolved; otherwise it becomes the empty
  // string.
  bool empty_value_is_unresolved = true;
  // The Null operator treats "" as absent.
  bool null_treats_empty_as_absent = false;
  // A date operand of exactly four digits is a year; otherwise seconds since 1970.
  bool four_digits_are_a_year = true;
  // An operator without a set quantifier never matches a multivalued key; otherwise
  // it looks at the values as ForAnyValue does.
  bool list_key_needs_quantifier = true;
  // Variables are replaced in operands of Bool; otherwise they are literal there.
  bool variables_in_bool = true;
  // A grant to "*" reaches service principals.
  bool star_reaches_services = true;
  // User and role ARNs in bucket policies are pinned to unique ids, as in trust policies
  //
  bool pin_bucket_principals = true;
  // When several guard rails are silent the RCP is named before the SCP; otherwise the
  // SCP.
  bool report_rcp_before_scp = true;
  // Operator names are refused at write unless spelled as AWS spells them; otherwise any case
  // is taken.
  bool exact_operator_case = false;
  // The root user may call sts:AssumeRole.
  bool root_may_assume_roles = false;
  // Creating calls see the tags they pass as aws:ResourceTag/k too (where no tag of that key
  // exists yet).
  bool create_sees_request_tags_as_resource_tags = true;
  // SCPs are held to the classic language (no Condition, NotAction or specific Resource with
  // Allow, ...).
  bool classic_scp_language = false;
};

inline constexpr Settings kDefaultSettings{};

// Sets the member of that name; false when there is none.
[[nodiscard]] bool set_by_name(Settings& settings, std::string_view name, bool value);

}  // namespace signet::policy
