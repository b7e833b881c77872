#include <algorithm>
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
// kMasked: the set has one body, and the class is a mask of its rows.
template <bool kMasked>
class Walk {
 public:
  Walk(const PolicySet& set, const ActionClass& found, Evaluation& evaluation)
      : set_(set),
        index_(set.index()),
        body_(*found.body),
        mask_(found.rows),
        evaluation_(evaluation),
        parts_(evaluation.parts()) {}

  // Calls take(row) for each fitting row of a side until it returns true. A row may come more than
  // once.
  template <Effect kEffect, class Take>
  void run(Take take) {
    const ClassSide& side = kEffect == Effect::Deny ? body_.deny : body_.allow;
    const bool has_groups = (side.groups | side.odd_groups) != 0;
    const auto ask_directly = [this, &take](std::uint32_t row) {
      const IndexRow& info = index_.rows[row];
      return evaluation_.resource_applies(
                 *index_.members[info.member].policy, index_.statement_of(info), set_.kind()) &&
             take(row);
    };
    if constexpr (kMasked) {
      (void)(any_of<kEffect>(index_.always_rows, take) ||
             (has_groups && parts_.is_arn && walk_groups(side, take)) ||
             any_of<kEffect>(index_.direct_rows, ask_directly));
    } else {
      const std::span always(body_.at<std::uint32_t>(side.at), side.always);
      const std::span direct(always.data() + always.size(), side.direct);
      (void)(std::ranges::any_of(always, take) ||
             (has_groups && parts_.is_arn && walk_groups(side, take)) ||
             std::ranges::any_of(direct, ask_directly));
    }
  }

 private:
  // The row belongs to the class.
  [[nodiscard]] bool is_member(std::uint32_t row) const {
    return !kMasked || ((mask_[row / 64] >> (row % 64U)) & 1U) != 0;
  }

  // take(row) is true for a row of the class that is of the kind.
  template <Effect kEffect, class Take>
  bool any_of(const RowMask& kind, Take& take) {
    for (std::uint32_t word = 0; word < kind.size(); ++word) {
      const std::uint64_t deny = index_.deny_rows[word];
      std::uint64_t left = mask_[word] & kind[word] & (kEffect == Effect::Deny ? deny : ~deny);
      for (; left != 0; left &= left - 1) {
        if (take(word * 64U + static_cast<std::uint32_t>(std::countr_zero(left)))) {
          return true;
        }
      }
    }
    return false;
  }

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

  // Groups stand sorted by lead.
  [[nodiscard]] const ClassGroup* first_of_lead(const ClassGroup* group,
                                                const ClassGroup* end) const {
    constexpr std::ptrdiff_t kFew = 4;
    if (lead_ == HeadTexts::kNone) {
      return end;
    }
    while (end - group > kFew) {
      const ClassGroup* const middle = group + (end - group) / 2;
      if (middle->lead < lead_) {
        group = middle + 1;
      } else {
        end = middle;
      }
    }
    while (group != end && group->lead < lead_) {
      ++group;
    }
    return group;
  }

