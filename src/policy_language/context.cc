#include "policy_language/context.h"

#include <charconv>
#include <limits>

#include "base/assertion.h"
#include "base/strings.h"
#include "facts/condition_keys.h"
#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

// The tag of that key in one layer: the exact spelling if there is one, else the first that differs
// by case.
const model::Tag* find_in_layer(std::span<const model::Tag> tags, std::string_view key) {
  const model::Tag* folded = nullptr;
  for (const model::Tag& tag : tags) {
    if (tag.key.size() != key.size()) {
      continue;
    }
    if (same_bytes(tag.key.data(), key.data(), key.size())) {
      return &tag;
    }
    if (folded == nullptr && equals_ignore_case(tag.key, key)) {
      folded = &tag;
    }
  }
  return folded;
}

Value text_value(std::string_view text) {
  return Value{.kind = Value::Kind::Text, .text = text, .list = {}, .number = 0};
}

Value list_value(std::span<const std::string_view> list) {
  return Value{.kind = Value::Kind::List, .text = {}, .list = list, .number = 0};
}

}  // namespace

KeyRef resolve_key(std::string_view name) {
  const facts::ConditionKeyRow* row = facts::find_condition_key(name);
  if (row == nullptr) {
    return KeyRef{.kind = KeyRef::Kind::Other, .id = 0, .is_list = false, .rest = name};
  }
  if (row->shape == facts::KeyShape::Family) {
    return KeyRef{.kind = KeyRef::Kind::Tag,
                  .id = row->id,
                  .is_list = false,
                  .rest = name.substr(name.find('/') + 1)};
  }
  return KeyRef{.kind = KeyRef::Kind::Fixed,
                .id = row->id,
                .is_list = row->shape == facts::KeyShape::List,
                .rest = {}};
}

std::string_view value_text(const Value& value, ValueBuffer& buffer) {
  switch (value.kind) {
    case Value::Kind::Text:
      return value.text;
    case Value::Kind::Number: {
      const auto [end, error] =
          std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.number);
      return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
    }
    case Value::Kind::Instant:
      return {buffer.data(), format_iso8601(value.number, buffer.data())};
    case Value::Kind::Absent:
    case Value::Kind::List:
      break;
  }
  return {};
}

RequestContext::Slot& RequestContext::mark(KeyId key, Value::Kind kind, std::size_t size) {
  SIGNET_ASSERT(size <= std::numeric_limits<std::uint32_t>::max());
  const auto i = static_cast<std::size_t>(key);
  present_[i / 64] |= std::uint64_t{1} << (i % 64);
  Slot& slot = slots_[i];
  slot.kind = kind;
  slot.size = static_cast<std::uint32_t>(size);
  return slot;
}

void RequestContext::set(KeyId key, std::string_view text) {
  mark(key, Value::Kind::Text, text.size()).text = text.data();
  if (const std::size_t i = address_slot(key); i < kAddresses) {
    const std::optional<IpAddress> address = parse_ip(text);
    const auto bit = static_cast<std::uint8_t>(1U << i);
    has_address_ = static_cast<std::uint8_t>(address ? has_address_ | bit : has_address_ & ~bit);
    if (address) {
      addresses_[i] = bits_of(*address);
    }
  }
}

void RequestContext::set_bool(KeyId key, bool value) {
  set(key, value ? "true" : "false");
}

void RequestContext::set_number(KeyId key, std::int64_t value) {
  mark(key, Value::Kind::Number, 0).number = value;
}

void RequestContext::set_instant(KeyId key, Instant value) {
  mark(key, Value::Kind::Instant, 0).number = value.unix_ms;
}

void RequestContext::set_list(KeyId key, std::span<const std::string_view> values) {
  mark(key, Value::Kind::List, values.size()).list = values.data();
}

void RequestContext::set_tags(TagFamily family,
                              std::span<const model::Tag> over,
                              std::span<const model::Tag> under) {
  const auto i = static_cast<std::size_t>(family);
  families_ |= std::uint32_t{1} << i;
  tags_[i] = TagLayers{.over = over, .under = under};
}

