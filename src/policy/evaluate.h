#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "policy/compiled.h"
#include "policy/decide.h"

// The meaning of a single statement, condition, pattern and principal: used by the index when it
// decides and by the trace when it explains. Private to this room.

namespace signet::policy {

// A request taken apart once per decision.
struct RequestParts {
  std::string_view action;
  std::uint64_t action_hash = 0;  // hash_action()
  std::string_view vendor;  // before the colon of the action; `has_vendor` false: there is no colon
  std::string_view name;
  bool has_vendor = false;
  std::string_view resource;
  std::array<std::string_view, 6> arn;
  bool is_arn = false;  // six parts; false: only "*" matches
};

[[nodiscard]] RequestParts split_request(const Request& request);

// Cuts at the first five colons; false when there are fewer than six parts.
[[nodiscard]] bool split_six(std::string_view text, std::array<std::string_view, 6>& parts);

// How well a principal element fits the caller (policy-semantics 6.2), weakest first.
enum class Strength : std::uint8_t { None, Account, Entity, Direct, Wildcard };

// One decision in progress. Cheap to make; holds references only.
class Evaluation final : public VariableSource {
 public:
  Evaluation(const RequestParts& parts,
             const Principal& principal,
             const RequestContext& context,
             const Settings& settings,
             bool has_boundary)
      : parts_(parts),
        principal_(principal),
        context_(context),
        settings_(settings),
        has_boundary_(has_boundary) {}

  [[nodiscard]] const RequestParts& parts() const { return parts_; }

  // Value of a key; Q-11 applied.
  [[nodiscard]] Value find(const KeyRef& key) const;

  [[nodiscard]] bool value_of(const Variable& variable, std::string_view& out) override;

  [[nodiscard]] bool action_applies(const CompiledPolicy& policy,
                                    const CompiledStatement& statement) const;
  [[nodiscard]] bool resource_applies(const CompiledPolicy& policy,
                                      const CompiledStatement& statement,
                                      SetKind kind);
  [[nodiscard]] bool conditions_hold(const CompiledPolicy& policy,
                                     const CompiledStatement& statement);

  [[nodiscard]] bool matches(const ActionPattern& pattern) const;
  [[nodiscard]] bool matches(const CompiledPolicy& policy,
                             const ResourcePattern& pattern,
                             SetKind kind);
  [[nodiscard]] bool holds(const CompiledPolicy& policy, const Condition& condition);

  // How the statement's Principal or NotPrincipal fits the caller; None: the statement does not
  // apply.
  [[nodiscard]] Strength principal_strength(const PolicyMember& member,
                                            const CompiledStatement& statement,
                                            SetKind kind) const;
  [[nodiscard]] Strength entry_strength(const PolicyMember& member,
                                        const PrincipalEntry& entry) const;

 private:
  [[nodiscard]] bool single_text(const KeyRef& key, std::string_view& out);
  [[nodiscard]] bool any_operand(const CompiledPolicy& policy,
                                 const Condition& condition,
                                 const Value& value);
  [[nodiscard]] bool value_matches(const CompiledPolicy& policy,
                                   const Condition& condition,
                                   const Value& value);
  [[nodiscard]] bool null_holds(const CompiledPolicy& policy,
                                const Condition& condition,
                                const Value& value) const;
  [[nodiscard]] bool string_matches(const CompiledPolicy& policy,
                                    Compare compare,
                                    const Operand& operand,
                                    std::string_view text);
  [[nodiscard]] bool bool_matches(const CompiledPolicy& policy,
                                  const Operand& operand,
                                  std::string_view text);
  [[nodiscard]] bool strings_match(const CompiledPolicy& policy,
                                   const Condition& condition,
                                   const Value& value);
  [[nodiscard]] bool numbers_match(const CompiledPolicy& policy,
                                   const Condition& condition,
                                   const Value& value) const;
  [[nodiscard]] bool dates_match(const CompiledPolicy& policy,
                                 const Condition& condition,
                                 const Value& value) const;
  [[nodiscard]] bool arns_match(const CompiledPolicy& policy,
                                const Condition& condition,
                                const Value& value);

  const RequestParts& parts_;
  const Principal& principal_;
  const RequestContext& context_;
  const Settings& settings_;
  bool has_boundary_;

  // Values of variables this decision has looked up, keyed by what the key says.
  struct KnownValue {
    const char* text;  // never within variable_buffer_
    std::size_t size;
    bool is_single;
  };

  std::array<const KeyRef*, 4> known_keys_{};
  std::array<KnownValue, 4> known_;  // valid where known_keys_
  ValueBuffer variable_buffer_;      // written before it is read
};

// What a set says about a request. Statements by their row: their number when the set is read from
// front to back.
struct SetAnswer {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  std::uint32_t deny = kNone;
  std::uint32_t allow = kNone;
  Strength allow_strength = Strength::None;  // Wildcard for sets without principals

  [[nodiscard]] bool has_deny() const { return deny != kNone; }

  [[nodiscard]] bool has_allow() const { return allow_strength != Strength::None; }
};

// Which answers are wanted; the rest may be left out.
struct Wanted {
  bool deny = true;
  bool allow = true;
};

// The statement with that row number.
[[nodiscard]] StatementRef statement_at(const PolicySet& set, std::uint32_t row);

// Asks a set through its index.
[[nodiscard]] SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted);

// The same, statement by statement: the fall-back when an index cannot be built, and the naive
// yardstick.
[[nodiscard]] SetAnswer evaluate_set_plainly(const PolicySet& set,
                                             Evaluation& evaluation,
                                             Wanted wanted);

}  // namespace signet::policy
