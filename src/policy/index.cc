#include "policy/index.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "base/strings.h"
#include "policy/bytes.h"
#include "policy/index_builder.h"

namespace signet::policy {
namespace {

constexpr std::size_t kLongestName = 0xFFFF;

// A set of few statements is asked for as many actions as any other.
std::size_t bucket_count(std::size_t rows) {
  std::size_t count = 64;
  while (count < rows * 2 && count < 256) {
    count *= 2;
  }
  return count;
}

ActionClass* make_class(const ActionName& action, const std::vector<PatternTable::Use>& uses) {
  const std::string_view name = action.text();
  const std::size_t uses_at = ActionClass::padded_tail(name.size());
  void* memory =
      ::operator new(sizeof(ActionClass) + uses_at + uses.size() * sizeof(PatternTable::Use));
  ActionClass* made = std::construct_at(static_cast<ActionClass*>(memory));
  made->folded = action.folded();
  made->hash = static_cast<std::uint32_t>(action.hash());
  made->name_size = static_cast<std::uint16_t>(name.size());
  made->use_count = static_cast<std::uint16_t>(uses.size());
  char* const behind = static_cast<char*>(memory) + sizeof(ActionClass);
  for (std::size_t i = ActionName::kFolded; i < name.size(); ++i) {
    behind[i - ActionName::kFolded] = to_lower(name[i]);
  }
  if (!uses.empty()) {
    std::memcpy(behind + uses_at, uses.data(), uses.size() * sizeof(PatternTable::Use));
  }
  return made;
}

}  // namespace

ResourceRoute route_of(const CompiledPolicy& policy, const CompiledStatement& statement) {
  if (!statement.has_resource || statement.has_only_all_resources) {
    return ResourceRoute::Always;
  }
  const auto all = CompiledPolicy::slice(policy.resources, statement.resources);
  const bool has_whole = std::any_of(all.begin(), all.end(), [](const ResourcePattern& pattern) {
    return pattern.kind == ResourcePattern::Kind::Whole;
  });
  return statement.is_not_resource || has_whole ? ResourceRoute::Direct : ResourceRoute::Indexed;
}

void ClassBodyDelete::operator()(ClassBody* body) const {
  ::operator delete(body);
}

PolicySet::Index::Index(SetKind set_kind,
                        std::span<const PolicyMember> set_members,
                        const Constants* set_constants,
                        bool may_have_table)
    : kind(set_kind),
      members(set_members),
      pool(set_members, set_constants),
      constants(set_constants) {
  std::size_t count = 0;
  for (const PolicyMember& one : members) {
    count += one.policy->statements.size();
  }
  rows.reserve(count);
  std::uint32_t member = 0;
  for (const PolicyMember& one : members) {
    std::uint32_t number = 0;
    for (const CompiledStatement& statement : one.policy->statements) {
      rows.push_back(IndexRow{
          .member = member, .statement = number++, .conditions = pool.add(member, statement)});
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
  const std::size_t buckets_wanted = bucket_count(rows.size());
  owned_buckets_ = std::make_unique<std::atomic<ActionClass*>[]>(buckets_wanted);
  buckets = owned_buckets_.get();
  bucket_mask = static_cast<std::uint32_t>(buckets_wanted - 1);
}

// Takes a row into the masks.
void PolicySet::Index::classify(std::size_t row) {
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

PolicySet::Index::~Index() {
  for (std::uint32_t i = 0; i <= bucket_mask; ++i) {
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

const ActionClass* PolicySet::Index::find_new(const RequestParts& parts,
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

const ActionClass* PolicySet::Index::build(const RequestParts& parts,
                                           Evaluation& evaluation) const {
  std::vector<std::uint32_t> class_rows;
  RowMask mask;
  for (std::uint32_t number = 0; number < rows.size(); ++number) {
    const IndexRow& row = rows[number];
    const bool belongs = row.conditions != ConditionPool::kNever &&
                         evaluation.action_applies(*members[row.member].policy, statement_of(row));
    if (belongs && table != nullptr) {
      mask.add(number);
    } else if (belongs) {
      class_rows.push_back(number);
    }
  }
  const ActionName& action = parts.action();
  ActionClass* entry = make_class(action, uses_of(mask));
  entry->rows = mask;
  if (table != nullptr) {
    describe(*entry);
  } else if ((entry->body = body_of(std::move(class_rows))) != nullptr) {
    entry->has_denials = entry->body->has_denials;
    entry->has_allowances = entry->body->has_allowances;
  }
  std::atomic<ActionClass*>& bucket = buckets[action.hash() & bucket_mask];
  entry->next = bucket.load(std::memory_order_acquire);
  // A name that another thread adds meanwhile stands in the chain twice, which does no harm.
  while (!bucket.compare_exchange_weak(entry->next, entry, std::memory_order_acq_rel)) {
  }
  class_count.fetch_add(1, std::memory_order_relaxed);
  return entry;
}

// What the rows of a class say by themselves, in a set with a table.
void PolicySet::Index::describe(ActionClass& entry) const {
  entry.has_denials = !(entry.rows & deny_rows).is_empty();
  entry.has_allowances = !entry.rows.without(deny_rows).is_empty();
  entry.has_direct_rows = !(entry.rows & direct_rows).is_empty();
  const RowMask outright = entry.rows & always_rows & free_rows;
  const bool names_nobody = kind == SetKind::Identity || kind == SetKind::Guard;
  if (names_nobody && !entry.has_denials && !outright.is_empty()) {
    entry.outright_row = static_cast<std::uint16_t>(outright.first());
  }
}

// What stands behind an ActionClass.
std::vector<PatternTable::Use> PolicySet::Index::uses_of(const RowMask& class_rows) const {
  std::vector<PatternTable::Use> uses;
  if (table == nullptr) {
    return uses;
  }
  std::size_t head_at = 0;
  std::uint32_t head = PatternTable::kNoHead;
  for (const PatternTable::Pattern& pattern : table->uses) {
    if (!class_rows.has(pattern.use.row())) {
      continue;
    }
    if (pattern.head != head) {
      head = pattern.head;
      head_at = uses.size();
      uses.push_back({.number = pattern.head});
    }
    ++uses[head_at].other;
    uses.push_back(pattern.use);
  }
  return uses;
}

// Two actions mentioned by the same statements share one body.
const ClassBody* PolicySet::Index::body_of(std::vector<std::uint32_t> class_rows) const {
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

std::vector<std::uint32_t> PolicySet::Index::rows_of(const ActionClass& entry) const {
  if (table == nullptr) {
    const std::span<const std::uint32_t> all = entry.body->rows();
    return {all.begin(), all.end()};
  }
  std::vector<std::uint32_t> found;
  for (RowMask left = entry.rows; !left.is_empty();) {
    found.push_back(left.pop());
  }
  return found;
}

std::size_t PatternTable::memory() const {
  const auto bytes = [](const auto& items) {
    return items.capacity() * sizeof(items[0]);
  };
  return sizeof(PatternTable) + bytes(heads) + bytes(odd_heads) + bytes(patterns) + bytes(globs) +
         bytes(uses) + texts.capacity();
}

std::size_t PolicySet::Index::memory() const {
  const auto bytes = [](const auto& items) {
    return items.capacity() * sizeof(items[0]);
  };
  std::size_t total =
      sizeof(Index) + bytes(rows) + pool.memory() + (table != nullptr ? table->memory() : 0) + (bucket_mask + std::size_t{1}) * sizeof(void*);
  for (std::uint32_t i = 0; i <= bucket_mask; ++i) {
    for (const ActionClass* entry = buckets[i].load(std::memory_order_acquire); entry != nullptr;
         entry = entry->next) {
      total += sizeof(ActionClass) + ActionClass::padded_tail(entry->name_size) +
               entry->use_count * sizeof(PatternTable::Use);
    }
  }
  for (const ClassBody* body = bodies.load(std::memory_order_acquire); body != nullptr;
       body = body->next) {
    total += body->size;
  }
  return total;
}

}  // namespace signet::policy
