// fuzz-deps: base facts model policy_language policy_engine policy_writing policy_telling
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "policy_engine/decide.h"
#include "policy_engine/set_walk.h"
#include "policy_language/size.h"
#include "policy_telling/batch.h"
#include "policy_writing/check_document.h"
#include "policy_writing/validate.h"

namespace {

using signet::policy::Profile;

// A document that loads can be asked anything; a document that one profile takes also loads.
void check_document(std::string_view text) {
  const auto document = signet::policy::Document::parse(std::string(text));
  for (const Profile profile : {Profile::Identity,
                                Profile::Trust,
                                Profile::Bucket,
                                Profile::Scp,
                                Profile::Rcp,
                                Profile::Endpoint}) {
    const auto valid = signet::policy::validate(text, {.profile = profile, .bucket = "b"});
    SIGNET_ASSERT(!valid || document.has_value());
    const auto findings = signet::policy::check_document(
        text, {.document = {.profile = profile, .bucket = "b"}, .known_accounts = {}});
    SIGNET_ASSERT(valid || !findings.empty());
  }
  if (!document) {
    return;
  }
  SIGNET_ASSERT((*document)->text() == text);
  SIGNET_ASSERT(signet::policy::counted_characters(text) <= text.size());
  (void)signet::policy::context_keys(**document);
  const auto policy = signet::policy::compile(*document);
  using signet::policy::SetKind;
  for (const SetKind kind :
       {SetKind::Identity, SetKind::Resource, SetKind::Guard, SetKind::ResourceGuard}) {
    const auto set =
        signet::policy::PolicySet::make(kind, {{.policy = policy, .id = "p", .pins = {}}});
    signet::policy::RequestContext context;
    context.set(signet::policy::KeyId::AwsUsername, "u");
    context.set(signet::policy::KeyId::AwsSourceIp, "203.0.113.5");
    const signet::policy::Principal user{.kind = signet::policy::PrincipalKind::User,
                                         .account = "111122223333",
                                         .arn = "arn:aws:iam::111122223333:user/u",
                                         .entity_arn = "arn:aws:iam::111122223333:user/u"};
    signet::policy::PolicyInputs inputs;
    (kind == SetKind::Resource ? inputs.resource : inputs.identity) = set.get();
    const signet::policy::Request request{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
    (void)decide(request, user, context, inputs);
    // The index and the walk from statement to statement say the same.
    const signet::policy::RequestParts parts(request);
    signet::policy::Evaluation evaluation(
        parts, user, context, signet::policy::kDefaultSettings, false);
    if (!set->is_broken()) {
      const auto indexed = evaluate_set(*set, evaluation, {});
      const auto walked = evaluate_set_plainly(*set, evaluation, {});
      SIGNET_ASSERT(indexed.has_deny() == walked.has_deny());
      SIGNET_ASSERT(indexed.has_deny() || indexed.allow_strength == walked.allow_strength);
    }
  }
}

}  // namespace

// The text as a policy document, and as a line of the batch.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_document(text);
  signet::policy::BatchEvaluator batch;
  std::string answer;
  const bool is_decided = batch.evaluate(text, answer);
  SIGNET_ASSERT(is_decided == (answer.find("\"verdict\":") != std::string::npos) ||
                answer.find("\"error\":") != std::string::npos);
  return 0;
}
