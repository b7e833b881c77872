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
#include "s3/access_list.h"
#include "s3/answers.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/public_access.h"
#include "s3/regions.h"
#include "s3/tags.h"
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

Status check_tagging(const XmlElement& root) {
  Tags tags;
  if (const XmlElement* set = root.find("TagSet")) {
    for (const XmlElement& tag : set->children) {
      tags.push_back(
          {.key = std::string(text_in(tag, "Key")), .value = std::string(text_in(tag, "Value"))});
    }
  }
  TRY_STATUS(check_tags(tags));
  return tags.size() <= facts::kTagsPerBucket ? Status()
                                              : too_many_bucket_tags(facts::kTagsPerBucket);
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

// The owner is enforced only where the bucket's access control list gives nobody else anything.
Status check_ownership(const XmlElement& root, const DocumentRequest& request) {
  const auto ownership = root.children.size() == 1
                             ? ownership_named(text_in(root.children.front(), "ObjectOwnership"))
                             : std::nullopt;
  if (!ownership) {
    return malformed();
  }
  if (*ownership != Ownership::BucketOwnerEnforced && !request.takes_lists) {
    return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
  }
  if (*ownership != Ownership::BucketOwnerEnforced || request.bucket == nullptr ||
      request.snapshot == nullptr) {
    return {};
  }
  const AccessList list = TRY(list_of_bucket(*request.snapshot, *request.bucket));
  return list == own_list(list.owner)
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::InvalidBucketAclWithObjectOwnership));
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

