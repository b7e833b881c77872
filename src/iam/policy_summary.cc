#include "iam/policy_summary.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "facts/quotas.h"
#include "policy_language/document.h"

namespace signet::iam {
namespace {

using policy::Document;
using policy::Effect;
using policy::JsonKind;
using policy::NodeId;
using policy::PolicyJson;
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

// The texts of a string or of a list, with commas.
std::string list_text(const PolicyJson& json, NodeId id) {
  std::string out;
  policy::each_text(json, id, [&](std::string_view text) {
    out += out.empty() ? "" : ", ";
    out += text;
  });
  return out;
}

// "StringEquals aws:RequestedRegion eu-west-1; Bool ..." : operators, keys and values as written.
std::string condition_text(const PolicyJson& json, NodeId condition) {
  std::string out;
  NodeId op = condition + 1;
  for (std::uint32_t i = 0; i < json[condition].count; ++i) {
    const NodeId keys = op + 1;
    NodeId key = keys + 1;
    for (std::uint32_t k = 0; k < json[keys].count; ++k) {
      out += out.empty() ? "" : "; ";
      out += concat(json[op].content, " ", json[key].content, " ", list_text(json, key + 1));
      key = json[key + 1].next;
    }
    op = json[keys].next;
  }
  return out;
}

std::string statement_text(const Document& document, const Statement& statement) {
  const PolicyJson& json = document.json();
  std::string out = statement.effect == Effect::Allow ? "- It may do " : "- It may never do ";
  out += statement.is_not_action ? "everything except " : "";
  const std::string actions = list_text(json, statement.action);
  out += actions == "*" && !statement.is_not_action ? "everything" : actions;
  out += statement.is_not_resource ? " on everything except " : " on ";
  const std::string resources = list_text(json, statement.resource);
  out += resources == "*" && !statement.is_not_resource ? "every resource" : resources;
  if (statement.condition != policy::kNoNode) {
    out += concat(", only if ", condition_text(json, statement.condition));
  }
  return out + ".\n";
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
    const std::string text = statement_text(document, statement);
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
