#include "iam/tags.h"

#include <algorithm>
#include <tuple>

#include "base/strings.h"
#include "facts/iam_sentences.h"

namespace signet::iam {

namespace {

constexpr std::string_view kReservedPrefix = "aws:";

bool is_same_key(std::string_view a, std::string_view b, TagKeys keys) {
  return keys == TagKeys::CaseInsensitive ? equals_ignore_case(a, b) : a == b;
}

bool comes_before(const model::Tag& a, const model::Tag& b) {
  const std::size_t a_length = utf8_length(a.key);
  const std::size_t b_length = utf8_length(b.key);
  return std::tie(a_length, a.key) < std::tie(b_length, b.key);
}

bool is_reserved(std::string_view key) {
  return equals_ignore_case(key.substr(0, kReservedPrefix.size()), kReservedPrefix);
}

Status require_good_keys(const std::vector<Tag>& tags, TagKeys keys) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (is_reserved(tags[i].key)) {
      return reserved_tag_key();
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (is_same_key(tags[i].key, tags[j].key, keys)) {
        return keys == TagKeys::CaseInsensitive ? duplicate_tag_keys_ignoring_case()
                                                : duplicate_tag_keys();
      }
    }
  }
  return {};
}

// Decimal digits with leading zeros.
std::string padded(std::size_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return concat(std::string(width - std::min(width, digits.size()), '0'), digits);
}

// The place of a key in the order of lists, as text that sorts like it: its length, then its
// beginning. A key may have 512 bytes and a marker only 320 characters, so the rest is cut off;
// keys with one place follow each other and are counted.
std::string place_of(std::string_view key) {
  constexpr std::size_t kBytesKept = 150;
  return concat(padded(utf8_length(key), 3), key.substr(0, kBytesKept));
}

}  // namespace

TagList to_model(const std::vector<Tag>& tags) {
  TagList list;
  list.reserve(tags.size());
  for (const Tag& tag : tags) {
    list.push_back({.key = tag.key, .value = tag.value});
  }
  return list;
}

std::vector<Tag> to_wire(const TagList& tags) {
  std::vector<Tag> list;
  list.reserve(tags.size());
  for (const model::Tag& tag : tags) {
    list.push_back({.key = tag.key, .value = tag.value});
  }
  return list;
}

Result<TagList> put_tags(const TagList& old,
                         const std::vector<Tag>& added,
                         TagKeys keys,
                         std::size_t limit) {
  TRY_STATUS(require_good_keys(added, keys));
  TagList result = old;
  std::erase_if(result, [&](const model::Tag& tag) {
    return std::ranges::any_of(
        added, [&](const Tag& other) { return is_same_key(tag.key, other.key, keys); });
  });
  for (const Tag& tag : added) {
    result.push_back({.key = tag.key, .value = tag.value});
  }
  if (result.size() > limit) {
    return too_many_tags();
  }
  std::ranges::sort(result, comes_before);
  return result;
}

TagList remove_tags(const TagList& old, const std::vector<std::string>& removed, TagKeys keys) {
  TagList result = old;
  std::erase_if(result, [&](const model::Tag& tag) {
    return std::ranges::any_of(
        removed, [&](const std::string& key) { return is_same_key(tag.key, key, keys); });
  });
  return result;
}

Page<Tag> page_of_tags(const TagList& tags, const PageQuery& query) {
  PageBuilder<Tag> builder(query);
  std::string place;
  std::size_t twins = 0;
  for (const model::Tag& tag : tags) {
    std::string next = place_of(tag.key);
    twins = next == place ? twins + 1 : 0;
    place = std::move(next);
    if (!builder.add(concat(place, padded(twins, 2)), {.key = tag.key, .value = tag.value})) {
      break;
    }
  }
  return builder.take();
}

}  // namespace signet::iam
