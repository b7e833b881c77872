#include "iam/policy_summary.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "facts/quotas.h"
#include "policy_language/document.h"
#include "policy_telling/words.h"

namespace signet::iam {
namespace {

using policy::Document;
using policy::Statement;

// Room for the sentence that says how much is left out.
constexpr std::size_t kLastSentence = 200;

std::string duration_text(std::uint32_t seconds) {
  constexpr std::uint32_t kMinute = 60;
  constexpr std::uint32_t kHour = 3600;
  const auto counted = [](std::uint32_t number, std::string_view unit) {
    return concat(std::to_string(number), " ", unit, number == 1 ? "" : "s");
  };
  if (seconds % kHour == 0) {
    return counted(seconds / kHour, "hour");
  }
  return seconds % kMinute == 0 ? counted(seconds / kMinute, "minute") : counted(seconds, "second");
}

std::string head_text(const identity::DelegationRequest& request) {
  std::string out = request.requestor_name.empty() ? "Account " : request.requestor_name;
  out +=
      request.requestor_name.empty() ? request.account : concat(" (account ", request.account, ")");
  out += " asks for temporary access to ";
  out += request.owner_account.empty() ? "your account" : concat("account ", request.owner_account);
  out += concat(", for ", duration_text(request.session_seconds), " once its token is sent.\n");
  out +=
      "It acts as whoever accepts the request, and has no permission that this identity lacks.\n";
  return out;
}

}  // namespace

std::string delegation_summary(const identity::DelegationRequest& request) {
  std::string out = head_text(request);
  const policy::PolicyRef& compiled = request.policy->policy();
  if (compiled == nullptr) {
    return out + "Its policy cannot be read: it allows nothing.\n";
  }
  const Document& document = policy::document_of(*compiled);
  std::size_t left_out = 0;
  for (const Statement& statement : document.statements()) {
    const std::string text = concat("- ", policy::sentence_of(document, statement), "\n");
    if (left_out == 0 && out.size() + text.size() + kLastSentence <= facts::kSummaryCharacters) {
      out += text;
    } else {
      left_out += 1;
    }
  }
  if (left_out != 0) {
    out += concat("- ",
                  std::to_string(left_out),
                  " more statements are too long for this summary; read the policy itself.\n");
  }
  if (!request.role_boundaries.empty()) {
    out +=
        "Roles that it makes are meant to have one of these boundaries: see "
        "RolePermissionRestrictionArns.\n";
  }
  return out;
}

}  // namespace signet::iam
