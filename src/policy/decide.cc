#include "policy/decide.h"

#include <array>

#include "base/strings.h"
#include "policy/bytes.h"
#include "policy/evaluate.h"

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

// policy-semantics 7.2, first line.
bool needs_no_permission(std::string_view action) {
  return is_any_of(action, {"sts:GetCallerIdentity", "sts:GetSessionToken"});
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
  std::string_view owner =
      resource.is_anything() ? std::string_view() : request.resource_account;
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
                          policies.boundary != nullptr || policies.session != nullptr;
  return !has_others && policies.identity != nullptr && !policies.identity->is_broken() &&
         !request.resource_policy_must_allow &&
         (principal.kind == PrincipalKind::User || principal.kind == PrincipalKind::AssumedRole) &&
         !parts.action().is_of_special_service();
}

// Decider's answer for is_plain() requests, without its detours. They are most of all requests.
Decision decide_plainly(const PolicySet& identity, Evaluation& evaluation, bool is_same_account) {
  const SetAnswer answer = evaluate_set(identity, evaluation, Wanted{});
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
    ask();
    Decision decision;
    if ((has_denial_ && explicit_deny(decision)) || (has_broken_ && error(decision)) ||
        guard_rails(decision)) {
      return decision;
    }
    return by_kind();
  }

 private:
  struct Asked {
    const PolicySet* set;
    SetAnswer* answer;
  };

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
    session_ = is_entity || kind == PrincipalKind::Root ? policies_.session : nullptr;
    is_sts_ = parts_.action().is_of_sts();
    const bool is_trust = is_sts_ && is_trust_action(parts_);
    resource_type_ = is_trust ? PolicyType::Trust : PolicyType::Resource;
    must_allow_ = request_.resource_policy_must_allow || is_trust || is_key_action(parts_);
    is_same_account_ = is_own(request_, parts_, principal_);
  }

  void ask() {
    if (scps_ != nullptr) {
      scp_ = ask_rails(*scps_);
    }
    if (rcps_ != nullptr) {
      rcp_ = ask_rails(*rcps_);
    }
    const std::array<Asked, 5> all{Asked{policies_.endpoint, &endpoint_answer_},
                                   Asked{policies_.resource, &resource_answer_},
                                   Asked{identity_, &identity_answer_},
                                   Asked{boundary_, &boundary_answer_},
                                   Asked{session_, &session_answer_}};
    std::array<const ActionClass*, all.size()> classes{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      const PolicySet* set = all[i].set;
      classes[i] = set != nullptr && !set->is_broken() ? class_of(*set, evaluation_) : nullptr;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].set != nullptr) {
        ask_set(*all[i].set, classes[i], *all[i].answer);
      }
    }
    if (policies_.resource != nullptr) {
      weigh_resource();
    }
  }

  void weigh_resource() {
    const bool is_owner_root = principal_.kind == PrincipalKind::Root && is_same_account_;
    if (is_owner_root && is_bucket_policy_action(request_.action)) {
      resource_answer_.deny = SetAnswer::kNone;
    }
    const bool is_other_partition =
        parts_.resource().is_arn() && !principal_.arn.empty() &&
        !is_in_partition(principal_.arn, parts_.resource().part(1));
    strength_ = is_other_partition ? Strength::None : resource_answer_.allow_strength;
  }

  void ask_set(const PolicySet& set, const ActionClass* found, SetAnswer& answer) {
    if (set.is_broken()) {
      has_broken_ = true;
      return;
    }
    answer = evaluate_class(set, found, evaluation_, Wanted{});
    has_denial_ |= answer.has_deny();
  }

  struct RailAnswer {
    StatementRef deny;
    bool is_silent = false;
    bool is_broken = false;
  };

  RailAnswer ask_rails(const GuardRails& rails) {
    RailAnswer answer;
    if (rails.is_broken()) {
      answer.is_broken = true;
      has_broken_ = true;
      return answer;
    }
    if (const PolicySet* denies = rails.denies()) {
      const SetAnswer said =
          evaluate_set(*denies, evaluation_, Wanted{.deny = true, .allow = false});
      if (said.has_deny()) {
        has_denial_ = true;
        answer.deny = rails.in_level(statement_at(*denies, said.deny));
      }
    }
    for (std::size_t i = 0; i < rails.levels().size() && !answer.is_silent; ++i) {
      answer.is_silent =
          !rails.allows_everything(i) &&
          !evaluate_set(*rails.levels()[i], evaluation_, Wanted{.deny = false, .allow = true})
               .has_allow();
    }
    return answer;
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

  bool explicit_deny(Decision& out) const {
    const auto found = [this, &out](const StatementRef& statement, PolicyType type) {
      if (statement.is_set()) {
        out = Decision{.verdict = Verdict::ExplicitlyDenied,
                       .type = type,
                       .side = side_of(type),
                       .is_error = false,
                       .statement = statement};
      }
      return statement.is_set();
    };
    const auto denial = [](const PolicySet* set, const SetAnswer& answer) {
      return answer.has_deny() ? statement_at(*set, answer.deny) : StatementRef{};
    };
    // The order in which kinds are named when several deny.
    return found(scp_.deny, PolicyType::Scp) || found(rcp_.deny, PolicyType::Rcp) ||
           found(denial(policies_.endpoint, endpoint_answer_), PolicyType::Endpoint) ||
           found(denial(policies_.resource, resource_answer_), resource_type_) ||
           found(denial(identity_, identity_answer_), PolicyType::Identity) ||
           found(denial(boundary_, boundary_answer_), PolicyType::Boundary) ||
           found(denial(session_, session_answer_), PolicyType::Session);
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
           broken(set_broken(session_), PolicyType::Session);
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
  PolicyType resource_type_ = PolicyType::Resource;
  bool is_sts_ = false;
  bool must_allow_ = false;
  bool is_same_account_ = true;
  bool has_denial_ = false;  // some set denies, or did before the owner's exception
  bool has_broken_ = false;  // some set could not be read
  RailAnswer scp_;
  RailAnswer rcp_;
  SetAnswer endpoint_answer_;
  SetAnswer resource_answer_;
  SetAnswer identity_answer_;
  SetAnswer boundary_answer_;
  SetAnswer session_answer_;
  Strength strength_ = Strength::None;
};

}  // namespace

bool Principal::is_service_linked_role() const {
  Colons colons;  // written where it is read
  return kind == PrincipalKind::AssumedRole && find_colons(entity_arn, colons) &&
         part_at(entity_arn, colons, 5).starts_with("role/aws-service-role/");
}

Decision decide(const Request& request,
                const Principal& principal,
                const RequestContext& context,
                const PolicyInputs& policies,
                const Settings& settings) noexcept {
  __builtin_prefetch(&context);
  const RequestParts parts(request);
  Evaluation evaluation(
      parts, principal, context, settings, policies.boundary != nullptr && principal.is_entity());
  if (is_plain(request, parts, principal, policies)) {
    return decide_plainly(*policies.identity, evaluation, is_own(request, parts, principal));
  }
  return Decider(parts, evaluation, request, principal, policies, settings).decide();
}

std::string_view name_of(PolicyType type) {
  static constexpr std::array<std::string_view, 9> kNames{
      "none", "identity", "resource", "boundary", "session", "scp", "rcp", "endpoint", "trust"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames{
      "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"};
  return kNames[static_cast<std::size_t>(verdict)];
}

}  // namespace signet::policy
