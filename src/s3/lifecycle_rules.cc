#include "s3/lifecycle_rules.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/time.h"
#include "codec/uri.h"
#include "codec/xml_reader.h"
#include "facts/s3_documents.h"
#include "s3/document_form.h"
#include "s3/tags.h"

namespace signet::s3 {
namespace {

using codec::XmlElement;

std::optional<std::int64_t> number_in(const XmlElement& element, std::string_view name) {
  const auto text = element.text_of(name);
  return text ? parse_decimal(*text) : std::nullopt;
}

std::optional<std::uint64_t> size_in(const XmlElement& element, std::string_view name) {
  const auto number = number_in(element, name);
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

// A filter, or the <And> inside one.
void read_filter(const XmlElement& filter, LifecycleRule& rule) {
  if (const auto prefix = filter.text_of("Prefix")) {
    rule.prefix = *prefix;
  }
  for (const XmlElement& child : filter.children) {
    if (child.name == "Tag") {
      rule.tags.push_back({.key = std::string(child.text_of("Key").value_or("")),
                           .value = std::string(child.text_of("Value").value_or(""))});
    } else if (child.name == "And") {
      read_filter(child, rule);
    }
  }
  if (const auto size = size_in(filter, "ObjectSizeGreaterThan")) {
    rule.larger_than = size;
  }
  if (const auto size = size_in(filter, "ObjectSizeLessThan")) {
    rule.smaller_than = size;
  }
}

LifecycleRule read_rule(const XmlElement& element) {
  LifecycleRule rule;
  rule.id = element.text_of("ID").value_or("");
  read_filter(element, rule);  // the older form has a prefix of its own
  if (const XmlElement* filter = element.find("Filter")) {
    read_filter(*filter, rule);
  }
  if (const XmlElement* expiration = element.find("Expiration")) {
    rule.days = number_in(*expiration, "Days");
    if (const auto date = expiration->text_of("Date")) {
      rule.date = codec::parse_iso8601(*date);
    }
    rule.removes_lone_markers = expiration->text_of("ExpiredObjectDeleteMarker") == "true";
  }
  if (const XmlElement* noncurrent = element.find("NoncurrentVersionExpiration")) {
    rule.noncurrent_days = number_in(*noncurrent, "NoncurrentDays");
    rule.newer_noncurrent = number_in(*noncurrent, "NewerNoncurrentVersions").value_or(0);
  }
  if (const XmlElement* abort = element.find("AbortIncompleteMultipartUpload")) {
    rule.abort_days = number_in(*abort, "DaysAfterInitiation");
  }
  return rule;
}

const std::string* kept_lifecycle(const identity::Bucket& bucket) {
  return kept_document(bucket, facts::bucket_document_row(facts::BucketDocument::Lifecycle));
}

bool has_tags(const objects::ObjectInfo& info, const LifecycleRule& rule) {
  if (rule.tags.empty()) {
    return true;
  }
  const Tags tags = tags_of(info.headers);
  return std::ranges::all_of(rule.tags, [&](const model::Tag& wanted) {
    return std::ranges::find(tags, wanted) != tags.end();
  });
}

}  // namespace

std::vector<LifecycleRule> lifecycle_rules(const identity::Bucket& bucket) {
  const std::string* kept = kept_lifecycle(bucket);
  const auto root = kept == nullptr ? std::nullopt : codec::read_xml(*kept);
  std::vector<LifecycleRule> rules;
  if (root) {
    for (const XmlElement& rule : root->children) {
      if (rule.name == "Rule" && rule.text_of("Status") == "Enabled") {
        rules.push_back(read_rule(rule));
      }
    }
  }
  return rules;
}

void add_expiration_header(http::ResponseHeaders& headers,
                           const identity::Bucket& bucket,
                           const objects::ObjectInfo& info) {
  // Every read asks: a document that expires nothing is not parsed for it.
  const std::string* kept = kept_lifecycle(bucket);
  if (kept == nullptr || !kept->contains("<Expiration>")) {
    return;
  }
  std::optional<Instant> first;
  std::string id;
  for (const LifecycleRule& rule : lifecycle_rules(bucket)) {
    const std::optional<Instant> due =
        rule.days ? std::optional(due_after(info.modified, *rule.days)) : rule.date;
    if (due && (!first || *due < *first) && is_for(rule, info)) {
      first = due;
      id = rule.id;
    }
  }
  if (first) {
    headers.add("x-amz-expiration",
                concat("expiry-date=\"",
                       codec::format_http_date(*first),
                       "\", rule-id=\"",
                       codec::percent_encode(id),
                       "\""));
  }
}

Instant due_after(Instant began, std::int64_t days) {
  constexpr std::int64_t kDay = 24 * 60 * 60 * std::int64_t{1000};
  const std::int64_t due = began.unix_ms + days * kDay;
  return Instant{(due + kDay - 1) / kDay * kDay};
}

bool is_for(const LifecycleRule& rule, const objects::ObjectInfo& info) {
  const bool asks_for_size = rule.larger_than || rule.smaller_than;
  if (!info.key.starts_with(rule.prefix) ||
      (info.is_marker && (asks_for_size || !rule.tags.empty()))) {
    return false;
  }
  return (!rule.larger_than || info.size > *rule.larger_than) &&
         (!rule.smaller_than || info.size < *rule.smaller_than) && has_tags(info, rule);
}

}  // namespace signet::s3
