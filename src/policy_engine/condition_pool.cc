#include "policy_engine/condition_pool.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

using Shape = CompactCondition::Shape;
using Fit = PooledText::Fit;

constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  std::uint64_t word = text.size();
  for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
    std::memcpy(&word, text.data() + i, 8);
    hash = (hash ^ word) * kMix;
    hash ^= hash >> 32U;
  }
  for (std::size_t i = text.size() & ~std::size_t{7}; i < text.size(); ++i) {
    hash = (hash ^ static_cast<unsigned char>(text[i])) * kMix;
  }
  hash = (hash ^ text.size()) * kMix;
  return hash ^ (hash >> 29U);
}

std::uint64_t hash_of(const CompiledPolicy& policy, const Condition& condition) {
  const Operator& op = condition.op;
  std::uint64_t hash = (static_cast<std::uint64_t>(op.compare) << 8U) ^
                       (static_cast<std::uint64_t>(op.quantifier) << 4U) ^
                       (op.is_negated ? 2U : 0U) ^ (op.if_exists ? 1U : 0U);
  hash ^= (static_cast<std::uint64_t>(condition.key.kind) << 24U) ^
          (static_cast<std::uint64_t>(condition.key.id) << 16U);
  hash = mix(hash, condition.key.rest);
  for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
    hash = mix(hash, operand.text);
  }
  return hash;
}

bool is_same_operator(const Operator& a, const Operator& b) {
  return a.compare == b.compare && a.quantifier == b.quantifier && a.is_negated == b.is_negated &&
         a.if_exists == b.if_exists;
}

