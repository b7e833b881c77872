#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "policy_engine/condition_pool.h"
#include "policy_engine/evaluate.h"
#include "policy_engine/impl/blocks.h"

// What the index over the statements of a set is made of: its rows, and the blocks in which
// it keeps the patterns of an action. Private to this room.

namespace signet::policy {

// One statement of the set.
struct IndexRow {
  static constexpr unsigned kStatementBits = 10;
  static constexpr std::uint32_t kMostStatements = 1U << kStatementBits;
  static constexpr std::uint32_t kMostMembers = 1U << (32 - kStatementBits);
  static_assert(Document::kMaxStatements <= kMostStatements);
  std::uint32_t member : 32 - kStatementBits = 0;
  std::uint32_t statement : kStatementBits = 0;
  std::uint32_t conditions = ConditionPool::kAlways;  // list of the pool
};

// The statements of a set and their conditions: what the parts of an index are built from.
struct IndexRows {
  IndexRows(SetKind set_kind, std::span<const PolicyMember> set_members)
      : kind(set_kind), members(set_members), pool(set_members) {}

  [[nodiscard]] const CompiledStatement& statement_of(const IndexRow& row) const {
    return members[row.member].policy->statements[row.statement];
  }

  SetKind kind;
  std::span<const PolicyMember> members;
  std::vector<IndexRow> rows;
  ConditionPool pool;
};

// How the index reaches a statement's resources.
enum class ResourceRoute : std::uint8_t {
  Always,  // "*", or none at all
  Direct,  // to be asked the plain way: NotResource, and whole-string matching
  Indexed,
};

// The first five parts of a pattern, each a text or "*".
struct HeadPattern {
  ArnHead head;  // "*": any()

  // A part that may be anything: its sign bit is set, which no short text has.
  [[nodiscard]] static constexpr ShortText any() {
    return {.low = 0, .high = std::uint64_t{1} << 63U};
  }

  [[nodiscard]] bool fits(const ArnHead& asked) const {
    const auto differ = [](const ShortText& wanted, const ShortText& given) {
      const auto counts =
          static_cast<std::uint64_t>(~(static_cast<std::int64_t>(wanted.high) >> 63));
      return ((wanted.low ^ given.low) | (wanted.high ^ given.high)) & counts;
    };
    return ((head.lead.low ^ asked.lead.low) | (head.lead.high ^ asked.lead.high) |
            differ(head.region, asked.region) | differ(head.account, asked.account)) == 0;
  }
};

// What follows is the inside of a class: one block of memory, read front to back. All places are
// offsets from the block's beginning, all multiples of four. Per group of patterns with the same
// partition, service, region and account two tries over the literal beginnings of sixth parts: of
// denials, and of allowances.

// The tries under one head: where their first nodes are; 0: there is none.
struct ClassRoots {
  std::uint32_t deny = 0;
  std::uint32_t allow = 0;
};

// The patterns under one head.
struct ClassGroup {
  HeadPattern head;
  ClassRoots roots;
};

// The head of patterns that have no HeadPattern.
struct GeneralHead {
  std::uint32_t member = 0;
  std::uint32_t resource = 0;  // any ResourcePattern with that head
};

struct GeneralGroup {
  GeneralHead head;
  ClassRoots roots;
};

// A node of a trie. Behind it: its label, padded; its entries; the first bytes of its children,
// padded; the places of its children.
struct TrieNode {
  std::uint16_t label_size = 0;
  std::uint16_t child_count = 0;
  std::uint32_t entry_count = 0;
};

// What a pattern asks of a resource behind its literal beginning.
struct RestTest {
  enum class Fit : std::uint8_t {
    Anything,
    Nothing,  // nothing may follow
    End,      // ends in the text
    Within,   // contains the text
    Glob,
  };
  static constexpr unsigned kFitBits = 3;
  static constexpr std::uint32_t kMostWhere = (std::uint32_t{1} << (32U - kFitBits)) - 1;
  std::uint32_t packed = 0;  // Fit in the low bits; above them the text's place, the glob's number

  [[nodiscard]] static RestTest of(Fit fit, std::uint32_t where) {
    return {.packed = (where << kFitBits) | static_cast<std::uint32_t>(fit)};
  }

  [[nodiscard]] Fit fit() const { return static_cast<Fit>(packed & ((1U << kFitBits) - 1)); }

