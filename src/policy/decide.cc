#include "policy/decide.h"

#include <array>

#include "base/strings.h"
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
  return equals_ignore_case(parts.vendor, "sts") && parts.is_arn && parts.arn[2] == "iam" &&
         parts.arn[5].starts_with("role/") &&
         is_any_of(parts.name,
                   {"AssumeRole",
                    "AssumeRoleWithSAML",
                    "AssumeRoleWithWebIdentity",
                    "TagSession",
                    "SetSourceIdentity",
                    "SetContext"});
}

// Key policies must allow in every case (7.4).
bool is_key_action(const RequestParts& parts) {
  return equals_ignore_case(parts.vendor, "kms") && parts.is_arn && parts.arn[2] == "kms";
}

// S3's rule that the owner's root user is never locked out of the bucket policy (T27).
bool is_bucket_policy_action(std::string_view action) {
  return is_any_of(action, {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"});
}

bool is_session_or_user(PrincipalKind kind) {
  return kind == PrincipalKind::User || kind == PrincipalKind::AssumedRole ||
         kind == PrincipalKind::FederatedUser;
}

// One decision: gathers what every applicable kind of policy says, then applies
// policy-semantics 7.2.
class Decider {
 public:
  Decider(const Request& request,
          const Principal& principal,
          const RequestContext& context,
          const PolicyInputs& policies,
          const Settings& settings)
      : request_(request),
        principal_(principal),
        policies_(policies),
        settings_(settings),
        parts_(split_request(request)),
        evaluation_(parts_,
                    principal,
                    context,
                    settings,
                    policies.boundary != nullptr && is_session_or_user(principal.kind)) {
    select();
  }

  Decision decide() {
    if (principal_.kind != PrincipalKind::Anonymous && needs_no_permission(request_.action)) {
      return allowed(PolicyType::None, {});
    }
    if (principal_.kind == PrincipalKind::Root && !settings_.root_may_assume_roles &&
        equals_ignore_case(request_.action, "sts:AssumeRole")) {
      return denied(resource_type_);
    }
    ask();
    Decision decision;
    if (explicit_deny(decision) || error(decision) || guard_rails(decision)) {
      return decision;
    }
    return by_kind();
  }

 private:
  // Leaves out what this kind of principal never has (7.1), and finds out whose resource it is.
  void select() {
    const PrincipalKind kind = principal_.kind;
    const bool is_entity = is_session_or_user(kind);
    const bool is_linked = principal_.is_service_linked_role();
    scps_ = (is_entity || kind == PrincipalKind::Root) && !is_linked ? policies_.scps : nullptr;
    rcps_ = is_linked ? nullptr : policies_.rcps;
    identity_ = is_entity ? policies_.identity : nullptr;
    boundary_ = is_entity ? policies_.boundary : nullptr;
    session_ = is_entity || kind == PrincipalKind::Root ? policies_.session : nullptr;
    const bool is_trust = is_trust_action(parts_);
    resource_type_ = is_trust ? PolicyType::Trust : PolicyType::Resource;
    must_allow_ = request_.resource_policy_must_allow || is_trust || is_key_action(parts_);
    std::string_view owner =
        parts_.resource == "*" ? std::string_view() : request_.resource_account;
    if (owner.empty() && parts_.is_arn && parts_.arn[4].size() == 12) {
      owner = parts_.arn[4];
    }
    is_same_account_ = owner.empty() || owner == principal_.account;
    std::array<std::string_view, 6> caller;
    is_other_partition_ =
        parts_.is_arn && split_six(principal_.arn, caller) && caller[1] != parts_.arn[1];
  }

  void ask() {
    ask_rails(scps_, scp_deny_, scp_silent_, scp_broken_);
    ask_rails(rcps_, rcp_deny_, rcp_silent_, rcp_broken_);
    endpoint_answer_ = ask_set(policies_.endpoint);
    resource_answer_ = ask_set(policies_.resource);
    identity_answer_ = ask_set(identity_);
    boundary_answer_ = ask_set(boundary_);
    session_answer_ = ask_set(session_);
    const bool is_owner_root = principal_.kind == PrincipalKind::Root && is_same_account_;
    if (is_owner_root && is_bucket_policy_action(request_.action)) {
      resource_answer_.has_deny = false;
    }
    strength_ = is_other_partition_ ? Strength::None : resource_answer_.allow_strength;
  }

  SetAnswer ask_set(const PolicySet* set) {
    return set == nullptr || set->is_broken() ? SetAnswer{}
                                              : evaluate_set(*set, evaluation_, Wanted{});
  }

  void ask_rails(const GuardRails* rails, SetAnswer& deny, bool& is_silent, bool& is_broken) {
    if (rails == nullptr) {
      return;
    }
    for (const PolicySetRef& level : rails->levels()) {
      is_broken |= level->is_broken();
      const SetAnswer answer = ask_set(level.get());
      if (answer.has_deny && !deny.has_deny) {
        deny = answer;
      }
      is_silent |= !answer.has_allow();
    }
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
    const auto found = [this, &out](const SetAnswer& answer, PolicyType type) {
      if (answer.has_deny) {
        out = Decision{.verdict = Verdict::ExplicitlyDenied,
                       .type = type,
                       .side = side_of(type),
                       .is_error = false,
                       .statement = answer.deny};
      }
      return answer.has_deny;
    };
    // The order in which kinds are named when several deny.
    return found(scp_deny_, PolicyType::Scp) || found(rcp_deny_, PolicyType::Rcp) ||
           found(endpoint_answer_, PolicyType::Endpoint) ||
           found(resource_answer_, resource_type_) ||
           found(identity_answer_, PolicyType::Identity) ||
           found(boundary_answer_, PolicyType::Boundary) ||
           found(session_answer_, PolicyType::Session);
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
    return broken(scp_broken_, PolicyType::Scp) || broken(rcp_broken_, PolicyType::Rcp) ||
           broken(set_broken(policies_.endpoint), PolicyType::Endpoint) ||
           broken(set_broken(policies_.resource), resource_type_) ||
           broken(set_broken(identity_), PolicyType::Identity) ||
           broken(set_broken(boundary_), PolicyType::Boundary) ||
           broken(set_broken(session_), PolicyType::Session);
  }

  bool guard_rails(Decision& out) const {
    const bool rcp_first = settings_.report_rcp_before_scp;
    if (rcp_silent_ && (rcp_first || !scp_silent_)) {
      out = denied(PolicyType::Rcp);
      return true;
    }
    if (scp_silent_) {
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

  // Callers without an account of their own: only the resource's policy can let them in.
  [[nodiscard]] Decision outsider(bool is_granted) const {
    return is_granted ? allowed(resource_type_, resource_answer_.allow) : denied(resource_type_);
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
      return allowed(resource_type_,
                     resource_answer_.allow);  // not limited by implicit denies (7.3)
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
               ? allowed(PolicyType::Identity, identity_answer_.allow)
               : allowed(resource_type_, resource_answer_.allow);
  }

  [[nodiscard]] Decision cross_account() const {
    if (!identity_answer_.has_allow()) {
      return denied(PolicyType::Identity);
    }
    Decision limit;
    if (limited(limit)) {
      return limit;
    }
    return strength_ == Strength::None ? denied(resource_type_)
                                       : allowed(PolicyType::Identity, identity_answer_.allow);
  }

  const Request& request_;
  const Principal& principal_;
  const PolicyInputs& policies_;
  const Settings& settings_;
  RequestParts parts_;
  Evaluation evaluation_;
  const GuardRails* scps_ = nullptr;
  const GuardRails* rcps_ = nullptr;
  const PolicySet* identity_ = nullptr;
  const PolicySet* boundary_ = nullptr;
  const PolicySet* session_ = nullptr;
  PolicyType resource_type_ = PolicyType::Resource;
  bool must_allow_ = false;
  bool is_same_account_ = true;
  bool is_other_partition_ = false;
  SetAnswer scp_deny_;
  SetAnswer rcp_deny_;
  SetAnswer endpoint_answer_;
  SetAnswer resource_answer_;
  SetAnswer identity_answer_;
  SetAnswer boundary_answer_;
  SetAnswer session_answer_;
  bool scp_silent_ = false;
  bool rcp_silent_ = false;
  bool scp_broken_ = false;
  bool rcp_broken_ = false;
  Strength strength_ = Strength::None;
};

}  // namespace

bool Principal::is_service_linked_role() const {
  std::array<std::string_view, 6> parts;
  return kind == PrincipalKind::AssumedRole && split_six(entity_arn, parts) &&
         parts[5].starts_with("role/aws-service-role/");
}

Decision decide(const Request& request,
                const Principal& principal,
                const RequestContext& context,
                const PolicyInputs& policies,
                const Settings& settings) noexcept {
  return Decider(request, principal, context, policies, settings).decide();
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
