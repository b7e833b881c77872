#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/demand.h"
#include "policy/evaluate.h"

// The index over the statements of one PolicySet (policy-engine 5): per action, a class of the
// statements that mention it, built on first use; within a class, tries over the literal beginnings
// of resources. Private to this room.

namespace signet::policy {

// Case-blind hash of an action name; equal for names that differ by ASCII case only.
[[nodiscard]] std::uint64_t hash_action(std::string_view action);

// One statement of the set.
struct IndexRow {
  const CompiledPolicy* policy = nullptr;
  const CompiledStatement* statement = nullptr;
  std::uint32_t member = 0;
  std::uint32_t index = 0;
};

// Partition, service, region and account of resource patterns that agree in them.
struct IndexHead {
  const ResourcePattern* pattern = nullptr;
  std::string_view lead;      // "arn:aws:s3:" when these three are literal: compared in one go
  std::uint32_t lead_id = 0;  // equal for equal leads; 0 for none
};

// One resource pattern, cut into its literal beginning and the rest.
struct IndexPattern {
  enum class Kind : std::uint8_t { Exact, Prefix, Suffix, Glob };
  const char* prefix = nullptr;
  const Token* rest = nullptr;
  std::uint32_t row = 0;
  std::uint32_t text_id = 0;  // equal for patterns whose sixth parts match alike
  std::uint16_t prefix_size = 0;
  std::uint16_t rest_count = 0;
  std::uint16_t least_rest = 0;  // bytes the rest needs at least
  std::uint16_t head = 0;
  Kind kind = Kind::Exact;
};

// A node of a trie over pattern beginnings. Children are neighbours; their first bytes stand side
// by side in `keys`.
struct TrieNode {
  const char* label = nullptr;
  std::uint16_t label_size = 0;
  std::uint16_t child_count = 0;
  std::uint32_t first_child = 0;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
};

// The patterns of one class and side that share partition, service, region and account.
struct ClassGroup {
  static constexpr std::uint32_t kNoTrie = 0xFFFF'FFFF;
  std::uint16_t head = 0;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t root = kNoTrie;  // node; kNoTrie: few enough to walk
};

// What one class has to say in one direction.
struct ClassSide {
  Range always;  // rows whose resource is "*", in `rows`
  Range direct;  // rows to be asked the plain way (NotResource, Q-1), in `rows`
  Range groups;
};

struct ClassBody {
  ClassSide deny;
  ClassSide allow;
  std::vector<std::uint32_t> rows;
  std::vector<ClassGroup> groups;
  std::vector<std::uint32_t> entries;  // pattern numbers
  std::vector<TrieNode> nodes;
  std::vector<std::uint8_t> keys;
  KeyDemand demand;
  std::vector<std::uint32_t>
      members;  // every row of the class, sorted: what makes two classes the same
  ClassBody* next = nullptr;
};

// One action name and its class.
struct ActionClass {
  std::uint64_t hash = 0;
  const ClassBody* body = nullptr;
  ActionClass* next = nullptr;
  std::uint32_t name_size = 0;
  char name[1] = {};  // as many characters as name_size
};

struct PolicySet::Index {
  // Actions beyond this many are decided without index: the names a caller can make up are endless.
  static constexpr std::uint32_t kMaxClasses = 2'048;

  Index(SetKind set_kind, std::span<const PolicyMember> set_members);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // The class of an action, built if need be. Null when there are too many, or no memory: ask the
  // plain way.
  [[nodiscard]] const ClassBody* find(const RequestParts& parts,
                                      Evaluation& evaluation) const noexcept;

  // Bytes held by the index, classes built so far included.
  [[nodiscard]] std::size_t memory() const;

  SetKind kind;
  std::span<const PolicyMember> members;
  std::vector<IndexRow> rows;
  std::vector<IndexPattern> patterns;  // of the rows' Resource lists, by row
  std::vector<Range> patterns_of_row;
  std::vector<IndexHead> heads;
  std::vector<bool> is_direct;  // rows that cannot be indexed
  std::vector<bool> is_always;  // rows for every resource
  mutable std::vector<std::atomic<ActionClass*>> buckets;
  mutable std::atomic<ClassBody*> bodies = nullptr;
  mutable std::atomic<std::uint32_t> class_count = 0;

 private:
  using DistinctTails = std::map<std::pair<std::string_view, Version>, std::uint32_t>;

  void add_patterns(const IndexRow& row, std::uint32_t number, DistinctTails& distinct_tails);
  [[nodiscard]] const ClassBody* build(const RequestParts& parts,
                                       Evaluation& evaluation,
                                       std::atomic<ActionClass*>& bucket) const;
};

}  // namespace signet::policy
