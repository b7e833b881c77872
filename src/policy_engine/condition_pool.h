#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/compiled.h"
#include "policy_engine/evaluate.h"

// The conditions of a set, each distinct one once and in a form that is decided without leaving a
// few neighbouring cache lines. Private to this room.

namespace signet::policy {

// One distinct condition. The common shapes are decided from here; the rest, and every value that a
// shape does not foresee (lists, numbers where a text is expected), by Evaluation::holds().
struct CompactCondition {
  enum class Shape : std::uint8_t {
    General,
    Booleans,   // Bool; `operands` is a mask: bit 0 for false, bit 1 for true
    Absence,    // Null; the same mask
    Texts,      // StringEquals: PooledText after PooledText
    Likes,      // StringLike with at most one star at either end: PooledText after PooledText
    Numbers,    // Number after Number
    Instants,   // milliseconds since 1970, eight bytes each
    Addresses,  // PooledBlock after PooledBlock
  };
  Shape shape = Shape::General;
  Compare compare = Compare::StringEquals;
  KeyRef::Kind key_kind = KeyRef::Kind::Other;
  std::uint8_t key = 0;  // KeyId or TagFamily
  bool is_negated = false;
  bool when_absent = false;     // the answer for an absent key
  std::uint16_t tag_size = 0;   // Tag: bytes of the tag's key
  std::uint32_t tag = 0;        // Tag: where they are
  std::uint32_t operands = 0;   // where they are, or a mask
  std::uint32_t count = 0;      // how many
  std::uint32_t member = 0;     // of the set
  std::uint32_t condition = 0;  // of that member's policy
};

// Header of a text within the pool's bytes; its characters follow.
struct PooledText {
  enum class Fit : std::uint8_t { Whole, Beginning, End, Within };
  std::uint16_t size = 0;
  Fit fit = Fit::Whole;
};

// An address block as bits to compare.
struct PooledBlock {
  std::uint64_t base[2] = {};
  std::uint64_t mask[2] = {};
  std::uint64_t is_v6 = 0;
};

class ConditionPool {
 public:
  // Lists are named by where they begin; this one, without a condition, is the same in every pool.
  static constexpr std::uint32_t kAlways = 0;

  explicit ConditionPool(std::span<const PolicyMember> members);

  // The list of a statement's conditions, the cheapest first.
  [[nodiscard]] std::uint32_t add(std::uint32_t member, const CompiledStatement& statement);
  // To be called when every statement was added.
  void finish();

  [[nodiscard]] std::size_t memory() const;

  std::span<const PolicyMember> members;
  std::vector<CompactCondition> conditions;
  std::vector<std::uint32_t> lists;  // length, then as many indexes into `conditions`
  std::string bytes;

 private:
  [[nodiscard]] std::uint32_t intern(std::uint32_t member, std::uint32_t number);
  [[nodiscard]] bool is_same(const CompactCondition& one,
                             const CompiledPolicy& policy,
                             const Condition& condition) const;
  void grow();

  std::vector<std::uint32_t> table_;  // open addressing; index into `conditions` plus one
  std::vector<std::uint64_t> hashes_;
};

// Whether every condition of a list holds; remembers the answers of one request and one set.
class ConditionRun {
 public:
  ConditionRun(const ConditionPool& pool, Evaluation& evaluation)
      : pool_(pool), evaluation_(evaluation) {}

  [[nodiscard]] bool all_hold(std::uint32_t list) {
    return list == ConditionPool::kAlways || each_holds(list);
  }

 private:
  [[nodiscard]] bool each_holds(std::uint32_t list);
  [[nodiscard]] bool holds(const CompactCondition& condition);
  [[nodiscard]] bool general(const CompactCondition& condition);
  [[nodiscard]] const AddressBits* address_of(const CompactCondition& condition,
                                              std::string_view text);
  [[nodiscard]] bool any_operand(const CompactCondition& condition, std::string_view text);
  [[nodiscard]] bool any_number(const CompactCondition& condition, const Number& number) const;
  [[nodiscard]] bool any_instant(const CompactCondition& condition, std::int64_t instant) const;

  static constexpr std::size_t kWords = 4;
  static constexpr std::uint32_t kRemembered = kWords * 64;

  const ConditionPool& pool_;
  Evaluation& evaluation_;
  std::uint64_t known_[kWords] = {};
  std::uint64_t truth_[kWords] = {};
};

}  // namespace signet::policy
