#include "policy_engine/evaluate.h"

#include <algorithm>

#include "base/strings.h"
#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

std::string_view pin_of(const PolicyMember& member, std::string_view arn) {
  for (const PrincipalPin& pin : member.pins) {
    if (pin.arn == arn) {
      return pin.id;
    }
  }
  return {};
}

// The very text that was read before.
bool is_text(const auto& parsed, std::string_view text) {
  return parsed.text == text.data() && parsed.size == text.size();
}

std::string_view partition_of(std::string_view arn) {
  Colons colons{};
  return find_colons(arn, colons) ? part_at(arn, colons, 1) : std::string_view();
}

}  // namespace

bool Evaluation::is_resource_tag(const KeyRef& key) {
  return key.kind == KeyRef::Kind::Tag &&
         (key.id == static_cast<std::uint8_t>(TagFamily::AwsResourceTag) ||
          key.id == static_cast<std::uint8_t>(TagFamily::IamResourceTag));
}

bool is_refused_short(const ResourcePattern& pattern, SetKind kind) {
  return pattern.is_short && ((kind == SetKind::Guard && !pattern.ends_in_star) ||
                              (kind != SetKind::Identity && !pattern.has_star));
}

bool heads_fit(const ResourcePattern& pattern, const ResourceName& arn) {
  for (std::size_t i = 0; i < pattern.heads.size(); ++i) {
    const bool fits = pattern.head_kinds[i] == ResourcePattern::Head::Any ||
                      (pattern.head_kinds[i] == ResourcePattern::Head::Literal
                           ? same_bytes(pattern.heads[i], arn.part(i))
                           : match_glob(pattern.heads[i], arn.part(i)));
    if (!fits) {
      return false;
    }
  }
  return true;
}

