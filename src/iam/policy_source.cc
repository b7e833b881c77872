#include "iam/policy_source.h"

#include <utility>

#include "facts/iam_sentences.h"
#include "iam/checks.h"
#include "model/arn.h"

namespace signet::iam {

std::vector<identity::AppliedPolicy> PolicySource::policies(
    const identity::Snapshot& snapshot) const {
  if (user != nullptr) {
    return snapshot.policies_of(*user);
  }
  if (role != nullptr) {
    return snapshot.policies_of(*role);
  }
  std::vector<identity::AppliedPolicy> applied;
  applied.reserve(group->inline_policies.size());
  for (const identity::InlinePolicy& policy : group->inline_policies) {
    applied.push_back({.source = identity::AppliedPolicy::Source::GroupInline,
                       .document = policy.document.get(),
                       .id = policy.name,
                       .group = group});
  }
  for (const std::string& arn : group->attached_policies) {
    const identity::ManagedPolicy* policy = snapshot.find_by_arn<identity::ManagedPolicy>(arn);
    applied.push_back({.source = identity::AppliedPolicy::Source::GroupAttached,
                       .document = policy != nullptr ? policy->default_document().get() : nullptr,
                       .id = arn,
                       .group = group});
  }
  return applied;
}

std::string_view PolicySource::boundary() const {
  if (user != nullptr) {
    return user->boundary;
  }
  return role != nullptr ? std::string_view(role->boundary) : std::string_view();
}

const std::vector<model::Tag>* PolicySource::tags() const {
  if (user != nullptr) {
    return &*user->tags;
  }
  return role != nullptr ? &*role->tags : nullptr;
}

Result<PolicySource> find_policy_source(const identity::Snapshot& snapshot,
                                        std::string_view account,
                                        std::string_view arn) {
  const auto parts = model::split_arn(arn);
  const std::string_view resource = parts ? parts->resource : std::string_view();
  const bool is_own = parts && parts->account == account;
  const std::string_view name = arn.substr(arn.rfind('/') + 1);
  PolicySource source;
  if (resource.starts_with("user/")) {
    source.user = is_own ? snapshot.find_by_arn<identity::User>(arn) : nullptr;
    return source.user != nullptr ? Result<PolicySource>(source) : user_not_found(name);
  }
  if (resource.starts_with("group/")) {
    source.group = is_own ? snapshot.find_by_arn<identity::Group>(arn) : nullptr;
    return source.group != nullptr ? Result<PolicySource>(source) : group_not_found(name);
  }
  if (resource.starts_with("role/")) {
    source.role = is_own ? snapshot.find_by_arn<identity::Role>(arn) : nullptr;
    return source.role != nullptr ? Result<PolicySource>(source) : role_not_found(name);
  }
  return entity_arn_invalid(arn);
}

Result<api::CheckList> policy_source_checks(std::string action,
                                            const std::string& arn,
                                            const api::CheckContext& context) {
  const auto parts = model::split_arn(arn);
  const bool is_entity =
      parts && parts->service == "iam" && model::is_account_id(parts->account) &&
      (parts->resource.starts_with("user/") || parts->resource.starts_with("group/") ||
       parts->resource.starts_with("role/")) &&
      !parts->resource.ends_with('/');
  if (!is_entity) {
    return entity_arn_invalid(arn);
  }
  api::Check check;
  check.action = std::move(action);
  check.resource = arn;
  check.wording.resource = arn;
  check.resource_account = parts->account;
  if (const auto source = find_policy_source(context.snapshot, parts->account, arn); source) {
    check.resource_tags = source->tags();
  }
  return one_check(std::move(check));
}

}  // namespace signet::iam
