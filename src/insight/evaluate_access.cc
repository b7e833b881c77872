#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authz/open_question.h"
#include "base/strings.h"
#include "escalation/hypothetical.h"
#include "facts/insight_sentences.h"
#include "identity/principals.h"
#include "insight/explanation.h"
#include "insight/handlers.h"
#include "policy_telling/simulate.h"
#include "policy_writing/pins.h"

// EvaluateAccess: what many principals may do, in one call, by the authorizer that decides
// requests; and why, policy by policy, also with a bucket policy that is still being written.
namespace signet::insight {
namespace {

using escalation::caller_named;
using escalation::check_for;
using escalation::permission_for;

constexpr std::string_view kEverything = "*";
constexpr std::string_view kAnybody = "*";  // who did not sign in
constexpr std::string_view kBucketArn = "arn:aws:s3:::";
constexpr std::size_t kMostExplained = 10;

// The name of the bucket that an ARN is of, or of whose objects; empty: it is of no bucket.
std::string_view bucket_name_in(std::string_view arn) {
  if (!arn.starts_with(kBucketArn)) {
    return {};
  }
  const std::string_view rest = arn.substr(kBucketArn.size());
  return rest.substr(0, rest.find('/'));
}

std::string_view resource_of(const EvaluateAccessRequest& request) {
  return request.resource_arn ? std::string_view(*request.resource_arn) : kEverything;
}

// The bucket with that text for its policy, as PutBucketPolicy would store it.
Result<identity::Bucket> with_policy(const identity::Bucket& bucket,
                                     const std::string& text,
                                     const identity::Snapshot& snapshot) {
  const auto document = policy::validate(text,
                                         {.profile = policy::Profile::Bucket,
                                          .bucket = bucket.name,
                                          .settings = policy::kDefaultSettings});
  if (!document) {
    return bucket_policy_refused(document.error().message);
  }
  auto pins = policy::pin_principals(
      **document, identity::SnapshotPrincipals(snapshot), policy::Profile::Bucket);
  if (!pins) {
    return bucket_policy_refused(pins.error().message);
  }
  identity::Bucket edited = bucket;
  edited.policy = identity::make_document(text);
  edited.policy_pins = *std::move(pins);
  return edited;
}

Result<model::Caller> who(const std::string& arn, const api::HandlerContext& context) {
  if (arn == kAnybody) {
    return model::Caller();
  }
  auto caller = caller_named(arn, context.caller.account, context.snapshot, context.request.now);
  if (!caller) {
    return principal_not_found(arn);
  }
  return *std::move(caller);
}

// Asks questions that are not those of stored policies and real requests alone, apart from the
// authorizer, which keeps the sets of what is stored.
class Supposition {
 public:
  Supposition(const EvaluateAccessRequest& request, const api::HandlerContext& context)
      : request_(request), context_(context) {
    for (const GivenContextEntry& entry :
         request.context_entries.value_or(std::vector<GivenContextEntry>())) {
      given_.entries.push_back(
          {.key = entry.key, .values = entry.values, .is_list = entry.values.size() > 1});
    }
  }

  // The edited policy, if there is one, on a bucket of the caller's account.
  Status read_policy() {
    if (!request_.bucket_policy) {
      return {};
    }
    const std::string_view name = bucket_name_in(resource_of(request_));
    const auto* bucket = context_.snapshot.find<identity::Bucket>(name);
    if (bucket == nullptr || bucket->account != context_.caller.account) {
      return bucket_not_found(name);
    }
    edited_ = TRY(with_policy(*bucket, *request_.bucket_policy, context_.snapshot));
    return {};
  }

  Status ask(const model::Caller& caller, api::Check check, PrincipalResult& result) {
    check.bucket = edited_ ? &*edited_ : check.bucket;
    const std::string text = authz::open_question(
        {.snapshot = context_.snapshot, .caller = caller, .request = context_.request},
        check,
        given_);
    policy::Question question;
    if (const auto read = policy::read_question(text, cache_, question); !read) {
      return policies_unreadable(read.error());
    }
    const policy::Decision decision =
        policy::decide(question.request, question.principal, question.context, question.inputs);
    result.decisions.emplace_back(policy::wire_name(decision.verdict));
    if (request_.explains.value_or(false)) {
      if (!result.explanations) {
        result.explanations.emplace();
      }
      result.explanations->push_back(explanation_of(question, check, context_.caller.account));
    }
    return {};
  }

 private:
  const EvaluateAccessRequest& request_;
  const api::HandlerContext& context_;
  authz::GivenContext given_;
  std::optional<identity::Bucket> edited_;
  policy::PolicyCache cache_{policy::kDefaultSettings};
};

bool is_supposed(const EvaluateAccessRequest& request) {
  return request.bucket_policy || request.context_entries || request.explains.value_or(false);
}

}  // namespace

// Explanations show policies as they stand, and what those may who did not sign in is what the
// bucket policy says: to whoever may read the policies of the account, and that of the bucket.
Result<api::CheckList> checks(const EvaluateAccessRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list;
  bool reads_policies = request.explains.value_or(false);
  for (const std::string& arn : request.principal_arns) {
    if (arn == kAnybody) {
      reads_policies = true;
    } else {
      list.push_back(permission_for(arn, context.snapshot));
    }
  }
  if (!reads_policies) {
    return list;
  }
  api::Check& policies = list.emplace_back();
  policies.action = "iam:GetAccountAuthorizationDetails";
  policies.resource = "*";
  policies.wildcard_only = true;
  const std::string_view bucket = bucket_name_in(resource_of(request));
  if (!bucket.empty() && !request.bucket_policy) {
    const std::string arn = concat(kBucketArn, bucket);
    list.push_back(check_for("s3:GetBucketPolicy", arn, context.snapshot));
    list.back().wording.resource = arn;
  }
  return list;
}

// A principal asks with a long-term key or a new session, without MFA, from where the caller is.
Result<EvaluateAccessResponse> handle(const api::Authorized& /*proof*/,
                                      const EvaluateAccessRequest& request,
                                      api::HandlerContext& context) {
  const std::size_t asked = request.principal_arns.size() * request.actions.size();
  if (request.explains.value_or(false) && asked > kMostExplained) {
    return explanations_too_many(kMostExplained);
  }
  std::vector<api::Check> questions;
  questions.reserve(request.actions.size());
  for (const std::string& action : request.actions) {
    questions.push_back(check_for(action, resource_of(request), context.snapshot));
  }
  Supposition supposition(request, context);
  TRY_STATUS(supposition.read_policy());
  EvaluateAccessResponse response;
  for (const std::string& arn : request.principal_arns) {
    const model::Caller caller = TRY(who(arn, context));
    PrincipalResult result{.principal_arn = arn};
    for (const api::Check& question : questions) {
      if (is_supposed(request)) {
        TRY_STATUS(supposition.ask(caller, question, result));
        continue;
      }
      const policy::Decision decision = context.authorizer->decide(
          {.snapshot = context.snapshot, .caller = caller, .request = context.request}, question);
      result.decisions.emplace_back(policy::wire_name(decision.verdict));
    }
    response.results.push_back(std::move(result));
  }
  return response;
}

}  // namespace signet::insight
