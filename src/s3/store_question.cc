#include "s3/store_question.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "s3/answers.h"
#include "s3/public_access.h"

namespace signet::s3 {
namespace {

using authz::ContextEntry;
using codec::Json;

// Conditions of MinIO's that have the meaning of one of S3's context keys, in lower case. Where an
// empty text means that there is none it stays away.
struct Known {
  std::string_view name;
  std::string_view key;
  bool keeps_empty = false;
};

constexpr std::array<Known, 9> kKnown = {{{"authtype", "s3:authType"},
                                          {"delimiter", "s3:delimiter", true},
                                          {"if-match", "s3:if-match"},
                                          {"if-none-match", "s3:if-none-match"},
                                          {"locationconstraint", "s3:LocationConstraint"},
                                          {"max-keys", "s3:max-keys"},
                                          {"prefix", "s3:prefix", true},
                                          {"signatureversion", "s3:signatureversion"},
                                          {"versionid", "s3:VersionId"}}};

// Families of keys, whose names go on with what is behind the slash.
constexpr std::array<std::string_view, 2> kFamilies = {"ExistingObjectTag/", "RequestObjectTag/"};

// The texts of a condition; nothing for what has another form.
std::optional<std::vector<std::string>> texts_of(const Json& value) {
  if (!value.is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const Json& item : value.items()) {
    if (!item.is_string()) {
      return std::nullopt;
    }
    texts.push_back(item.text());
  }
  return texts;
}

// What the request says about itself, as keys of the request and not of S3.
bool take_request_key(StoreQuestion& question, std::string_view name, std::string_view text) {
  if (name == "sourceip") {
    question.source_ip = text;
  } else if (name == "useragent") {
    question.user_agent = text;
  } else if (name == "referer") {
    question.referer = text;
  } else if (name == "securetransport") {
    question.is_secure = text == "true";
  } else {
    return false;
  }
  return true;
}

// Its key among S3's; empty: it has none.
std::string key_of(const std::string& name, bool is_empty) {
  const std::string lower = to_lower(name);
  for (const std::string_view family : kFamilies) {
    if (name.size() > family.size() &&
        equals_ignore_case(std::string_view(name).substr(0, family.size()), family)) {
      return concat("s3:", family, std::string_view(name).substr(family.size()));
    }
  }
  if (lower == "requestobjecttagkeys") {
    return "s3:RequestObjectTagKeys";
  }
  if (lower.starts_with("x-amz-") && lower != "x-amz-date" && lower != "x-amz-security-token") {
    return is_empty ? std::string() : concat("s3:", lower);
  }
  const auto found = std::ranges::find(kKnown, lower, &Known::name);
  return found == kKnown.end() || (is_empty && !found->keeps_empty) ? std::string()
                                                                    : std::string(found->key);
}

bool take_conditions(const Json& conditions, StoreQuestion& question) {
  for (const auto& [name, value] : conditions.members()) {
    std::optional<std::vector<std::string>> texts = texts_of(value);
    if (!texts) {
      return false;
    }
    const bool is_empty = texts->empty() || (texts->size() == 1 && texts->front().empty());
    if (!texts->empty() && take_request_key(question, to_lower(name), texts->front())) {
      continue;
    }
    std::string key = key_of(name, is_empty);
    if (!key.empty() && !texts->empty()) {
      const bool is_list = key == "s3:RequestObjectTagKeys";
      question.keys.push_back(
          {.key = std::move(key), .values = *std::move(texts), .is_list = is_list});
    }
  }
  return true;
}

}  // namespace

std::optional<StoreQuestion> read_store_question(std::string_view document) {
  const std::optional<Json> json = Json::parse(document);
  const Json* input = json ? json->find("input") : nullptr;
  if (input == nullptr || !input->is_object()) {
    return std::nullopt;
  }
  StoreQuestion question{.access_key_id = std::string(input->string_at("account")),
                         .action = std::string(input->string_at("action")),
                         .bucket = std::string(input->string_at("bucket")),
                         .key = std::string(input->string_at("object"))};
  const Json* deny_only = input->find("denyOnly");
  question.is_about_denials = deny_only != nullptr && deny_only->as_bool();
  const Json* conditions = input->find("conditions");
  if (conditions != nullptr && !conditions->is_null() &&
      (!conditions->is_object() || !take_conditions(*conditions, question))) {
    return std::nullopt;
  }
  const std::size_t colon = question.action.find(':');
  const bool is_whole = !question.access_key_id.empty() && colon != std::string::npos &&
                        colon > 0 && colon + 1 < question.action.size() &&
                        question.action.find('*') == std::string::npos;
  return is_whole ? std::optional(std::move(question)) : std::nullopt;
}

authz::Check check_for(const StoreQuestion& question,
                       std::string_view caller_account,
                       const identity::Snapshot& snapshot) {
  authz::Check check;
  check.action = question.action;
  check.resource = question.bucket.empty()
                       ? "arn:aws:s3:::*"
                       : arn_of({.bucket = question.bucket, .key = question.key});
  check.wording.resource = check.resource;
  check.context = question.keys;
  if (const auto* bucket = snapshot.find<identity::Bucket>(question.bucket)) {
    check.resource_account = bucket->account;
    check.context.push_back({.key = "s3:ResourceAccount", .values = {bucket->account}});
    const bool is_shut_out = caller_account != bucket->account && is_restricted(*bucket);
    check.bucket = is_shut_out ? nullptr : bucket;
  }
  return check;
}

}  // namespace signet::s3
