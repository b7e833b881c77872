#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/policy_member.h"
#include "policy_language/context.h"
#include "policy_language/document.h"
#include "policy_language/operators.h"
#include "policy_language/pattern.h"
#include "policy_language/settings.h"
#include "policy_language/values.h"

// What a document becomes before it is asked: patterns split and tokenised, operands read into
// their types. For this room and for what explains or pins; everything views the document's text.

namespace signet::policy {

struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// One entry of Action or NotAction, split at its colon.
struct ActionPattern {
  enum class Kind : std::uint8_t { All, Exact, Glob, Never };
  Kind kind = Kind::Never;
  std::string_view text;
  std::string_view vendor;
  std::string_view name;
};

// One entry of Resource or NotResource.
struct ResourcePattern {
  enum class Kind : std::uint8_t { All, Arn, Whole };
  enum class Head : std::uint8_t { Any, Literal, Glob };
  Kind kind = Kind::Arn;
  bool is_short = false;  // fewer than six parts as written; `heads` and `tail` are padded with "*"
  bool has_star = false;
  bool ends_in_star = false;
  std::array<Head, 5> head_kinds{};
  std::array<std::string_view, 5> heads;
  Pattern tail;  // sixth part; the whole text for Kind::Whole
  std::string_view text;
};

// One value of a condition. `extra` indexes the table of the operator's type; kUnreadable: never
// matches.
struct Operand {
  static constexpr std::uint32_t kUnreadable = 0xFFFF'FFFF;
  std::string_view text;
  Pattern pattern;                    // String and Bool
  std::uint32_t extra = kUnreadable;  // Arn, Numeric, Date, IpAddress, Binary
  std::optional<bool> boolean;        // Bool without variables, Null
};

using ArnOperand = std::array<Pattern, 6>;

// One (operator, key) entry of Condition.
struct Condition {
  Operator op;
  KeyRef key;
  std::string_view operator_text;
  std::string_view key_text;
  Range operands;
  NodeId node = kNoNode;  // the key's name in the document
};

// One entry of Principal or NotPrincipal (policy-semantics 6.2).
struct PrincipalEntry {
  enum class Kind : std::uint8_t {
    Everyone,
    Account,
    User,
    Role,
    RoleSession,
    FederatedUser,
    UniqueId,
    Service,
    Federated,
    CanonicalUser,
    Never,
  };
  Kind kind = Kind::Never;
  std::string_view text;  // as written
  std::string_view account;
  std::string_view partition;  // Account written as an ARN; empty: any
  std::string_view session;    // RoleSession
};

struct CompiledStatement {
  Effect effect = Effect::Deny;
  bool is_not_action = false;
  bool is_not_resource = false;
  bool has_resource = false;
  bool is_not_principal = false;
  bool has_principal = false;
  bool has_only_all_resources = false;  // Resource contains "*"
  Range actions;
  Range resources;
  Range conditions;
  Range principals;
};

class CompiledPolicy {
 public:
  CompiledPolicy(DocumentRef document, const Settings& settings);

  DocumentRef document;
  Settings settings;
  PatternStore store;
  std::vector<CompiledStatement> statements;
  std::vector<ActionPattern> actions;
  std::vector<ResourcePattern> resources;
  std::vector<Condition> conditions;
  std::vector<Operand> operands;
  std::vector<PrincipalEntry> principals;
  std::vector<ArnOperand> arns;
  std::vector<Number> numbers;
  std::vector<std::int64_t> dates;
  std::vector<IpBlock> blocks;
  std::vector<std::string> binaries;
  bool lacks_resources = false;   // a statement has neither Resource nor NotResource
  bool names_principals = false;  // a statement has Principal or NotPrincipal

  template <class T>
  [[nodiscard]] static std::span<const T> slice(const std::vector<T>& all, Range range) {
    return {all.data() + range.first, range.count};
  }
};

// Splits a principal string of type "AWS" into what it names.
[[nodiscard]] PrincipalEntry classify_aws_principal(std::string_view text);

}  // namespace signet::policy
