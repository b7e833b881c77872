#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy_language/document.h"
#include "policy_language/settings.h"

// What sets of policies are made of, and how a statement of one is named.

namespace signet::policy {

class CompiledPolicy;
// A policy version, compiled once and shared by content: identical texts on many users are one
// object. Immutable.
using PolicyRef = std::shared_ptr<const CompiledPolicy>;

// Compiles a document. Never fails on a document that parses: an operand that cannot be read never
// matches.
[[nodiscard]] PolicyRef compile(DocumentRef document, const Settings& settings = kDefaultSettings);

// Parses and compiles a stored text; null when it is no policy document. A set made with a null
// policy denies everything it is asked for (R-7.2, T73, T74).
[[nodiscard]] PolicyRef compile_text(std::string text, const Settings& settings = kDefaultSettings);

// The document of a compiled policy.
[[nodiscard]] const Document& document_of(const CompiledPolicy& policy);

// The unique id that a principal ARN of a document named when the document was written.
struct PrincipalPin {
  std::string arn;  // as written in the document
  std::string id;   // AIDA... or AROA...
};

// One policy of a set.
struct PolicyMember {
  PolicyRef policy;  // null: could not be loaded, the set fails closed
  std::string id;    // policy ARN, or a name for inline policies; shown in traces and messages
  std::vector<PrincipalPin> pins;  // resource and trust policies only
};

class PolicySet;

// A statement of a set.
struct StatementRef {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  const PolicySet* set = nullptr;
  std::uint32_t policy = kNone;     // index into PolicySet::members()
  std::uint32_t statement = kNone;  // index into Document::statements()

  [[nodiscard]] bool is_set() const { return set != nullptr && statement != kNone; }
};

enum class SetKind : std::uint8_t {
  Identity,  // identity, boundary and session policies: no principals, short resource patterns are
             // padded
  Resource,  // bucket and trust policies: a statement without principal speaks to nobody
  Guard,     // SCPs
  ResourceGuard,  // RCPs and VPC endpoint policies: a statement without principal speaks to
                  // everyone
};

}  // namespace signet::policy
