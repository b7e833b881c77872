#include "policy/index_builder.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace signet::policy {
namespace {

bool is_refused_short(const ResourcePattern& pattern, SetKind kind) {
  return pattern.is_short && ((kind == SetKind::Guard && !pattern.ends_in_star) ||
                              (kind != SetKind::Identity && !pattern.has_star));
}

// A pattern on its way into a class.
struct Draft {
  std::uint32_t row = 0;
  std::uint32_t fixed_text = 0;  // kPrefix or kExact; else 0, and `text` counts
  ClassText text;
  std::string_view prefix;
  std::string_view tail;  // what must be equal for two patterns to match alike
  const ResourcePattern* pattern = nullptr;
  std::uint32_t conditions = 0;
  Version version = Version::V2012;
};

std::string_view tail_text(const ResourcePattern& pattern) {
  if (pattern.is_short) {
    return "*";
  }
  std::size_t begin = 0;
  for (const std::string_view head : pattern.heads) {
    begin += head.size() + 1;
  }
  return pattern.text.substr(begin);
}

std::uint16_t saturate(std::size_t n) {
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(n, std::numeric_limits<std::uint16_t>::max()));
}

Draft make_draft(const IndexRow& row, std::uint32_t number, const ResourcePattern& pattern) {
  Draft draft;
  draft.pattern = &pattern;
  draft.tail = tail_text(pattern);
  draft.conditions = row.statement->conditions.count;
  draft.version = row.policy->document->version();
  auto tokens = row.policy->store.of(pattern.tail);
  if (!tokens.empty() && tokens[0].kind == Token::Kind::Literal) {
    draft.prefix = tokens[0].literal;
    tokens = tokens.subspan(1);
  }
  draft.row = number;
  ClassText& text = draft.text;
  text.rest = tokens.data();
  text.store = &row.policy->store;
  text.rest_count = static_cast<std::uint16_t>(tokens.size());
  std::size_t least = 0;
  for (const Token& token : tokens) {
    least += token.kind == Token::Kind::Literal ? token.literal.size() : 0;
    least += token.kind == Token::Kind::AnyChar ? 1 : 0;
  }
  text.least_rest = saturate(least);
  const auto is_run = [tokens](std::size_t i) {
    return tokens[i].kind == Token::Kind::AnyRun;
  };
  if (tokens.empty()) {
    draft.fixed_text = ClassEntry::kExact;
  } else if (tokens.size() == 1 && is_run(0)) {
    draft.fixed_text = ClassEntry::kPrefix;
  } else if (tokens.size() == 2 && is_run(0) && tokens[1].kind == Token::Kind::Literal) {
    text.kind = ClassText::Kind::Suffix;
  } else if (tokens.size() == 3 && is_run(0) && is_run(2) &&
             tokens[1].kind != Token::Kind::AnyChar) {
    text.kind = ClassText::Kind::Contains;
  }
  return draft;
}

