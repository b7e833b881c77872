#include "policy/index_builder.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace signet::policy {
namespace {

std::string_view prefix_of(const IndexPattern& pattern) {
  return {pattern.prefix, pattern.prefix_size};
}

std::size_t common_length(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) {
    ++n;
  }
  return n;
}

class BodyBuilder {
 public:
  BodyBuilder(const PolicySet::Index& index, std::vector<std::uint32_t> class_rows)
      : index_(index), body_(std::make_unique<ClassBody>()) {
    body_->members = std::move(class_rows);
  }

  std::unique_ptr<ClassBody> run() {
    for (const std::uint32_t row : body_->members) {
      demand(row);
    }
    side(Effect::Deny, body_->deny);
    side(Effect::Allow, body_->allow);
    body_->rows.shrink_to_fit();
    body_->groups.shrink_to_fit();
    body_->entries.shrink_to_fit();
    body_->nodes.shrink_to_fit();
    body_->keys.shrink_to_fit();
    body_->members.shrink_to_fit();
    return std::move(body_);
  }

 private:
  template <class T>
  static std::uint32_t size_of(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  // Keys that conditions and variables of a row read.
  void demand(std::uint32_t number) {
    const IndexRow& row = index_.rows[number];
    const CompiledPolicy& policy = *row.policy;
    const auto pattern = [this, &policy](const Pattern& tokens) {
      for (const Token& token : policy.store.of(tokens)) {
        if (token.kind == Token::Kind::Variable) {
          body_->demand.add(policy.store.variables[token.variable].key);
        }
      }
    };
    for (const ResourcePattern& resource :
         CompiledPolicy::slice(policy.resources, row.statement->resources)) {
      pattern(resource.tail);
    }
    for (const Condition& condition :
         CompiledPolicy::slice(policy.conditions, row.statement->conditions)) {
      body_->demand.add(condition.key);
      for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
        pattern(operand.pattern);
        if (condition.op.compare == Compare::ArnLike && operand.extra != Operand::kUnreadable) {
          std::for_each(
              policy.arns[operand.extra].begin(), policy.arns[operand.extra].end(), pattern);
        }
      }
    }
  }

  [[nodiscard]] std::uint32_t conditions_of(std::uint32_t row) const {
    return index_.rows[row].statement->conditions.count;
  }

  // Rows with fewer conditions first: an allowance then tends to end at the first one.
  Range rows_where(Effect effect, const std::vector<bool>& flags) {
    Range range{.first = size_of(body_->rows), .count = 0};
    for (const std::uint32_t row : body_->members) {
      if (index_.rows[row].statement->effect == effect && flags[row]) {
        body_->rows.push_back(row);
        ++range.count;
      }
    }
    std::stable_sort(
        body_->rows.begin() + range.first,
        body_->rows.end(),
        [this](std::uint32_t a, std::uint32_t b) { return conditions_of(a) < conditions_of(b); });
    return range;
  }

