#include "s3/document_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/hex.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using codec::XmlElement;

std::unexpected<Error> malformed() {
  return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
}

std::string_view text_in(const XmlElement& element, std::string_view child) {
  return element.text_of(child).value_or("");
}

template <class Check>
Status each(const XmlElement& element, std::string_view name, const Check& check) {
  for (const XmlElement& child : element.children) {
    if (child.name == name) {
      TRY_STATUS(check(child));
    }
  }
  return {};
}

// Tags

// Length in UTF-16 units, in which S3 counts.
std::size_t utf16_length(std::string_view text) {
  const auto beyond = std::ranges::count_if(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0xF0;  // begins a code point of two units
  });
  return utf8_length(text) + static_cast<std::size_t>(beyond);
}

Failure with_tag_key(Failure failure, std::string_view key) {
  failure.error().fields.emplace_back("TagKey", key);
  return failure;
}

Status check_tag(const XmlElement& tag) {
  constexpr std::string_view kReserved = "aws:";
  const std::string_view key = text_in(tag, "Key");
  const std::string_view value = text_in(tag, "Value");
  if (key.starts_with(kReserved)) {
    return with_tag_key(system_tag(), key);
  }
  if (equals_ignore_case(key.substr(0, kReserved.size()), kReserved)) {
    return with_tag_key(almost_system_tag(), key);
  }
  if (utf16_length(key) > facts::kTagKeyCharacters || !facts::matches(facts::tag_text(), key)) {
    return with_tag_key(tag_key_invalid(), key);
  }
  if (utf16_length(value) > facts::kTagValueCharacters ||
      !facts::matches(facts::tag_text(), value)) {
    Failure failure = with_tag_key(tag_value_invalid(), key);
    failure.error().fields.emplace_back("TagValue", value);
    return failure;
  }
  return {};
}

Status check_tagging(const XmlElement& root) {
  const XmlElement* tags = root.find("TagSet");
  if (tags == nullptr) {
    return malformed();
  }
  std::set<std::string_view> keys;
  TRY_STATUS(each(*tags, "Tag", [&](const XmlElement& tag) -> Status {
    const std::string_view key = text_in(tag, "Key");
    if (!keys.insert(key).second) {
      return with_tag_key(duplicate_tag(), key);
    }
    return check_tag(tag);
  }));
  if (keys.size() > facts::kTagsPerBucket) {
    return too_many_bucket_tags(facts::kTagsPerBucket);
  }
  return {};
}

// CORS

Status check_wildcards(const XmlElement& element) {
  if (std::ranges::count(element.text, '*') > 1) {
    return several_wildcards(element.name, element.text);
  }
  return {};
}

Status check_cors_rule(const XmlElement& rule) {
  constexpr auto kMethods =
      std::to_array<std::string_view>({"GET", "PUT", "HEAD", "POST", "DELETE"});
  TRY_STATUS(each(rule, "AllowedMethod", [&](const XmlElement& method) -> Status {
    if (std::ranges::find(kMethods, method.text) == kMethods.end()) {
      return unsupported_cors_method(method.text);
    }
    return {};
  }));
  TRY_STATUS(each(rule, "AllowedOrigin", check_wildcards));
  TRY_STATUS(each(rule, "AllowedHeader", check_wildcards));
  return each(rule, "ExposeHeader", [](const XmlElement& header) -> Status {
    if (header.text.contains('*')) {
      return exposed_wildcard(header.text);
    }
    return {};
  });
}

Status check_cors(const XmlElement& root) {
  if (root.children.size() > facts::kCorsRules) {
    return malformed();
  }
  return each(root, "CORSRule", check_cors_rule);
}

// Object ownership

// AWS-DIFF: S3 has ownership other than BucketOwnerEnforced, which brings ACLs; here it is
// NotImplemented (bucket_documents_test.cc).
Status check_ownership(const XmlElement& root) {
  if (root.children.size() != 1) {
    return malformed();
  }
  if (text_in(root.children.front(), "ObjectOwnership") != "BucketOwnerEnforced") {
    return ownership_not_implemented();
  }
  return {};
}

// Lifecycle

bool has(const XmlElement& element, std::string_view child) {
  return element.find(child) != nullptr;
}

std::size_t count_of(const XmlElement& element, std::initializer_list<std::string_view> names) {
  return static_cast<std::size_t>(
      std::ranges::count_if(names, [&](std::string_view name) { return has(element, name); }));
}

// A number of days, if it is there, is positive; a date is a day's beginning.
Status check_when(const XmlElement& action) {
  if (const auto days = action.text_of("Days")) {
    const auto number = parse_decimal(trimmed(*days, kWhiteSpace));
    if (!number || *number < 1) {
      return days_not_positive(action.name);
    }
  }
  if (const auto date = action.text_of("Date")) {
    constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
    const auto when = codec::parse_iso8601(trimmed(*date, kWhiteSpace));
    if (!when || when->unix_ms % kDayMs != 0) {
      Failure failure = date_not_midnight();
      failure.error().fields.emplace_back("ArgumentName", "Date");
      failure.error().fields.emplace_back("ArgumentValue", trimmed(*date, kWhiteSpace));
      return failure;
    }
  }
  return {};
}

Status check_expiration(const XmlElement& action) {
  if (count_of(action, {"Date", "Days", "ExpiredObjectDeleteMarker"}) != 1) {
    return malformed();
  }
  return check_when(action);
}