bool is_ordered(Compare compare, int order) {
  switch (compare) {
    case Compare::NumericLess:
    case Compare::DateLess:
      return order < 0;
    case Compare::NumericLessOrEqual:
    case Compare::DateLessOrEqual:
      return order <= 0;
    case Compare::NumericGreater:
    case Compare::DateGreater:
      return order > 0;
    case Compare::NumericGreaterOrEqual:
    case Compare::DateGreaterOrEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

Value Evaluation::find(const KeyRef& key) const {
  Value value = context_.find(key);
  const bool sees_request_tags = value.is_absent() && is_resource_tag(key) &&
                                 context_.creates_resource() &&
                                 settings_.create_sees_request_tags_as_resource_tags;
  if (sees_request_tags) {
    KeyRef passed = key;
    passed.id = static_cast<std::uint8_t>(TagFamily::AwsRequestTag);
    value = context_.find(passed);
  }
  return value;
}

// The text of a key with one value; false when it has none, or a list.
bool Evaluation::single_text(const KeyRef& key, std::string_view& out) {
  const bool is_fixed = key.kind == KeyRef::Kind::Fixed;
  const std::size_t slot = is_fixed ? key.id % 2U : 2 + (key.id + key.rest.size()) % (kKnown - 2);
  const auto bit = static_cast<std::uint8_t>(1U << slot);
  KnownValue& known = known_[slot];
  const bool is_known =
      (known_mask_ & bit) != 0 &&
      (known.key == &key || (known.key->kind == key.kind && known.key->id == key.id &&
                             same_bytes(known.key->rest, key.rest)));
  if (is_known) {
    out = std::string_view(known.text, known.size);
    return known.is_single;
  }
  const Value value = find(key);
  const bool is_single = !value.is_absent() && value.kind != Value::Kind::List;
  const bool is_rendered = is_single && value.kind != Value::Kind::Text;
  out = is_single ? value_text(value, variable_buffer_) : std::string_view();
  if (!is_rendered) {
    known_mask_ |= bit;
    known = {.key = &key, .text = out.data(), .size = out.size(), .is_single = is_single};
  }
  return is_single;
}

bool Evaluation::value_of(const Variable& variable, std::string_view& out) {
  const bool has_value = !variable.key.is_list && single_text(variable.key, out) &&
                         (!out.empty() || !settings_.empty_value_is_unresolved);
  if (has_value) {
    return true;
  }
  out = variable.default_value;
  return variable.has_default;
}

std::optional<std::int64_t> Evaluation::instant_of(std::string_view text) {
  if (!has_instant_ || !is_text(instant_parsed_, text)) {
    const auto instant = parse_date(text, settings_.four_digits_are_a_year);
    has_instant_ = true;
    instant_parsed_.text = text.data();
    instant_parsed_.size = text.size();
    instant_parsed_.is_valid = instant.has_value();
    instant_parsed_.instant = instant.value_or(0);
  }
  return instant_parsed_.is_valid ? std::optional(instant_parsed_.instant) : std::nullopt;
}

const AddressBits* Evaluation::address_of(std::string_view text) {
  if (!has_address_ || !is_text(address_parsed_, text)) {
    const auto address = parse_ip(text);
    has_address_ = true;
    address_parsed_.text = text.data();
    address_parsed_.size = text.size();
    address_parsed_.is_valid = address.has_value();
    if (address) {
      address_parsed_.address = bits_of(*address);
    }
  }
  return address_parsed_.is_valid ? &address_parsed_.address : nullptr;
}

bool Evaluation::matches(const ActionPattern& pattern) const {
  switch (pattern.kind) {
    case ActionPattern::Kind::All:
      return true;
    case ActionPattern::Kind::Exact:
      return equals_ignore_case(pattern.text, parts_.action());
    case ActionPattern::Kind::Glob: {
      const std::string_view action = parts_.action();
      const std::size_t colon = action.find(':');
      return colon != std::string_view::npos &&
             match_glob_ignore_case(pattern.vendor, action.substr(0, colon)) &&
             match_glob_ignore_case(pattern.name, action.substr(colon + 1));
    }
    case ActionPattern::Kind::Never:
      break;
  }
  return false;
}

bool Evaluation::action_applies(const CompiledPolicy& policy,
                                const CompiledStatement& statement) const {
  const auto patterns = CompiledPolicy::slice(policy.actions, statement.actions);
  const bool any = std::any_of(
      patterns.begin(), patterns.end(), [this](const ActionPattern& p) { return matches(p); });
  return any != statement.is_not_action;
}

bool Evaluation::matches(const CompiledPolicy& policy,
                         const ResourcePattern& pattern,
                         SetKind kind) {
  if (pattern.kind == ResourcePattern::Kind::All) {
    return true;
  }
  const ResourceName& resource = parts_.resource();
  const auto tokens = policy.store.of(pattern.tail);
  if (pattern.kind == ResourcePattern::Kind::Whole) {
    return resource.is_arn() && match_tokens(tokens, policy.store.variables, resource.text(), this);
  }
  return resource.is_arn() && !is_refused_short(pattern, kind) && heads_fit(pattern, resource) &&
         match_tokens(tokens, policy.store.variables, resource.part(5), this);
}

bool Evaluation::resource_applies(const CompiledPolicy& policy,
                                  const CompiledStatement& statement,
                                  SetKind kind) {
  if (!statement.has_resource) {
    return true;
  }
  const auto patterns = CompiledPolicy::slice(policy.resources, statement.resources);
  const bool any =
      std::any_of(patterns.begin(), patterns.end(), [&](const ResourcePattern& pattern) {
        return matches(policy, pattern, kind);
      });
  return any != statement.is_not_resource;
}

bool Evaluation::conditions_hold(const CompiledPolicy& policy, const CompiledStatement& statement) {
  const auto conditions = CompiledPolicy::slice(policy.conditions, statement.conditions);
  return std::all_of(
      conditions.begin(), conditions.end(), [&](const Condition& c) { return holds(policy, c); });
}

bool Evaluation::null_holds(const CompiledPolicy& policy,
                            const Condition& condition,
                            const Value& value) const {
  if (condition.op.quantifier != Quantifier::None) {
    return condition.op.quantifier == Quantifier::ForAllValues;
  }
  const bool is_absent = value.is_absent() ||
                         (value.kind == Value::Kind::List && value.list.empty()) ||
                         (settings_.null_treats_empty_as_absent &&
                          value.kind == Value::Kind::Text && value.text.empty());
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  return std::any_of(operands.begin(), operands.end(), [is_absent](const Operand& operand) {
    return operand.boolean == is_absent;
  });
}

bool Evaluation::holds(const CompiledPolicy& policy, const Condition& condition) {
  const Value value = find(condition.key);
  if (condition.op.compare == Compare::Null) {
    return null_holds(policy, condition, value);
  }
  const bool is_list = value.kind == Value::Kind::List;
  if (value.is_absent() || (is_list && value.list.empty())) {
    switch (condition.op.quantifier) {
      case Quantifier::None:
        return condition.op.is_negated || condition.op.if_exists;
      case Quantifier::ForAllValues:
        return true;
      case Quantifier::ForAnyValue:
        return condition.op.if_exists;
    }
  }
  Quantifier quantifier = condition.op.quantifier;
  if (quantifier == Quantifier::None && (condition.key.is_list || is_list)) {
    if (settings_.list_key_needs_quantifier) {
      return false;
    }
    quantifier = Quantifier::ForAnyValue;
  }
  if (!is_list) {
    return value_matches(policy, condition, value);
  }
  const auto one = [&](std::string_view text) {
    return value_matches(
        policy, condition, Value{.kind = Value::Kind::Text, .text = text, .list = {}, .number = 0});
  };
  return quantifier == Quantifier::ForAllValues
             ? std::all_of(value.list.begin(), value.list.end(), one)
             : std::any_of(value.list.begin(), value.list.end(), one);
}

// m(v) of policy-semantics 3.3.
bool Evaluation::value_matches(const CompiledPolicy& policy,
                               const Condition& condition,
                               const Value& value) {
  return any_operand(policy, condition, value) != condition.op.is_negated;
}

bool Evaluation::any_operand(const CompiledPolicy& policy,
                             const Condition& condition,
                             const Value& value) {
  const Compare compare = condition.op.compare;
  if (is_numeric_compare(compare)) {
    return numbers_match(policy, condition, value);
  }
  if (is_date_compare(compare)) {
    return dates_match(policy, condition, value);
  }
  if (compare == Compare::ArnLike) {
    return arns_match(policy, condition, value);
  }
  if (compare == Compare::IpAddress) {
    ValueBuffer buffer;
    const auto address = parse_ip(value_text(value, buffer));
    const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
    return address && std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
             return operand.extra != Operand::kUnreadable &&
                    contains(policy.blocks[operand.extra], *address);
           });
  }
  return strings_match(policy, condition, value);
}

