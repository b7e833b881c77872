#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "policy/bytes.h"
#include "policy/index.h"

// Asking a set about one request through its index.

namespace signet::policy {
namespace {

constexpr std::uint32_t padded(std::uint32_t size) {
  return (size + 3U) & ~std::uint32_t{3};
}

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Position of `key` among `count` keys; `count` when it is not there. Sixteen bytes from `keys` on
// can be read.
std::uint32_t find_key(const char* keys, std::uint32_t count, char key) {
#if defined(__SSE2__)
  if (count <= 16) {
    __m128i block;
    std::memcpy(&block, keys, sizeof block);
    const auto mask =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(key)))) &
        ((1U << count) - 1U);
    return mask == 0 ? count : static_cast<std::uint32_t>(std::countr_zero(mask));
  }
#endif
  const void* found = std::memchr(keys, static_cast<unsigned char>(key), count);
  return found == nullptr ? count
                          : static_cast<std::uint32_t>(static_cast<const char*>(found) - keys);
}

// Number of `text` among the texts of a class.
std::uint16_t number_of(const ClassBody& body, const HeadTexts& texts, std::string_view text) {
  const char* at = body.at<char>(texts.at);
  for (std::uint32_t i = 0; i < texts.count; ++i) {
    const auto size = load<std::uint16_t>(at);
    at += sizeof size;
    if (size == text.size() && (size == 0 || same_bytes(at, text.data(), size))) {
      return static_cast<std::uint16_t>(i);
    }
    at += size;
  }
  return HeadTexts::kNone;
}

// Walks the candidates of one class whose resource fits, until one is taken.
class Walk {
 public:
  Walk(const PolicySet& set, const ClassBody& body, Evaluation& evaluation)
      : set_(set),
        index_(set.index()),
        body_(body),
        evaluation_(evaluation),
        parts_(evaluation.parts()) {}

  // Calls take(row) for each fitting row of a side until it returns true. A row may come more than
  // once.
  template <class Take>
  void run(const ClassSide& side, Take take) {
    const auto* row = body_.at<std::uint32_t>(side.at);
    for (const std::uint32_t* const end = row + side.always; row != end; ++row) {
      if (take(*row)) {
        return;
      }
    }
    const std::uint32_t* const direct = row;
    const bool has_groups = (side.groups | side.odd_groups) != 0;
    if (has_groups && parts_.is_arn && walk_groups(side, take)) {
      return;
    }
    for (std::uint32_t i = 0; i < side.direct; ++i) {
      const IndexRow& info = index_.rows[direct[i]];
      const bool fits = evaluation_.resource_applies(
          *index_.members[info.member].policy, index_.statement_of(info), set_.kind());
      if (fits && take(direct[i])) {
        return;
      }
    }
  }

 private:
  // Finds the request's head among the heads of the class, once for both sides.
  void number_head() {
    if (!is_numbered_) {
      is_numbered_ = true;
      lead_ = number_of(body_, body_.leads, parts_.lead());
      if (lead_ != HeadTexts::kNone) {
        region_ = number_of(body_, body_.regions, parts_.part(3));
        account_ = number_of(body_, body_.accounts, parts_.part(4));
      }
    }
  }

