#include "iam/checks.h"

#include "iam/tags.h"

namespace signet::iam {

api::Check subject_check(std::string_view action,
                         const api::CheckContext& context,
                         const Subject& subject) {
  if (!subject.is_root) {
    return entity_check<identity::User>(action, context, subject.name);
  }
  api::Check check;
  check.action = action;
  check.resource = model::root_arn(context.caller.account);
  check.wording.resource = check.resource;
  return check;
}

api::Check creation_check(std::string_view action, std::string arn, std::string shown) {
  api::Check check;
  check.action = action;
  check.resource = std::move(arn);
  check.wording.resource = std::move(shown);
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
  check.wording.resource = check.resource;
  return check;
}

api::Check account_check(std::string_view action, std::string shown) {
  api::Check check;
  check.action = action;
  check.resource = "*";
  check.wording.resource = std::move(shown);
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
