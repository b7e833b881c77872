#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/insight_sentences.h"
#include "insight/handlers.h"
#include "policy_language/document.h"
#include "policy_prove/documents.h"
#include "policy_prove/prove.h"

// FindNewAccess: what a document that is being written allows and the one in its place did not,
// with a request that shows it for each statement that does. What AWS's CheckNoNewAccess answers,
// with the proof's witness.
namespace signet::insight {
namespace {

namespace prove = policy::prove;
using prove::DocumentKind;
using prove::NamedDocument;
using prove::Proof;
using prove::ProofResult;

// Of each of the two searches: asked again whenever somebody stops writing for a moment.
constexpr std::uint64_t kBudget = 1'000'000'000;

constexpr std::string_view kNew = "newPolicyDocument";
constexpr std::string_view kExisting = "existingPolicyDocument";

DocumentKind kind_of(std::string_view type) {
  if (type == "TRUST_POLICY") {
    return DocumentKind::Trust;
  }
  return type == "BUCKET_POLICY" ? DocumentKind::Resource : DocumentKind::Identity;
}

std::string_view name_of(ProofResult result) {
  switch (result) {
    case ProofResult::Pass:
      return "NONE";
    case ProofResult::Fail:
      return "FOUND";
    case ProofResult::Unknown:
      break;
  }
  return "UNKNOWN";
}

using Documents = std::span<const NamedDocument>;

// Of a policy that lets callers in, one whom it lets in without knowing anything of them says most.
std::expected<Proof, std::string> prove_new_access(DocumentKind kind,
                                                   Documents now,
                                                   Documents before,
                                                   std::uint64_t budget) {
  if (kind != DocumentKind::Identity) {
    auto strangers = prove::find_new_access({.now = prove::question_of(kind, now),
                                             .before = prove::question_of(kind, before),
                                             .within = prove::within_of(kind),
                                             .callers = prove::Callers::Strangers,
                                             .budget = budget});
    if (strangers && strangers->result == ProofResult::Fail) {
      return strangers;
    }
  }
  return prove::prove_no_new_access(kind, now, before, budget);
}

NewGrant wire_grant(const policy::Document& document,
                    std::uint32_t statement,
                    const prove::Witness& witness) {
  NewGrant grant{.statement_index = static_cast<std::int64_t>(statement),
                 .action = witness.action,
                 .resource = witness.resource};
  if (const std::string_view sid = document.sid(document.statements()[statement]); !sid.empty()) {
    grant.sid = std::string(sid);
  }
  if (!witness.principal.empty()) {
    grant.principal_arn = witness.principal;
  }
  for (const auto& [key, value] : witness.context) {
    if (value.kind != prove::DimensionValue::Kind::Absent) {
      grant.context_entries.push_back({.key = key, .values = value.texts});
    }
  }
  return grant;
}

}  // namespace

// As AWS asks for the permission to have two documents compared. Nothing of the account is told.
Result<api::CheckList> checks(const FindNewAccessRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  api::CheckList list(1);
  list[0].action = "access-analyzer:CheckNoNewAccess";
  list[0].resource = "*";
  list[0].wildcard_only = true;
  return list;
}

Result<FindNewAccessResponse> handle(const api::Authorized& /*proof*/,
                                     const FindNewAccessRequest& request,
                                     api::HandlerContext& /*context*/) {
  const DocumentKind kind = kind_of(request.policy_type);
  const NamedDocument now{.name = std::string(kNew), .text = request.new_policy_document};
  std::vector<NamedDocument> before;
  if (request.existing_policy_document) {
    before.push_back({.name = std::string(kExisting), .text = *request.existing_policy_document});
  }
  const auto found = prove_new_access(kind, std::span(&now, 1), before, kBudget);
  if (!found) {
    return policy_document_unreadable(found.error());
  }
  FindNewAccessResponse response{.result = std::string(name_of(found->result))};
  if (found->result == ProofResult::Unknown) {
    response.reason = found->reason;
  }
  if (found->result != ProofResult::Fail) {
    return response;
  }
  // A statement alone that is not proved to give nothing is told with its request, if it has one.
  std::vector<std::optional<prove::Witness>> shown;
  const std::vector<std::uint32_t> granting = prove::find_granting(
      now,
      [&](const NamedDocument& alone, std::uint64_t budget) {
        auto proof = prove_new_access(kind, std::span(&alone, 1), before, budget);
        if (!proof || proof->result != ProofResult::Pass) {
          shown.push_back(proof ? std::move(proof->witness) : std::nullopt);
        }
        return proof;
      },
      kBudget);
  const auto document = policy::Document::parse(now.text);
  for (std::size_t i = 0; i < granting.size(); ++i) {
    if (shown[i]) {
      response.grants.push_back(wire_grant(**document, granting[i], *shown[i]));
    }
  }
  if (response.grants.empty() && found->witness) {
    for (const prove::GrantingStatement& by : found->witness->granted_by) {
      if (by.policy == kNew) {
        response.grants.push_back(wire_grant(**document, by.statement, *found->witness));
      }
    }
  }
  return response;
}

}  // namespace signet::insight
