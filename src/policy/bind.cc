#include "policy/bind.h"

#include <algorithm>
#include <utility>

#include "facts/condition_keys.h"
#include "policy/constants.h"
#include "policy/evaluate.h"

namespace signet::policy {
namespace {

// Copies the session's keys out of a context.
class Collector {
 public:
  Collector(const RequestContext& from, Constants& out) : from_(from), out_(out) {}

  void run() {
    for (const facts::ConditionKeyRow& row : facts::condition_keys()) {
      if (!row.is_session_constant) {
        continue;
      }
      if (row.shape == facts::KeyShape::Family) {
        family(static_cast<TagFamily>(row.id));
      } else {
        key(static_cast<KeyId>(row.id));
      }
    }
    from_.each_extra([this](std::string_view name, const Value& value) { extra(name, value); });
  }

 private:
  std::string_view keep(std::string_view text) { return out_.texts.emplace_back(text); }

  std::span<const std::string_view> keep(std::span<const std::string_view> list) {
    std::vector<std::string_view>& kept = out_.lists.emplace_back();
    for (const std::string_view text : list) {
      kept.push_back(keep(text));
    }
    return kept;
  }

  void key(KeyId id) {
    const auto i = static_cast<std::size_t>(id);
    out_.keys[i / 64] |= std::uint64_t{1} << (i % 64);
    const Value value = from_.find(id);
    switch (value.kind) {
      case Value::Kind::Absent:
        break;
      case Value::Kind::Text:
        out_.values.set(id, keep(value.text));
        break;
      case Value::Kind::List:
        out_.values.set_list(id, keep(value.list));
        break;
      case Value::Kind::Number:
        out_.values.set_number(id, value.number);
        break;
      case Value::Kind::Instant:
        out_.values.set_instant(id, Instant{.unix_ms = value.number});
        break;
    }
  }

  void family(TagFamily id) {
    out_.families |= std::uint32_t{1} << static_cast<unsigned>(id);
    const auto copy = [this](std::span<const model::Tag> tags) -> std::span<const model::Tag> {
      return out_.tags.emplace_back(tags.begin(), tags.end());
    };
    const auto [over, under] = from_.tags(id);
    out_.values.set_tags(id, copy(over), copy(under));
  }

  // Tags may have come by name.
  void extra(std::string_view name, const Value& value) {
    if (!out_.covers(resolve_key(name))) {
      return;
    }
    if (value.kind == Value::Kind::List) {
      out_.values.add_list(keep(name), keep(value.list));
    } else {
      out_.values.add(keep(name), keep(value.text));
    }
  }

  const RequestContext& from_;
  Constants& out_;
};

bool is_known(const Constants& constants, const CompiledPolicy& policy, const Pattern& pattern) {
  const auto tokens = policy.store.of(pattern);
  return std::all_of(tokens.begin(), tokens.end(), [&](const Token& token) {
    return token.kind != Token::Kind::Variable ||
           constants.covers(policy.store.variables[token.variable].key);
  });
}

bool is_known(const Constants& constants,
              const CompiledPolicy& policy,
              const Condition& condition,
              const Operand& operand) {
  if (condition.op.compare == Compare::ArnLike && operand.extra != Operand::kUnreadable) {
    const ArnOperand& arn = policy.arns[operand.extra];
    return std::all_of(arn.begin(), arn.end(), [&](const Pattern& part) {
      return is_known(constants, policy, part);
    });
  }
  return is_known(constants, policy, operand.pattern);
}

}  // namespace

bool Constants::covers(const KeyRef& key) const {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      return ((keys[key.id / 64U] >> (key.id % 64U)) & 1U) != 0;
    case KeyRef::Kind::Tag:
      return ((families >> key.id) & 1U) != 0;
    case KeyRef::Kind::Other:
      break;
  }
  return false;
}

// Evaluation::value_of() for what never changes.
KnownVariable Constants::value_of(const Variable& variable, std::string_view& out) const {
  if (!covers(variable.key)) {
    return KnownVariable::Unknown;
  }
  const Value value = values.find(variable.key);
  if (value.kind == Value::Kind::Number || value.kind == Value::Kind::Instant) {
    return KnownVariable::Unknown;  // its text would have to be rendered and kept
  }
  const bool has_value = !variable.key.is_list && value.kind == Value::Kind::Text &&
                         (!value.text.empty() || !settings.empty_value_is_unresolved);
  if (has_value) {
    out = value.text;
    return KnownVariable::Text;
  }
  out = variable.default_value;
  return variable.has_default ? KnownVariable::Text : KnownVariable::Nothing;
}

KnownTruth Constants::truth_of(const CompiledPolicy& policy, const Condition& condition) const {
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  const bool is_decided =
      covers(condition.key) &&
      std::all_of(operands.begin(), operands.end(), [&](const Operand& operand) {
        return is_known(*this, policy, condition, operand);
      });
  if (!is_decided) {
    return KnownTruth::Unknown;
  }
  const Request request{.action = "*", .resource = "*"};
  const RequestParts parts(request);
  const Principal nobody;
  Evaluation evaluation(parts, nobody, values, settings, false);
  return evaluation.holds(policy, condition) ? KnownTruth::True : KnownTruth::False;
}

ConstantsRef session_constants(const RequestContext& context, const Settings& settings) {
  auto constants = std::make_shared<Constants>();
  constants->settings = settings;
  Collector(context, *constants).run();
  return constants;
}

PolicySetRef bind(const PolicySet& set, ConstantsRef constants) {
  const auto members = set.members();
  const Settings settings = constants->settings;
  return std::make_shared<const PolicySet>(
      set.kind(),
      std::vector<PolicyMember>(members.begin(), members.end()),
      std::move(constants),
      settings);
}

}  // namespace signet::policy
