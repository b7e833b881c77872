#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
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
  enum class Resources : std::uint8_t {
    Always,  // "*", or none at all
    Direct,  // to be asked the plain way: NotResource, and whole-string matching
    Indexed,
  };
  const CompiledPolicy* policy = nullptr;
  const CompiledStatement* statement = nullptr;
  std::uint32_t member = 0;
  std::uint32_t index = 0;
  Resources resources = Resources::Indexed;
};

// What a resource pattern asks of the rest of a resource, behind the literal beginning that its
// trie node stands for. Patterns of a class whose sixth parts match alike share one.
struct ClassText {
  enum class Kind : std::uint8_t { Suffix, Contains, Glob };
  const Token* rest = nullptr;
  const PatternStore* store = nullptr;  // whose variables `rest` names
  std::uint16_t rest_count = 0;
  std::uint16_t least_rest = 0;  // bytes the rest needs at least
  Kind kind = Kind::Glob;
};

// One pattern at its trie node.
struct ClassEntry {
  static constexpr std::uint32_t kPrefix = 0xFFFF'FFFF;  // fits whatever follows
  static constexpr std::uint32_t kExact = 0xFFFF'FFFE;   // nothing may follow
  std::uint32_t row = 0;
  std::uint32_t text = kPrefix;  // index into `texts`, or one of the above
};

// A node of a trie over literal beginnings. Children are neighbours; their first bytes stand side
// by side in `keys`.
struct TrieNode {
  std::uint32_t label = 0;  // offset into `labels`
  std::uint16_t label_size = 0;
  std::uint16_t child_count = 0;
  std::uint32_t first_child = 0;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
};

// The patterns of one class and side that share partition, service, region and account.
struct ClassGroup {
  const ResourcePattern* head = nullptr;  // any of them
  // "arn:aws:s3:" when these three are literal: compared in one go; all five when they all are.
  const char* lead = nullptr;
  std::uint32_t lead_size = 0;
  std::uint32_t lead_id = 0;  // equal for equal leads; 0 for none, kLiteral: `lead` is all five
  std::uint32_t root = 0;     // node

  static constexpr std::uint32_t kLiteral = 0xFFFF'FFFF;
};

// What one class has to say in one direction.
struct ClassSide {
  Range always;  // rows whose resource is "*", in `rows`
  Range direct;  // rows to be asked the plain way (NotResource, Q-1), in `rows`
  Range groups;

  [[nodiscard]] bool is_empty() const {
    return always.count == 0 && direct.count == 0 && groups.count == 0;
  }
};

// A class: one allocation, its arrays behind it.
struct ClassBody {
  ClassSide deny;
  ClassSide allow;
  KeyDemand demand;
  const ClassGroup* groups = nullptr;
  const ClassText* texts = nullptr;
  const ClassEntry* entries = nullptr;
  const TrieNode* nodes = nullptr;
  const std::uint32_t* rows = nullptr;
  const std::uint32_t* members = nullptr;  // see has_members()
  const std::uint8_t* keys = nullptr;      // first byte of each node's label
  const char* labels = nullptr;            // copied, so that a walk stays within the body
  ClassBody* next = nullptr;
  std::uint32_t member_count = 0;
  std::uint32_t size = 0;  // bytes of the allocation

  // Every row of the class, sorted: what makes two classes the same.
  [[nodiscard]] bool has_members(std::span<const std::uint32_t> those) const;
};

struct ClassBodyDelete {
  void operator()(ClassBody* body) const;
};

using ClassBodyOwner = std::unique_ptr<ClassBody, ClassBodyDelete>;

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
  mutable std::vector<std::atomic<ActionClass*>> buckets;
  mutable std::atomic<ClassBody*> bodies = nullptr;
  mutable std::atomic<std::uint32_t> class_count = 0;

 private:
  [[nodiscard]] const ClassBody* build(const RequestParts& parts,
                                       Evaluation& evaluation,
                                       std::atomic<ActionClass*>& bucket) const;
};

}  // namespace signet::policy
