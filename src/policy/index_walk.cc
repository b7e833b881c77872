#include <algorithm>
#include <array>
#include <cstring>

#include "policy/bytes.h"
#include "policy/index.h"

// Asking a set about one request through its index.

namespace signet::policy {
namespace {

// Walks the candidates of one class and side whose resource fits, until one is taken.
class Walk {
 public:
  Walk(const PolicySet& set, const ClassBody& body, Evaluation& evaluation)
      : set_(set),
        index_(set.index()),
        body_(body),
        evaluation_(evaluation),
        parts_(evaluation.parts()),
        head_size_(parts_.is_arn ? parts_.resource.size() - parts_.arn[5].size() : 0) {}

  // Calls take(row) for each fitting row until it returns true. A row may come more than once.
  template <class Take>
  void run(const ClassSide& side, Take take) {
    for (std::uint32_t i = 0; i < side.always.count; ++i) {
      if (take(body_.rows[side.always.first + i])) {
        return;
      }
    }
    for (std::uint32_t i = 0; parts_.is_arn && i < side.groups.count; ++i) {
      const ClassGroup& group = body_.groups[side.groups.first + i];
      if (head_fits(group) && walk_trie(group.root, parts_.arn[5], take)) {
        return;
      }
    }
    for (std::uint32_t i = 0; i < side.direct.count; ++i) {
      const std::uint32_t row = body_.rows[side.direct.first + i];
      const IndexRow& info = index_.rows[row];
      if (evaluation_.resource_applies(*info.policy, *info.statement, set_.kind()) && take(row)) {
        return;
      }
    }
  }

 private:
  [[nodiscard]] bool part_fits(const ResourcePattern& pattern, std::size_t i) const {
    switch (pattern.head_kinds[i]) {
      case ResourcePattern::Head::Any:
        return true;
      case ResourcePattern::Head::Literal:
        return same_bytes(pattern.heads[i], parts_.arn[i]);
      case ResourcePattern::Head::Glob:
        break;
    }
    return match_glob(pattern.heads[i], parts_.arn[i]);
  }

  [[nodiscard]] bool head_fits(const ClassGroup& head) {
    return head.lead_id == ClassGroup::kLiteral
               ? head.lead_size == head_size_ &&
                     same_bytes(head.lead, parts_.resource.data(), head_size_)
               : mixed_head_fits(head);
  }

  [[nodiscard]] bool mixed_head_fits(const ClassGroup& head) {
    const ResourcePattern& pattern = *head.head;
    if (!part_fits(pattern, 3) || !part_fits(pattern, 4)) {
      return false;
    }
    if (head.lead_id == 0) {
      return part_fits(pattern, 2) && part_fits(pattern, 1) && part_fits(pattern, 0);
    }
    if (head.lead_id != last_lead_) {
      last_lead_ = head.lead_id;
      last_lead_fits_ = parts_.resource.starts_with(std::string_view(head.lead, head.lead_size));
    }
    return last_lead_fits_;
  }

  // The entries of one node: equal patterns stand side by side and are matched once.
  template <class Take>
  bool walk_node(const TrieNode& node, std::string_view rest, Take& take) {
    const ClassEntry* entry = body_.entries + node.first_entry;
    const ClassEntry* const end = entry + node.entry_count;
    while (entry != end) {
      const std::uint32_t text = entry->text;
      const bool fits = rest_fits(text, rest);
      for (; entry != end && entry->text == text; ++entry) {
        if (fits && take(entry->row)) {
          return true;
        }
      }
    }
    return false;
  }

  // Visits every node whose path is a beginning of the subject, and nothing else.
  template <class Take>
  bool walk_trie(std::uint32_t root, std::string_view subject, Take& take) {
    const TrieNode* node = &body_.nodes[root];
    std::string_view rest = subject;
    while (true) {
      const bool is_on_path = rest.size() >= node->label_size &&
                              same_bytes(rest.data(), body_.labels + node->label, node->label_size);
      if (!is_on_path) {
        return false;
      }
      rest.remove_prefix(node->label_size);
      if (walk_node(*node, rest, take)) {
        return true;
      }
      if (rest.empty() || node->child_count == 0) {
        return false;
      }
      const std::uint8_t* keys = body_.keys + node->first_child;
      const void* found = std::memchr(keys, static_cast<unsigned char>(rest[0]), node->child_count);
      if (found == nullptr) {
        return false;
      }
      node = &body_.nodes[node->first_child +
                          static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - keys)];
    }
  }

  [[nodiscard]] bool rest_fits(std::uint32_t id, std::string_view rest) {
    if (id == ClassEntry::kPrefix) {
      return true;
    }
    if (id == ClassEntry::kExact) {
      return rest.empty();
    }
    const ClassText& text = body_.texts[id];
    if (rest.size() < text.least_rest) {
      return false;
    }
    if (text.kind == ClassText::Kind::Suffix) {
      return ends_with(rest, text.rest[1].literal);
    }
    // The same text stands under several heads (regions, accounts): match it once per request.
    const std::size_t slot = id % kRemembered;
    if (remembered_[slot] != id) {
      remembered_[slot] = id;
      remembered_fits_[slot] = glob_fits(text, rest);
    }
    return remembered_fits_[slot];
  }

