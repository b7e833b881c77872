// fuzz-deps: base facts model policy_language policy_engine policy_telling policy_prove
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "base/strings.h"
#include "policy_prove/documents.h"
#include "policy_telling/batch.h"

namespace {

namespace prove = signet::policy::prove;
using prove::DocumentKind;
using prove::NamedDocument;
using prove::ProofResult;

constexpr std::uint64_t kBudget = 20'000'000;

bool is_allowed(const std::string& question) {
  std::string out;
  return signet::policy::BatchEvaluator().evaluate(question, out) &&
         out.find("\"verdict\":\"Allowed\"") != std::string::npos;
}

// Requests that hold for any proof of identity policies: one of a user, one of a role.
std::string question_of(std::string_view request, const NamedDocument& document) {
  const std::string side = prove::question_of(DocumentKind::Identity, std::array{document});
  return signet::concat("{", request, ",", std::string_view(side).substr(1));
}

constexpr std::array<std::string_view, 2> kRequests{
    R"("principal":"arn:aws:iam::111122223333:user/u","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{"aws:CurrentTime":"2026-11-22T10:00:00Z","aws:EpochTime":"1795341600","aws:SecureTransport":"true","aws:PrincipalArn":"arn:aws:iam::111122223333:user/u","aws:PrincipalAccount":"111122223333","aws:PrincipalType":"User","aws:userid":"AIDAU","aws:username":"u","aws:SourceIp":"203.0.113.5"})",
    R"("principal":"arn:aws:sts::111122223333:assumed-role/r/s","action":"iam:GetUser","resource":"arn:aws:iam::111122223333:user/u","context":{"aws:CurrentTime":"2026-11-22T10:00:00Z","aws:EpochTime":"1795341600","aws:SecureTransport":"false","aws:PrincipalArn":"arn:aws:iam::111122223333:role/r","aws:PrincipalAccount":"111122223333","aws:PrincipalType":"AssumedRole","aws:userid":"AROAR:s","aws:TokenIssueTime":"2026-11-22T09:00:00Z","aws:PrincipalTag/t":"x"})"};

void check(const NamedDocument& now, const NamedDocument& before) {
  const auto proof = prove::prove_no_new_access(
      DocumentKind::Identity, std::array{now}, std::array{before}, kBudget);
  if (!proof) {
    return;
  }
  SIGNET_ASSERT((proof->result == ProofResult::Fail) == proof->witness.has_value());
  SIGNET_ASSERT(proof->result != ProofResult::Unknown || !proof->reason.empty());
  if (proof->witness) {
    SIGNET_ASSERT(is_allowed(proof->witness->question));
    SIGNET_ASSERT(!is_allowed(proof->witness->before));
  }
  for (const std::string_view request : kRequests) {
    const bool is_new =
        is_allowed(question_of(request, now)) && !is_allowed(question_of(request, before));
    SIGNET_ASSERT(!is_new || proof->result != ProofResult::Pass);
  }
}

}  // namespace

// Two documents, a line of "---" between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kBetween = "\n---\n";
  const std::size_t at = text.find(kBetween);
  if (at == std::string_view::npos) {
    return 0;
  }
  const NamedDocument one{.name = "one", .text = std::string(text.substr(0, at))};
  const NamedDocument other{.name = "other",
                            .text = std::string(text.substr(at + kBetween.size()))};
  check(one, other);
  check(other, one);
  const auto open = prove::prove_no_public_access(DocumentKind::Resource, std::array{one}, kBudget);
  SIGNET_ASSERT(!open || !open->witness || is_allowed(open->witness->question));
  return 0;
}
