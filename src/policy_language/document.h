#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_language/policy_json.h"

namespace signet::policy {

enum class Version : std::uint8_t { V2008, V2012 };  // absent means 2008 (R-1.1 grammar)

enum class Effect : std::uint8_t { Allow, Deny };

// One statement as it was written. Node numbers point into Document::json(); kNoNode where the
// member is absent.
struct Statement {
  Effect effect = Effect::Deny;
  bool has_exact_effect = true;  // false only after parse_for_validation()
  NodeId sid = kNoNode;
  NodeId principal = kNoNode;  // the value of Principal or NotPrincipal
  NodeId action = kNoNode;     // the value of Action or NotAction
  NodeId resource = kNoNode;   // the value of Resource or NotResource
  NodeId condition = kNoNode;
  bool is_not_principal = false;
  bool is_not_action = false;
  bool is_not_resource = false;
  Span span;  // from the opening to the closing brace, in bytes of the text

  [[nodiscard]] bool has_principal() const { return principal != kNoNode; }
};

// Why a text is no policy document, and where.
struct SyntaxError {
  std::string message;  // our own words, for tools; AWS's words come from validate()
  std::size_t offset = 0;
  bool is_json = false;  // the text is not even JSON
};

// A policy document: the text exactly as it was stored, and its statements. Immutable, shared
// between threads.
class Document {
 public:
  // Largest text that is read. The wire takes 131,072 characters (aws-wire 4.26); AWS keeps larger
  // ones for its own roles (AWSSupportServiceRolePolicy: 157 kB), which `policy check` and `policy
  // import` read.
  static constexpr std::size_t kMaxBytes = 1'048'576;
  static constexpr std::size_t kMaxStatements = 1'000;

  // Reads a text by the grammar (policy-semantics 1.1): JSON without duplicate members, known
  // elements only, right shapes, known operators, principals only as far as the grammar goes. What
  // a kind of policy may contain is the business of validate(). Complexity: linear in the text.
  [[nodiscard]] static std::expected<std::shared_ptr<const Document>, SyntaxError> parse(
      std::string text);

  // The same for a text that validate() is about to judge: Effect may have any case and actions may
  // be missing, because AWS has other words for these than for the rest. Never evaluate what this
  // returns.
  [[nodiscard]] static std::expected<std::shared_ptr<const Document>, SyntaxError>
  parse_for_validation(std::string text);

  [[nodiscard]] std::string_view text() const { return json_.text(); }

  [[nodiscard]] const PolicyJson& json() const { return json_; }

  [[nodiscard]] Version version() const { return version_; }

  [[nodiscard]] bool has_version() const { return has_version_; }

  [[nodiscard]] std::string_view id() const;

  [[nodiscard]] std::span<const Statement> statements() const { return statements_; }

  // Sid of a statement; empty when it has none.
  [[nodiscard]] std::string_view sid(const Statement& statement) const;

  explicit Document(PolicyJson json) : json_(std::move(json)) {}

 private:
  friend class DocumentReader;

  static std::expected<std::shared_ptr<const Document>, SyntaxError> read(std::string text,
                                                                          bool is_lenient);

  PolicyJson json_;
  Version version_ = Version::V2008;
  bool has_version_ = false;
  NodeId id_ = kNoNode;
  std::vector<Statement> statements_;
};

using DocumentRef = std::shared_ptr<const Document>;

// Names of the context keys a document uses in conditions and variables, as written, each once
// (ASCII case ignored), in order of appearance (GetContextKeysForCustomPolicy).
[[nodiscard]] std::vector<std::string> context_keys(const Document& document);

// AWS, Service, Federated or CanonicalUser.
[[nodiscard]] bool is_principal_type(std::string_view name);

}  // namespace signet::policy
