#include <algorithm>

#include "facts/condition_keys.h"
#include "policy/constants.h"

// What tells whether binding gains anything, and whether something bound still fits.

namespace signet::policy {
namespace {

bool is_of_session(const KeyRef& key) {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      return facts::condition_key(static_cast<KeyId>(key.id)).is_session_constant;
    case KeyRef::Kind::Tag:
      return facts::condition_key(static_cast<TagFamily>(key.id)).is_session_constant;
    case KeyRef::Kind::Other:
      break;
  }
  return false;
}

bool is_same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text && std::ranges::equal(a.list, b.list) &&
         a.number == b.number;
}

bool is_same(std::span<const model::Tag> a, std::span<const model::Tag> b) {
  return std::ranges::equal(a, b);
}

struct NamedValue {
  std::string_view name;
  Value value;
};

std::vector<NamedValue> extras_of(const RequestContext& context) {
  std::vector<NamedValue> extras;
  context.each_extra([&extras](std::string_view name, const Value& value) {
    extras.push_back({.name = name, .value = value});
  });
  return extras;
}

}  // namespace

bool names_session_keys(const PolicySet& set) {
  return std::ranges::any_of(set.members(), [](const PolicyMember& member) {
    return member.policy != nullptr &&
           (std::ranges::any_of(member.policy->conditions,
                                [](const Condition& one) { return is_of_session(one.key); }) ||
            std::ranges::any_of(member.policy->store.variables,
                                [](const Variable& one) { return is_of_session(one.key); }));
  });
}

bool is_same(const Constants& a, const Constants& b) {
  if (a.keys != b.keys || a.families != b.families) {
    return false;
  }
  const auto has_same = [&](const facts::ConditionKeyRow& row) {
    if (!row.is_session_constant) {
      return true;
    }
    if (row.shape != facts::KeyShape::Family) {
      const auto key = static_cast<KeyId>(row.id);
      return is_same(a.values.find(key), b.values.find(key));
    }
    const auto [over_a, under_a] = a.values.tags(static_cast<TagFamily>(row.id));
    const auto [over_b, under_b] = b.values.tags(static_cast<TagFamily>(row.id));
    return is_same(over_a, over_b) && is_same(under_a, under_b);
  };
  return std::ranges::all_of(facts::condition_keys(), has_same) &&
         std::ranges::equal(extras_of(a.values),
                            extras_of(b.values),
                            [](const NamedValue& one, const NamedValue& other) {
                              return one.name == other.name && is_same(one.value, other.value);
                            });
}

}  // namespace signet::policy
