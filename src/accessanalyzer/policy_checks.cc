#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accessanalyzer/handlers.h"
#include "base/strings.h"
#include "facts/accessanalyzer_sentences.h"
#include "policy_language/document.h"
#include "policy_prove/documents.h"

// CheckNoNewAccess, CheckAccessNotGranted and CheckNoPublicAccess over policy_prove.
namespace signet::accessanalyzer {
namespace {

namespace prove = policy::prove;
using prove::DocumentKind;
using prove::NamedDocument;
using prove::Proof;
using prove::ProofResult;

// Of one call: it runs beside the loops, and is refused nothing but an answer.
constexpr std::uint64_t kBudget = 3'000'000'000;

using Checked = std::expected<Proof, std::string>;

// A resource's policy may be any: all that it allows counts, whatever it guards.
DocumentKind kind_of(std::string_view policy_type) {
  return policy_type == "RESOURCE_POLICY" ? DocumentKind::Resource : DocumentKind::Identity;
}

// What a check is told in: the messages of AWS.
struct Words {
  std::string_view pass;
  std::string_view fail;
  std::string_view unknown;  // AWS's FAIL says "might" for what it cannot prove
  std::string_view reason;   // before the name of a statement
};

constexpr Words kNewAccess{
    .pass = "The modified permissions do not grant new access compared to your existing policy.",
    .fail = "The modified permissions grant new access compared to your existing policy.",
    .unknown = "The modified permissions might grant new access compared to your existing policy.",
    .reason = "New access in the statement with "};
constexpr Words kActions{
    .pass =
        "The policy document does not grant access to perform one or more of the listed actions.",
    .fail = "The policy document grants access to perform one or more of the listed actions.",
    .unknown =
        "The policy document might grant access to perform one or more of the listed actions.",
    .reason = "One or more of the listed actions in the statement with "};
constexpr Words kActionsOrResources{
    .pass =
        "The policy document does not grant access to perform one or more of the listed actions "
        "or resources.",
    .fail =
        "The policy document grants access to perform one or more of the listed actions or "
        "resources.",
    .unknown =
        "The policy document might grant access to perform one or more of the listed actions "
        "or resources.",
    .reason = "One or more of the listed actions or resources in the statement with "};
constexpr Words kPublic{
    .pass = "The resource policy does not grant public access for the given resource type.",
    .fail = "The resource policy grants public access for the given resource type.",
    .unknown = "The resource policy might grant public access for the given resource type.",
    .reason = "Public access granted in the following statement with "};

std::vector<ReasonSummary> reasons_of(const NamedDocument& document,
                                      const prove::ProveDocument& check,
                                      const Words& words) {
  std::vector<ReasonSummary> reasons;
  const auto parsed = policy::Document::parse(document.text);
  for (const std::uint32_t index : prove::find_granting(document, check, kBudget)) {
    const std::string_view sid = (*parsed)->sid((*parsed)->statements()[index]);
    ReasonSummary& reason = reasons.emplace_back();
    reason.description = sid.empty() ? concat(words.reason, "index: ", std::to_string(index), ".")
                                     : concat(words.reason, "sid: ", sid, ".");
    reason.statement_index = index;
    if (!sid.empty()) {
      reason.statement_id = std::string(sid);
    }
  }
  return reasons;
}

// The answer of a check of one document. AWS knows no third result: what is not proved is a FAIL.
template <class Response>
Result<Response> answer(const NamedDocument& document,
                        const prove::ProveDocument& check,
                        const Words& words) {
  const Checked proof = check(document, kBudget);
  if (!proof) {
    return policy_document_invalid(document.name, proof.error());
  }
  if (proof->is_limit) {
    return policy_too_complex(proof->reason);
  }
  Response response;
  if (proof->result == ProofResult::Pass) {
    response.result = "PASS";
    response.message = std::string(words.pass);
    return response;
  }
  response.result = "FAIL";
  response.message = std::string(proof->result == ProofResult::Fail ? words.fail : words.unknown);
  response.reasons = reasons_of(document, check, words);
  return response;
}

}  // namespace

Result<CheckNoNewAccessResponse> handle(const api::Authorized&,
                                        const CheckNoNewAccessRequest& request,
                                        api::HandlerContext& /*context*/) {
  const std::array before{
      NamedDocument{.name = "existingPolicyDocument", .text = request.existing_policy_document}};
  return answer<CheckNoNewAccessResponse>(
      {.name = "newPolicyDocument", .text = request.new_policy_document},
      [&](const NamedDocument& now, std::uint64_t budget) {
        return prove::prove_no_new_access(
            kind_of(request.policy_type), std::span(&now, 1), before, budget);
      },
      kNewAccess);
}

Result<CheckAccessNotGrantedResponse> handle(const api::Authorized&,
                                             const CheckAccessNotGrantedRequest& request,
                                             api::HandlerContext& /*context*/) {
  if (request.access.empty()) {
    return access_missing();
  }
  const Access& access = request.access.front();
  const prove::NamedAccess named{.actions = access.actions.value_or(std::vector<std::string>()),
                                 .resources = access.resources.value_or(std::vector<std::string>()),
                                 .condition = {}};
  if (named.actions.empty() && named.resources.empty()) {
    return access_missing();
  }
  return answer<CheckAccessNotGrantedResponse>(
      {.name = "policyDocument", .text = request.policy_document},
      [&](const NamedDocument& document, std::uint64_t budget) {
        return prove::prove_access_not_granted(
            kind_of(request.policy_type), std::span(&document, 1), named, budget);
      },
      named.resources.empty() ? kActions : kActionsOrResources);
}

Result<CheckNoPublicAccessResponse> handle(const api::Authorized&,
                                           const CheckNoPublicAccessRequest& request,
                                           api::HandlerContext& /*context*/) {
  const bool is_trust = request.resource_type == "AWS::IAM::AssumeRolePolicyDocument";
  return answer<CheckNoPublicAccessResponse>(
      {.name = "policyDocument", .text = request.policy_document},
      [is_trust](const NamedDocument& document, std::uint64_t budget) {
        return prove::prove_no_public_access(
            is_trust ? DocumentKind::Trust : DocumentKind::Resource,
            std::span(&document, 1),
            budget);
      },
      kPublic);
}

}  // namespace signet::accessanalyzer