  template <class Take>
  bool walk_groups(const ClassSide& side, Take& take) {
    number_head();
    const std::uint32_t rows = side.always + std::uint32_t{side.direct};
    const auto* group =
        body_.at<ClassGroup>(side.at + rows * static_cast<std::uint32_t>(sizeof(std::uint32_t)));
    const ClassGroup* const end = group + side.groups;
    for (group = first_of_lead(group, end); group != end && group->lead == lead_; ++group) {
      const bool fits = (group->region == region_ || group->region == ClassGroup::kAny) &&
                        (group->account == account_ || group->account == ClassGroup::kAny);
      if (fits && walk_trie(group->root, take)) {
        return true;
      }
    }
    const auto* odd = reinterpret_cast<const OddGroup*>(end);
    for (const OddGroup* const last = odd + side.odd_groups; odd != last; ++odd) {
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
      bool is_asked = false;
      bool fits = false;
      for (; entry != end && entry->rest == wanted; ++entry) {
        if (!is_member(entry->row)) {
          continue;
        }
        fits = is_asked ? fits : rest_fits(*entry);
        is_asked = true;
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
  const RowMask& mask_;  // where kMasked
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
template <bool kNamesNobody, bool kMasked>
SetAnswer ask_class(const PolicySet& set,
                    const ActionClass& found,
                    Evaluation& evaluation,
                    Wanted wanted) {
  const PolicySet::Index& index = set.index();
  const IndexRow* const rows = index.rows.data();
  SetAnswer answer;
  Walk<kMasked> walk(set, found, evaluation);
  ConditionRun conditions(index.pool, evaluation);
  const auto strength_of = [&](const IndexRow& row) {
    if constexpr (kNamesNobody) {
      return Strength::Wildcard;
    } else {
      return evaluation.principal_strength(
          index.members[row.member], index.statement_of(row), set.kind());
    }
  };
  if (wanted.deny) {
    walk.template run<Effect::Deny>([&](std::uint32_t number) {
      const IndexRow& row = rows[number];
      const bool applies =
          conditions.all_hold(row.conditions) && strength_of(row) != Strength::None;
      if (applies) {
        answer.deny = number;
      }
      return applies;
    });
  }
  if (wanted.allow) {
    walk.template run<Effect::Allow>([&](std::uint32_t number) {
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

// Leaves out the sides that have nothing to say about the action.
Wanted narrowed(const PolicySet::Index& index, const ActionClass& found, Wanted wanted) {
  if (!index.has_one_body) {
    return {.deny = wanted.deny && !found.body->deny.is_empty(),
            .allow = wanted.allow && !found.body->allow.is_empty()};
  }
  const auto& rows = found.rows;
  const auto& deny = index.deny_rows;
  return {.deny = wanted.deny && ((rows[0] & deny[0]) | (rows[1] & deny[1])) != 0,
          .allow = wanted.allow && ((rows[0] & ~deny[0]) | (rows[1] & ~deny[1])) != 0};
}

// A row that allows whatever is asked, if the class has one: guard rails and boundaries are often
// made like this.
std::uint32_t outright_allowance(const PolicySet::Index& index, const ActionClass& found) {
  if (index.has_one_body) {
    const std::uint64_t low = found.rows[0] & index.outright_rows[0];
    const std::uint64_t high = found.rows[1] & index.outright_rows[1];
    if ((low | high) == 0) {
      return SetAnswer::kNone;
    }
    return static_cast<std::uint32_t>(low != 0 ? std::countr_zero(low)
                                               : 64 + std::countr_zero(high));
  }
  // Rows without conditions come first.
  const ClassSide& side = found.body->allow;
  const std::uint32_t row = side.always == 0 ? 0 : *found.body->at<std::uint32_t>(side.at);
  const bool is_outright = side.always != 0 && index.rows[row].conditions == ConditionPool::kAlways;
  return is_outright ? row : SetAnswer::kNone;
}

}  // namespace

const ActionClass* class_of(const PolicySet& set, Evaluation& evaluation) {
  const ActionClass* found = set.index().find(evaluation.parts(), evaluation);
  if (found != nullptr) {
    __builtin_prefetch(found->body);
  }
  return found;
}

SetAnswer evaluate_class(const PolicySet& set,
                         const ActionClass* found,
                         Evaluation& evaluation,
                         Wanted wanted) {
  if (found == nullptr || found->body == nullptr) {
    return evaluate_set_plainly(set, evaluation, wanted);
  }
  const PolicySet::Index& index = set.index();
  const Wanted left = narrowed(index, *found, wanted);
  if (!left.deny && !left.allow) {
    return {};
  }
  const bool names_nobody = set.kind() == SetKind::Identity || set.kind() == SetKind::Guard;
  if (!names_nobody) {
    return index.has_one_body ? ask_class<false, true>(set, *found, evaluation, left)
                              : ask_class<false, false>(set, *found, evaluation, left);
  }
  if (!left.deny) {
    const std::uint32_t row = outright_allowance(index, *found);
    if (row != SetAnswer::kNone) {
      return {.allow = row, .allow_strength = Strength::Wildcard};
    }
  }
  return index.has_one_body ? ask_class<true, true>(set, *found, evaluation, left)
                            : ask_class<true, false>(set, *found, evaluation, left);
}

SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted) {
  return evaluate_class(set, class_of(set, evaluation), evaluation, wanted);
}

}  // namespace signet::policy
