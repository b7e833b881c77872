#pragma once

#include <memory>
#include <span>
#include <vector>

#include "policy_engine/policy_member.h"

namespace signet::policy {

struct SetIndex;

// All policies of one kind that apply to one principal or one resource, with the index over their
// statements. Made once per distinct list of policies, immutable (the index fills itself lazily
// behind atomic pointers), shared between threads. Readers hold the owner (a shared_ptr or a
// snapshot) for the length of a decision.
class PolicySet {
 public:
  [[nodiscard]] static std::shared_ptr<const PolicySet> make(SetKind kind,
                                                             std::vector<PolicyMember> members);
  ~PolicySet();
  PolicySet(const PolicySet&) = delete;
  PolicySet& operator=(const PolicySet&) = delete;

  [[nodiscard]] SetKind kind() const { return kind_; }

  [[nodiscard]] std::span<const PolicyMember> members() const { return members_; }

  // A member could not be loaded: every decision that needs this set is a denial.
  [[nodiscard]] bool is_broken() const { return is_broken_; }

  // Of a set that is not broken.
  // NOLINTNEXTLINE(readability-redundant-smartptr-get): operator* is checked
  [[nodiscard]] const SetIndex& index() const { return *index_.get(); }

  PolicySet(SetKind kind, std::vector<PolicyMember> members);

 private:
  SetKind kind_;
  bool is_broken_ = false;
  std::vector<PolicyMember> members_;
  std::unique_ptr<SetIndex> index_;
};

using PolicySetRef = std::shared_ptr<const PolicySet>;

// SCPs or RCPs: one list of policies per level, root of the organization first. Every level must
// allow; a Deny on any level denies.
class GuardRails {
 public:
  [[nodiscard]] static std::shared_ptr<const GuardRails> make(
      SetKind kind, std::vector<std::vector<PolicyMember>> levels);

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

  GuardRails(SetKind kind, std::vector<PolicySetRef> levels);

 private:
  std::vector<PolicySetRef> levels_;
  std::vector<const PolicySet*> selective_levels_;
  PolicySetRef denies_;
  bool is_broken_ = false;
};

using GuardRailsRef = std::shared_ptr<const GuardRails>;

}  // namespace signet::policy
