#include "iam/policy_exclusions.h"

#include <algorithm>
#include <string>

#include "facts/iam_sentences.h"
#include "model/arn.h"
#include "policy_language/pattern.h"

namespace signet::iam {
namespace {

using Source = identity::AppliedPolicy::Source;

bool has_few_wildcards(std::string_view name) {
  return std::ranges::count(name, '*') <= 1;
}

// An ARN whose last part may be a pattern.
Status check_arn(std::string_view arn) {
  const std::size_t name = arn.rfind('/');
  const bool is_valid = model::split_arn(arn) && name != std::string_view::npos &&
                        name + 1 < arn.size() &&
                        arn.substr(0, name).find_first_of("*?") == std::string_view::npos &&
                        has_few_wildcards(arn.substr(name));
  return is_valid ? Status() : invalid_exclusion(arn);
}

Status check_members(const PolicyIdentifier& given) {
  const int members = (given.policy_type ? 1 : 0) + (given.policy_arn ? 1 : 0) +
                      (given.inline_policy_identifier ? 1 : 0);
  if (members != 1) {
    return invalid_exclusion("of several members or none");
  }
  if (given.policy_arn) {
    return check_arn(*given.policy_arn);
  }
  if (given.inline_policy_identifier &&
      !has_few_wildcards(given.inline_policy_identifier->attachment_name)) {
    return invalid_exclusion(given.inline_policy_identifier->attachment_name);
  }
  return {};
}

bool is_inline(Source source) {
  return source == Source::UserInline || source == Source::GroupInline ||
         source == Source::RoleInline;
}

}  // namespace

Result<PolicyExclusions> PolicyExclusions::read(const std::vector<PolicyIdentifier>& given) {
  PolicyExclusions exclusions;
  for (const PolicyIdentifier& one : given) {
    TRY_STATUS(check_members(one));
    if (one.policy_type) {
      exclusions.types_.push_back(*one.policy_type);
    } else if (one.policy_arn) {
      exclusions.arns_.push_back(*one.policy_arn);
    } else {
      exclusions.inline_policies_.push_back(&*one.inline_policy_identifier);
    }
  }
  return exclusions;
}

bool PolicyExclusions::has_type(std::string_view type) const {
  return std::ranges::find(types_, type) != types_.end();
}

bool PolicyExclusions::has_arn(std::string_view arn) const {
  return std::ranges::any_of(
      arns_, [arn](std::string_view pattern) { return policy::match_glob(pattern, arn); });
}

bool PolicyExclusions::has_inline(std::string_view kind,
                                  std::string_view owner,
                                  std::string_view name) const {
  return std::ranges::any_of(inline_policies_, [&](const InlinePolicyIdentifierType* one) {
    return one->attachment_type == kind && one->policy_name == name &&
           policy::match_glob_ignore_case(one->attachment_name, owner);
  });
}

bool PolicyExclusions::has_policy(const PolicySource& source,
                                  const identity::AppliedPolicy& applied) const {
  if (!is_inline(applied.source)) {
    const bool is_of_aws = applied.id.starts_with("arn:aws:iam::aws:");
    return has_type(is_of_aws ? "aws-managed" : "user-managed") || has_arn(applied.id);
  }
  if (has_type("inline")) {
    return true;
  }
  switch (applied.source) {
    case Source::UserInline:
      return has_inline("user", source.user->name, applied.id);
    case Source::RoleInline:
      return has_inline("role", source.role->name, applied.id);
    default:
      return has_inline("group", applied.group->name, applied.id);
  }
}

bool PolicyExclusions::has_boundary(std::string_view arn) const {
  return has_type("permission-boundary") || has_arn(arn);
}

}  // namespace signet::iam
