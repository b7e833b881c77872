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
  while (count < rows && count < 256) {
    count *= 2;
  }
  return count;
}

ActionClass* make_class(const RequestParts& parts, const ClassBody* body) {
  const std::string_view name = parts.action;
  void* memory = ::operator new(sizeof(ActionClass) + name.size());
  ActionClass* made = std::construct_at(static_cast<ActionClass*>(memory));
  made->hash = static_cast<std::uint32_t>(parts.action_hash);
  made->body = body;
  made->name_size = static_cast<std::uint16_t>(name.size());
  std::memcpy(made->name, name.data(), name.size());
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
                        const Constants* set_constants)
    : kind(set_kind),
      members(set_members),
      pool(set_members, set_constants),
      constants(set_constants) {
  std::size_t count = 0;
  for (const PolicyMember& one : members) {
    count += one.policy->statements.size();
  }
  rows.reserve(count);
  has_one_body = count <= kMostShared;
  std::uint32_t member = 0;
  for (const PolicyMember& one : members) {
    std::uint32_t number = 0;
    for (const CompiledStatement& statement : one.policy->statements) {
      rows.push_back(IndexRow{
          .member = member, .statement = number++, .conditions = pool.add(member, statement)});
      classify(*one.policy, statement);
    }
    ++member;
  }
  pool.finish();
  const std::size_t buckets_wanted = bucket_count(rows.size());
  owned_buckets_ = std::make_unique<std::atomic<ActionClass*>[]>(buckets_wanted);
  buckets = owned_buckets_.get();
  bucket_mask = static_cast<std::uint32_t>(buckets_wanted - 1);
}

// Takes the last row into the masks.
void PolicySet::Index::classify(const CompiledPolicy& policy, const CompiledStatement& statement) {
  const std::size_t row = rows.size() - 1;
  if (row >= kMostShared) {
    return;
  }
  const ResourceRoute route = route_of(policy, statement);
  if (statement.effect == Effect::Deny) {
    add_row(deny_rows, row);
  } else if (route == ResourceRoute::Always && rows[row].conditions == ConditionPool::kAlways) {
    add_row(outright_rows, row);
  }
  if (route == ResourceRoute::Always) {
    add_row(always_rows, row);
  } else if (route == ResourceRoute::Direct) {
    add_row(direct_rows, row);
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
                          parts.action.size() > kLongestName;
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
  RowMask mask{};
  for (std::uint32_t number = 0; number < rows.size(); ++number) {
    const IndexRow& row = rows[number];
    const bool belongs = row.conditions != ConditionPool::kNever &&
                         evaluation.action_applies(*members[row.member].policy, statement_of(row));
    if (belongs) {
      class_rows.push_back(number);
      if (number < kMostShared) {
        add_row(mask, number);
      }
    }
  }
  const ClassBody* body = has_one_body ? one_body() : body_of(std::move(class_rows));
  ActionClass* entry = make_class(parts, body);
  entry->rows = mask;
  std::atomic<ActionClass*>& bucket = buckets[parts.action_hash & bucket_mask];
  entry->next = bucket.load(std::memory_order_acquire);
  // A name that another thread adds meanwhile stands in the chain twice, which does no harm.
  while (!bucket.compare_exchange_weak(entry->next, entry, std::memory_order_acq_rel)) {
  }
  class_count.fetch_add(1, std::memory_order_relaxed);
  return entry;
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

const ClassBody* PolicySet::Index::one_body() const {
  ClassBody* body = bodies.load(std::memory_order_acquire);
  if (body != nullptr) {
    return body;
  }
  std::vector<std::uint32_t> all;
  for (std::uint32_t number = 0; number < rows.size(); ++number) {
    if (rows[number].conditions != ConditionPool::kNever) {
      all.push_back(number);
    }
  }
  ClassBodyOwner made = build_class_body(*this, std::move(all));
  const bool is_first = made != nullptr &&
                        bodies.compare_exchange_strong(body, made.get(), std::memory_order_acq_rel);
  return is_first ? made.release() : body;  // another thread's, or none
}

std::vector<std::uint32_t> PolicySet::Index::rows_of(const ActionClass& entry) const {
  const std::span<const std::uint32_t> all = entry.body->rows();
  std::vector<std::uint32_t> found(all.begin(), all.end());
  if (has_one_body) {
    std::erase_if(found, [&entry](std::uint32_t row) {
      return ((entry.rows[row / 64] >> (row % 64U)) & 1U) == 0;
    });
  }
  return found;
}

std::size_t PolicySet::Index::memory() const {
  const auto bytes = [](const auto& items) {
    return items.capacity() * sizeof(items[0]);
  };
  std::size_t total =
      sizeof(Index) + bytes(rows) + pool.memory() + (bucket_mask + std::size_t{1}) * sizeof(void*);
  for (std::uint32_t i = 0; i <= bucket_mask; ++i) {
    for (const ActionClass* entry = buckets[i].load(std::memory_order_acquire); entry != nullptr;
         entry = entry->next) {
      total += sizeof(ActionClass) + entry->name_size;
    }
  }
  for (const ClassBody* body = bodies.load(std::memory_order_acquire); body != nullptr;
       body = body->next) {
    total += body->size;
  }
  return total;
}

}  // namespace signet::policy
