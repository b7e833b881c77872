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

constexpr std::uint64_t kFold = 0x2020202020202020ULL;
constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

std::size_t bucket_count(std::size_t rows) {
  std::size_t count = 8;
  while (count < rows && count < 256) {
    count *= 2;
  }
  return count;
}

IndexRow::Resources resources_of(const CompiledPolicy& policy, const CompiledStatement& statement) {
  if (!statement.has_resource || statement.has_only_all_resources) {
    return IndexRow::Resources::Always;
  }
  const auto all = CompiledPolicy::slice(policy.resources, statement.resources);
  const bool has_whole = std::any_of(all.begin(), all.end(), [](const ResourcePattern& pattern) {
    return pattern.kind == ResourcePattern::Kind::Whole;
  });
  return statement.is_not_resource || has_whole ? IndexRow::Resources::Direct
                                                : IndexRow::Resources::Indexed;
}

ActionClass* make_class(std::uint64_t hash, std::string_view name, const ClassBody* body) {
  void* memory = ::operator new(sizeof(ActionClass) + name.size());
  auto* made = new (memory) ActionClass{};
  made->hash = hash;
  made->body = body;
  made->name_size = static_cast<std::uint32_t>(name.size());
  std::memcpy(made->name, name.data(), name.size());
  return made;
}

bool is_named(const ActionClass& entry, std::string_view action) {
  const std::string_view name(entry.name, entry.name_size);
  return same_bytes(name, action) || equals_ignore_case(name, action);
}

}  // namespace

std::uint64_t hash_action(std::string_view action) {
  const char* at = action.data();
  const std::size_t size = action.size();
  const auto word_at = [at](std::size_t offset) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + offset, 8);
    return word | kFold;
  };
  std::uint64_t hash = size * kMix;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      hash = (hash ^ static_cast<unsigned char>(to_lower(at[i]))) * kMix;
    }
    return hash ^ (hash >> 32U);
  }
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    hash = (hash ^ word_at(i)) * kMix;
    hash ^= hash >> 29U;
  }
  hash = (hash ^ word_at(size - 8)) * kMix;  // overlaps the word before: no loop over a tail
  return hash ^ (hash >> 32U);
}

bool ClassBody::has_members(std::span<const std::uint32_t> those) const {
  return std::equal(members, members + member_count, those.begin(), those.end());
}

void ClassBodyDelete::operator()(ClassBody* body) const {
  ::operator delete(body);
}

PolicySet::Index::Index(SetKind set_kind, std::span<const PolicyMember> set_members)
    : kind(set_kind), members(set_members) {
  std::size_t count = 0;
  for (const PolicyMember& one : members) {
    count += one.policy->statements.size();
  }
  rows.reserve(count);
  std::uint32_t member = 0;
  for (const PolicyMember& one : members) {
    std::uint32_t index = 0;
    for (const CompiledStatement& statement : one.policy->statements) {
      rows.push_back(IndexRow{.policy = one.policy.get(),
                              .statement = &statement,
                              .member = member,
                              .index = index++,
                              .resources = resources_of(*one.policy, statement)});
    }
    ++member;
  }
  buckets = std::vector<std::atomic<ActionClass*>>(bucket_count(rows.size()));
}

PolicySet::Index::~Index() {
  for (std::atomic<ActionClass*>& bucket : buckets) {
    for (ActionClass* entry = bucket.load(std::memory_order_acquire); entry != nullptr;) {
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

const ClassBody* PolicySet::Index::find(const RequestParts& parts,
                                        Evaluation& evaluation) const noexcept {
  std::atomic<ActionClass*>& bucket = buckets[parts.action_hash & (buckets.size() - 1)];
  for (const ActionClass* entry = bucket.load(std::memory_order_acquire); entry != nullptr;
       entry = entry->next) {
    if (entry->hash == parts.action_hash && is_named(*entry, parts.action)) {
      return entry->body;
    }
  }
  if (class_count.load(std::memory_order_relaxed) >= kMaxClasses) {
    return nullptr;
  }
  try {
    return build(parts, evaluation, bucket);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

const ClassBody* PolicySet::Index::build(const RequestParts& parts,
                                         Evaluation& evaluation,
                                         std::atomic<ActionClass*>& bucket) const {
  std::vector<std::uint32_t> class_rows;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (evaluation.action_applies(*rows[i].policy, *rows[i].statement)) {
      class_rows.push_back(i);
    }
  }
  // Two actions mentioned by the same statements share one body.
  const ClassBody* body = bodies.load(std::memory_order_acquire);
  while (body != nullptr && !body->has_members(class_rows)) {
    body = body->next;
  }
  if (body == nullptr) {
    ClassBodyOwner made = build_class_body(*this, std::move(class_rows));
    made->next = bodies.load(std::memory_order_acquire);
    while (!bodies.compare_exchange_weak(made->next, made.get(), std::memory_order_acq_rel)) {
    }
    body = made.release();
  }
  ActionClass* entry = make_class(parts.action_hash, parts.action, body);
  entry->next = bucket.load(std::memory_order_acquire);
  // A name that another thread adds meanwhile stands in the chain twice, which does no harm.
  while (!bucket.compare_exchange_weak(entry->next, entry, std::memory_order_acq_rel)) {
  }
  class_count.fetch_add(1, std::memory_order_relaxed);
  return body;
}

std::size_t PolicySet::Index::memory() const {
  const auto bytes = [](const auto& items) {
    return items.capacity() * sizeof(items[0]);
  };
  std::size_t total = sizeof(Index) + bytes(rows) + buckets.size() * sizeof(void*);
  for (const auto& bucket : buckets) {
    for (const ActionClass* entry = bucket.load(std::memory_order_acquire); entry != nullptr;
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
