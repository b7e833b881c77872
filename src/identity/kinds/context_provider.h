#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/kinds/kind.h"

namespace signet::identity {

// A claim that becomes aws:TransactionContext/IdentityProvider/TARGET.
struct ContextKey {
  std::string source;
  std::string target;

  bool operator==(const ContextKey&) const = default;
};

// What of an identity provider's claims the sessions tell that it vouched for, in keys that callers
// cannot set (trusted identity propagation, new-in-2026 6).
struct ContextProvider {
  std::string subject_source;       // the claim for aws:OriginIdentity/Subject
  std::string subject_type;         // "user" or "workload"; empty: not given
  std::string subject_type_source;  // the claim that says which; empty: none
  std::vector<ContextKey> keys;

  bool operator==(const ContextProvider&) const = default;
};

// Trusted identity propagation of an identity provider.
struct Propagation {
  std::optional<ContextProvider> context;
  std::string identity_center_instance;  // ARN; empty: none is associated
};

template <>
struct Fields<ContextKey> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.source);
    ar.text(2, v.target);
  }
};

template <>
struct Fields<ContextProvider> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.subject_source);
    ar.text(2, v.subject_type);
    ar.text(3, v.subject_type_source);
    ar.list(4, v.keys);
  }
};

}  // namespace signet::identity