bool Evaluation::strings_match(const CompiledPolicy& policy,
                               const Condition& condition,
                               const Value& value) {
  ValueBuffer buffer;
  const std::string_view text = value_text(value, buffer);
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  return std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
    switch (condition.op.compare) {
      case Compare::Bool:
        return bool_matches(policy, operand, text);
      case Compare::BinaryEquals:
        return operand.extra != Operand::kUnreadable &&
               base64_equals(text, policy.binaries[operand.extra]);
      default:
        return string_matches(policy, condition.op.compare, operand, text);
    }
  });
}

bool Evaluation::string_matches(const CompiledPolicy& policy,
                                Compare compare,
                                const Operand& operand,
                                std::string_view text) {
  const bool ignore_case = compare == Compare::StringEqualsIgnoreCase;
  if (!operand.pattern.has_wildcard && operand.pattern.count <= 1 &&
      !operand.pattern.has_variable) {
    const auto tokens = policy.store.of(operand.pattern);
    const std::string_view literal = tokens.empty() ? std::string_view() : tokens[0].literal;
    return ignore_case ? equals_ignore_case(literal, text) : literal == text;
  }
  return match_tokens(
      policy.store.of(operand.pattern), policy.store.variables, text, this, ignore_case);
}

bool Evaluation::bool_matches(const CompiledPolicy& policy,
                              const Operand& operand,
                              std::string_view text) {
  const auto present = parse_bool(text);
  if (!present) {
    return false;
  }
  if (operand.pattern.has_variable) {
    return match_tokens(policy.store.of(operand.pattern), policy.store.variables, text, this, true);
  }
  return operand.boolean == present;
}

