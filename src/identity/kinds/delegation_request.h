#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// On disk: do not renumber.
enum class DelegationState : std::uint8_t {
  Unassigned = 1,
  Assigned = 2,
  PendingApproval = 3,
  Accepted = 4,
  Finalized = 5,
  Rejected = 6,
  Expired = 7,
};

struct DelegationParameter {
  std::string name;
  std::vector<std::string> values;
  bool is_list = false;
};

// An identity, and what its session was made of, when it accepted a request: delegated credentials
// act as it.
struct DelegationApprover {
  std::string arn;
  std::string principal_id;  // of its user or role, or the account id for root
  std::string session_name;  // of a role session
  std::vector<Tag> tags;     // of the session
  std::vector<std::string> transitive_keys;
  std::string source_identity;
  std::string federated_provider;
  std::vector<Tag> claims;
  std::string policy;  // what limited the session already
  std::vector<std::string> policy_arns;
  bool has_session_policy = false;
  std::vector<std::string> scope_policies;
  Instant accepted;
};

// A partner's wish to act in another account for a while (new-in-2026 3).
struct DelegationRequest {
  std::string account;  // of the partner, who asks
  std::string id;
  std::string workflow;        // the partner's own name for it
  std::string requestor_name;  // for people; may be empty
  std::string owner_account;   // empty: any account may take it up
  std::string owner_arn;       // who took it up; empty: nobody yet
  std::string owner_id;        // unique id of that identity
  DelegationState state = DelegationState::Unassigned;
  Instant created;
  Instant updated;
  Instant expires;  // when the state ends; of an expired request, when it is forgotten
  std::string description;
  std::string message;
  std::string template_arn;
  std::vector<DelegationParameter> parameters;
  DocumentRef policy;  // the template with its values
  std::vector<std::string> role_boundaries;
  std::uint32_t session_seconds = 0;
  std::string redirect_url;
  std::string channel;  // ARN of the topic that notifications are for
  bool is_sent_by_owner_only = false;
  std::string notes;
  std::string rejection_reason;
  std::optional<DelegationApprover> approver;
  std::string token_hash;  // of the exchange token, raw digest bytes; empty: not sent
  Instant released;        // when it was sent: the access window begins
};

template <>
struct Fields<DelegationParameter> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.texts(2, v.values);
    ar.flag(3, v.is_list);
  }
};

template <>
struct Fields<DelegationApprover> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.arn);
    ar.text(2, v.principal_id);
    ar.text(3, v.session_name);
    ar.list(4, v.tags);
    ar.texts(5, v.transitive_keys);
    ar.text(6, v.source_identity);
    ar.text(7, v.federated_provider);
    ar.list(8, v.claims);
    ar.text(9, v.policy);
    ar.texts(10, v.policy_arns);
    ar.flag(11, v.has_session_policy);
    ar.texts(12, v.scope_policies);
    ar.instant(13, v.accepted);
  }
};

// By the partner's own name for it.
struct DelegationsByWorkflow {
  using Entity = DelegationRequest;
  using Key = std::string;
  static constexpr bool kInAccount = true;
  static constexpr std::string_view kTaken = "the workflow id is taken";

  static void keys(const DelegationRequest& v, auto&& add) { add(v.workflow); }
};

// Account, owner and id of those that have an owner.
struct DelegationsByOwner {
  using Entity = DelegationRequest;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const DelegationRequest& v, auto&& add) {
    if (!v.owner_arn.empty()) {
      add(relation_key(relation_key(v.owner_account, v.owner_arn), v.id));
    }
  }
};

// Ordered by the time at which the state ends.
struct DelegationsByExpiry {
  using Entity = DelegationRequest;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const DelegationRequest& v, auto&& add) { add(age_key(v.expires, v.id)); }
};

template <>
struct Kind<DelegationRequest> : KindDefaults {
  static constexpr std::uint8_t kRecord = 29;
  static constexpr std::string_view kNoun = "delegation request";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<DelegationRequest>,
                        DelegationsByWorkflow,
                        DelegationsByOwner,
                        DelegationsByExpiry>;

  static std::string record_key(const DelegationRequest& v) {
    return account_key(v.account, "delegation", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.workflow);
    ar.text(4, v.requestor_name);
    ar.text(5, v.owner_account);
    ar.text(6, v.owner_arn);
    ar.text(7, v.owner_id);
    ar.enumeration(8, v.state, DelegationState::Unassigned, DelegationState::Expired);
    ar.instant(9, v.created);
    ar.instant(10, v.updated);
    ar.instant(11, v.expires);
    ar.text(12, v.description);
    ar.text(13, v.message);
    ar.text(14, v.template_arn);
    ar.list(15, v.parameters);
    ar.document(16, v.policy);
    ar.texts(17, v.role_boundaries);
    ar.number(18, v.session_seconds);
    ar.text(19, v.redirect_url);
    ar.text(20, v.channel);
    ar.flag(21, v.is_sent_by_owner_only);
    ar.text(22, v.notes);
    ar.text(23, v.rejection_reason);
    ar.maybe(24, v.approver);
    ar.text(25, v.token_hash);
    ar.instant(26, v.released);
  }

  static Status normalize(const DelegationRequest& v) {
    if (v.id.empty() || v.workflow.empty() || v.policy == nullptr) {
      return refuse(v.id, "a delegation request without id, workflow or policy");
    }
    const bool has_owner = !v.owner_arn.empty();
    if (has_owner && v.owner_account.empty()) {
      return refuse(v.id, "a delegation request of an owner without account");
    }
    return {};
  }

  static bool may_replace(const DelegationRequest& old, const DelegationRequest& v) {
    return old.workflow == v.workflow;
  }
};

}  // namespace signet::identity
