#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "policy_engine/index_parts.h"
#include "policy_engine/request_parts.h"

// The index over the statements of one PolicySet (decisions 0010, 0019): per action, a class of the
// statements that mention it, built on first use: a block of memory with tries over the literal
// beginnings of resources.
// Private to this room.

namespace signet::policy {

struct SetIndex : IndexRows {
  // Actions beyond this many are decided without index: the names a caller can make up are endless.
  static constexpr std::uint32_t kMaxClasses = 2'048;

  SetIndex(SetKind set_kind, std::span<const PolicyMember> set_members);
  ~SetIndex();
  SetIndex(const SetIndex&) = delete;
  SetIndex& operator=(const SetIndex&) = delete;

  [[nodiscard]] std::atomic<ActionClass*>& bucket_of(const ActionName& action) const {
    const std::uint64_t half = static_cast<std::uint32_t>(action.hash());
    return buckets[(half * bucket_count) >> 32U];
  }

  // The class of an action, built if need be. Null when there are too many, or no memory: ask the
  // plain way.
  [[nodiscard, gnu::always_inline]] const ActionClass* find(const RequestParts& parts,
                                                            Evaluation& evaluation) const noexcept {
    const ActionClass* entry = bucket_of(parts.action()).load(std::memory_order_acquire);
    for (; entry != nullptr; entry = entry->next) {
      if (entry->is_of(parts.action())) {
        return entry;
      }
    }
    return find_new(parts, evaluation);
  }

  // The index has nothing on the class: statement by statement.
  [[nodiscard]] bool is_asked_plainly(const ActionClass& entry) const {
    return entry.body == nullptr;
  }

  // Bytes held by the index, classes built so far included.
  [[nodiscard]] std::size_t memory() const;

  std::uint32_t bucket_count = 0;
  std::atomic<ActionClass*>* buckets = nullptr;
  mutable std::atomic<ClassBody*> bodies = nullptr;
  mutable std::atomic<std::uint32_t> class_count = 0;

 private:
  static void describe(ActionClass& entry, const ClassBody* body);

  [[nodiscard]] const ActionClass* find_new(const RequestParts& parts,
                                            Evaluation& evaluation) const noexcept;
  [[nodiscard]] const ActionClass* build(const RequestParts& parts, Evaluation& evaluation) const;
  [[nodiscard]] const ClassBody* body_of(std::vector<std::uint32_t> class_rows) const;

  std::unique_ptr<std::atomic<ActionClass*>[]> owned_buckets_;
};

}  // namespace signet::policy