bool Evaluation::numbers_match(const CompiledPolicy& policy,
                               const Condition& condition,
                               const Value& value) const {
  ValueBuffer buffer;
  std::optional<Number> number;
  if (value.kind == Value::Kind::Number) {
    number = Number{
        .real = static_cast<double>(value.number), .integer = value.number, .is_integer = true};
  } else {
    number = parse_number(value_text(value, buffer));
  }
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  return number && std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
           return operand.extra != Operand::kUnreadable &&
                  is_ordered(condition.op.compare,
                             compare_numbers(*number, policy.numbers[operand.extra]));
         });
}

bool Evaluation::dates_match(const CompiledPolicy& policy,
                             const Condition& condition,
                             const Value& value) const {
  ValueBuffer buffer;
  std::optional<std::int64_t> date;
  if (value.kind == Value::Kind::Instant) {
    date = value.number;
  } else {
    date = parse_date(value_text(value, buffer), settings_.four_digits_are_a_year);
  }
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  return date && std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
           if (operand.extra == Operand::kUnreadable) {
             return false;
           }
           const std::int64_t other = policy.dates[operand.extra];
           return is_ordered(condition.op.compare, *date < other ? -1 : (*date > other ? 1 : 0));
         });
}

bool Evaluation::arns_match(const CompiledPolicy& policy,
                            const Condition& condition,
                            const Value& value) {
  ValueBuffer buffer;
  const std::string_view text = value_text(value, buffer);
  Colons colons{};
  if (!find_colons(text, colons)) {
    return false;
  }
  const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
  return std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
    if (operand.extra == Operand::kUnreadable) {
      return false;
    }
    const ArnOperand& arn = policy.arns[operand.extra];
    for (std::size_t i = 0; i < arn.size(); ++i) {
      if (!match_tokens(
              policy.store.of(arn[i]), policy.store.variables, part_at(text, colons, i), this)) {
        return false;
      }
    }
    return true;
  });
}

Strength Evaluation::entry_strength(const PolicyMember& member, const PrincipalEntry& entry) const {
  using enum PrincipalEntry::Kind;
  const bool is_user = principal_.kind == PrincipalKind::User;
  const bool is_role = principal_.kind == PrincipalKind::AssumedRole;
  const bool is_federated_user = principal_.kind == PrincipalKind::FederatedUser;
  const auto is_entity = [&](std::string_view id) {
    return id.empty() || principal_.entity_id.empty() ? entry.text == principal_.entity_arn
                                                      : id == principal_.entity_id;
  };
  const auto when = [](bool fits, Strength strength) {
    return fits ? strength : Strength::None;
  };
  const auto as_entity = [&](bool fits) {
    return when(fits, is_user ? Strength::Direct : Strength::Entity);
  };
  switch (entry.kind) {
    case Everyone:
      return when(principal_.kind != PrincipalKind::Service || settings_.star_reaches_services,
                  Strength::Wildcard);
    case Account:
      return when(!principal_.account.empty() && entry.account == principal_.account &&
                      (entry.partition.empty() || entry.partition == partition_of(principal_.arn)),
                  Strength::Account);
    case User:
      return as_entity((is_user || is_federated_user) && is_entity(pin_of(member, entry.text)));
    case Role:
      return when(is_role && is_entity(pin_of(member, entry.text)), Strength::Entity);
    case UniqueId:
      return as_entity((is_user || is_role || is_federated_user) &&
                       entry.text == principal_.entity_id);
    case RoleSession: {
      const std::string_view id = pin_of(member, entry.text);
      const bool is_pinned = !id.empty() && !principal_.entity_id.empty();
      return when(is_role && (is_pinned ? id == principal_.entity_id &&
                                              entry.session == principal_.session_name &&
                                              entry.account == principal_.account
                                        : entry.text == principal_.arn),
                  Strength::Direct);
    }
    case FederatedUser:
      return when(is_federated_user && entry.text == principal_.arn, Strength::Direct);
    case Service:
      return when(principal_.kind == PrincipalKind::Service && entry.text == principal_.service,
                  Strength::Direct);
    case Federated:
      return when((principal_.kind == PrincipalKind::WebIdentity ||
                   principal_.kind == PrincipalKind::Saml) &&
                      entry.text == principal_.federated_provider,
                  Strength::Direct);
    case CanonicalUser:
      return when(
          !principal_.canonical_user_id.empty() && entry.text == principal_.canonical_user_id,
          Strength::Account);
    case Never:
      break;
  }
  return Strength::None;
}

