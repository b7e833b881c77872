#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"

namespace signet::identity {

// On disk: do not renumber.
enum class AccessReportKind : std::uint8_t {
  Services = 1,      // GenerateServiceLastAccessedDetails
  Organization = 2,  // GenerateOrganizationsAccessReport
};

// A report that somebody asked for: what it is of. What it says is made when it is read.
struct AccessReport {
  std::string account;
  std::string id;  // a UUID
  AccessReportKind kind = AccessReportKind::Services;
  Instant created;
  std::string requester;  // unique id of who asked, who alone may read it
  std::string subject;    // ARN of a user, group, role or policy; entity path in the organization
  std::string policy_id;  // of the organization; empty: none
  bool has_actions = false;  // Granularity ACTION_LEVEL
};

// In the order in which they were asked for.
struct AccessReportsByAge {
  using Entity = AccessReport;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const AccessReport& v, auto&& add) { add(age_key(v.created, v.id)); }
};

template <>
struct Kind<AccessReport> : KindDefaults {
  static constexpr std::uint8_t kRecord = 28;
  static constexpr std::string_view kNoun = "access report";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<AccessReport>, AccessReportsByAge>;

  static std::string record_key(const AccessReport& v) {
    return account_key(v.account, "report", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.enumeration(3, v.kind, AccessReportKind::Services, AccessReportKind::Organization);
    ar.instant(4, v.created);
    ar.text(5, v.requester);
    ar.text(6, v.subject);
    ar.text(7, v.policy_id);
    ar.flag(8, v.has_actions);
  }

  static Status normalize(const AccessReport& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

}  // namespace signet::identity
