#include "policy_engine/index.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "base/assertion.h"
#include "base/strings.h"
#include "policy_engine/class_draft.h"
#include "policy_engine/index_builder.h"
#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

constexpr std::size_t kLongestName = 0xFFFF;

// A set of few statements is asked for as many actions as any other.
std::uint32_t buckets_for(std::size_t rows) {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(rows, 64, 256));
}

ActionClass* make_class(const ActionName& action) {
  const std::string_view name = action.text();
  void* memory = ::operator new(sizeof(ActionClass) + ActionClass::tail_size(name.size()));
  ActionClass* made = std::construct_at(static_cast<ActionClass*>(memory));
  made->folded = action.folded();
  made->name_size = static_cast<std::uint16_t>(name.size());
  char* const behind = static_cast<char*>(memory) + sizeof(ActionClass);
  for (std::size_t i = ActionName::kFolded; i < name.size(); ++i) {
    behind[i - ActionName::kFolded] = to_lower(name[i]);
  }
  return made;
}

template <class T>
std::size_t bytes_of(const std::vector<T>& items) {
  return items.capacity() * sizeof(T);
}

}  // namespace

SetIndex::SetIndex(SetKind set_kind, std::span<const PolicyMember> set_members)
    : IndexRows(set_kind, set_members) {
  SIGNET_ASSERT(members.size() <= IndexRow::kMostMembers);
  std::size_t count = 0;
  for (const PolicyMember& one : members) {
    count += one.policy->statements.size();
  }
  rows.reserve(count);
  std::uint32_t member = 0;
  for (const PolicyMember& one : members) {
    std::uint32_t number = 0;
    for (const CompiledStatement& statement : one.policy->statements) {
      IndexRow row{.conditions = pool.add(member, statement)};
      row.member = member & (IndexRow::kMostMembers - 1);
      row.statement = number++ & (IndexRow::kMostStatements - 1);
      rows.push_back(row);
    }
    ++member;
  }
  pool.finish();
  bucket_count = buckets_for(rows.size());
  owned_buckets_ = std::make_unique<std::atomic<ActionClass*>[]>(bucket_count);
  buckets = owned_buckets_.get();
}

SetIndex::~SetIndex() {
  for (std::uint32_t i = 0; i < bucket_count; ++i) {
    for (ActionClass* entry = buckets[i].load(std::memory_order_acquire); entry != nullptr;) {
      ActionClass* next = entry->next;
      ::operator delete(entry);
      entry = next;
    }
  }
  for (ClassBody* body = bodies.load(std::memory_order_acquire); body != nullptr;) {
    const ClassBodyOwner owned(body);
    body = owned->next;
  }
}

const ActionClass* SetIndex::find_new(const RequestParts& parts,
                                      Evaluation& evaluation) const noexcept {
  const bool is_refused = class_count.load(std::memory_order_relaxed) >= kMaxClasses ||
                          parts.action().text().size() > kLongestName;
  if (is_refused) {
    return nullptr;
  }
  try {
    return build(parts, evaluation);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

const ActionClass* SetIndex::build(const RequestParts& parts, Evaluation& evaluation) const {
  std::vector<std::uint32_t> class_rows;
  for (std::uint32_t number = 0; number < rows.size(); ++number) {
    const IndexRow& row = rows[number];
    if (evaluation.action_applies(*members[row.member].policy, statement_of(row))) {
      class_rows.push_back(number);
    }
  }
  const ActionName& action = parts.action();
  ActionClass* entry = make_class(action);
  describe(*entry, body_of(std::move(class_rows)));
  std::atomic<ActionClass*>& bucket = bucket_of(action);
  entry->next = bucket.load(std::memory_order_acquire);
  // A name that another thread adds meanwhile stands in the chain twice, which does no harm.
  while (!bucket.compare_exchange_weak(entry->next, entry, std::memory_order_acq_rel)) {
  }
  class_count.fetch_add(1, std::memory_order_relaxed);
  return entry;
}

// What a class says by itself.
void SetIndex::describe(ActionClass& entry, const ClassBody* body) {
  entry.body = body;
  if (body != nullptr) {
    entry.has_denials = body->has_denials;
    entry.has_allowances = body->has_allowances;
  }
}

// Two actions mentioned by the same statements share one body.
const ClassBody* SetIndex::body_of(std::vector<std::uint32_t> class_rows) const {
  const ClassBody* body = bodies.load(std::memory_order_acquire);
  while (body != nullptr && !std::ranges::equal(body->rows(), class_rows)) {
    body = body->next;
  }
  if (body != nullptr) {
    return body;
  }
  ClassBodyOwner made = build_class_body(*this, std::move(class_rows));
  if (made != nullptr) {
    made->next = bodies.load(std::memory_order_acquire);
    while (!bodies.compare_exchange_weak(made->next, made.get(), std::memory_order_acq_rel)) {
    }
  }
  return made.release();
}

std::size_t SetIndex::memory() const {
  std::size_t total =
      sizeof(SetIndex) + bytes_of(rows) + pool.memory() + bucket_count * sizeof(void*);
  for (std::uint32_t i = 0; i < bucket_count; ++i) {
    for (const ActionClass* entry = buckets[i].load(std::memory_order_acquire); entry != nullptr;
         entry = entry->next) {
      total += sizeof(ActionClass) + ActionClass::tail_size(entry->name_size);
    }
  }
  for (const ClassBody* body = bodies.load(std::memory_order_acquire); body != nullptr;
       body = body->next) {
    total += body->size;
  }
  return total;
}

}  // namespace signet::policy