Status check_transition(const XmlElement& action) {
  if (count_of(action, {"Date", "Days"}) != 1 || !has(action, "StorageClass")) {
    return malformed();
  }
  // Day 0 is one: objects go as soon as they are there.
  return trimmed(text_in(action, "Days"), kWhiteSpace) == "0" ? Status() : check_when(action);
}

Status check_noncurrent(const XmlElement& action) {
  const bool is_transition = action.name == "NoncurrentVersionTransition";
  if (count_of(action, {"NoncurrentDays", "NewerNoncurrentVersions"}) == 0 ||
      is_transition != has(action, "StorageClass")) {
    return malformed();
  }
  return {};
}

Status check_abort(const XmlElement& action) {
  return has(action, "DaysAfterInitiation") ? Status() : malformed();
}

// At most one condition, or several under And.
Status check_filter(const XmlElement& filter) {
  if (filter.children.size() > 1) {
    return malformed();
  }
  const XmlElement* several = filter.find("And");
  if (several == nullptr) {
    return {};
  }
  if (several->children.size() < 2) {
    return malformed();
  }
  std::set<std::string_view> keys;
  return each(*several, "Tag", [&](const XmlElement& tag) -> Status {
    if (!keys.insert(text_in(tag, "Key")).second) {
      return duplicate_filter_tags();
    }
    return {};
  });
}

Status check_actions(const XmlElement& rule) {
  if (count_of(rule,
               {"Expiration",
                "Transition",
                "NoncurrentVersionExpiration",
                "NoncurrentVersionTransition",
                "AbortIncompleteMultipartUpload"}) == 0) {
    return no_lifecycle_action();
  }
  TRY_STATUS(each(rule, "Expiration", check_expiration));
  TRY_STATUS(each(rule, "Transition", check_transition));
  TRY_STATUS(each(rule, "NoncurrentVersionExpiration", check_noncurrent));
  TRY_STATUS(each(rule, "NoncurrentVersionTransition", check_noncurrent));
  return each(rule, "AbortIncompleteMultipartUpload", check_abort);
}

Status check_lifecycle_rule(const XmlElement& rule) {
  // Prefix is the older form of Filter: one of the two says what the rule is about.
  if (count_of(rule, {"Filter", "Prefix"}) != 1) {
    return malformed();
  }
  if (utf8_length(text_in(rule, "ID")) > facts::kLifecycleRuleIdCharacters) {
    return rule_id_too_long(facts::kLifecycleRuleIdCharacters);
  }
  TRY_STATUS(each(rule, "Filter", check_filter));
  return check_actions(rule);
}

// A rule without an id gets one, as long as those that S3 makes.
void complete_id(XmlElement& rule, Random& random) {
  constexpr std::size_t kIdBytes = 24;
  std::erase_if(rule.children,
                [](const XmlElement& child) { return child.name == "ID" && child.text.empty(); });
  if (!has(rule, "ID")) {
    std::array<std::uint8_t, kIdBytes> bytes{};
    random.fill(bytes);
    XmlElement id{.name = "ID", .text = {}, .children = {}};
    codec::append_hex(id.text, bytes);
    rule.children.push_back(std::move(id));
  }
}

Status complete_lifecycle(XmlElement& root, Random& random) {
  if (root.children.size() > facts::kLifecycleRules) {
    return malformed();
  }
  std::set<std::string> ids;
  for (XmlElement& rule : root.children) {
    TRY_STATUS(check_lifecycle_rule(rule));
    complete_id(rule, random);
    if (!ids.emplace(text_in(rule, "ID")).second) {
      return duplicate_rule_id();
    }
  }
  return {};
}

// Encryption

// There is one way, which every object gets anyway.
Status complete_encryption(XmlElement& root) {
  if (std::ranges::count(root.children, "Rule", &XmlElement::name) != 1) {
    return malformed();
  }
  XmlElement& rule = root.children.front();
  const XmlElement* preset = rule.find("ApplyServerSideEncryptionByDefault");
  if (preset == nullptr) {
    return malformed();
  }
  if (text_in(*preset, "SSEAlgorithm") != "AES256") {
    return bucket_encryption_not_implemented();
  }
  if (const auto key = preset->text_of("KMSMasterKeyID")) {
    return about(kms_key_without_kms(), "ApplyServerSideEncryptionByDefault", *key);
  }
  if (rule.find("BucketKeyEnabled") == nullptr) {
    rule.children.push_back({.name = "BucketKeyEnabled", .text = "false", .children = {}});
  }
  return {};
}

// Versioning

Status check_versioning(const XmlElement& root) {
  if (text_in(root, "MfaDelete") == "Enabled") {
    return mfa_delete_not_implemented();
  }
  return root.find("Status") != nullptr ? Status() : malformed();
}

}  // namespace

Status complete_document(facts::BucketDocument document, XmlElement& root, Random& random) {
  switch (document) {
    case facts::BucketDocument::Cors:
      return check_cors(root);
    case facts::BucketDocument::Encryption:
      return complete_encryption(root);
    case facts::BucketDocument::Lifecycle:
      return complete_lifecycle(root, random);
    case facts::BucketDocument::OwnershipControls:
      return check_ownership(root);
    case facts::BucketDocument::Tagging:
      return check_tagging(root);
    case facts::BucketDocument::Versioning:
      return check_versioning(root);
  }
  return malformed();
}

}  // namespace signet::s3
