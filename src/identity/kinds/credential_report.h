#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"

namespace signet::identity {

// The newest credential report of an account: one that was asked for, or one that is there.
struct CredentialReport {
  std::string account;
  Instant requested;
  Instant generated;    // when it was made
  std::string content;  // CSV; empty: not made yet
};

struct CredentialReportByAccount {
  using Entity = CredentialReport;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const CredentialReport& v, auto&& add) { add(v.account); }

  static std::string_view key_of(std::string_view account) { return account; }
};

// Those that are still to be made.
struct PendingCredentialReports {
  using Entity = CredentialReport;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const CredentialReport& v, auto&& add) {
    if (v.content.empty()) {
      add(v.account);
    }
  }
};

// Found and erased by its account.
template <>
struct Kind<CredentialReport> : KindDefaults {
  static constexpr std::uint8_t kRecord = 19;
  static constexpr std::string_view kNoun = "credential report";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<CredentialReportByAccount, PendingCredentialReports>;

  static std::string record_key(const CredentialReport& v) {
    return account_key(v.account, "report", "credentials");
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.instant(2, v.requested);
    ar.instant(3, v.generated);
    ar.text(4, v.content);
  }

  static Status normalize(const CredentialReport& v) {
    return v.account.empty() ? Status(refuse(kNoun, "no account")) : Status();
  }
};

}  // namespace signet::identity