  [[nodiscard]] static bool ends_with(std::string_view rest, std::string_view tail) {
    return rest.size() >= tail.size() &&
           same_bytes(rest.data() + rest.size() - tail.size(), tail.data(), tail.size());
  }

  [[nodiscard]] bool glob_fits(const ClassText& text, std::string_view rest) {
    if (text.kind == ClassText::Kind::Contains) {
      const Token& middle = text.rest[1];
      std::string_view wanted = middle.literal;
      const bool has_text = middle.kind == Token::Kind::Literal ||
                            evaluation_.value_of(text.store->variables[middle.variable], wanted);
      return has_text && rest.find(wanted) != std::string_view::npos;
    }
    const std::span tokens(text.rest, text.rest_count);
    const Token& last = tokens.back();
    if (last.kind == Token::Kind::Literal && !ends_with(rest, last.literal)) {
      return false;
    }
    return match_tokens(tokens, text.store->variables, rest, &evaluation_);
  }

  static constexpr std::size_t kRemembered = 8;
  static constexpr std::uint32_t kNothing = 0xFFFF'FFFF;

  const PolicySet& set_;
  const PolicySet::Index& index_;
  const ClassBody& body_;
  Evaluation& evaluation_;
  const RequestParts& parts_;
  std::size_t head_size_;  // of the resource up to its last part, colon included
  std::uint32_t last_lead_ = 0;
  bool last_lead_fits_ = false;
  std::array<std::uint32_t, kRemembered> remembered_{
      kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing};
  std::array<bool, kRemembered> remembered_fits_{};
};

}  // namespace

StatementRef statement_at(const PolicySet& set, std::uint32_t row) {
  const IndexRow& found = set.index().rows[row];
  return StatementRef{.set = &set, .policy = found.member, .statement = found.index};
}

SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted) {
  const PolicySet::Index& index = set.index();
  const ClassBody* body = index.find(evaluation.parts(), evaluation);
  if (body == nullptr) {
    return evaluate_set_plainly(set, evaluation, wanted);
  }
  SetAnswer answer;
  Walk walk(set, *body, evaluation);
  const bool names_nobody = set.kind() == SetKind::Identity || set.kind() == SetKind::Guard;
  const auto strength_of = [&](const IndexRow& row) {
    return names_nobody ? Strength::Wildcard
                        : evaluation.principal_strength(
                              index.members[row.member], *row.statement, set.kind());
  };
  const auto conditions_hold = [&](const IndexRow& row) {
    return row.statement->conditions.count == 0 ||
           evaluation.conditions_hold(*row.policy, *row.statement);
  };
  if (wanted.deny && !body->deny.is_empty()) {
    walk.run(body->deny, [&](std::uint32_t number) {
      const IndexRow& row = index.rows[number];
      const bool applies = strength_of(row) != Strength::None && conditions_hold(row);
      if (applies) {
        answer.deny = number;
      }
      return applies;
    });
  }
  if (wanted.allow && !body->allow.is_empty()) {
    walk.run(body->allow, [&](std::uint32_t number) {
      const IndexRow& row = index.rows[number];
      const Strength strength = strength_of(row);
      if (strength > answer.allow_strength && conditions_hold(row)) {
        answer.allow_strength = strength;
        answer.allow = number;
      }
      return answer.allow_strength == Strength::Wildcard;
    });
  }
  return answer;
}

void KeyDemand::add(const KeyRef& key) {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      keys[key.id / 64U] |= std::uint64_t{1} << (key.id % 64U);
      break;
    case KeyRef::Kind::Tag:
      families |= std::uint32_t{1} << key.id;
      break;
    case KeyRef::Kind::Other:
      others = true;
      break;
  }
}

void KeyDemand::add(const KeyDemand& other) {
  keys[0] |= other.keys[0];
  keys[1] |= other.keys[1];
  families |= other.families;
  others |= other.others;
}

KeyDemand key_demand(std::string_view action,
                     const PolicyInputs& policies,
                     const Settings& settings) noexcept {
  KeyDemand demand;
  const RequestParts parts = split_request(Request{.action = action, .resource = "*"});
  const Principal nobody;
  const RequestContext empty;
  Evaluation evaluation(parts, nobody, empty, settings, false);
  const auto add = [&](const PolicySet* set) {
    if (set == nullptr || set->is_broken()) {
      return;
    }
    if (const ClassBody* body = set->index().find(parts, evaluation)) {
      demand.add(body->demand);
    } else {
      demand = KeyDemand{.keys = {~std::uint64_t{0}, ~std::uint64_t{0}},
                         .families = ~std::uint32_t{0},
                         .others = true};
    }
  };
  for (const GuardRails* rails : {policies.scps, policies.rcps}) {
    for (std::size_t i = 0; rails != nullptr && i < rails->levels().size(); ++i) {
      add(rails->levels()[i].get());
    }
  }
  for (const PolicySet* set : {policies.endpoint,
                               policies.resource,
                               policies.identity,
                               policies.boundary,
                               policies.session}) {
    add(set);
  }
  return demand;
}

}  // namespace signet::policy
