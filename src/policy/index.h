#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "policy/bytes.h"
#include "policy/condition_pool.h"
#include "policy/demand.h"
#include "policy/evaluate.h"

// The index over the statements of one PolicySet (policy-engine 5): per action, a class of the
// statements that mention it, built on first use; within a class, tries over the literal beginnings
// of resources. Private to this room.

namespace signet::policy {

// One statement of the set.
struct IndexRow {
  std::uint32_t member = 0;
  std::uint32_t statement = 0;
  std::uint32_t conditions = ConditionPool::kAlways;  // list of the pool
};

// How the index reaches a statement's resources.
enum class ResourceRoute : std::uint8_t {
  Always,  // "*", or none at all
  Direct,  // to be asked the plain way: NotResource, and whole-string matching
  Indexed,
};

// What follows is the inside of a class: one block of memory, read front to back. All places are
// offsets from the block's beginning, all multiples of four. Per group of patterns with the same
// partition, service, region and account a trie over the literal beginnings of sixth parts.

// The patterns of one class and side under one head. A part of a head is the number of its text in
// the body's HeadTexts.
struct ClassGroup {
  static constexpr std::uint16_t kAny = 0xFFFF;
  std::uint16_t lead = 0;  // "arn:aws:s3:", the first three parts
  std::uint16_t region = 0;
  std::uint16_t account = 0;
  std::uint16_t unused = 0;
  std::uint32_t root = 0;  // node
};

// The same for heads with wildcards where a ClassGroup cannot have them.
struct OddGroup {
  std::uint32_t member = 0;
  std::uint32_t resource = 0;  // any ResourcePattern with that head
  std::uint32_t root = 0;
};

// The distinct texts of one part of the heads: how many, and where; each is two bytes of length and
// its characters.
struct HeadTexts {
  static constexpr std::uint16_t kNone = 0xFFFE;  // number of a text that is not among them
  std::uint32_t at = 0;
  std::uint32_t count = 0;
};

// A node of a trie. Behind it: its label, padded; its entries; the first bytes of its children,
// padded; the places of its children.
struct TrieNode {
  std::uint16_t label_size = 0;
  std::uint16_t child_count = 0;
  std::uint32_t entry_count = 0;
};

// One pattern at its trie node, and what it asks of the rest of the resource.
struct ClassEntry {
  enum class Fit : std::uint8_t {
    Anything,
    Nothing,  // nothing may follow
    End,      // ends in the text
    Within,   // contains the text
    Glob,
  };
  static constexpr unsigned kFitBits = 3;
  std::uint32_t row = 0;
  std::uint32_t rest = 0;  // Fit in the low bits; above them the text's place, the glob's number

  [[nodiscard]] Fit fit() const { return static_cast<Fit>(rest & ((1U << kFitBits) - 1)); }

  [[nodiscard]] std::uint32_t where() const { return rest >> kFitBits; }
};

// Tokens to match, in the store of a member's policy. Patterns of a class whose sixth parts match
// alike share one.
struct ClassGlob {
  std::uint32_t member = 0;
  std::uint32_t first_token = 0;
  std::uint16_t token_count = 0;
  std::uint16_t least_rest = 0;  // bytes the rest needs at least
};

// What one class has to say in one direction: row numbers, groups and odd groups, one after the
// other from `at` on.
struct ClassSide {
  std::uint32_t at = 0;
  std::uint16_t always = 0;  // rows whose resource is "*"
  std::uint16_t direct = 0;  // rows to be asked the plain way
  std::uint16_t groups = 0;
  std::uint16_t odd_groups = 0;

  [[nodiscard]] bool is_empty() const { return (always | direct | groups | odd_groups) == 0; }
};

// The beginning of the block.
struct ClassBody {
  ClassBody* next = nullptr;
  std::uint32_t size = 0;  // bytes of the block
  HeadTexts leads;
  HeadTexts regions;
  HeadTexts accounts;
  std::uint32_t globs = 0;
  std::uint32_t members = 0;       // every row of the class, sorted
  std::uint32_t member_count = 0;  // how many
  ClassSide deny;
  ClassSide allow;

