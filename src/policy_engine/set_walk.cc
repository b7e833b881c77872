#include "policy_engine/set_walk.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "policy_engine/impl/blocks.h"
#include "policy_engine/index.h"

// Asking a set about one request through its index.

namespace signet::policy {
namespace {

constexpr std::uint32_t padded(std::uint32_t size) {
  return (size + 3U) & ~std::uint32_t{3};
}

// Position of `key` among `count` keys; `count` when it is not there. Eight bytes from `keys` on
// can be read.
inline std::uint32_t find_key(const char* keys, std::uint32_t count, char key) {
  constexpr std::uint32_t kWord = sizeof(std::uint64_t);
  if (count <= kWord) {
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
    const std::uint64_t differ =
        load<std::uint64_t>(keys) ^ (kOnes * static_cast<unsigned char>(key));
    const std::uint64_t equal = (differ - kOnes) & ~differ & (kOnes << 7U);
    const auto first = static_cast<std::uint32_t>(std::countr_zero(equal)) / 8;  // 8: none
    return first < count ? first : count;
  }
  const void* found = std::memchr(keys, static_cast<unsigned char>(key), count);
  return found == nullptr ? count
                          : static_cast<std::uint32_t>(static_cast<const char*>(found) - keys);
}

bool general_head_fits(const SetIndex& index, const GeneralHead& odd, const ResourceName& asked) {
  return heads_fit(index.members[odd.member].policy->resources[odd.resource], asked);
}

// The resource of a row, asked the plain way, fits.
bool resource_fits(const PolicySet& set, std::uint32_t row, Evaluation& evaluation) {
  const SetIndex& index = set.index();
  const IndexRow& info = index.rows[row];
  return evaluation.resource_applies(
      *index.members[info.member].policy, index.statement_of(info), set.kind());
}

// A text whose first bytes are those of a beginning of `size` bytes goes on like it; `from_ninth`:
// what of the beginning is behind its first eight bytes.
bool goes_on_like(std::string_view text, const char* from_ninth, std::size_t size) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  return size <= text.size() &&
         (size <= kWord || same_bytes(text.data() + kWord, from_ninth, size - kWord));
}

// Asks what patterns want of the resource behind their literal beginnings.
class RestMatcher {
 public:
  // `texts` and `globs`: what RestTest::where() counts from.
  RestMatcher(const SetIndex& index,
              const char* texts,
              const ClassGlob* globs,
              Evaluation& evaluation)
      : index_(index), texts_(texts), globs_(globs), evaluation_(evaluation) {}

  [[nodiscard]] bool fits(RestTest test, std::string_view rest) {
    switch (test.fit()) {
      case RestTest::Fit::Anything:
        return true;
      case RestTest::Fit::Nothing:
        return rest.empty();
      case RestTest::Fit::End:
        return ends_in(rest, text_at(test.where()));
      case RestTest::Fit::Within:
        return contains(rest, text_at(test.where()));
      case RestTest::Fit::Glob:
        break;
    }
    return glob_fits(test.where(), rest);
  }

 private:
  [[nodiscard]] std::string_view text_at(std::uint32_t place) const {
    const char* at = texts_ + place;
    return {at + sizeof(std::uint16_t), load<std::uint16_t>(at)};
  }

  [[nodiscard]] static bool ends_in(std::string_view text, std::string_view tail) {
    return text.size() >= tail.size() &&
           same_bytes(text.data() + text.size() - tail.size(), tail.data(), tail.size());
  }

  // The same glob stands under several heads (regions, accounts) behind the same beginning: it is
  // matched once per request.
  [[nodiscard]] bool glob_fits(std::uint32_t number, std::string_view rest) {
    const std::uint64_t bit = std::uint64_t{1} << (number % 64U);
    if (number < 64 && (known_globs_ & bit) != 0) {
      return (fitting_globs_ & bit) != 0;
    }
    const bool fits = match(globs_[number], rest);
    known_globs_ |= number < 64 ? bit : 0;
    fitting_globs_ |= number < 64 && fits ? bit : 0;
    return fits;
  }

  [[nodiscard]] bool match(const ClassGlob& glob, std::string_view rest) {
    if (rest.size() < glob.least_rest) {
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
             contains(rest, text);
    }
    const Token& last = tokens.back();
    if (last.kind == Token::Kind::Literal && !ends_in(rest, last.literal)) {
      return false;
    }
    return match_tokens(tokens, store.variables, rest, &evaluation_);
  }

  const SetIndex& index_;
  const char* texts_;
  const ClassGlob* globs_;
  Evaluation& evaluation_;
  std::uint64_t known_globs_ = 0;
  std::uint64_t fitting_globs_ = 0;
};

// Asks one set about one request. kNamesNobody: its policies have no principals.
template <bool kNamesNobody>
class Asker {
 public:
  Asker(const PolicySet& set, Evaluation& evaluation)
      : set_(set),
        index_(set.index()),
        rows_(index_.rows.data()),
        evaluation_(evaluation),
        conditions_(index_.pool, evaluation) {}

