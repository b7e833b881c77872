#include "iam/names.h"

#include <algorithm>

#include "facts/errors.h"
#include "facts/iam_sentences.h"
#include "model/arn.h"

namespace signet::iam {

Result<Subject> subject_of(const std::optional<std::string>& user_name,
                           const model::Caller& caller) {
  if (user_name) {
    return Subject{.is_root = false, .name = *user_name, .id = {}};
  }
  if (caller.kind == model::CallerKind::User) {
    return Subject{.is_root = false, .name = caller.name, .id = caller.principal_id};
  }
  if (caller.kind == model::CallerKind::Root) {
    return Subject{.is_root = true, .name = {}, .id = {}};
  }
  return user_name_required();
}

Result<Subject> user_subject_of(const std::optional<std::string>& user_name,
                                const model::Caller& caller) {
  Subject subject = TRY(subject_of(user_name, caller));
  if (subject.is_root && !is_assumed_root(caller)) {
    return user_name_required();
  }
  return subject;
}

bool is_assumed_root(const model::Caller& caller) {
  return caller.kind == model::CallerKind::Root && caller.session != nullptr &&
         caller.session->kind == model::SessionKind::AssumedRoot;
}

Result<const identity::User*> find_subject(const identity::Snapshot& snapshot,
                                           std::string_view account,
                                           const Subject& subject) {
  const identity::User* user = subject.id.empty()
                                   ? snapshot.find<identity::User>(account, subject.name)
                                   : snapshot.find<identity::User>(subject.id);
  if (user == nullptr || user->account != account) {
    return user_not_found(subject.name);
  }
  return user;
}

Result<Owner> find_owner(const std::optional<std::string>& user_name,
                         const model::Caller& caller,
                         const identity::Snapshot& snapshot) {
  const Subject subject = TRY(subject_of(user_name, caller));
  if (subject.is_root) {
    return Owner{.user = nullptr, .id = caller.account};
  }
  const identity::User* user = TRY(find_subject(snapshot, caller.account, subject));
  return Owner{.user = user, .id = user->id};
}

bool is_policy_arn(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  return parts && !parts->partition.empty() && parts->service == "iam" && parts->region.empty() &&
         (parts->account == kAwsAccount || model::is_account_id(parts->account)) &&
         parts->resource.starts_with("policy/") && parts->resource.size() > 7;
}

Status require_policy_arn(std::string_view arn) {
  if (!model::split_arn(arn)) {
    return policy_arn_unparsable();
  }
  if (!is_policy_arn(arn)) {
    return policy_arn_invalid(arn);
  }
  return {};
}

std::string_view account_of_arn(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  return parts && model::is_account_id(parts->account) ? parts->account : std::string_view();
}

const identity::ManagedPolicy* find_usable_policy(const identity::Snapshot& snapshot,
                                                  std::string_view account,
                                                  std::string_view arn) {
  const identity::ManagedPolicy* policy = snapshot.find_by_arn<identity::ManagedPolicy>(arn);
  if (policy == nullptr || (policy->account != account && policy->account != kAwsAccount)) {
    return nullptr;
  }
  return policy;
}

PolicyLabel label_of(const identity::Snapshot& snapshot, std::string_view arn) {
  if (const identity::ManagedPolicy* policy = snapshot.find_by_arn<identity::ManagedPolicy>(arn)) {
    return {.path = policy->path, .name = policy->name};
  }
  const std::size_t start = std::min(arn.find("policy/"), arn.size());
  const std::size_t slash = arn.rfind('/');
  if (slash == std::string_view::npos || slash < start) {
    return {.path = "/", .name = std::string(arn)};
  }
  const std::size_t first = start + std::string_view("policy").size();
  return {.path = std::string(arn.substr(first, slash + 1 - first)),
          .name = std::string(arn.substr(slash + 1))};
}

Result<const identity::Account*> require_account(const identity::Snapshot& snapshot,
                                                 std::string_view id) {
  const auto* account = snapshot.find<identity::Account>(id);
  if (account == nullptr) {
    return std::unexpected(facts::service_failure("the caller's account is gone"));
  }
  return account;
}

}  // namespace signet::iam