// A rule without an id (the element `name`) gets one, as long as those that S3 makes.
void complete_id(XmlElement& rule, std::string_view name, Random& random) {
  constexpr std::size_t kIdBytes = 24;
  std::erase_if(rule.children,
                [&](const XmlElement& child) { return child.name == name && child.text.empty(); });
  if (!has(rule, name)) {
    std::array<std::uint8_t, kIdBytes> bytes{};
    random.fill(bytes);
    XmlElement id{.name = std::string(name), .text = {}, .children = {}};
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
    complete_id(rule, "ID", random);
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
  if (preset->text_of("KMSMasterKeyID")) {
    return about(kms_key_without_kms(), "ApplyServerSideEncryptionByDefault");
  }
  if (rule.find("BucketKeyEnabled") == nullptr) {
    rule.children.push_back({.name = "BucketKeyEnabled", .text = "false", .children = {}});
  }
  return {};
}

// Object Lock

// The longest default retention (S3 user guide, Object Lock considerations: 100 years).
constexpr std::int64_t kLockYears = 100;
constexpr std::int64_t kLockDays = 36'500;

Status check_period(const XmlElement& preset, std::string_view unit, std::int64_t longest) {
  const auto text = preset.text_of(unit);
  const auto number = text ? parse_decimal(trimmed(*text, kWhiteSpace)) : std::nullopt;
  if (text && (!number || *number < 1)) {
    return about(lock_period_not_positive(), unit);
  }
  return !number || *number <= longest ? Status() : about(lock_period_too_long(), unit);
}

// It is there for good, and needs versions to be kept.
Status check_object_lock(const XmlElement& root, const DocumentRequest& request) {
  if (!has(root, "ObjectLockEnabled")) {
    return malformed();
  }
  if (const XmlElement* rule = root.find("Rule")) {
    const XmlElement* preset = rule->find("DefaultRetention");
    if (preset != nullptr && has(*preset, "DefaultEventHold")) {
      return event_hold_not_implemented();
    }
    if (preset == nullptr || !has(*preset, "Mode") || count_of(*preset, {"Days", "Years"}) != 1) {
      return malformed();
    }
    TRY_STATUS(check_period(*preset, "Days", kLockDays));
    TRY_STATUS(check_period(*preset, "Years", kLockYears));
  }
  return request.bucket == nullptr || versioning_of(*request.bucket) == objects::Versioning::Enabled
             ? Status()
             : object_lock_without_versions();
}

// Versioning

Status check_versioning(const XmlElement& root, const DocumentRequest& request) {
  if (text_in(root, "MfaDelete") == "Enabled") {
    return mfa_delete_not_implemented();
  }
  if (root.find("Status") == nullptr) {
    return std::unexpected(facts::make_error(ErrorCode::IllegalVersioningConfigurationException));
  }
  const bool may_be_off = request.bucket == nullptr || !has_object_lock(*request.bucket);
  return may_be_off || text_in(root, "Status") == "Enabled" ? Status()
                                                            : versioning_of_locked_bucket();
}

// Notification

Status check_destination(const XmlElement& target, std::string_view kind) {
  constexpr std::string_view kAbsent = "does not exist";
  return about(destinations_invalid(), target.text, concat("The destination ", kind, " ", kAbsent));
}

Status complete_notification(XmlElement& root, const DocumentRequest& request) {
  struct Target {
    std::string_view rule;
    std::string_view element;
    std::string_view kind;
  };

  constexpr auto kTargets =
      std::to_array<Target>({{"CloudFunctionConfiguration", "CloudFunction", "Lambda"},
                             {"QueueConfiguration", "Queue", "queue"},
                             {"TopicConfiguration", "Topic", "topic"}});
  for (XmlElement& rule : root.children) {
    const auto found = std::ranges::find(kTargets, rule.name, &Target::rule);
    if (found == kTargets.end()) {
      continue;  // EventBridge
    }
    const XmlElement* target = rule.find(found->element);
    if (target == nullptr) {
      return malformed();
    }
    if (!request.skips_destinations) {
      TRY_STATUS(check_destination(*target, found->kind));
    }
    complete_id(rule, "Id", request.random);
  }
  return {};
}

// Website

Status check_redirect(const XmlElement& rule) {
  const XmlElement* redirect = rule.find("Redirect");
  if (redirect == nullptr) {
    return malformed();
  }
  const XmlElement* condition = rule.find("Condition");
  if (condition != nullptr && condition->children.empty()) {
    return routing_condition_empty();
  }
  if (has(*redirect, "ReplaceKeyWith") && has(*redirect, "ReplaceKeyPrefixWith")) {
    return replace_key_and_prefix();
  }
  const auto code = redirect->text_of("HttpRedirectCode");
  if (code &&
      (code->size() != 3 || !code->starts_with('3') || *code == "300" || !parse_decimal(*code))) {
    return redirect_code_invalid(*code);
  }
  return {};
}

Status check_website(const XmlElement& root) {
  const XmlElement* index = root.find("IndexDocument");
  if (has(root, "RedirectAllRequestsTo")) {
    return root.children.size() == 1
               ? Status()
               : about(redirect_all_with_rules(), "RedirectAllRequestsTo", "not null");
  }
  if (index == nullptr) {
    return about(index_document_missing(), "IndexDocument", "null");
  }
  const std::string_view suffix = text_in(*index, "Suffix");
  if (suffix.empty() || suffix.contains('/')) {
    return about(index_suffix_invalid(), "IndexDocument", suffix);
  }
  const XmlElement* rules = root.find("RoutingRules");
  if (rules != nullptr && rules->children.empty()) {
    return malformed();
  }
  return rules == nullptr ? Status() : each(*rules, "RoutingRule", check_redirect);
}

// The rest

// Flags that are not given are false, and shown.
void complete_block(XmlElement& root) {
  for (const std::string_view setting : kPublicAccessSettings) {
    if (!has(root, setting)) {
      root.children.push_back({.name = std::string(setting), .text = "false", .children = {}});
    }
  }
}

Status check_logging(const XmlElement& root, const DocumentRequest& request) {
  const XmlElement* enabled = root.find("LoggingEnabled");
  if (enabled == nullptr) {
    return {};
  }
  const std::string_view name = text_in(*enabled, "TargetBucket");
  const identity::Bucket* target = request.snapshot->find<identity::Bucket>(name);
  const auto refused = [&](std::unexpected<Error> refusal) {
    refusal.error().fields.emplace_back("TargetBucket", name);
    return refusal;
  };
  if (target == nullptr) {
    return refused(std::unexpected(facts::make_error(ErrorCode::InvalidTargetBucketForLogging)));
  }
  if (target->account != request.bucket->account) {
    return refused(logging_owner_differs());
  }
  if (has(*enabled, "TargetGrants") && ownership_of(*target) == Ownership::BucketOwnerEnforced) {
    return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
  }
  if (target->region != request.bucket->region) {
    Error error = facts::make_error(ErrorCode::CrossLocationLoggingProhibitted);
    if (request.bucket->region != kHomeRegion) {
      error.fields.emplace_back("SourceBucketLocation", request.bucket->region);
    }
    error.fields.emplace_back("TargetBucketLocation", target->region);
    return std::unexpected(std::move(error));
  }
  return {};
}

// The document has the id that the request names. What is told of another differs from document to
// document (recorded).
Status check_id(const XmlElement& root, const DocumentRequest& request, ErrorCode otherwise) {
  return text_in(root, "Id") == request.id ? Status()
                                           : std::unexpected(facts::make_error(otherwise));
}

Status check_inventory(const XmlElement& root) {
  const XmlElement* destination = root.find("Destination");
  const XmlElement* bucket =
      destination != nullptr ? destination->find("S3BucketDestination") : nullptr;
  const std::string_view arn = bucket != nullptr ? text_in(*bucket, "Bucket") : std::string_view();
  constexpr std::string_view kBucketArn = "arn:aws:s3:::";
  return arn.starts_with(kBucketArn) && arn.size() > kBucketArn.size()
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::InvalidS3DestinationBucket));
}

}  // namespace

