#include "policy_prove/changes.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

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

// Equal of statements that say the same of every request.
std::string signature_of(const AccessStatement& access, const std::string& place) {
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
  append_texts(policy.actions, statement.actions, out);
  append_texts(policy.resources, statement.resources, out);
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

// Marks those of a side, with that effect, whose like the other side does not have.
void mark_new(std::span<const AccessStatement> side,
              const Places& places,
              Effect effect,
              const std::unordered_set<std::string>& others,
              std::vector<bool>& changed) {
  for (const AccessStatement& statement : side) {
    if (compiled_of(statement).effect == effect &&
        !others.contains(signature_of(statement, places.of(statement.set)))) {
      changed[statement.id] = true;
    }
  }
}

std::unordered_set<std::string> signatures_of(std::span<const AccessStatement> side,
                                              const Places& places) {
  std::unordered_set<std::string> all;
  for (const AccessStatement& statement : side) {
    all.insert(signature_of(statement, places.of(statement.set)));
  }
  return all;
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
  mark_new(of_now, places_now, Effect::Allow, signatures_of(of_before, places_before), changed);
  mark_new(of_before, places_before, Effect::Deny, signatures_of(of_now, places_now), changed);
  return changed;
}

}  // namespace signet::policy::prove
