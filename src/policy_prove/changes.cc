#include "policy_prove/changes.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/strings.h"
#include "policy_prove/lexicon.h"

namespace signet::policy::prove {
namespace {

// A text that cannot run into the next.
void append_text(std::string_view text, std::string& out) {
  out += concat(std::to_string(text.size()), ":", text);
}

// Which of the decision's lists each set stands in, a letter each.
class Places {
 public:
  // False: a set cannot be read.
  [[nodiscard]] bool read(const PolicyInputs& policies) {
    add(policies.endpoint, "e");
    add(policies.resource, "r");
    add(policies.identity, "i");
    add(policies.boundary, "b");
    add(policies.session, "s");
    add(policies.scps, "S");
    add(policies.rcps, "R");
    add(policies.scopes, "C");
    return !is_broken_;
  }

  [[nodiscard]] const std::string& of(const PolicySet* set) const { return places_.at(set); }

  // What there is, whatever it says.
  [[nodiscard]] const std::string& shape() const { return shape_; }

 private:
  void add(const PolicySet* set, std::string_view place) {
    if (set != nullptr) {
      is_broken_ = is_broken_ || set->is_broken();
      places_[set] += place;
      shape_ += concat(place, " ");
    }
  }

  void add(const GuardRails* rails, std::string_view place) {
    if (rails == nullptr) {
      return;
    }
    is_broken_ = is_broken_ || rails->is_broken();
    shape_ += concat(place, " ");
    std::size_t level = 0;
    for (const PolicySetRef& set : rails->levels()) {
      add(set.get(), concat(place, std::to_string(level++)));
    }
  }

  std::unordered_map<const PolicySet*, std::string> places_;
  std::string shape_;
  bool is_broken_ = false;
};

template <class Item>
void append_texts(const std::vector<Item>& all, Range range, std::string& out) {
  out += concat(std::to_string(range.count), "#");
  for (const Item& item : CompiledPolicy::slice(all, range)) {
    append_text(item.text, out);
  }
}

// What a statement says beside its actions and resources.
std::string frame_of(const AccessStatement& access, const std::string& place) {
  const PolicyMember& member = member_of(access);
  const CompiledPolicy& policy = *member.policy;
  const CompiledStatement& statement = compiled_of(access);
  std::string out;
  append_text(place, out);
  for (const bool flag : {statement.effect == Effect::Allow,
                          statement.is_not_action,
                          statement.is_not_resource,
                          statement.has_resource,
                          statement.is_not_principal,
                          statement.has_principal,
                          policy.document->version() == Version::V2012}) {
    out += flag ? '1' : '0';
  }
  append_texts(policy.principals, statement.principals, out);
  for (const PrincipalEntry& entry :
       CompiledPolicy::slice(policy.principals, statement.principals)) {
    out += static_cast<char>('a' + static_cast<int>(entry.kind));
  }
  for (const PrincipalPin& pin : member.pins) {
    append_text(pin.arn, out);
    append_text(pin.id, out);
  }
  for (const Condition& condition :
       CompiledPolicy::slice(policy.conditions, statement.conditions)) {
    append_text(condition.operator_text, out);
    append_text(condition.key_text, out);
    append_texts(policy.operands, condition.operands, out);
  }
  return out;
}

// A list as what it is the union of: its entries, or of Not... the whole.
template <class Item>
std::vector<std::string> parts_of(const std::vector<Item>& all, Range range, bool is_not) {
  std::vector<std::string> parts;
  if (is_not || range.count == 0) {
    append_texts(all, range, parts.emplace_back());
    return parts;
  }
  for (const Item& item : CompiledPolicy::slice(all, range)) {
    append_text(item.text, parts.emplace_back());
  }
  return parts;
}

// Every part of a statement, of which each says the same of every request as one that is equal: one
// action on one resource.
template <class Visit>
void each_part(const AccessStatement& access, const Places& places, Visit visit) {
  const CompiledPolicy& policy = *member_of(access).policy;
  const CompiledStatement& statement = compiled_of(access);
  const std::string frame = frame_of(access, places.of(access.set));
  const auto resources = parts_of(policy.resources, statement.resources, statement.is_not_resource);
  for (const std::string& action :
       parts_of(policy.actions, statement.actions, statement.is_not_action)) {
    for (const std::string& resource : resources) {
      visit(concat(frame, "/", action, resource));
    }
  }
}

using Parts = std::unordered_set<std::string>;

Parts all_parts(std::span<const AccessStatement> side, const Places& places, Effect effect) {
  Parts all;
  for (const AccessStatement& statement : side) {
    if (compiled_of(statement).effect == effect) {
      each_part(statement, places, [&all](std::string part) { all.insert(std::move(part)); });
    }
  }
  return all;
}

// Marks those of a side, with that effect, of which the other side lacks a part.
void mark_new(std::span<const AccessStatement> side,
              const Places& places,
              Effect effect,
              const Parts& others,
              std::vector<bool>& changed) {
  for (const AccessStatement& statement : side) {
    if (compiled_of(statement).effect == effect) {
      each_part(statement, places, [&](const std::string& part) {
        changed[statement.id] = changed[statement.id] || !others.contains(part);
      });
    }
  }
}

}  // namespace

std::optional<std::vector<bool>> changed_statements(const PolicyInputs& now,
                                                    std::span<const AccessStatement> of_now,
                                                    const PolicyInputs& before,
                                                    std::span<const AccessStatement> of_before) {
  Places places_now;
  Places places_before;
  const bool are_read = places_now.read(now) && places_before.read(before);
  if (!are_read || places_now.shape() != places_before.shape()) {
    return std::nullopt;
  }
  std::size_t size = 0;
  for (const auto side : {of_now, of_before}) {
    for (const AccessStatement& statement : side) {
      size = std::max(size, std::size_t{statement.id} + 1);
    }
  }
  std::vector<bool> changed(size);
  mark_new(of_now,
           places_now,
           Effect::Allow,
           all_parts(of_before, places_before, Effect::Allow),
           changed);
  mark_new(
      of_before, places_before, Effect::Deny, all_parts(of_now, places_now, Effect::Deny), changed);
  return changed;
}

}  // namespace signet::policy::prove