// Length of "arn:aws:s3:" (three parts) or of the whole head (five) when they are literal; else 0.
std::size_t lead_size(const ResourcePattern& pattern, std::size_t parts) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    if (pattern.head_kinds[i] != ResourcePattern::Head::Literal) {
      return 0;
    }
    size += pattern.heads[i].size() + 1;
  }
  return pattern.is_short ? 0 : size;
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
    body_->texts.shrink_to_fit();
    body_->nodes.shrink_to_fit();
    body_->keys.shrink_to_fit();
    body_->labels.shrink_to_fit();
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
  Range rows_where(Effect effect, IndexRow::Resources resources) {
    Range range{.first = size_of(body_->rows), .count = 0};
    for (const std::uint32_t row : body_->members) {
      if (index_.rows[row].statement->effect == effect && index_.rows[row].resources == resources) {
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
    out.always = rows_where(effect, IndexRow::Resources::Always);
    out.direct = rows_where(effect, IndexRow::Resources::Direct);
    drafts_.clear();
    for (const std::uint32_t number : body_->members) {
      const IndexRow& row = index_.rows[number];
      if (row.statement->effect != effect || row.resources != IndexRow::Resources::Indexed) {
        continue;
      }
      for (const ResourcePattern& pattern :
           CompiledPolicy::slice(row.policy->resources, row.statement->resources)) {
        if (!is_refused_short(pattern, index_.kind)) {
          drafts_.push_back(make_draft(row, number, pattern));
        }
      }
    }
    std::sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
      const auto key = [](const Draft& d) {
        return std::tie(d.pattern->heads, d.prefix, d.tail, d.version, d.conditions, d.row);
      };
      return key(a) < key(b);
    });
    out.groups.first = size_of(body_->groups);
    for (std::size_t begin = 0; begin < drafts_.size();) {
      std::size_t end = begin;
      while (end < drafts_.size() && drafts_[end].pattern->heads == drafts_[begin].pattern->heads) {
        ++end;
      }
      group(begin, end);
      begin = end;
    }
    out.groups.count = size_of(body_->groups) - out.groups.first;
  }

  void group(std::size_t begin, std::size_t end) {
    const ResourcePattern& head = *drafts_[begin].pattern;
    const std::size_t whole = lead_size(head, 5);
    ClassGroup group{.head = &head,
                     .lead = head.text.substr(0, whole != 0 ? whole : lead_size(head, 3)),
                     .lead_id = 0,
                     .root = size_of(body_->nodes),
                     .is_literal = whole != 0};
    if (!group.is_literal && !group.lead.empty()) {
      group.lead_id =
          leads_.emplace(group.lead, static_cast<std::uint32_t>(leads_.size()) + 1).first->second;
    }
    body_->groups.push_back(group);
    const std::size_t shared =
        std::min(common_length(drafts_[begin].prefix, drafts_[end - 1].prefix), kLongestLabel);
    add_node(drafts_[begin].prefix.substr(0, shared));
    fill(group.root, begin, end, shared);
  }

  void add_node(std::string_view label) {
    TrieNode node;
    node.label = static_cast<std::uint32_t>(body_->labels.size());
    node.label_size = static_cast<std::uint16_t>(label.size());
    body_->labels += label;
    body_->nodes.push_back(node);
    body_->keys.push_back(label.empty() ? 0 : static_cast<std::uint8_t>(label[0]));
  }

  void add_entry(Draft& draft) {
    ClassEntry entry{.row = draft.row, .text = draft.fixed_text};
    if (entry.text == 0) {
      const auto [at, is_new] =
          texts_.emplace(std::pair(draft.tail, draft.version), size_of(body_->texts));
      if (is_new) {
        body_->texts.push_back(draft.text);
      }
      entry.text = at->second;
    }
    body_->entries.push_back(entry);
  }

  // Makes the subtree of the sorted drafts [begin, end), whose prefixes agree up to `depth`.
  // Recursion is as deep as prefixes branch, bounded by the number of distinct prefixes on one
  // path.
  void fill(std::uint32_t node, std::size_t begin, std::size_t end, std::size_t depth) {
    body_->nodes[node].first_entry = size_of(body_->entries);
    std::size_t at = begin;
    for (; at < end && drafts_[at].prefix.size() == depth; ++at) {
      add_entry(drafts_[at]);
    }
    body_->nodes[node].entry_count = static_cast<std::uint32_t>(at - begin);

    struct Child {
      std::size_t begin;
      std::size_t end;
      std::size_t depth;
    };

    std::vector<Child> children;
    while (at < end) {
      std::size_t last = at;
      while (last + 1 < end && drafts_[last + 1].prefix[depth] == drafts_[at].prefix[depth]) {
        ++last;
      }
      const std::size_t shared =
          std::min(common_length(drafts_[at].prefix, drafts_[last].prefix), depth + kLongestLabel);
      children.push_back({.begin = at, .end = last + 1, .depth = shared});
      at = last + 1;
    }
    const std::uint32_t first = size_of(body_->nodes);
    body_->nodes[node].first_child = first;
    body_->nodes[node].child_count = static_cast<std::uint16_t>(children.size());
    for (const Child& child : children) {
      add_node(drafts_[child.begin].prefix.substr(depth, child.depth - depth));
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
  std::vector<Draft> drafts_;
  std::map<std::string_view, std::uint32_t> leads_;
  std::map<std::pair<std::string_view, Version>, std::uint32_t> texts_;
};

}  // namespace

std::unique_ptr<ClassBody> build_class_body(const PolicySet::Index& index,
                                            std::vector<std::uint32_t> class_rows) {
  return BodyBuilder(index, std::move(class_rows)).run();
}

}  // namespace signet::policy