  [[nodiscard]] const SetAnswer& answer() const { return answer_; }

  // The row denies and its resource fits: true when it applies.
  bool deny(std::uint32_t row) {
    const IndexRow& info = rows_[row];
    const bool applies =
        conditions_.all_hold(info.conditions) && strength_of(info) != Strength::None;
    if (applies) {
      answer_.deny = row;
    }
    return applies;
  }

  // The row allows and its resource fits: true when no other can allow more.
  bool allow(std::uint32_t row) {
    const IndexRow& info = rows_[row];
    const Strength strength = strength_of(info);
    if (strength > answer_.allow_strength && conditions_.all_hold(info.conditions)) {
      answer_.allow_strength = strength;
      answer_.allow = row;
    }
    return answer_.allow_strength == Strength::Wildcard;
  }

 private:
  [[nodiscard]] Strength strength_of(const IndexRow& row) const {
    if constexpr (kNamesNobody) {
      return Strength::Wildcard;
    } else {
      return evaluation_.principal_strength(
          index_.members[row.member], index_.statement_of(row), set_.kind());
    }
  }

  const PolicySet& set_;
  const SetIndex& index_;
  const IndexRow* rows_;
  Evaluation& evaluation_;
  ConditionRun conditions_;
  SetAnswer answer_;
};

// What is left to ask of a class.
template <bool kNamesNobody>
class Questions {
 public:
  Questions(Asker<kNamesNobody>& asker, Wanted wanted) : asker_(asker), wanted_(wanted) {}

  // The row's resource fits. True when its side is settled. What a denial leaves open matters only
  // to policies that name principals.
  bool deny(std::uint32_t row) {
    if (asker_.deny(row)) {
      wanted_.deny = false;
      wanted_.allow = wanted_.allow && !kNamesNobody;
    }
    return !wanted_.deny;
  }

  bool allow(std::uint32_t row) {
    wanted_.allow = !asker_.allow(row);
    return !wanted_.allow;
  }

  [[nodiscard]] bool is_done() const { return !wanted_.deny && !wanted_.allow; }

  [[nodiscard]] const Wanted& wanted() const { return wanted_; }

 private:
  Asker<kNamesNobody>& asker_;
  Wanted wanted_;
};

// Walks the tries of a class whose heads fit the resource, and asks the rows found there.
template <bool kNamesNobody>
class Walk {
 public:
  Walk(const SetIndex& index,
       const ClassBody& body,
       Evaluation& evaluation,
       Questions<kNamesNobody>& questions)
      : index_(index),
        body_(body),
        resource_(evaluation.parts().resource()),
        last_part_(resource_.part(5)),
        rests_(index, body.at<char>(0), body.at<ClassGlob>(body.globs), evaluation),
        questions_(questions) {}

  void run() {
    const ArnHead& head = resource_.head();
    const std::uint32_t own = body_.slot_of(head.lead, head.region);
    const std::uint32_t any = body_.slot_of(head.lead, HeadPattern::any());
    if (walk_slot(own) || (any != own && walk_slot(any))) {
      return;
    }
    const auto* odd = body_.at<GeneralGroup>(body_.general_groups);
    for (const GeneralGroup* const last = odd + body_.general_count; odd != last; ++odd) {
      if (general_head_fits(index_, odd->head, resource_) && walk(odd->roots)) {
        return;
      }
    }
  }

 private:
  // True when nothing is left to ask.
  bool walk_slot(std::uint32_t slot) {
    const auto* const bounds = body_.at<std::uint16_t>(body_.slots) + slot;
    const auto* group = body_.at<ClassGroup>(body_.groups) + bounds[0];
    const auto* const end = body_.at<ClassGroup>(body_.groups) + bounds[1];
    for (; group != end; ++group) {
      if (group->head.fits(resource_.head()) && walk(group->roots)) {
        return true;
      }
    }
    return false;
  }

  // True when nothing is left to ask.
  bool walk(const ClassRoots& roots) {
    if (roots.deny != 0 && questions_.wanted().deny) {
      walk_trie(roots.deny, [this](std::uint32_t row) { return questions_.deny(row); });
    }
    if (roots.allow != 0 && questions_.wanted().allow) {
      walk_trie(roots.allow, [this](std::uint32_t row) { return questions_.allow(row); });
    }
    return questions_.is_done();
  }

  // The entries of one node: equal patterns stand side by side and are matched once. True when
  // take(row) was.
  template <class Take>
  bool take_entries(const ClassEntry* entry,
                    std::uint32_t count,
                    std::string_view rest,
                    Take take) {
    RestTest asked = entry->rest;
    bool fits = rests_.fits(asked, rest);
    for (const ClassEntry* const end = entry + count; entry != end; ++entry) {
      if (entry->rest != asked) {
        asked = entry->rest;
        fits = rests_.fits(asked, rest);
      }
      if (fits && take(entry->row)) {
        return true;
      }
    }
    return false;
  }

