#include "policy_engine/decide.h"

#include <array>

#include "base/strings.h"
#include "policy_engine/evaluate.h"
#include "policy_engine/index.h"
#include "policy_engine/set_walk.h"
#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

bool is_any_of(std::string_view action, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (equals_ignore_case(action, name)) {
      return true;
    }
  }
  return false;
}

// Actions that a role's trust policy answers for (8.1).
bool is_trust_action(const RequestParts& parts) {
  const ResourceName& resource = parts.resource();
  return resource.is_arn() && resource.part(2) == "iam" && resource.part(5).starts_with("role/") &&
         is_any_of(parts.action(),
                   {"sts:AssumeRole",
                    "sts:AssumeRoleWithSAML",
                    "sts:AssumeRoleWithWebIdentity",
                    "sts:TagSession",
                    "sts:SetSourceIdentity",
                    "sts:SetContext"});
}

// Key policies must allow in every case (7.4).
bool is_key_action(const RequestParts& parts) {
  return parts.action().is_of_kms() && parts.resource().is_arn() &&
         parts.resource().part(2) == "kms";
}

// S3's rule that the owner's root user is never locked out of the bucket policy (T27).
bool is_bucket_policy_action(std::string_view action) {
  return is_any_of(action, {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"});
}

bool is_in_partition(std::string_view arn, std::string_view partition) {
  constexpr std::size_t kBegin = 4;  // behind "arn:"
  return arn.size() > kBegin + partition.size() &&
         arn.substr(kBegin, partition.size()) == partition && arn[kBegin + partition.size()] == ':';
}

// The resource belongs to the caller's account, or to nobody.
bool is_own(const Request& request, const RequestParts& parts, const Principal& principal) {
  const ResourceName& resource = parts.resource();
  std::string_view owner = resource.is_anything() ? std::string_view() : request.resource_account;
  if (owner.empty() && resource.is_arn() && resource.part(4).size() == 12) {
    owner = resource.part(4);
  }
  return owner.empty() || same_bytes(owner, principal.account);
}

// Nothing but the identity policies of a user or role can have a say.
bool is_plain(const Request& request,
              const RequestParts& parts,
              const Principal& principal,
              const PolicyInputs& policies) {
  const bool has_others = policies.scps != nullptr || policies.rcps != nullptr ||
                          policies.endpoint != nullptr || policies.resource != nullptr ||
                          policies.boundary != nullptr || policies.session != nullptr ||
                          policies.scopes != nullptr;
  return !has_others && policies.identity != nullptr && !policies.identity->is_broken() &&
         !request.resource_policy_must_allow &&
         (principal.kind == PrincipalKind::User || principal.kind == PrincipalKind::AssumedRole) &&
         !parts.action().is_of_special_service();
}

// What the index of a set has about the action; null: nothing, it is to be asked the plain way.
[[gnu::always_inline]] inline const ActionClass* class_of(const PolicySet& set,
                                                          Evaluation& evaluation) {
  return set.index().find(evaluation.parts(), evaluation);
}

// evaluate_class(), without a call where the action alone settles it.
[[gnu::always_inline]] inline SetAnswer ask(const PolicySet& set,
                                            const ActionClass* found,
                                            Evaluation& evaluation,
                                            Wanted wanted) {
  if (found != nullptr && found->is_settled(wanted)) {
    return {};
  }
  return evaluate_class(set, found, evaluation, wanted);
}

// Decider's answer for is_plain() requests, without its detours. They are most of all requests.
Decision decide_plainly(const PolicySet& identity, Evaluation& evaluation, bool is_same_account) {
  const SetAnswer answer = ask(identity, class_of(identity, evaluation), evaluation, Wanted{});
  Decision decision;
  if (answer.has_deny()) {
    decision.verdict = Verdict::ExplicitlyDenied;
    decision.statement = statement_at(identity, answer.deny);
  } else if (answer.has_allow() && is_same_account) {
    decision.verdict = Verdict::Allowed;
    decision.statement = statement_at(identity, answer.allow);
  } else if (answer.has_allow()) {
    decision.type = PolicyType::Resource;  // somebody else's resource, and no policy of theirs
    decision.side = AccountSide::Resource;
    return decision;
  }
  decision.side = is_same_account ? AccountSide::Same : AccountSide::Caller;
  return decision;
}

// One decision: gathers what every applicable kind of policy says, then applies
// policy-semantics 7.2.
class Decider {
 public:
  Decider(const RequestParts& parts,
          Evaluation& evaluation,
          const Request& request,
          const Principal& principal,
          const PolicyInputs& policies,
          const Settings& settings)
      : request_(request),
        principal_(principal),
        policies_(policies),
        settings_(settings),
        parts_(parts),
        evaluation_(evaluation) {
    select();
  }

  Decision decide() {
    if (is_sts_ && principal_.kind != PrincipalKind::Anonymous &&
        needs_no_permission(request_.action)) {
      return allowed(PolicyType::None, {});
    }
    if (principal_.kind == PrincipalKind::Root && !settings_.root_may_assume_roles &&
        equals_ignore_case(request_.action, "sts:AssumeRole")) {
      return denied(resource_type_);
    }
    // In the order in which kinds are named when several deny: the first denial is the
    // answer. Allowances are asked for only while they can still matter.
    Decision decision;
    if (ask_rails(scps_, PolicyType::Scp, scp_, decision) ||
        ask_rails(rcps_, PolicyType::Rcp, rcp_, decision) || ask_sets(decision) ||
        ask_rails(scopes_, PolicyType::Scope, scope_, decision)) {
      return decision;
    }
    if ((has_broken_ && error(decision)) || guard_rails(decision)) {
      return decision;
    }
    decision = by_kind();
    // The layers of scoped credentials cap every grant, also a resource's to the session itself.
    return decision.is_allowed() && scope_.is_silent ? denied(PolicyType::Scope) : decision;
  }

 private:
  // Leaves out what this kind of principal never has (7.1), and finds out whose resource it is.
  void select() {
    const PrincipalKind kind = principal_.kind;
    const bool is_entity = principal_.is_entity();
    const bool has_rails = policies_.scps != nullptr || policies_.rcps != nullptr;
    if (has_rails && !principal_.is_service_linked_role()) {
      scps_ = is_entity || kind == PrincipalKind::Root ? policies_.scps : nullptr;
      rcps_ = policies_.rcps;
    }
    identity_ = is_entity ? policies_.identity : nullptr;
    boundary_ = is_entity ? policies_.boundary : nullptr;
    const bool has_sessions = is_entity || kind == PrincipalKind::Root;
    session_ = has_sessions ? policies_.session : nullptr;
    scopes_ = has_sessions ? policies_.scopes : nullptr;
    is_sts_ = parts_.action().is_of_sts();
    const bool is_trust = is_sts_ && is_trust_action(parts_);
    resource_type_ = is_trust ? PolicyType::Trust : PolicyType::Resource;
    must_allow_ = request_.resource_policy_must_allow || is_trust || is_key_action(parts_);
    is_same_account_ = is_own(request_, parts_, principal_);
  }

  struct RailAnswer {
    bool is_silent = false;
    bool is_broken = false;
  };

  // True when the rails deny.
  bool ask_rails(const GuardRails* rails, PolicyType type, RailAnswer& answer, Decision& out) {
    if (rails == nullptr) {
      return false;
    }
    if (rails->is_broken()) {
      answer.is_broken = true;
      has_broken_ = true;
      return false;
    }
    if (const PolicySet* denies = rails->denies()) {
      const SetAnswer said = ask(*denies,
                                 class_of(*denies, evaluation_),
                                 evaluation_,
                                 Wanted{.deny = true, .allow = false});
      if (said.has_deny()) {
        out = explicitly_denied(type, rails->in_level(statement_at(*denies, said.deny)));
        return true;
      }
    }
    for (const PolicySet* level : rails->selective_levels()) {
      const SetAnswer said = ask(
          *level, class_of(*level, evaluation_), evaluation_, Wanted{.deny = false, .allow = true});
      if (!said.has_allow()) {
        answer.is_silent = true;
        break;
      }
    }
    return false;
  }

  // A set and what its index has about the action, looked up before the first set is asked so that
  // their memory arrives together.
  struct Asked {
    const PolicySet* set;
    const ActionClass* found;
  };

  [[nodiscard, gnu::always_inline]] Asked look_up(const PolicySet* set) const {
    const bool is_askable = set != nullptr && !set->is_broken();
    return {.set = set, .found = is_askable ? class_of(*set, evaluation_) : nullptr};
  }

  // True when one of the sets denies.
  bool ask_sets(Decision& out) {
    const Asked endpoint = look_up(policies_.endpoint);
    const Asked resource = look_up(policies_.resource);
    const Asked identity = look_up(identity_);
    const Asked boundary = look_up(boundary_);
    const Asked session = look_up(session_);
    may_allow_ = !scp_.is_silent && !rcp_.is_silent;
    if (ask_set(endpoint, PolicyType::Endpoint, endpoint_answer_, out)) {
      return true;
    }
    may_allow_ = may_allow_ && (endpoint.set == nullptr || endpoint_answer_.has_allow());
    if (ask_resource(resource, out) ||
        ask_set(identity, PolicyType::Identity, identity_answer_, out)) {
      return true;
    }
    may_allow_ = may_allow_ && limits_matter();
    return ask_set(boundary, PolicyType::Boundary, boundary_answer_, out) ||
           ask_set(session, PolicyType::Session, session_answer_, out);
  }

  // True when the set denies.
  bool ask_set(const Asked& asked, PolicyType type, SetAnswer& answer, Decision& out) {
    if (asked.set == nullptr || !put(asked, answer)) {
      return false;
    }
    out = explicitly_denied(type, statement_at(*asked.set, answer.deny));
    return true;
  }

  // The same for the resource's policy, whose denials do not always count.
  bool ask_resource(const Asked& asked, Decision& out) {
    if (asked.set == nullptr) {
      return false;
    }
    const bool is_denied = put(asked, resource_answer_);
    const bool is_owner_root = principal_.kind == PrincipalKind::Root && is_same_account_;
    if (is_denied && !(is_owner_root && is_bucket_policy_action(request_.action))) {
      out = explicitly_denied(resource_type_, statement_at(*asked.set, resource_answer_.deny));
      return true;
    }
    const bool is_other_partition = parts_.resource().is_arn() && !principal_.arn.empty() &&
                                    !is_in_partition(principal_.arn, parts_.resource().part(1));
    strength_ = is_other_partition ? Strength::None : resource_answer_.allow_strength;
    return false;
  }

  // Asks a set; true when it denies.
  bool put(const Asked& asked, SetAnswer& answer) {
    if (asked.set->is_broken()) {
      has_broken_ = true;
      return false;
    }
    answer = ask(*asked.set, asked.found, evaluation_, Wanted{.deny = true, .allow = may_allow_});
    return answer.has_deny();
  }

  // Whether boundary and session policy allow can change the answer, seen from what the resource's
  // and the identity policies say.
  [[nodiscard]] bool limits_matter() const {
    const bool has_allow = identity_answer_.has_allow();
    return principal_.kind == PrincipalKind::Root ||
           (is_same_account_ ? has_allow || strength_ == Strength::Entity : has_allow);
  }

  [[nodiscard]] AccountSide side_of(PolicyType type) const {
    if (is_same_account_) {
      return AccountSide::Same;
    }
    const bool is_resource_side =
        type == PolicyType::Resource || type == PolicyType::Trust || type == PolicyType::Rcp;
    return is_resource_side ? AccountSide::Resource : AccountSide::Caller;
  }

  [[nodiscard]] Decision allowed(PolicyType type, const StatementRef& statement) const {
    return Decision{.verdict = Verdict::Allowed,
                    .type = type,
                    .side = side_of(type),
                    .is_error = false,
                    .statement = statement};
  }

  [[nodiscard]] Decision denied(PolicyType type) const {
    return Decision{.verdict = Verdict::ImplicitlyDenied,
                    .type = type,
                    .side = side_of(type),
                    .is_error = false,
                    .statement = {}};
  }

  [[nodiscard]] Decision explicitly_denied(PolicyType type, const StatementRef& statement) const {
    return Decision{.verdict = Verdict::ExplicitlyDenied,
                    .type = type,
                    .side = side_of(type),
                    .is_error = false,
                    .statement = statement};
  }

  // what cannot be read denies.
  bool error(Decision& out) const {
    const auto broken = [this, &out](bool is_broken, PolicyType type) {
      if (is_broken) {
        out = denied(type);
        out.is_error = true;
      }
      return is_broken;
    };
    const auto set_broken = [](const PolicySet* set) {
      return set != nullptr && set->is_broken();
    };
    return broken(scp_.is_broken, PolicyType::Scp) || broken(rcp_.is_broken, PolicyType::Rcp) ||
           broken(set_broken(policies_.endpoint), PolicyType::Endpoint) ||
           broken(set_broken(policies_.resource), resource_type_) ||
           broken(set_broken(identity_), PolicyType::Identity) ||
           broken(set_broken(boundary_), PolicyType::Boundary) ||
           broken(set_broken(session_), PolicyType::Session) ||
           broken(scope_.is_broken, PolicyType::Scope);
  }

  bool guard_rails(Decision& out) const {
    const bool rcp_first = settings_.report_rcp_before_scp;
    if (rcp_.is_silent && (rcp_first || !scp_.is_silent)) {
      out = denied(PolicyType::Rcp);
      return true;
    }
    if (scp_.is_silent) {
      out = denied(PolicyType::Scp);
      return true;
    }
    if (policies_.endpoint != nullptr && !endpoint_answer_.has_allow()) {
      out = denied(PolicyType::Endpoint);
      return true;
    }
    return false;
  }

  [[nodiscard]] Decision by_kind() const {
    switch (principal_.kind) {
      case PrincipalKind::Anonymous:
        return outsider(strength_ == Strength::Wildcard);
      case PrincipalKind::Service:
      case PrincipalKind::WebIdentity:
      case PrincipalKind::Saml:
        return outsider(strength_ >= Strength::Direct);
      case PrincipalKind::Root:
        return root();
      case PrincipalKind::User:
      case PrincipalKind::FederatedUser:
      case PrincipalKind::AssumedRole:
        return is_same_account_ ? same_account() : cross_account();
    }
    return denied(PolicyType::Identity);
  }

  // The statement behind a grant of the resource's policy.
  [[nodiscard]] StatementRef grant() const {
    return statement_at(*policies_.resource, resource_answer_.allow);
  }

  // Callers without an account of their own: only the resource's policy can let them in.
  [[nodiscard]] Decision outsider(bool is_granted) const {
    return is_granted ? allowed(resource_type_, grant()) : denied(resource_type_);
  }

  [[nodiscard]] Decision root() const {
    if (session_ != nullptr && !session_answer_.has_allow()) {
      return denied(PolicyType::Session);
    }
    if (is_same_account_ && !must_allow_) {
      return allowed(PolicyType::None, {});
    }
    return outsider(strength_ != Strength::None);
  }

  // Implicit denies of boundary and session policy; true when one of them limits.
  bool limited(Decision& out) const {
    if (boundary_ != nullptr && !boundary_answer_.has_allow()) {
      out = denied(PolicyType::Boundary);
      return true;
    }
    const bool needs_session =
        session_ != nullptr || principal_.kind == PrincipalKind::FederatedUser;
    if (needs_session && !session_answer_.has_allow()) {
      out = denied(PolicyType::Session);
      return true;
    }
    return false;
  }

  [[nodiscard]] Decision same_account() const {
    if (strength_ >= Strength::Direct) {
      return allowed(resource_type_, grant());  // not limited by implicit denies (7.3)
    }
    if (must_allow_ && strength_ == Strength::None) {
      return denied(resource_type_);
    }
    const bool is_entity_grant = strength_ == Strength::Entity;
    if (!identity_answer_.has_allow() && !is_entity_grant) {
      return denied(PolicyType::Identity);
    }
    Decision limit;
    if (limited(limit)) {
      return limit;
    }
    return identity_answer_.has_allow() && !(must_allow_ && is_entity_grant)
               ? allowed(PolicyType::Identity, statement_at(*identity_, identity_answer_.allow))
               : allowed(resource_type_, grant());
  }

  [[nodiscard]] Decision cross_account() const {
    if (!identity_answer_.has_allow()) {
      return denied(PolicyType::Identity);
    }
    Decision limit;
    if (limited(limit)) {
      return limit;
    }
    return strength_ == Strength::None
               ? denied(resource_type_)
               : allowed(PolicyType::Identity, statement_at(*identity_, identity_answer_.allow));
  }

  const Request& request_;
  const Principal& principal_;
  const PolicyInputs& policies_;
  const Settings& settings_;
  const RequestParts& parts_;
  Evaluation& evaluation_;
  const GuardRails* scps_ = nullptr;
  const GuardRails* rcps_ = nullptr;
  const PolicySet* identity_ = nullptr;
  const PolicySet* boundary_ = nullptr;
  const PolicySet* session_ = nullptr;
  const GuardRails* scopes_ = nullptr;
  PolicyType resource_type_ = PolicyType::Resource;
  bool is_sts_ = false;
  bool must_allow_ = false;
  bool is_same_account_ = true;
  bool has_broken_ = false;  // some set could not be read
  bool may_allow_ = true;    // an allowance of the set asked next can matter
  RailAnswer scp_;
  RailAnswer rcp_;
  RailAnswer scope_;
  SetAnswer endpoint_answer_;
  SetAnswer resource_answer_;
  SetAnswer identity_answer_;
  SetAnswer boundary_answer_;
  SetAnswer session_answer_;
  Strength strength_ = Strength::None;
};

constexpr std::size_t kLine = 64;

// What a decision reads in any case, asked for at once: the caller may have written it on another
// core or long ago.
void prefetch(const Request& request, const Principal& principal, const RequestContext& context) {
  const auto lines = [](const auto& object) {
    const char* const begin = reinterpret_cast<const char*>(&object);
    for (std::size_t at = 0; at < sizeof object; at += kLine) {
      __builtin_prefetch(begin + at);
    }
  };
  lines(request);
  __builtin_prefetch(&context);
  lines(principal);
  __builtin_prefetch(request.resource.text().data());
  __builtin_prefetch(request.resource_account.data());
  __builtin_prefetch(principal.account.data());
}

}  // namespace

Decision decide(const Request& request,
                const Principal& principal,
                const RequestContext& context,
                const PolicyInputs& policies,
                const Settings& settings) noexcept {
  prefetch(request, principal, context);
  const RequestParts parts(request);
  Evaluation evaluation(
      parts, principal, context, settings, policies.boundary != nullptr && principal.is_entity());
  if (is_plain(request, parts, principal, policies)) {
    return decide_plainly(*policies.identity, evaluation, is_own(request, parts, principal));
  }
  return Decider(parts, evaluation, request, principal, policies, settings).decide();
}

bool needs_no_permission(std::string_view action) {
  return is_any_of(action, {"sts:GetCallerIdentity", "sts:GetSessionToken"});
}

}  // namespace signet::policy