namespace {

constexpr Layers bits(Layer layer) {
  return static_cast<Layers>(layer);
}

// The layers of a caller of that kind.
constexpr Layers layers_of(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::Root:
      return bits(Layer::Account);
    case PrincipalKind::User:
    case PrincipalKind::FederatedUser:
      return bits(Layer::Account) | bits(Layer::Own);
    case PrincipalKind::AssumedRole:
      return bits(Layer::Account) | bits(Layer::Role) | bits(Layer::Own);
    case PrincipalKind::Anonymous:
    case PrincipalKind::WebIdentity:
    case PrincipalKind::Saml:
    case PrincipalKind::Service:
      break;
  }
  return bits(Layer::Own);
}

}  // namespace

Layers Evaluation::listed_layers(const PolicyMember& member, const PrincipalEntry& entry) const {
  if (entry_strength(member, entry) == Strength::None) {
    return 0;
  }
  using enum PrincipalEntry::Kind;
  switch (entry.kind) {
    case Everyone:
      return layers_of(principal_.kind);
    case Account:
    case CanonicalUser:
      return bits(Layer::Account);
    case User:
    case Role:
    case UniqueId:
      // The user who made a federated user is another principal than the federated user.
      return principal_.kind == PrincipalKind::User
                 ? bits(Layer::Own)
                 : (principal_.kind == PrincipalKind::AssumedRole ? bits(Layer::Role) : Layers{0});
    case RoleSession:
    case FederatedUser:
    case Service:
    case Federated:
      return bits(Layer::Own);
    case Never:
      break;
  }
  return 0;
}

Layers Evaluation::unlisted_layers(const PolicyMember& member,
                                   const CompiledStatement& statement) const {
  Layers listed = 0;
  for (const PrincipalEntry& entry :
       CompiledPolicy::slice(member.policy->principals, statement.principals)) {
    listed |= listed_layers(member, entry);
  }
  return static_cast<Layers>(layers_of(principal_.kind) & ~listed);
}

// NotPrincipal leaves the caller out. An Allow leaves out whom any entry fits, in any
// strength (`best`); a Deny only whom it lists with every layer, and nobody who has a boundary.
bool Evaluation::is_excepted(const PolicyMember& member,
                             const CompiledStatement& statement,
                             Strength best) const {
  if (statement.effect == Effect::Allow || best == Strength::None) {
    return best != Strength::None;
  }
  const bool is_bounded = has_boundary_ && (principal_.kind == PrincipalKind::User ||
                                            principal_.kind == PrincipalKind::AssumedRole);
  return !is_bounded && unlisted_layers(member, statement) == 0;
}

Strength Evaluation::principal_strength(const PolicyMember& member,
                                        const CompiledStatement& statement,
                                        SetKind kind) const {
  if (names_nobody(kind)) {
    return Strength::Wildcard;
  }
  if (!statement.has_principal) {
    return kind == SetKind::ResourceGuard ? Strength::Wildcard : Strength::None;
  }
  Strength best = Strength::None;
  for (const PrincipalEntry& entry :
       CompiledPolicy::slice(member.policy->principals, statement.principals)) {
    best = std::max(best, entry_strength(member, entry));
  }
  if (!statement.is_not_principal) {
    return best;
  }
  if (is_excepted(member, statement, best)) {
    return Strength::None;
  }
  const bool is_reached = principal_.kind != PrincipalKind::Service ||
                          settings_.star_reaches_services || statement.effect == Effect::Deny;
  return is_reached ? Strength::Wildcard : Strength::None;
}

}  // namespace signet::policy
