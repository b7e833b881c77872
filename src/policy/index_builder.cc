#include "policy/index_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
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
      : index_(index), members_(std::move(class_rows)) {}

  ClassBodyOwner run() {
    for (const std::uint32_t row : members_) {
      demand(row);
    }
    side(Effect::Deny, head_.deny);
    side(Effect::Allow, head_.allow);
    return pack();
  }

 private:
  template <class T>
  static std::uint32_t size_of(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  // Copies an array to where the block has come to, and points the body at it.
  template <class Items, class T>
  static void place(char*& at, const Items& items, const T*& out) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!items.empty()) {
      std::memcpy(at, items.data(), items.size() * sizeof(T));
    }
    out = reinterpret_cast<const T*>(at);
    at += items.size() * sizeof(T);
  }

  // One block: the body, then its arrays, those of the widest alignment first.
  ClassBodyOwner pack() {
    const auto bytes = [](const auto&... items) {
      return ((items.size() * sizeof(items[0])) + ...);
    };
    const std::size_t size =
        sizeof(ClassBody) +
        bytes(groups_, texts_, entries_, nodes_, rows_, members_, keys_, labels_);
    auto* memory = static_cast<char*>(::operator new(size));
    ClassBodyOwner body(new (memory) ClassBody(head_));
    char* at = memory + sizeof(ClassBody);
    place(at, groups_, body->groups);
    place(at, texts_, body->texts);
    place(at, entries_, body->entries);
    place(at, nodes_, body->nodes);
    place(at, rows_, body->rows);
    place(at, members_, body->members);
    place(at, keys_, body->keys);
    place(at, labels_, body->labels);
    body->member_count = size_of(members_);
    body->size = static_cast<std::uint32_t>(std::min<std::size_t>(size, 0xFFFF'FFFF));
    return body;
  }

  // Keys that conditions and variables of a row read.
  void demand(std::uint32_t number) {
    const IndexRow& row = index_.rows[number];
    const CompiledPolicy& policy = *row.policy;
    const auto pattern = [this, &policy](const Pattern& tokens) {
      for (const Token& token : policy.store.of(tokens)) {
        if (token.kind == Token::Kind::Variable) {
          head_.demand.add(policy.store.variables[token.variable].key);
        }
      }
    };
    for (const ResourcePattern& resource :
         CompiledPolicy::slice(policy.resources, row.statement->resources)) {
      pattern(resource.tail);
    }
    for (const Condition& condition :
         CompiledPolicy::slice(policy.conditions, row.statement->conditions)) {
      head_.demand.add(condition.key);
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
    Range range{.first = size_of(rows_), .count = 0};
    for (const std::uint32_t row : members_) {
      if (index_.rows[row].statement->effect == effect && index_.rows[row].resources == resources) {
        rows_.push_back(row);
        ++range.count;
      }
    }
    std::stable_sort(
        rows_.begin() + range.first, rows_.end(), [this](std::uint32_t a, std::uint32_t b) {
          return conditions_of(a) < conditions_of(b);
        });
    return range;
  }

  void side(Effect effect, ClassSide& out) {
    out.always = rows_where(effect, IndexRow::Resources::Always);
    out.direct = rows_where(effect, IndexRow::Resources::Direct);
    drafts_.clear();
    for (const std::uint32_t number : members_) {
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
    out.groups.first = size_of(groups_);
    for (std::size_t begin = 0; begin < drafts_.size();) {
      std::size_t end = begin;
      while (end < drafts_.size() && drafts_[end].pattern->heads == drafts_[begin].pattern->heads) {
        ++end;
      }
      group(begin, end);
      begin = end;
    }
    out.groups.count = size_of(groups_) - out.groups.first;
  }

  void group(std::size_t begin, std::size_t end) {
    const ResourcePattern& head = *drafts_[begin].pattern;
    const std::size_t whole = lead_size(head, 5);
    const std::string_view lead = head.text.substr(0, whole != 0 ? whole : lead_size(head, 3));
    ClassGroup group{.head = &head,
                     .lead = lead.data(),
                     .lead_size = static_cast<std::uint32_t>(lead.size()),
                     .lead_id = 0,
                     .root = size_of(nodes_)};
    if (whole != 0) {
      group.lead_id = ClassGroup::kLiteral;
    } else if (!lead.empty()) {
      const auto next = static_cast<std::uint32_t>(leads_.size()) + 1;
      group.lead_id = leads_.emplace(lead, next).first->second;
    }
    groups_.push_back(group);
    const std::size_t shared =
        std::min(common_length(drafts_[begin].prefix, drafts_[end - 1].prefix), kLongestLabel);
    add_node(drafts_[begin].prefix.substr(0, shared));
    fill(group.root, begin, end, shared);
  }

  void add_node(std::string_view label) {
    TrieNode node;
    node.label = static_cast<std::uint32_t>(labels_.size());
    node.label_size = static_cast<std::uint16_t>(label.size());
    labels_ += label;
    nodes_.push_back(node);
    keys_.push_back(label.empty() ? 0 : static_cast<std::uint8_t>(label[0]));
  }

  void add_entry(Draft& draft) {
    ClassEntry entry{.row = draft.row, .text = draft.fixed_text};
    if (entry.text == 0) {
      const auto [at, is_new] =
          text_ids_.emplace(std::pair(draft.tail, draft.version), size_of(texts_));
      if (is_new) {
        texts_.push_back(draft.text);
      }
      entry.text = at->second;
    }
    entries_.push_back(entry);
  }

  // Makes the subtree of the sorted drafts [begin, end), whose prefixes agree up to `depth`.
  // Recursion is as deep as prefixes branch, bounded by the number of distinct prefixes on one
  // path.
  void fill(std::uint32_t node, std::size_t begin, std::size_t end, std::size_t depth) {
    nodes_[node].first_entry = size_of(entries_);
    std::size_t at = begin;
    for (; at < end && drafts_[at].prefix.size() == depth; ++at) {
      add_entry(drafts_[at]);
    }
    nodes_[node].entry_count = static_cast<std::uint32_t>(at - begin);

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
    const std::uint32_t first = size_of(nodes_);
    nodes_[node].first_child = first;
    nodes_[node].child_count = static_cast<std::uint16_t>(children.size());
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
  ClassBody head_;
  std::vector<std::uint32_t> members_;
  std::vector<std::uint32_t> rows_;
  std::vector<ClassGroup> groups_;
  std::vector<ClassEntry> entries_;
  std::vector<ClassText> texts_;
  std::vector<TrieNode> nodes_;
  std::vector<std::uint8_t> keys_;
  std::string labels_;
  std::vector<Draft> drafts_;
  std::map<std::string_view, std::uint32_t> leads_;
  std::map<std::pair<std::string_view, Version>, std::uint32_t> text_ids_;
};

}  // namespace

ClassBodyOwner build_class_body(const PolicySet::Index& index,
                                std::vector<std::uint32_t> class_rows) {
  return BodyBuilder(index, std::move(class_rows)).run();
}

}  // namespace signet::policy