  [[nodiscard]] std::uint32_t where() const { return packed >> kFitBits; }

  bool operator==(const RestTest&) const = default;
};

// One pattern at its trie node.
struct ClassEntry {
  std::uint32_t row = 0;
  RestTest rest;
};

// Tokens to match, in the store of a member's policy. Patterns of a class whose sixth parts match
// alike share one.
struct ClassGlob {
  std::uint32_t member = 0;
  std::uint32_t first_token = 0;
  std::uint16_t token_count = 0;
  std::uint16_t least_rest = 0;  // bytes the rest needs at least
};

// Row numbers, fewest conditions first.
struct RowList {
  std::uint32_t at = 0;
  std::uint32_t count = 0;
};

// The rows of a class that are in no trie.
struct ClassLists {
  RowList always_deny;  // the resource is "*"
  RowList always_allow;
  RowList direct_deny;  // to be asked the plain way
  RowList direct_allow;

  [[nodiscard]] bool has_always() const { return (always_deny.count | always_allow.count) != 0; }

  [[nodiscard]] bool has_direct() const { return (direct_deny.count | direct_allow.count) != 0; }
};

// The beginning of the block.
struct ClassBody {
  std::uint32_t groups = 0;  // ClassGroup after ClassGroup, those of one slot together
  std::uint32_t slots = 0;   // of each slot its first group, two bytes each; one more at the end
  std::uint16_t slot_mask = 0;
  std::uint16_t general_count = 0;
  std::uint32_t general_groups = 0;
  std::uint32_t globs = 0;
  bool has_denials = false;
  bool has_allowances = false;
  std::uint16_t unused = 0;
  ClassLists lists;
  RowList members;         // every row of the class, sorted
  std::uint32_t size = 0;  // bytes of the block
  ClassBody* next = nullptr;

  template <class T>
  [[nodiscard]] const T* at(std::uint32_t offset) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const char*>(this) + offset);
  }

  [[nodiscard]] std::span<const std::uint32_t> rows_at(const RowList& list) const {
    return {at<std::uint32_t>(list.at), list.count};
  }

  // Of all that mentions the class.
  [[nodiscard]] std::span<const std::uint32_t> rows() const { return rows_at(members); }

  // The slot of groups with that lead and region.
  [[nodiscard]] std::uint32_t slot_of(const ShortText& lead, const ShortText& region) const {
    const std::uint64_t mixed = (lead.low ^ lead.high) + (region.low ^ region.high) * 31;
    return static_cast<std::uint32_t>((mixed * 0x9E3779B97F4A7C15ULL) >> 48U) & slot_mask;
  }
};

struct ClassBodyDelete {
  void operator()(ClassBody* body) const;
};

using ClassBodyOwner = std::unique_ptr<ClassBody, ClassBodyDelete>;

// One action name and its class. Behind it: what of the name ActionName::folded() leaves out, in
// lower case.
struct ActionClass {
  static_assert(ActionName::kFolded == 32);

  ActionClass* next = nullptr;
  const ClassBody* body = nullptr;  // null: too large for a block, ask the plain way
  ActionName::Folded folded{};
  std::uint16_t name_size = 0;
  bool has_denials = true;
  bool has_allowances = true;

  // Bytes of the name behind the class.
  [[nodiscard]] static constexpr std::size_t tail_size(std::size_t name_size) {
    return name_size > ActionName::kFolded ? name_size - ActionName::kFolded : 0;
  }

  [[nodiscard]] const char* tail() const { return reinterpret_cast<const char*>(this + 1); }

  // No row of the class can give what is wanted.
  [[nodiscard]] bool is_settled(Wanted wanted) const {
    const int is_open = (static_cast<int>(wanted.deny) & static_cast<int>(has_denials)) |
                        (static_cast<int>(wanted.allow) & static_cast<int>(has_allowances));
    return is_open == 0;
  }

  [[nodiscard]] bool is_of(const ActionName& action) const {
    return name_size == action.text().size() &&
           same_32_bytes(folded.data(), action.folded().data()) &&
           (name_size <= ActionName::kFolded ||
            equals_ignore_case({tail(), tail_size(name_size)},
                               action.text().substr(ActionName::kFolded)));
  }
};

static_assert(sizeof(ActionClass) <= 64);

}  // namespace signet::policy
