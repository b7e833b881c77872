#pragma once

#include <span>
#include <string>
#include <string_view>

#include "facts/policy_findings.h"
#include "policy_writing/validate.h"

// What `policy check` says, and what it is told: types alone.

namespace signet::policy {

using Severity = facts::FindingType;

// Something to say about a document. What can be found: facts/policy_findings.tsv,
// docs/reference/policy-findings.md.
struct Finding {
  facts::FindingId id = facts::FindingId::InvalidPolicy;
  Severity severity = Severity::Warning;
  std::string message;  // says what to do
  Position begin;
  Position end;

  // Stable name, such as PassRoleWithStar.
  [[nodiscard]] std::string_view code() const { return facts::policy_finding(id).name; }

  // AWS's issue code for the same thing, such as PASS_ROLE_WITH_STAR_IN_RESOURCE; empty when AWS
  // has none.
  [[nodiscard]] std::string_view aws_code() const { return facts::policy_finding(id).aws; }
};

struct CheckOptions {
  ValidateOptions document;  // without a bucket: the one that the document names first
  // Accounts that exist here; a principal of any other is worth a note. Empty: nobody asks.
  std::span<const std::string> known_accounts;
};

}  // namespace signet::policy
