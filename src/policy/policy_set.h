#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"
#include "policy/settings.h"

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

// All policies of one kind that apply to one principal or one resource, with the index over their
// statements. Made once per distinct list of policies, immutable (the index fills itself lazily
// behind atomic pointers), shared between threads. Readers hold the owner (a shared_ptr or a
// snapshot) for the length of a decision.
class PolicySet {
 public:
  [[nodiscard]] static std::shared_ptr<const PolicySet> make(
      SetKind kind, std::vector<PolicyMember> members, const Settings& settings = kDefaultSettings);
  ~PolicySet();
  PolicySet(const PolicySet&) = delete;
  PolicySet& operator=(const PolicySet&) = delete;

  [[nodiscard]] SetKind kind() const { return kind_; }

  [[nodiscard]] std::span<const PolicyMember> members() const { return members_; }

  // A member could not be loaded: every decision that needs this set is a denial.
  [[nodiscard]] bool is_broken() const { return is_broken_; }

  struct Index;

  // Of a set that is not broken.
  // NOLINTNEXTLINE(readability-redundant-smartptr-get): operator* is checked
  [[nodiscard]] const Index& index() const { return *index_.get(); }

  PolicySet(SetKind kind, std::vector<PolicyMember> members, const Settings& settings);

 private:
  SetKind kind_;
  bool is_broken_ = false;
  std::vector<PolicyMember> members_;
  std::unique_ptr<Index> index_;
};

using PolicySetRef = std::shared_ptr<const PolicySet>;

// SCPs or RCPs: one list of policies per level, root of the organization first. Every level must
// allow; a Deny on any level denies.
class GuardRails {
 public:
  [[nodiscard]] static std::shared_ptr<const GuardRails> make(
      SetKind kind,
      std::vector<std::vector<PolicyMember>> levels,
      const Settings& settings = kDefaultSettings);

  [[nodiscard]] std::span<const PolicySetRef> levels() const { return levels_; }

  // Any level holds a policy that could not be loaded.
  [[nodiscard]] bool is_broken() const { return is_broken_; }

  // The levels that do not allow every action on every resource without condition, as
  // FullAWSAccess does: each of them is to be asked for an allowance.
  [[nodiscard]] std::span<const PolicySet* const> selective_levels() const {
    return selective_levels_;
  }

  // All policies of all levels in one set, to be asked for denials only; null when no statement
  // denies.
  [[nodiscard]] const PolicySet* denies() const { return denies_.get(); }

  // A statement of denies() as a statement of its level.
  [[nodiscard]] StatementRef in_level(const StatementRef& statement) const;

  GuardRails(SetKind kind, std::vector<PolicySetRef> levels, const Settings& settings);

 private:
  std::vector<PolicySetRef> levels_;
  std::vector<const PolicySet*> selective_levels_;
  PolicySetRef denies_;
  bool is_broken_ = false;
};

using GuardRailsRef = std::shared_ptr<const GuardRails>;

}  // namespace signet::policy