void append(std::string& bytes, const auto& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A pattern as one literal with at most one star at either end; false when it is more than that.
bool simplify(std::span<const Token> tokens, std::string& literal, Fit& fit) {
  const bool begins_open = !tokens.empty() && tokens.front().kind == Token::Kind::AnyRun;
  const bool ends_open =
      tokens.size() > (begins_open ? 1U : 0U) && tokens.back().kind == Token::Kind::AnyRun;
  tokens = tokens.subspan(begins_open ? 1 : 0);
  tokens = tokens.first(tokens.size() - (ends_open ? 1 : 0));
  for (const Token& token : tokens) {
    if (token.kind != Token::Kind::Literal) {
      return false;
    }
    literal += token.literal;
  }
  fit = begins_open ? (ends_open ? Fit::Within : Fit::End)
                    : (ends_open ? Fit::Beginning : Fit::Whole);
  if (begins_open && literal.empty()) {
    fit = Fit::Beginning;
  }
  return literal.size() <= std::numeric_limits<std::uint16_t>::max();
}

PooledBlock pooled(const IpBlock& block) {
  PooledBlock out;
  out.is_v6 = block.base.is_v6 ? 1 : 0;
  std::array<std::uint8_t, 16> mask{};
  for (unsigned bit = 0; bit < block.prefix; ++bit) {
    mask[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  std::memcpy(out.base, block.base.bytes.data(), sizeof out.base);
  std::memcpy(out.mask, mask.data(), sizeof out.mask);
  return out;
}

// Writes the operands of a condition in its compact shape; false: there is none.
class Writer {
 public:
  Writer(const CompiledPolicy& policy, const Condition& condition, std::string& bytes)
      : policy_(policy), condition_(condition), bytes_(bytes) {}

  bool run(CompactCondition& out) {
    out.operands = static_cast<std::uint32_t>(bytes_.size());
    const Compare compare = condition_.op.compare;
    if (compare == Compare::Null || compare == Compare::Bool) {
      return booleans(out);
    }
    if (compare == Compare::StringEquals || compare == Compare::StringLike) {
      return texts(out);
    }
    if (is_numeric_compare(compare)) {
      out.shape = Shape::Numbers;
      return table(out, policy_.numbers);
    }
    if (is_date_compare(compare)) {
      out.shape = Shape::Instants;
      return table(out, policy_.dates);
    }
    if (compare != Compare::IpAddress) {
      return false;
    }
    out.shape = Shape::Addresses;
    for (const Operand& operand : operands()) {
      if (operand.extra != Operand::kUnreadable) {
        append(bytes_, pooled(policy_.blocks[operand.extra]));
        ++out.count;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] std::span<const Operand> operands() const {
    return CompiledPolicy::slice(policy_.operands, condition_.operands);
  }

  bool booleans(CompactCondition& out) {
    out.shape = condition_.op.compare == Compare::Bool ? Shape::Booleans : Shape::Absence;
    out.operands = 0;
    for (const Operand& operand : operands()) {
      if (operand.pattern.has_variable) {
        return false;
      }
      out.operands |= operand.boolean ? (*operand.boolean ? 2U : 1U) : 0U;
    }
    return true;
  }

  bool texts(CompactCondition& out) {
    out.shape = condition_.op.compare == Compare::StringLike ? Shape::Likes : Shape::Texts;
    for (const Operand& operand : operands()) {
      std::string literal;
      PooledText header;
      if (operand.pattern.has_variable ||
          !simplify(policy_.store.of(operand.pattern), literal, header.fit)) {
        return false;
      }
      header.size = static_cast<std::uint16_t>(literal.size());
      append(bytes_, header);
      bytes_ += literal;
      ++out.count;
    }
    return true;
  }

  template <class T>
  bool table(CompactCondition& out, const std::vector<T>& values) {
    for (const Operand& operand : operands()) {
      if (operand.extra != Operand::kUnreadable) {
        append(bytes_, values[operand.extra]);
        ++out.count;
      }
    }
    return true;
  }

  const CompiledPolicy& policy_;
  const Condition& condition_;
  std::string& bytes_;
};

// Roughly what a condition costs, to ask cheap ones first.
unsigned cost_of(const CompactCondition& condition) {
  const unsigned key = condition.key_kind == KeyRef::Kind::Fixed ? 0 : 4;
  switch (condition.shape) {
    case Shape::Booleans:
    case Shape::Absence:
      return key + 1;
    case Shape::Texts:
      return key + 2;
    case Shape::Likes:
    case Shape::Numbers:
      return key + 3;
    case Shape::Instants:
    case Shape::Addresses:
      return key + 6;
    case Shape::General:
      break;
  }
  return 20;
}

}  // namespace

ConditionPool::ConditionPool(std::span<const PolicyMember> set_members) : members(set_members) {
  lists.push_back(0);
}

bool ConditionPool::is_same(const CompactCondition& one,
                            const CompiledPolicy& policy,
                            const Condition& condition) const {
  const CompiledPolicy& other_policy = *members[one.member].policy;
  const Condition& other = other_policy.conditions[one.condition];
  const auto a = CompiledPolicy::slice(policy.operands, condition.operands);
  const auto b = CompiledPolicy::slice(other_policy.operands, other.operands);
  return is_same_operator(condition.op, other.op) && condition.key.kind == other.key.kind &&
         condition.key.id == other.key.id && condition.key.rest == other.key.rest &&
         policy.document->version() == other_policy.document->version() &&
         std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Operand& x, const Operand& y) {
           return x.text == y.text;
         });
}

void ConditionPool::grow() {
  table_.assign(std::max<std::size_t>(16, table_.size() * 2), 0);
  for (std::uint32_t i = 0; i < hashes_.size(); ++i) {
    std::size_t at = hashes_[i] & (table_.size() - 1);
    while (table_[at] != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = i + 1;
  }
}

std::uint32_t ConditionPool::intern(std::uint32_t member, std::uint32_t number) {
  const CompiledPolicy& policy = *members[member].policy;
  const Condition& condition = policy.conditions[number];
  if (conditions.size() * 2 >= table_.size()) {
    grow();
  }
  const std::uint64_t hash = hash_of(policy, condition);
  std::size_t at = hash & (table_.size() - 1);
  for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    const std::uint32_t found = table_[at] - 1;
    if (hashes_[found] == hash && is_same(conditions[found], policy, condition)) {
      return found;
    }
  }
  CompactCondition made{.compare = condition.op.compare,
                        .key_kind = condition.key.kind,
                        .key = condition.key.id,
                        .is_negated = condition.op.is_negated,
                        .when_absent = condition.op.is_negated || condition.op.if_exists,
                        .member = member,
                        .condition = number};
  const std::size_t begin = bytes.size();
  const bool is_plain = condition.op.quantifier == Quantifier::None && !condition.key.is_list &&
                        condition.key.kind != KeyRef::Kind::Other &&
                        !Evaluation::is_resource_tag(condition.key) &&
                        condition.key.rest.size() <= std::numeric_limits<std::uint16_t>::max();
  if (is_plain && condition.key.kind == KeyRef::Kind::Tag) {
    made.tag = static_cast<std::uint32_t>(begin);
    made.tag_size = static_cast<std::uint16_t>(condition.key.rest.size());
    bytes += condition.key.rest;
  }
  if (!is_plain || !Writer(policy, condition, bytes).run(made)) {
    bytes.resize(begin);
    made.shape = Shape::General;
  }
  conditions.push_back(made);
  hashes_.push_back(hash);
  table_[at] = static_cast<std::uint32_t>(conditions.size());
  return table_[at] - 1;
}

std::uint32_t ConditionPool::add(std::uint32_t member, const CompiledStatement& statement) {
  if (statement.conditions.count == 0) {
    return kAlways;
  }
  const auto begin = static_cast<std::uint32_t>(lists.size());
  lists.push_back(0);
  for (std::uint32_t i = 0; i < statement.conditions.count; ++i) {
    lists.push_back(intern(member, statement.conditions.first + i));
  }
  std::sort(lists.begin() + begin + 1, lists.end(), [this](std::uint32_t a, std::uint32_t b) {
    return std::pair(cost_of(conditions[a]), a) < std::pair(cost_of(conditions[b]), b);
  });
  lists[begin] = static_cast<std::uint32_t>(lists.size()) - begin - 1;
  return begin;
}

void ConditionPool::finish() {
  table_ = {};
  hashes_ = {};
  conditions.shrink_to_fit();
  lists.shrink_to_fit();
  bytes.shrink_to_fit();
}

std::size_t ConditionPool::memory() const {
  return conditions.capacity() * sizeof(CompactCondition) +
         lists.capacity() * sizeof(std::uint32_t) + bytes.capacity();
}

namespace {

bool any_text(const char* at, std::uint32_t count, std::string_view text) {
  for (; count > 0; --count) {
    const auto operand = load<PooledText>(at);
    at += sizeof operand;
    if (operand.size == text.size() && same_bytes(at, text.data(), text.size())) {
      return true;
    }
    at += operand.size;
  }
  return false;
}

bool fits(Fit fit, std::string_view literal, std::string_view text) {
  if (literal.size() > text.size()) {
    return false;
  }
  switch (fit) {
    case Fit::Whole:
      return same_bytes(literal, text);
    case Fit::Beginning:
      return same_bytes(literal.data(), text.data(), literal.size());
    case Fit::End:
      return same_bytes(literal.data(), text.data() + text.size() - literal.size(), literal.size());
    case Fit::Within:
      break;
  }
  return text.find(literal) != std::string_view::npos;
}

bool any_like(const char* at, std::uint32_t count, std::string_view text) {
  for (; count > 0; --count) {
    const auto operand = load<PooledText>(at);
    at += sizeof operand;
    if (fits(operand.fit, std::string_view(at, operand.size), text)) {
      return true;
    }
    at += operand.size;
  }
  return false;
}

bool any_block(const char* at, std::uint32_t count, const AddressBits& address) {
  const auto& bits = address.words;
  for (; count > 0; --count, at += sizeof(PooledBlock)) {
    const auto block = load<PooledBlock>(at);
    const bool is_inside = (((block.base[0] ^ bits[0]) & block.mask[0]) |
                            ((block.base[1] ^ bits[1]) & block.mask[1])) == 0;
    if (is_inside && (block.is_v6 != 0) == address.is_v6) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool ConditionRun::any_instant(const CompactCondition& condition, std::int64_t instant) const {
  const char* at = pool_.bytes.data() + condition.operands;
  for (std::uint32_t i = 0; i < condition.count; ++i) {
    const auto other = load<std::int64_t>(at + i * sizeof(std::int64_t));
    if (is_ordered(condition.compare, instant < other ? -1 : (instant > other ? 1 : 0))) {
      return true;
    }
  }
  return false;
}

bool ConditionRun::any_number(const CompactCondition& condition, const Number& number) const {
  const char* at = pool_.bytes.data() + condition.operands;
  for (std::uint32_t i = 0; i < condition.count; ++i) {
    const auto other = load<Number>(at + i * sizeof(Number));
    if (is_ordered(condition.compare, compare_numbers(number, other))) {
      return true;
    }
  }
  return false;
}

bool ConditionRun::general(const CompactCondition& condition) {
  const CompiledPolicy& policy = *pool_.members[condition.member].policy;
  return evaluation_.holds(policy, policy.conditions[condition.condition]);
}

// The address that the key's text names; null: none.
const AddressBits* ConditionRun::address_of(const CompactCondition& condition,
                                            std::string_view text) {
  const auto key = static_cast<KeyId>(condition.key);
  return condition.key_kind == KeyRef::Kind::Fixed && RequestContext::is_address(key)
             ? evaluation_.context().address(key)
             : evaluation_.address_of(text);
}

[[gnu::always_inline]] inline bool ConditionRun::any_operand(const CompactCondition& condition,
                                                             std::string_view text) {
  const char* at = pool_.bytes.data() + condition.operands;
  switch (condition.shape) {
    case Shape::Booleans: {
      const std::optional<bool> value = parse_bool(text);
      return value && (condition.operands & (*value ? 2U : 1U)) != 0;
    }
    case Shape::Texts:
      return any_text(at, condition.count, text);
    case Shape::Likes:
      return any_like(at, condition.count, text);
    case Shape::Numbers: {
      const std::optional<Number> number = parse_number(text);
      return number && any_number(condition, *number);
    }
    case Shape::Instants: {
      const std::optional<std::int64_t> instant = evaluation_.instant_of(text);
      return instant && any_instant(condition, *instant);
    }
    case Shape::Addresses: {
      const AddressBits* address = address_of(condition, text);
      return address != nullptr && any_block(at, condition.count, *address);
    }
    default:
      return general(condition) != condition.is_negated;
  }
}

[[gnu::always_inline]] inline bool ConditionRun::holds(const CompactCondition& condition) {
  if (condition.shape == Shape::General) {
    return general(condition);
  }
  const RequestContext::Peek value =
      condition.key_kind == KeyRef::Kind::Fixed
          ? evaluation_.context().peek(static_cast<KeyId>(condition.key))
          : evaluation_.context().peek(
                static_cast<TagFamily>(condition.key),
                std::string_view(pool_.bytes.data() + condition.tag, condition.tag_size));
  if (value.kind == Value::Kind::Absent) {
    return condition.shape == Shape::Absence ? (condition.operands & 2U) != 0
                                             : condition.when_absent;
  }
  if (value.kind != Value::Kind::Text) {
    if (value.kind == Value::Kind::Instant && condition.shape == Shape::Instants) {
      return any_instant(condition, value.number) != condition.is_negated;
    }
    if (value.kind == Value::Kind::Number && condition.shape == Shape::Numbers) {
      const Number number{
          .real = static_cast<double>(value.number), .integer = value.number, .is_integer = true};
      return any_number(condition, number) != condition.is_negated;
    }
    return general(condition);
  }
  if (condition.shape == Shape::Absence) {
    const bool is_absent = evaluation_.settings().null_treats_empty_as_absent && value.text.empty();
    return (condition.operands & (is_absent ? 2U : 1U)) != 0;
  }
  return any_operand(condition, value.text) != condition.is_negated;
}

bool ConditionRun::each_holds(std::uint32_t list) {
  const std::uint32_t* at = pool_.lists.data() + list;
  const CompactCondition* const conditions = pool_.conditions.data();
  for (const std::uint32_t* const end = at + 1 + *at; ++at != end;) {
    const std::uint32_t id = *at;
    if (id >= kRemembered) {
      if (!holds(conditions[id])) {
        return false;
      }
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << (id % 64U);
    const std::size_t word = id / 64;
    if ((known_[word] & bit) == 0) {
      known_[word] |= bit;
      truth_[word] |= holds(conditions[id]) ? bit : 0;
    }
    if ((truth_[word] & bit) == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace signet::policy