  // first_bytes() of an end of the last part. Where it is short, what is missing is read before it
  // and shifted out.
  [[nodiscard]] std::uint64_t first_bytes_at(std::string_view rest) const {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (resource_.text().size() < kWord) {
      return first_bytes(rest);
    }
    const std::size_t missing = rest.size() < kWord ? kWord - rest.size() : 0;
    const auto word = load<std::uint64_t>(rest.data() - missing);
    const std::size_t half = missing * 4;  // eight missing bytes are more than one shift can do
    return (word >> half) >> half;
  }

  // Visits every node whose path is a beginning of the sixth part, and nothing else.
  template <class Take>
  void walk_trie(std::uint32_t root, Take take) {
    std::string_view rest = last_part_;
    const char* at = body_.at<char>(root);
    while (true) {
      const auto node = load<TrieNode>(at);
      at += sizeof node;
      if (!begins_with(rest, at, node.label_size)) {
        return;
      }
      rest.remove_prefix(node.label_size);
      at += padded(node.label_size);
      if (node.entry_count != 0) {
        if (take_entries(reinterpret_cast<const ClassEntry*>(at), node.entry_count, rest, take)) {
          return;
        }
        at += std::size_t{node.entry_count} * sizeof(ClassEntry);
      }
      if (rest.empty() || node.child_count == 0) {
        return;
      }
      const std::uint32_t child = find_key(at, node.child_count, rest[0]);
      if (child == node.child_count) {
        return;
      }
      const char* const places = at + padded(node.child_count);
      at = body_.at<char>(load<std::uint32_t>(places + child * sizeof(std::uint32_t)));
    }
  }

  // Eight bytes from `label` on can be read.
  [[nodiscard]] bool begins_with(std::string_view rest,
                                 const char* label,
                                 std::size_t label_size) const {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const std::uint64_t differ = (first_bytes_at(rest) ^ load<std::uint64_t>(label)) &
                                 kByteMasks[std::min(label_size, kWord)];
    return differ == 0 && goes_on_like(rest, label + kWord, label_size);
  }

  const SetIndex& index_;
  const ClassBody& body_;
  const ResourceName& resource_;
  const std::string_view last_part_;
  RestMatcher rests_;
  Questions<kNamesNobody>& questions_;
};

// Asks the rows of one list of a class. kIsDirect: their resources are yet to be asked for.
template <bool kDenies, bool kIsDirect, bool kNamesNobody>
void ask_list(const PolicySet& set,
              std::span<const std::uint32_t> rows,
              Evaluation& evaluation,
              Questions<kNamesNobody>& questions) {
  for (const std::uint32_t row : rows) {
    if (!(kDenies ? questions.wanted().deny : questions.wanted().allow)) {
      return;
    }
    if (!kIsDirect || resource_fits(set, row, evaluation)) {
      kDenies ? questions.deny(row) : questions.allow(row);
    }
  }
}

// Asks a class.
template <bool kNamesNobody>
SetAnswer ask_class(const PolicySet& set,
                    const ClassBody& body,
                    Evaluation& evaluation,
                    Wanted wanted) {
  const SetIndex& index = set.index();
  Asker<kNamesNobody> asker(set, evaluation);
  Questions<kNamesNobody> questions(asker, wanted);
  const ClassLists& lists = body.lists;
  if (lists.has_always()) {
    ask_list<true, false>(set, body.rows_at(lists.always_deny), evaluation, questions);
    ask_list<false, false>(set, body.rows_at(lists.always_allow), evaluation, questions);
  }
  if (!questions.is_done() && evaluation.parts().resource().is_arn()) {
    Walk<kNamesNobody>(index, body, evaluation, questions).run();
  }
  if (lists.has_direct()) {
    ask_list<true, true>(set, body.rows_at(lists.direct_deny), evaluation, questions);
    ask_list<false, true>(set, body.rows_at(lists.direct_allow), evaluation, questions);
  }
  return asker.answer();
}

}  // namespace

StatementRef statement_at(const PolicySet& set, std::uint32_t number) {
  const IndexRow& row = set.index().rows[number];
  return StatementRef{.set = &set, .policy = row.member, .statement = row.statement};
}

SetAnswer evaluate_class(const PolicySet& set,
                         const ActionClass* found,
                         Evaluation& evaluation,
                         Wanted wanted) {
  const SetIndex& index = set.index();
  if (found == nullptr || index.is_asked_plainly(*found)) {
    return evaluate_set_plainly(set, evaluation, wanted);
  }
  if (found->is_settled(wanted)) {
    return {};
  }
  return names_nobody(set.kind()) ? ask_class<true>(set, *found->body, evaluation, wanted)
                                  : ask_class<false>(set, *found->body, evaluation, wanted);
}

SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted) {
  return evaluate_class(set, set.index().find(evaluation.parts(), evaluation), evaluation, wanted);
}

}  // namespace signet::policy