  template <class Take>
  bool walk_groups(const ClassSide& side, Take& take) {
    number_head();
    const std::uint32_t rows = side.always + std::uint32_t{side.direct};
    const auto* group =
        body_.at<ClassGroup>(side.at + rows * static_cast<std::uint32_t>(sizeof(std::uint32_t)));
    for (const ClassGroup* const end = group + side.groups; group != end; ++group) {
      const bool fits = group->lead == lead_ &&
                        (group->region == region_ || group->region == ClassGroup::kAny) &&
                        (group->account == account_ || group->account == ClassGroup::kAny);
      if (fits && walk_trie(group->root, take)) {
        return true;
      }
    }
    const auto* odd = reinterpret_cast<const OddGroup*>(group);
    for (const OddGroup* const end = odd + side.odd_groups; odd != end; ++odd) {
      if (odd_head_fits(*odd) && walk_trie(odd->root, take)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool odd_head_fits(const OddGroup& odd) const {
    const ResourcePattern& pattern = index_.members[odd.member].policy->resources[odd.resource];
    for (std::size_t i = 0; i < pattern.heads.size(); ++i) {
      const bool fits = pattern.head_kinds[i] == ResourcePattern::Head::Any ||
                        (pattern.head_kinds[i] == ResourcePattern::Head::Literal
                             ? same_bytes(pattern.heads[i], parts_.part(i))
                             : match_glob(pattern.heads[i], parts_.part(i)));
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  // The entries of one node: equal patterns stand side by side and are matched once.
  template <class Take>
  bool walk_entries(const ClassEntry* entry, std::uint32_t count, Take& take) {
    const ClassEntry* const end = entry + count;
    while (entry != end) {
      const std::uint32_t wanted = entry->rest;
      const bool fits = rest_fits(*entry);
      for (; entry != end && entry->rest == wanted; ++entry) {
        if (fits && take(entry->row)) {
          return true;
        }
      }
    }
    return false;
  }

  // Visits every node whose path is a beginning of the sixth part, and nothing else.
  template <class Take>
  bool walk_trie(std::uint32_t root, Take& take) {
    rest_ = parts_.part(5);
    const char* at = body_.at<char>(root);
    while (true) {
      const auto node = load<TrieNode>(at);
      at += sizeof node;
      if (rest_.size() < node.label_size || !same_bytes(rest_.data(), at, node.label_size)) {
        return false;
      }
      rest_.remove_prefix(node.label_size);
      at += padded(node.label_size);
      if (node.entry_count != 0) {
        if (walk_entries(reinterpret_cast<const ClassEntry*>(at), node.entry_count, take)) {
          return true;
        }
        at += std::size_t{node.entry_count} * sizeof(ClassEntry);
      }
      if (rest_.empty() || node.child_count == 0) {
        return false;
      }
      const std::uint32_t child = find_key(at, node.child_count, rest_[0]);
      if (child == node.child_count) {
        return false;
      }
      const char* const places = at + padded(node.child_count);
      at = body_.at<char>(load<std::uint32_t>(places + child * sizeof(std::uint32_t)));
    }
  }

  [[nodiscard]] bool rest_fits(const ClassEntry& entry) {
    switch (entry.fit()) {
      case ClassEntry::Fit::Anything:
        return true;
      case ClassEntry::Fit::Nothing:
        return rest_.empty();
      case ClassEntry::Fit::End:
        return ends_in(text_at(entry.where()));
      case ClassEntry::Fit::Within:
        return rest_.find(text_at(entry.where())) != std::string_view::npos;
      case ClassEntry::Fit::Glob:
        break;
    }
    return glob_fits(entry.where());
  }

  [[nodiscard]] std::string_view text_at(std::uint32_t place) const {
    const char* at = body_.at<char>(place);
    return {at + sizeof(std::uint16_t), load<std::uint16_t>(at)};
  }

  [[nodiscard]] bool ends_in(std::string_view tail) const {
    return rest_.size() >= tail.size() &&
           same_bytes(rest_.data() + rest_.size() - tail.size(), tail.data(), tail.size());
  }

  // The same glob stands under several heads (regions, accounts): it is matched once per request.
  [[nodiscard]] bool glob_fits(std::uint32_t number) {
    const std::uint64_t bit = std::uint64_t{1} << (number % 64U);
    if (number < 64 && (known_globs_ & bit) != 0) {
      return (fitting_globs_ & bit) != 0;
    }
    const bool fits = match(body_.at<ClassGlob>(body_.globs)[number]);
    known_globs_ |= number < 64 ? bit : 0;
    fitting_globs_ |= number < 64 && fits ? bit : 0;
    return fits;
  }

  [[nodiscard]] bool match(const ClassGlob& glob) {
    if (rest_.size() < glob.least_rest) {
      return false;
    }
    const PatternStore& store = index_.members[glob.member].policy->store;
    const std::span tokens(store.tokens.data() + glob.first_token, glob.token_count);
    const bool is_within = tokens.size() == 3 && tokens[0].kind == Token::Kind::AnyRun &&
                           tokens[1].kind == Token::Kind::Variable &&
                           tokens[2].kind == Token::Kind::AnyRun;
    if (is_within) {
      std::string_view text;
      return evaluation_.value_of(store.variables[tokens[1].variable], text) &&
             rest_.find(text) != std::string_view::npos;
    }
    const Token& last = tokens.back();
    if (last.kind == Token::Kind::Literal && !ends_in(last.literal)) {
      return false;
    }
    return match_tokens(tokens, store.variables, rest_, &evaluation_);
  }

  const PolicySet& set_;
  const PolicySet::Index& index_;
  const ClassBody& body_;
  Evaluation& evaluation_;
  const RequestParts& parts_;
  bool is_numbered_ = false;
  std::uint16_t lead_ = HeadTexts::kNone;
  std::uint16_t region_ = HeadTexts::kNone;
  std::uint16_t account_ = HeadTexts::kNone;
  std::string_view rest_;  // of the sixth part, behind the present node
  std::uint64_t known_globs_ = 0;
  std::uint64_t fitting_globs_ = 0;
};

}  // namespace

StatementRef statement_at(const PolicySet& set, std::uint32_t number) {
  const IndexRow& row = set.index().rows[number];
  return StatementRef{.set = &set, .policy = row.member, .statement = row.statement};
}

namespace {

// Asks one class. kNamesNobody: the policies have no principals.
template <bool kNamesNobody>
SetAnswer ask_class(const PolicySet& set,
                    const ClassBody& body,
                    Evaluation& evaluation,
                    Wanted wanted) {
  const PolicySet::Index& index = set.index();
  const IndexRow* const rows = index.rows.data();
  SetAnswer answer;
  Walk walk(set, body, evaluation);
  ConditionRun conditions(index.pool, evaluation);
  const auto strength_of = [&](const IndexRow& row) {
    if constexpr (kNamesNobody) {
      return Strength::Wildcard;
    } else {
      return evaluation.principal_strength(
          index.members[row.member], index.statement_of(row), set.kind());
    }
  };
  if (wanted.deny && !body.deny.is_empty()) {
    walk.run(body.deny, [&](std::uint32_t number) {
      const IndexRow& row = rows[number];
      const bool applies =
          conditions.all_hold(row.conditions) && strength_of(row) != Strength::None;
      if (applies) {
        answer.deny = number;
      }
      return applies;
    });
  }
  if (wanted.allow && !body.allow.is_empty()) {
    walk.run(body.allow, [&](std::uint32_t number) {
      const IndexRow& row = rows[number];
      const Strength strength = strength_of(row);
      if (strength > answer.allow_strength && conditions.all_hold(row.conditions)) {
        answer.allow_strength = strength;
        answer.allow = number;
      }
      return answer.allow_strength == Strength::Wildcard;
    });
  }
  return answer;
}

}  // namespace

namespace {

// Nothing can deny, and the first row allows whatever is asked: guard rails and boundaries are
// often made like this.
bool allows_outright(const PolicySet& set, const ClassBody& body, Wanted wanted) {
  return wanted.allow && body.allow.always != 0 && (!wanted.deny || body.deny.is_empty()) &&
         set.index().rows[*body.at<std::uint32_t>(body.allow.at)].conditions ==
             ConditionPool::kAlways;
}

}  // namespace

const ClassBody* class_of(const PolicySet& set, Evaluation& evaluation) {
  const ClassBody* body = set.index().find(evaluation.parts(), evaluation);
  __builtin_prefetch(body);
  return body;
}

SetAnswer evaluate_class(const PolicySet& set,
                         const ClassBody* body,
                         Evaluation& evaluation,
                         Wanted wanted) {
  if (body == nullptr) {
    return evaluate_set_plainly(set, evaluation, wanted);
  }
  if (body->member_count == 0) {
    return {};
  }
  const bool names_nobody = set.kind() == SetKind::Identity || set.kind() == SetKind::Guard;
  if (names_nobody && allows_outright(set, *body, wanted)) {
    return {.allow = *body->at<std::uint32_t>(body->allow.at),
            .allow_strength = Strength::Wildcard};
  }
  return names_nobody ? ask_class<true>(set, *body, evaluation, wanted)
                      : ask_class<false>(set, *body, evaluation, wanted);
}

SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted) {
  return evaluate_class(set, class_of(set, evaluation), evaluation, wanted);
}

}  // namespace signet::policy
