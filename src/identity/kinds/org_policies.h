#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// One SCP or RCP. Shown in traces by its name, and in AccessDenied if that is an ARN.
struct OrgPolicy {
  std::string name;
  DocumentRef document;
};

// The policies of one node of the organization. A level without policies allows nothing.
struct OrgLevel {
  std::vector<OrgPolicy> policies;
};

// What an organization lays upon one account. An account without this record is in no
// organization.
struct OrgPolicies {
  std::string account;
  // Policies of the organization never reach its management account (policy-semantics 7.1).
  bool is_management = false;
  std::string organization_id;  // o-...; empty: the keys aws:...OrgID are absent
  std::string path;  // o-.../r-.../ou-.../, ending in '/'; empty: aws:...OrgPaths are absent
  std::vector<OrgLevel> scps;  // root first, the account last; empty: no SCPs
  std::vector<OrgLevel> rcps;
  // Of the management account: what holds for the organization as a whole (new-in-2026 4).
  bool has_iam_access = false;             // trusted access for iam.amazonaws.com
  bool is_billing_only = false;            // not in "all features" mode
  std::string delegated_administrator;     // account that administers IAM beside it; empty: none
  std::vector<std::string> root_features;  // RootCredentialsManagement, RootSessions; sorted
};

template <>
struct Fields<OrgPolicy> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.document(2, v.document);
  }
};

template <>
struct Fields<OrgLevel> {
  static void describe(auto& ar, auto& v) { ar.list(1, v.policies); }
};

struct OrgPoliciesByAccount {
  using Entity = OrgPolicies;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const OrgPolicies& v, auto&& add) { add(v.account); }

  static std::string_view key_of(std::string_view account) { return account; }
};

// Found and erased by the account that they are laid upon.
template <>
struct Kind<OrgPolicies> : KindDefaults {
  static constexpr std::uint8_t kRecord = 13;
  static constexpr std::string_view kNoun = "organization policies";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<OrgPoliciesByAccount>;

  static std::string record_key(const OrgPolicies& v) {
    return account_key(v.account, "org", "policies");
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.flag(2, v.is_management);
    ar.text(3, v.organization_id);
    ar.text(4, v.path);
    ar.list(5, v.scps);
    ar.list(6, v.rcps);
    ar.flag(7, v.has_iam_access);
    ar.flag(8, v.is_billing_only);
    ar.text(9, v.delegated_administrator);
    ar.texts(10, v.root_features);
  }

  static Status normalize(OrgPolicies& v);
};

}  // namespace signet::identity
