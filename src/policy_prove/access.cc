#include "policy_prove/access.h"

#include <algorithm>

#include "policy_engine/evaluate.h"

namespace signet::policy::prove {
namespace {

const CompiledStatement& compiled(const AccessStatement& statement) {
  return statement.set->members()[statement.member].policy->statements[statement.statement];
}

void add_set(const PolicySet* set, std::vector<AccessStatement>& out) {
  if (set == nullptr || set->is_broken()) {
    return;
  }
  for (std::uint32_t m = 0; m < set->members().size(); ++m) {
    const auto count = set->members()[m].policy->statements.size();
    for (std::uint32_t s = 0; s < count; ++s) {
      out.push_back(
          {.set = set, .member = m, .statement = s, .id = static_cast<std::uint32_t>(out.size())});
    }
  }
}

void add_rails(const GuardRails* rails, std::vector<AccessStatement>& out) {
  if (rails != nullptr && !rails->is_broken()) {
    for (const PolicySetRef& level : rails->levels()) {
      add_set(level.get(), out);
    }
  }
}

bool is_broken(const PolicySet* set) {
  return set != nullptr && set->is_broken();
}

bool is_broken(const GuardRails* rails) {
  return rails != nullptr && rails->is_broken();
}

class AccessWriter {
 public:
  AccessWriter(const PolicyInputs& policies,
               const std::vector<AccessStatement>& statements,
               const Principal& principal,
               const RequestKind& kind)
      : policies_(policies),
        statements_(statements),
        principal_(principal),
        kind_(kind),
        request_{},
        parts_(request_),
        evaluation_(parts_,
                    principal,
                    context_,
                    kDefaultSettings,
                    policies.boundary != nullptr && principal.is_entity()) {}

  Access write() {
    const bool is_entity = principal_.is_entity();
    const bool is_root = principal_.kind == PrincipalKind::Root;
    const bool is_linked = principal_.is_service_linked_role();
    const GuardRails* scps = (is_entity || is_root) && !is_linked ? policies_.scps : nullptr;
    const GuardRails* rcps = is_linked ? nullptr : policies_.rcps;
    const bool has_sessions = is_entity || is_root;
    const PolicySet* identity = is_entity ? policies_.identity : nullptr;
    const PolicySet* boundary = is_entity ? policies_.boundary : nullptr;
    const PolicySet* session = has_sessions ? policies_.session : nullptr;
    const GuardRails* scopes = has_sessions ? policies_.scopes : nullptr;
    access_.is_never = is_broken(scps) || is_broken(rcps) || is_broken(policies_.endpoint) ||
                       is_broken(policies_.resource) || is_broken(identity) ||
                       is_broken(boundary) || is_broken(session) || is_broken(scopes) ||
                       (is_root && kind_.is_assume_role);
    if (access_.is_never) {
      return access_;
    }
    for (const GuardRails* rails : {scps, rcps, scopes}) {
      add_levels(rails);
    }
    if (policies_.endpoint != nullptr) {
      deny(policies_.endpoint);
      access_.clauses.push_back(allows(policies_.endpoint, Strength::Account));
    }
    if (!(is_root && kind_.is_own && kind_.is_bucket_policy)) {
      deny(policies_.resource);
    }
    deny(identity);
    deny(boundary);
    deny(session);
    by_kind(identity, boundary, session);
    return access_;
  }

 private:
  using List = std::vector<AccessStatement>;

  // Statements of that effect that speak to the caller, with at least that strength.
  [[nodiscard]] List speaking(const PolicySet* set, Effect effect, Strength least) const {
    List list;
    for (const AccessStatement& statement : statements_) {
      if (statement.set != set || compiled(statement).effect != effect) {
        continue;
      }
      const PolicyMember& member = set->members()[statement.member];
      if (evaluation_.principal_strength(member, compiled(statement), set->kind()) >= least) {
        list.push_back(statement);
      }
    }
    return list;
  }

  [[nodiscard]] List allows(const PolicySet* set, Strength least) const {
    return set == nullptr ? List() : speaking(set, Effect::Allow, least);
  }

  void deny(const PolicySet* set) {
    if (set != nullptr) {
      const List list = speaking(set, Effect::Deny, Strength::Account);
      access_.denials.insert(access_.denials.end(), list.begin(), list.end());
    }
  }

  void add_levels(const GuardRails* rails) {
    if (rails == nullptr) {
      return;
    }
    for (const PolicySetRef& level : rails->levels()) {
      deny(level.get());
      access_.clauses.push_back(allows(level.get(), Strength::Account));
    }
  }

  static List either(List a, const List& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  void by_kind(const PolicySet* identity, const PolicySet* boundary, const PolicySet* session) {
    const auto granted = [this](Strength least) {
      return kind_.is_foreign ? List() : allows(policies_.resource, least);
    };
    switch (principal_.kind) {
      case PrincipalKind::Anonymous:
        access_.clauses.push_back(granted(Strength::Wildcard));
        return;
      case PrincipalKind::Service:
      case PrincipalKind::WebIdentity:
      case PrincipalKind::Saml:
        access_.clauses.push_back(granted(Strength::Direct));
        return;
      case PrincipalKind::Root:
        if (session != nullptr) {
          access_.clauses.push_back(allows(session, Strength::Account));
        }
        if (!kind_.is_own || kind_.must_allow) {
          access_.clauses.push_back(granted(Strength::Account));
        }
        return;
      case PrincipalKind::User:
      case PrincipalKind::FederatedUser:
      case PrincipalKind::AssumedRole:
        break;
    }
    // Of one's own account a direct grant of the resource takes the place of everything else (7.3).
    const List direct = kind_.is_own ? granted(Strength::Direct) : List();
    const List entity = kind_.is_own ? granted(Strength::Entity) : List();
    access_.clauses.push_back(either(allows(identity, Strength::Account), entity));
    if (boundary != nullptr) {
      access_.clauses.push_back(either(allows(boundary, Strength::Account), direct));
    }
    if (session != nullptr || principal_.kind == PrincipalKind::FederatedUser) {
      access_.clauses.push_back(either(allows(session, Strength::Account), direct));
    }
    if (!kind_.is_own || kind_.must_allow) {
      access_.clauses.push_back(granted(Strength::Account));
    }
  }

  const PolicyInputs& policies_;
  const std::vector<AccessStatement>& statements_;
  const Principal& principal_;
  const RequestKind& kind_;
  Request request_;
  RequestParts parts_;
  RequestContext context_;
  Evaluation evaluation_;
  Access access_;
};

}  // namespace

std::vector<AccessStatement> statements_of(const PolicyInputs& policies) {
  std::vector<AccessStatement> all;
  add_rails(policies.scps, all);
  add_rails(policies.rcps, all);
  add_rails(policies.scopes, all);
  for (const PolicySet* set : {policies.endpoint,
                               policies.resource,
                               policies.identity,
                               policies.boundary,
                               policies.session}) {
    add_set(set, all);
  }
  return all;
}

Access access_of(const PolicyInputs& policies,
                 const std::vector<AccessStatement>& statements,
                 const Principal& principal,
                 const RequestKind& kind) {
  return AccessWriter(policies, statements, principal, kind).write();
}

}  // namespace signet::policy::prove