  void side(Effect effect, ClassSide& out) {
    out.always = rows_where(effect, index_.is_always);
    out.direct = rows_where(effect, index_.is_direct);
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t row : body_->members) {
      if (index_.rows[row].statement->effect != effect) {
        continue;
      }
      const Range range = index_.patterns_of_row[row];
      for (std::uint32_t i = 0; i < range.count; ++i) {
        chosen.push_back(range.first + i);
      }
    }
    std::sort(chosen.begin(), chosen.end(), [this](std::uint32_t a, std::uint32_t b) {
      const IndexPattern& x = index_.patterns[a];
      const IndexPattern& y = index_.patterns[b];
      if (x.head != y.head) {
        return x.head < y.head;
      }
      const int order = prefix_of(x).compare(prefix_of(y));
      if (order != 0) {
        return order < 0;
      }
      return x.text_id != y.text_id ? x.text_id < y.text_id
                                    : conditions_of(x.row) < conditions_of(y.row);
    });
    out.groups.first = size_of(body_->groups);
    for (std::size_t begin = 0; begin < chosen.size();) {
      std::size_t end = begin;
      while (end < chosen.size() &&
             index_.patterns[chosen[end]].head == index_.patterns[chosen[begin]].head) {
        ++end;
      }
      group(std::span(chosen).subspan(begin, end - begin));
      begin = end;
    }
    out.groups.count = size_of(body_->groups) - out.groups.first;
  }

  void group(std::span<const std::uint32_t> sorted) {
    ClassGroup group{.head = index_.patterns[sorted[0]].head,
                     .first_entry = size_of(body_->entries),
                     .entry_count = static_cast<std::uint32_t>(sorted.size()),
                     .root = ClassGroup::kNoTrie};
    body_->entries.insert(body_->entries.end(), sorted.begin(), sorted.end());
    if (sorted.size() > kWalkMost) {
      group.root = size_of(body_->nodes);
      body_->nodes.emplace_back();
      body_->keys.push_back(0);
      fill(group.root, group.first_entry, group.first_entry + group.entry_count, 0);
    }
    body_->groups.push_back(group);
  }

  [[nodiscard]] std::string_view prefix_at(std::uint32_t entry) const {
    return prefix_of(index_.patterns[body_->entries[entry]]);
  }

  // Makes the subtree of the sorted entries [begin, end), whose prefixes agree up to `depth`.
  // Recursion is as deep as prefixes branch, bounded by the number of distinct prefixes on one
  // path.
  void fill(std::uint32_t node, std::uint32_t begin, std::uint32_t end, std::size_t depth) {
    std::uint32_t at = begin;
    while (at < end && prefix_at(at).size() == depth) {
      ++at;
    }
    body_->nodes[node].first_entry = begin;
    body_->nodes[node].entry_count = at - begin;

    struct Child {
      std::uint32_t begin;
      std::uint32_t end;
      std::size_t depth;
    };

    std::vector<Child> children;
    while (at < end) {
      std::uint32_t last = at;
      while (last + 1 < end && prefix_at(last + 1)[depth] == prefix_at(at)[depth]) {
        ++last;
      }
      const std::size_t shared = std::min<std::size_t>(
          common_length(prefix_at(at), prefix_at(last)), depth + kLongestLabel);
      children.push_back({.begin = at, .end = last + 1, .depth = shared});
      at = last + 1;
    }
    const std::uint32_t first = size_of(body_->nodes);
    body_->nodes[node].first_child = first;
    body_->nodes[node].child_count = static_cast<std::uint16_t>(children.size());
    for (const Child& child : children) {
      const std::string_view prefix = prefix_at(child.begin);
      TrieNode made;
      made.label = prefix.data() + depth;
      made.label_size = static_cast<std::uint16_t>(child.depth - depth);
      body_->nodes.push_back(made);
      body_->keys.push_back(static_cast<std::uint8_t>(prefix[depth]));
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      fill(first + static_cast<std::uint32_t>(i),
           children[i].begin,
           children[i].end,
           children[i].depth);
    }
  }

  static constexpr std::size_t kLongestLabel = 0xFFFF;

  const PolicySet::Index& index_;
  std::unique_ptr<ClassBody> body_;
};

std::uint16_t saturate(std::size_t n) {
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(n, std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

IndexPattern make_index_pattern(const PatternStore& store,
                                const Pattern& tail,
                                std::uint32_t row,
                                std::uint16_t head) {
  IndexPattern pattern;
  pattern.row = row;
  pattern.head = head;
  auto tokens = store.of(tail);
  const bool has_prefix = !tokens.empty() && tokens[0].kind == Token::Kind::Literal &&
                          tokens[0].literal.size() <= std::numeric_limits<std::uint16_t>::max();
  pattern.prefix = has_prefix ? tokens[0].literal.data() : "";
  if (has_prefix) {
    pattern.prefix_size = static_cast<std::uint16_t>(tokens[0].literal.size());
    tokens = tokens.subspan(1);
  }
  pattern.rest = tokens.data();
  pattern.rest_count = static_cast<std::uint16_t>(tokens.size());
  std::size_t least = 0;
  for (const Token& token : tokens) {
    least += token.kind == Token::Kind::Literal ? token.literal.size() : 0;
    least += token.kind == Token::Kind::AnyChar ? 1 : 0;
  }
  pattern.least_rest = saturate(least);
  const auto is_run = [tokens](std::size_t i) {
    return tokens[i].kind == Token::Kind::AnyRun;
  };
  if (tokens.empty()) {
    pattern.kind = IndexPattern::Kind::Exact;
  } else if (tokens.size() == 1 && is_run(0)) {
    pattern.kind = IndexPattern::Kind::Prefix;
  } else if (tokens.size() == 2 && is_run(0) && tokens[1].kind == Token::Kind::Literal) {
    pattern.kind = IndexPattern::Kind::Suffix;
  } else {
    pattern.kind = IndexPattern::Kind::Glob;
  }
  return pattern;
}

std::unique_ptr<ClassBody> build_class_body(const PolicySet::Index& index,
                                            std::vector<std::uint32_t> class_rows) {
  return BodyBuilder(index, std::move(class_rows)).run();
}

}  // namespace signet::policy
