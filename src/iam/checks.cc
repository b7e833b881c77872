#include "iam/checks.h"

#include "base/strings.h"
#include "iam/tags.h"

namespace signet::iam {

api::Check subject_check(std::string_view action,
                         const api::CheckContext& context,
                         const Subject& subject) {
  const std::string& account = context.caller.account;
  api::Check check;
  check.action = action;
  if (subject.is_root) {
    check.resource = model::root_arn(account);
    check.shown = check.resource;
    return check;
  }
  const identity::User* user = context.snapshot.find<identity::User>(account, subject.name);
  check.resource = user != nullptr ? identity::arn_of(*user)
                                   : model::iam_arn(account, "user", "/", subject.name);
  check.shown = concat("user ", subject.name);
  check.resource_tags = user != nullptr ? &user->tags : nullptr;
  return check;
}

api::Check instance_profile_check(std::string_view action,
                                  const api::CheckContext& context,
                                  std::string_view name) {
  const std::string& account = context.caller.account;
  const identity::InstanceProfile* profile =
      context.snapshot.find<identity::InstanceProfile>(account, name);
  api::Check check;
  check.action = action;
  check.resource = profile != nullptr ? identity::arn_of(*profile)
                                      : model::iam_arn(account, "instance-profile", "/", name);
  check.shown = concat("instance profile ", name);
  check.resource_tags = profile != nullptr ? &profile->tags : nullptr;
  return check;
}

api::Check device_check(std::string_view action,
                        const api::CheckContext& context,
                        std::string_view serial) {
  const std::string& account = context.caller.account;
  const identity::MfaDevice* device = find_own_device(context.snapshot, account, serial);
  api::Check check;
  check.action = action;
  check.resource =
      model::split_arn(serial) ? std::string(serial) : model::iam_arn(account, "mfa", "/", serial);
  check.shown = check.resource;
  check.resource_account = account_of_arn(serial);
  check.resource_tags = device != nullptr ? &device->tags : nullptr;
  return check;
}

api::Check policy_check(std::string_view action,
                        const api::CheckContext& context,
                        std::string_view arn) {
  const identity::ManagedPolicy* policy =
      find_usable_policy(context.snapshot, context.caller.account, arn);
  api::Check check;
  check.action = action;
  check.resource = arn;
  check.shown = concat("policy ", arn);
  // Another account's policies are out of reach; AWS's belong to whoever asks.
  check.resource_account = account_of_arn(arn);
  check.resource_tags = policy != nullptr ? &policy->tags : nullptr;
  return check;
}

api::Check creation_check(std::string_view action, std::string arn, std::string shown) {
  api::Check check;
  check.action = action;
  check.resource = std::move(arn);
  check.shown = std::move(shown);
  check.creates_resource = true;
  return check;
}

api::Check listing_check(std::string_view action,
                         const api::CheckContext& context,
                         std::string_view kind,
                         const std::optional<std::string>& path_prefix) {
  api::Check check;
  check.action = action;
  check.resource = model::iam_arn(context.caller.account, kind, path_prefix.value_or("/"), "");
  check.shown = check.resource;
  return check;
}

api::Check account_check(std::string_view action, std::string shown) {
  api::Check check;
  check.action = action;
  check.resource = "*";
  check.shown = std::move(shown);
  check.wildcard_only = true;
  return check;
}

void add_key(api::Check& check, std::string_view key, std::string_view value) {
  check.context.push_back(
      {.key = std::string(key), .values = {std::string(value)}, .is_list = false});
}

void pass_tags(api::Check& check, const std::vector<Tag>& tags) {
  check.request_tags = to_model(tags);
}

void pass_tag_keys(api::Check& check, const std::vector<std::string>& keys) {
  if (!keys.empty()) {
    check.context.push_back({.key = "aws:TagKeys", .values = keys, .is_list = true});
  }
}

api::CheckList with_creation_tags(api::Check check,
                                  std::string_view tagging,
                                  const std::vector<Tag>& tags) {
  api::CheckList list;
  if (tags.empty()) {
    list.push_back(std::move(check));
    return list;
  }
  pass_tags(check, tags);
  api::Check tag_check = check;
  tag_check.action = tagging;
  list.push_back(std::move(check));
  list.push_back(std::move(tag_check));
  return list;
}

}  // namespace signet::iam