void RequestContext::add_extra(const Extra& extra) {
  if (extra_count_ < kInlineExtras) {
    extras_[extra_count_] = extra;
  } else {
    more_extras_.push_back(extra);
  }
  ++extra_count_;
}

void RequestContext::add(std::string_view name, std::string_view value) {
  const KeyRef key = resolve_key(name);
  if (key.kind == KeyRef::Kind::Fixed) {
    set(static_cast<KeyId>(key.id), value);
    return;
  }
  add_extra(Extra{.name = name, .text = value, .list = {}, .is_list = false});
}

void RequestContext::add_list(std::string_view name, std::span<const std::string_view> values) {
  const KeyRef key = resolve_key(name);
  const bool is_single_value =
      key.kind != KeyRef::Kind::Other && !key.is_list && values.size() == 1;
  if (is_single_value) {
    add(name, values[0]);
    return;
  }
  if (key.kind == KeyRef::Kind::Fixed) {
    set_list(static_cast<KeyId>(key.id), values);
    return;
  }
  add_extra(Extra{.name = name, .text = {}, .list = values, .is_list = true});
}

Value RequestContext::find(KeyId key) const {
  if (!has(key)) {
    return {};
  }
  const Slot& slot = slots_[static_cast<std::size_t>(key)];
  switch (slot.kind) {
    case Value::Kind::Text:
      return text_value({slot.text, slot.size});
    case Value::Kind::List:
      return list_value({slot.list, slot.size});
    default:
      return Value{.kind = slot.kind, .text = {}, .list = {}, .number = slot.number};
  }
}

Value RequestContext::find(const KeyRef& key) const {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      return find(static_cast<KeyId>(key.id));
    case KeyRef::Kind::Tag:
      return find_family(static_cast<TagFamily>(key.id), key.rest);
    case KeyRef::Kind::Other:
      return find_extra({}, key.rest);
  }
  return {};
}

const model::Tag* RequestContext::find_tag(TagFamily family, std::string_view tag_key) const {
  const auto i = static_cast<std::size_t>(family);
  if (((families_ >> i) & 1U) == 0) {
    return nullptr;
  }
  const model::Tag* tag = find_in_layer(tags_[i].over, tag_key);
  return tag != nullptr ? tag : find_in_layer(tags_[i].under, tag_key);
}

Value RequestContext::find_family(TagFamily family, std::string_view tag_key) const {
  if (const model::Tag* tag = find_tag(family, tag_key)) {
    return text_value(tag->value);
  }
  return extra_count_ == 0 ? Value{} : find_extra(facts::condition_key(family).name, tag_key);
}

RequestContext::Peek RequestContext::peek(TagFamily family, std::string_view tag_key) const {
  Peek found;
  if (const model::Tag* tag = find_tag(family, tag_key)) {
    found.kind = Value::Kind::Text;
    found.text = tag->value;
  } else if (extra_count_ != 0) {
    const Value value = find_extra(facts::condition_key(family).name, tag_key);
    found.kind = value.kind;
    found.text = value.text;
  }
  return found;
}

// Looks prefix + rest up among the keys added by name: the exact spelling first, else the first
// that differs by case.
Value RequestContext::find_extra(std::string_view prefix, std::string_view rest) const {
  const Extra* folded = nullptr;
  for (std::size_t i = 0; i < extra_count_; ++i) {
    const Extra& extra = extra_at(i);
    if (extra.name.size() != prefix.size() + rest.size() ||
        !equals_ignore_case(extra.name.substr(0, prefix.size()), prefix)) {
      continue;
    }
    const std::string_view tail = extra.name.substr(prefix.size());
    if (tail == rest) {
      folded = &extra;
      break;
    }
    if (folded == nullptr && equals_ignore_case(tail, rest)) {
      folded = &extra;
    }
  }
  if (folded == nullptr) {
    return {};
  }
  return folded->is_list ? list_value(folded->list) : text_value(folded->text);
}

}  // namespace signet::policy
