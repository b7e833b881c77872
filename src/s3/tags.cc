#include "s3/tags.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "base/strings.h"
#include "codec/uri.h"
#include "facts/quotas.h"
#include "facts/s3_documents.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"

namespace signet::s3 {
namespace {

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

Status check_tag(const model::Tag& tag, bool is_of_object) {
  constexpr std::string_view kReserved = "aws:";
  const std::string_view key = tag.key;
  if (key.starts_with(kReserved)) {
    return with_tag_key(is_of_object ? system_object_tag() : system_tag(), key);
  }
  if (equals_ignore_case(key.substr(0, kReserved.size()), kReserved)) {
    return with_tag_key(almost_system_tag(), key);
  }
  if (key.empty() || utf16_length(key) > facts::kTagKeyCharacters ||
      !facts::matches(facts::tag_text(), key)) {
    return with_tag_key(tag_key_invalid(), key);
  }
  if (utf16_length(tag.value) > facts::kTagValueCharacters ||
      !facts::matches(facts::tag_text(), tag.value)) {
    Failure failure = with_tag_key(tag_value_invalid(), key);
    failure.error().fields.emplace_back("TagValue", tag.value);
    return failure;
  }
  return {};
}

// Nothing for what is no query string. In the order in which they stand.
std::optional<Tags> read_query(std::string_view text) {
  Tags tags;
  std::set<std::string> keys;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    std::optional<std::string> key = codec::form_decode(one.substr(0, equals));
    std::optional<std::string> value =
        codec::form_decode(one.substr(std::min(equals + 1, one.size())));
    if (one.empty()) {
      continue;
    }
    if (!key || !value || !is_utf8(*key) || !is_utf8(*value) || !keys.insert(*key).second) {
      return std::nullopt;
    }
    tags.push_back({.key = *std::move(key), .value = *std::move(value)});
  }
  return tags;
}

Status check_each(std::span<const model::Tag> tags, bool is_of_object) {
  std::set<std::string_view> keys;
  for (const model::Tag& tag : tags) {
    if (!keys.insert(tag.key).second) {
      return with_tag_key(duplicate_tag(), tag.key);
    }
    TRY_STATUS(check_tag(tag, is_of_object));
  }
  return {};
}

}  // namespace

Status check_tags(std::span<const model::Tag> tags) {
  return check_each(tags, false);
}

Status check_object_tags(std::span<const model::Tag> tags) {
  TRY_STATUS(check_each(tags, true));
  return tags.size() <= facts::kTagsPerObject ? Status()
                                              : too_many_object_tags(facts::kTagsPerObject);
}

Result<Tags> tags_of_request(const RequestHeaders& headers) {
  const auto text = headers.find(objects::kTagsHeader);
  if (!text) {
    return Tags();
  }
  std::optional<Tags> tags = read_query(*text);
  // A value with a character that tags do not have, such as a comma, is no query string to S3.
  const auto is_text = [](const model::Tag& tag) {
    return facts::matches(facts::tag_text(), tag.value);
  };
  if (!tags || !std::ranges::all_of(*tags, is_text)) {
    return about(tagging_header_invalid(), objects::kTagsHeader, *text);
  }
  TRY_STATUS(check_object_tags(*tags));
  return *std::move(tags);
}

Tags tags_of(const objects::StoredHeaders& stored) {
  return read_query(objects::stored_header(stored, objects::kTagsHeader).value_or(""))
      .value_or(Tags());
}

void set_tags(objects::StoredHeaders& stored, std::span<const model::Tag> tags) {
  std::string text;
  for (const model::Tag& tag : tags) {
    text += text.empty() ? "" : "&";
    codec::append_percent_encoded(text, tag.key);
    text += '=';
    codec::append_percent_encoded(text, tag.value);
  }
  objects::set_stored_header(
      stored, objects::kTagsHeader, text.empty() ? std::nullopt : std::optional(std::move(text)));
}

void add_request_tag_keys(std::span<const model::Tag> tags,
                          std::vector<authz::ContextEntry>& keys) {
  if (tags.empty()) {
    return;
  }
  authz::ContextEntry names{.key = "s3:RequestObjectTagKeys", .values = {}, .is_list = true};
  for (const model::Tag& tag : tags) {
    keys.push_back({.key = concat("s3:RequestObjectTag/", tag.key), .values = {tag.value}});
    names.values.push_back(tag.key);
  }
  keys.push_back(std::move(names));
}

void add_existing_tag_keys(std::span<const model::Tag> tags,
                           std::vector<authz::ContextEntry>& keys) {
  for (const model::Tag& tag : tags) {
    keys.push_back({.key = concat("s3:ExistingObjectTag/", tag.key), .values = {tag.value}});
  }
}

}  // namespace signet::s3
