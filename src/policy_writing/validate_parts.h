#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_language/document.h"

// Rules that several profiles share. Private to this room.

namespace signet::policy {

// Calls visit(text, node) for a string, or for each string of a list. Stops and returns the first
// non-empty answer.
template <class Visit>
std::string first_complaint(const PolicyJson& json, NodeId node, Visit visit) {
  if (node == kNoNode) {
    return {};
  }
  if (!json.is(node, JsonKind::Array)) {
    return visit(json[node].content);
  }
  for (NodeId element = node + 1; element < json[node].next; element = json[element].next) {
    std::string complaint = visit(json[element].content);
    if (!complaint.empty()) {
      return complaint;
    }
  }
  return {};
}

// The pieces between colons, the last one with all that is left; fewer than `max_fields` when there
// are fewer colons.
[[nodiscard]] std::vector<std::string_view> split_colons(std::string_view text,
                                                         std::size_t max_fields);

// A partition that AWS has, or "*" for any.
[[nodiscard]] bool is_partition(std::string_view text);

// True for an absent value and for [].
[[nodiscard]] bool is_missing_or_empty(const PolicyJson& json, NodeId node);

// An ARN as the "legacy parsing" sees it: fields missing or empty in the middle (aws-wire 4.9).
[[nodiscard]] bool fails_legacy_parsing(std::string_view resource);

// AWS's words about one Resource entry; empty when it is fine.
[[nodiscard]] std::string resource_complaint(std::string_view resource);

// AWS's words about one Action entry; empty when it is fine.
[[nodiscard]] std::string action_complaint(std::string_view action);

// Every operand of a Date operator can be stored.
[[nodiscard]] bool has_storable_dates(const Document& document, const Statement& statement);

// IAM's words about a Sid with other characters than letters and digits.
inline constexpr std::string_view kBadSid =
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
    "expression [0-9A-Za-z]*";
[[nodiscard]] bool is_sid_char(char c);

// A Sid has other characters.
[[nodiscard]] bool has_bad_sid(const Document& document);

[[nodiscard]] bool has_word(std::span<const std::string_view> words, std::string_view word);

// The members that a statement may have (policy-semantics 1).
inline constexpr std::array<std::string_view, 9> kStatementMembers{"Sid",
                                                                   "Effect",
                                                                   "Principal",
                                                                   "NotPrincipal",
                                                                   "Action",
                                                                   "NotAction",
                                                                   "Resource",
                                                                   "NotResource",
                                                                   "Condition"};

// A non-empty Sid occurs twice.
[[nodiscard]] bool has_repeated_sid(const Document& document);

// Every operator is spelled as AWS spells it.
[[nodiscard]] bool has_exact_operators(const Document& document, const Statement& statement);

// Words about a role trust policy, a bucket policy; empty when it is fine.
[[nodiscard]] std::string trust_complaint(std::string_view text);
[[nodiscard]] std::string bucket_complaint(std::string_view text, std::string_view bucket);

// Words about an SCP or RCP beyond the common rules.
[[nodiscard]] std::string scp_complaint(const Document& document, bool is_classic);
[[nodiscard]] std::string rcp_complaint(const Document& document);

}  // namespace signet::policy