  template <class T>
  [[nodiscard]] const T* at(std::uint32_t offset) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const char*>(this) + offset);
  }

  [[nodiscard]] std::span<const std::uint32_t> rows() const {
    return {at<std::uint32_t>(members), member_count};
  }
};

struct ClassBodyDelete {
  void operator()(ClassBody* body) const;
};

using ClassBodyOwner = std::unique_ptr<ClassBody, ClassBodyDelete>;

// A bit per row of a set with one body.
using RowMask = std::array<std::uint64_t, 2>;

inline void add_row(RowMask& mask, std::size_t row) {
  mask[row / 64] |= std::uint64_t{1} << (row % 64);
}

// One action name and its class.
struct ActionClass {
  ActionClass* next = nullptr;
  const ClassBody* body = nullptr;  // null: too large for a block, ask the plain way
  RowMask rows{};                   // of the class, in a set with one body
  std::uint32_t hash = 0;           // lower half
  std::uint16_t name_size = 0;
  char name[2] = {};  // as many characters as name_size
};

struct PolicySet::Index {
  // Actions beyond this many are decided without index: the names a caller can make up are endless.
  static constexpr std::uint32_t kMaxClasses = 2'048;

  Index(SetKind set_kind, std::span<const PolicyMember> set_members, const Constants* constants);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // A set of at most this many statements has one body for all its classes, and a class is a mask
  // of rows. A set of 100 statements would take less than half the memory (18 KiB for 43 with 94
  // actions in use), but a fifth more time per decision. At most 128.
  static constexpr std::size_t kMostShared = 32;

  // The class of an action, built if need be. Null when there are too many, or no memory: ask the
  // plain way.
  [[nodiscard]] const ActionClass* find(const RequestParts& parts,
                                        Evaluation& evaluation) const noexcept {
    const ActionClass* entry =
        buckets[parts.action_hash & bucket_mask].load(std::memory_order_acquire);
    for (; entry != nullptr; entry = entry->next) {
      if (is_of(*entry, parts)) {
        return entry;
      }
    }
    return find_new(parts, evaluation);
  }

  // Row numbers of a class that has a body.
  [[nodiscard]] std::vector<std::uint32_t> rows_of(const ActionClass& entry) const;

  [[nodiscard]] const CompiledStatement& statement_of(const IndexRow& row) const {
    return members[row.member].policy->statements[row.statement];
  }

  // Bytes held by the index, classes built so far included.
  [[nodiscard]] std::size_t memory() const;

  SetKind kind;
  std::uint32_t bucket_mask = 0;
  std::atomic<ActionClass*>* buckets = nullptr;
  std::span<const PolicyMember> members;
  std::vector<IndexRow> rows;
  bool has_one_body = false;  // at most kMostShared rows
  // Of a set with one body, rows by what they are.
  RowMask deny_rows{};
  RowMask always_rows{};
  RowMask direct_rows{};
  RowMask outright_rows{};  // allow everything whatever is asked
  ConditionPool pool;
  const Constants* constants;  // null: not bound
  mutable std::atomic<ClassBody*> bodies = nullptr;
  mutable std::atomic<std::uint32_t> class_count = 0;

 private:
  void classify(const CompiledPolicy& policy, const CompiledStatement& statement);

  [[nodiscard]] static bool is_of(const ActionClass& entry, const RequestParts& parts) {
    return entry.hash == static_cast<std::uint32_t>(parts.action_hash) &&
           entry.name_size == parts.action.size() &&
           (same_bytes(entry.name, parts.action.data(), entry.name_size) ||
            equals_ignore_case({entry.name, entry.name_size}, parts.action));
  }

  [[nodiscard]] const ActionClass* find_new(const RequestParts& parts,
                                            Evaluation& evaluation) const noexcept;
  [[nodiscard]] const ActionClass* build(const RequestParts& parts, Evaluation& evaluation) const;
  [[nodiscard]] const ClassBody* body_of(std::vector<std::uint32_t> class_rows) const;
  [[nodiscard]] const ClassBody* one_body() const;

  std::unique_ptr<std::atomic<ActionClass*>[]> owned_buckets_;
};

// How a statement's resources are reached.
[[nodiscard]] ResourceRoute route_of(const CompiledPolicy& policy,
                                     const CompiledStatement& statement);

}  // namespace signet::policy
