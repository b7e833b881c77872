#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "policy_engine/compiled.h"
#include "policy_engine/question.h"
#include "policy_engine/request_parts.h"

// The meaning of a single statement, condition, pattern and principal: used by the index when it
// decides and by the trace when it explains. For this room and for what explains it.

namespace signet::policy {

// How well a principal element fits the caller (policy-semantics 6.2), weakest first.
enum class Strength : std::uint8_t { None, Account, Entity, Direct, Wildcard };

// What a caller is made of, outermost first. A Deny with NotPrincipal spares a caller of
// whom every layer is listed.
enum class Layer : std::uint8_t {
  Account = 1,  // users, role sessions, federated users, root
  Role = 2,     // role sessions
  Own = 4,      // the caller itself; root is its account
};

// A set of layers, as bits.
using Layers = std::uint8_t;

[[nodiscard]] constexpr bool has_layer(Layers layers, Layer layer) {
  return (layers & static_cast<Layers>(layer)) != 0;
}

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

  [[nodiscard]] const RequestContext& context() const { return context_; }

  [[nodiscard]] const Settings& settings() const { return settings_; }

  // A date or an address as a context key gives it; the last one is remembered. `text` must not
  // change while the decision lasts.
  [[nodiscard]] std::optional<std::int64_t> instant_of(std::string_view text);
  [[nodiscard]] const AddressBits* address_of(std::string_view text);

  // Keys that Q-11 lets look at the tags of the request.
  [[nodiscard]] static bool is_resource_tag(const KeyRef& key);

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

  // The layers of the caller that the statement's Principal or NotPrincipal does not list.
  [[nodiscard]] Layers unlisted_layers(const PolicyMember& member,
                                       const CompiledStatement& statement) const;

 private:
  [[nodiscard]] Layers listed_layers(const PolicyMember& member, const PrincipalEntry& entry) const;
  [[nodiscard]] bool is_excepted(const PolicyMember& member,
                                 const CompiledStatement& statement,
                                 Strength best) const;
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

  // What this decision has looked up. Only what a flag or mask says is valid: making an Evaluation
  // writes little.
  struct KnownValue {
    const KeyRef* key;
    const char* text;  // never within variable_buffer_
    std::size_t size;
    bool is_single;
  };

  static constexpr std::size_t kKnown = 8;
  std::uint8_t known_mask_ = 0;
  bool has_instant_ = false;
  bool has_address_ = false;
  std::array<KnownValue, kKnown> known_;

  struct ParsedInstant {
    const char* text;
    std::size_t size;
    std::int64_t instant;
    bool is_valid;
  };

  struct ParsedAddress {
    const char* text;
    std::size_t size;
    AddressBits address;
    bool is_valid;
  };

  ParsedInstant instant_parsed_;  // where has_instant_
  ParsedAddress address_parsed_;  // where has_address_
  ValueBuffer variable_buffer_;   // written before it is read
};

// The policies of a set of that kind name no principals: they are the caller's own, or an
// account's.
[[nodiscard]] inline bool names_nobody(SetKind kind) {
  return kind == SetKind::Identity || kind == SetKind::Guard;
}

// A short pattern that matches nothing in a set of that kind.
[[nodiscard]] bool is_refused_short(const ResourcePattern& pattern, SetKind kind);

// The first five parts of a pattern fit those of an ARN.
[[nodiscard]] bool heads_fit(const ResourcePattern& pattern, const ResourceName& arn);

// Less, equal or greater as an operator of numbers or dates asks for it; `order` as of
// compare_numbers().
[[nodiscard]] bool is_ordered(Compare compare, int order);

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

}  // namespace signet::policy
