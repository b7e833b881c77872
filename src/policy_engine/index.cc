#include "policy_engine/index.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "base/check.h"
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

ActionClass* make_class(const ActionName& action, const std::vector<std::uint16_t>& list) {
  const std::string_view name = action.text();
  const std::size_t list_at = ActionClass::padded_tail(name.size());
  void* memory =
      ::operator new(sizeof(ActionClass) + list_at + list.size() * sizeof(std::uint16_t));
  ActionClass* made = std::construct_at(static_cast<ActionClass*>(memory));
  made->folded = action.folded();
  made->name_size = static_cast<std::uint16_t>(name.size());
  made->list_size = static_cast<std::uint16_t>(list.size());
  char* const behind = static_cast<char*>(memory) + sizeof(ActionClass);
  for (std::size_t i = ActionName::kFolded; i < name.size(); ++i) {
    behind[i - ActionName::kFolded] = to_lower(name[i]);
  }
  if (!list.empty()) {
    std::memcpy(behind + list_at, list.data(), list.size() * sizeof(std::uint16_t));
  }
  return made;
}

template <class T>
std::size_t bytes_of(const std::vector<T>& items) {
  return items.capacity() * sizeof(T);
}

}  // namespace

SetIndex::SetIndex(SetKind set_kind, std::span<const PolicyMember> set_members, bool may_have_table)
    : IndexRows(set_kind, set_members) {
  SIGNET_CHECK(members.size() <= IndexRow::kMostMembers);
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
  table = may_have_table ? build_pattern_table(*this) : nullptr;
  if (table != nullptr) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      classify(row);
    }
  }
  bucket_count = buckets_for(rows.size());
  owned_buckets_ = std::make_unique<std::atomic<ActionClass*>[]>(bucket_count);
  buckets = owned_buckets_.get();
}

// Takes a row into the masks.
void SetIndex::classify(std::size_t row) {
  const CompiledStatement& statement = statement_of(rows[row]);
  const ResourceRoute route = route_of(*members[rows[row].member].policy, statement);
  if (statement.effect == Effect::Deny) {
    deny_rows.add(row);
  }
  if (rows[row].conditions == ConditionPool::kAlways) {
    free_rows.add(row);
  }
  if (route == ResourceRoute::Always) {
    always_rows.add(row);
  } else if (route == ResourceRoute::Direct) {
    direct_rows.add(row);
  }
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
  RowMask mask;
  for (std::uint32_t number = 0; number < rows.size(); ++number) {
    const IndexRow& row = rows[number];
    const bool belongs = evaluation.action_applies(*members[row.member].policy, statement_of(row));
    if (belongs && table != nullptr) {
      mask.add(number);
    } else if (belongs) {
      class_rows.push_back(number);
    }
  }
  const ActionName& action = parts.action();
  ActionClass* entry = make_class(action, list_of(mask));
  if (table != nullptr) {
    entry->rows.mask = mask;
    describe(*entry);
  } else {
    describe(*entry, body_of(std::move(class_rows)));
  }
  std::atomic<ActionClass*>& bucket = bucket_of(action);
  entry->next = bucket.load(std::memory_order_acquire);
  // A name that another thread adds meanwhile stands in the chain twice, which does no harm.
  while (!bucket.compare_exchange_weak(entry->next, entry, std::memory_order_acq_rel)) {
  }
  class_count.fetch_add(1, std::memory_order_relaxed);
  return entry;
}

// What a class says by itself, in a set without a table.
void SetIndex::describe(ActionClass& entry, const ClassBody* body) {
  entry.rows.body = body;
  if (body != nullptr) {
    entry.has_denials = body->has_denials;
    entry.has_allowances = body->has_allowances;
  }
}

// The same in a set with a table.
void SetIndex::describe(ActionClass& entry) const {
  const RowMask& mask = entry.rows.mask;
  entry.has_denials = !(mask & deny_rows).is_empty();
  entry.has_allowances = !mask.without(deny_rows).is_empty();
  entry.has_direct_rows = !(mask & direct_rows).is_empty();
  const RowMask outright = mask & always_rows & free_rows;
  if (names_nobody(kind) && !entry.has_denials && !outright.is_empty()) {
    entry.outright_row = static_cast<std::uint8_t>(outright.first());
  }
}

// The patterns of a class as they stand behind it.
std::vector<std::uint16_t> SetIndex::list_of(const RowMask& class_rows) const {
  std::vector<std::uint16_t> list;
  std::size_t count_at = 0;
  const TablePattern* before = nullptr;
  for (std::size_t i = 0; table != nullptr && i < table->patterns.size(); ++i) {
    const TablePattern& pattern = table->patterns[i];
    if (!class_rows.has(pattern.row)) {
      continue;
    }
    if (before == nullptr || before->head != pattern.head) {
      list.push_back(pattern.head);
      count_at = list.size();
      list.push_back(0);
    }
    ++list[count_at];
    list.push_back(static_cast<std::uint16_t>(i));
    before = &pattern;
  }
  return list;
}

// Two actions mentioned by the same statements share one body.
const ClassBody* SetIndex::body_of(std::vector<std::uint32_t> class_rows) const {
  const ClassBody* body = bodies.load(std::memory_order_acquire);
  while (body != nullptr && !std::ranges::equal(body->rows_at(body->members), class_rows)) {
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

std::vector<std::uint32_t> SetIndex::rows_of(const ActionClass& entry) const {
  if (table == nullptr) {
    const ClassBody& body = *entry.rows.body;
    const std::span<const std::uint32_t> all = body.rows_at(body.members);
    return {all.begin(), all.end()};
  }
  std::vector<std::uint32_t> found;
  for (RowMask left = entry.rows.mask; !left.is_empty();) {
    found.push_back(left.pop());
  }
  return found;
}

std::size_t SetIndex::memory() const {
  std::size_t total = sizeof(SetIndex) + bytes_of(rows) + pool.memory() +
                      (table != nullptr ? table->memory() : 0) + bucket_count * sizeof(void*);
  for (std::uint32_t i = 0; i < bucket_count; ++i) {
    for (const ActionClass* entry = buckets[i].load(std::memory_order_acquire); entry != nullptr;
         entry = entry->next) {
      total += sizeof(ActionClass) + ActionClass::padded_tail(entry->name_size) +
               entry->list_size * sizeof(std::uint16_t);
    }
  }
  for (const ClassBody* body = bodies.load(std::memory_order_acquire); body != nullptr;
       body = body->next) {
    total += body->size;
  }
  return total;
}

}  // namespace signet::policy