bool says_nothing(facts::BucketDocument document, const XmlElement& root) {
  const XmlElement* set = root.find("TagSet");
  return document == facts::BucketDocument::Tagging && (set == nullptr || set->children.empty());
}

Status complete_document(facts::BucketDocument document,
                         XmlElement& root,
                         const DocumentRequest& request) {
  switch (document) {
    case facts::BucketDocument::Abac:
      if (root.children.empty()) {
        return malformed();
      }
      return text_in(root, "Status") == "Disabled" ? Status() : abac_not_implemented();
    case facts::BucketDocument::Accelerate:
      return {};
    case facts::BucketDocument::Analytics:
    case facts::BucketDocument::IntelligentTiering:
      return check_id(root, request, ErrorCode::MalformedXML);
    case facts::BucketDocument::Inventory:
      TRY_STATUS(check_id(root, request, ErrorCode::IdMismatch));
      return check_inventory(root);
    case facts::BucketDocument::Metrics:
      return check_id(root, request, ErrorCode::IdMismatch);
    case facts::BucketDocument::Cors:
      return check_cors(root);
    case facts::BucketDocument::Encryption:
      return complete_encryption(root);
    case facts::BucketDocument::Lifecycle:
      return complete_lifecycle(root, request.random);
    case facts::BucketDocument::Logging:
      return check_logging(root, request);
    case facts::BucketDocument::Notification:
      return complete_notification(root, request);
    case facts::BucketDocument::OwnershipControls:
      return check_ownership(root, request);
    case facts::BucketDocument::PublicAccessBlock:
      complete_block(root);
      return {};
    case facts::BucketDocument::RequestPayment:
      return text_in(root, "Payer") == "BucketOwner" ? Status() : requester_pays_not_implemented();
    case facts::BucketDocument::Tagging:
      return check_tagging(root);
    case facts::BucketDocument::Versioning:
      return check_versioning(root, request);
    case facts::BucketDocument::Website:
      return check_website(root);
    case facts::BucketDocument::ObjectLock:
      return check_object_lock(root, request);
    case facts::BucketDocument::Replication:
      break;  // not written
  }
  return malformed();
}

}  // namespace signet::s3
