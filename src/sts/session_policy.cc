#include "sts/session_policy.h"

#include <cstddef>

#include "base/strings.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "policy/validate.h"
#include "token/packed_policy.h"

namespace signet::sts {
namespace {

constexpr std::size_t kMaxPolicyArns = 10;  // aws-wire 3.0

Status check_policy_arn(const std::string& arn,
                        const identity::Snapshot& snapshot,
                        const std::string& account) {
  const auto parts = model::split_arn(arn);
  if (!parts) {
    return fail(ErrorCode::ValidationError, concat(arn, " is invalid"));
  }
  const bool is_own = parts->account == account || parts->account == "aws";
  if (!is_own || snapshot.find_policy(arn) == nullptr) {
    return fail(ErrorCode::ValidationError,
                concat("Policy ", arn, " does not exist or is not attachable."));
  }
  return {};
}

}  // namespace

Status add_session_policies(const std::optional<std::string>& policy,
                            const std::vector<PolicyDescriptorType>& policy_arns,
                            const identity::Snapshot& snapshot,
                            model::Session& session) {
  std::size_t characters = policy ? utf8_length(*policy) : 0;
  if (policy) {
    TRY_STATUS(policy::validate(*policy, {.profile = policy::Profile::Session}));
    session.policy = *policy;
    session.has_session_policy = true;
  }
  if (policy_arns.size() > kMaxPolicyArns) {
    return fail(ErrorCode::ValidationError,
                "The number of policy ARNs exceeds the limit of 10 for a session.");
  }
  for (const PolicyDescriptorType& descriptor : policy_arns) {
    const std::string arn = descriptor.arn.value_or("");
    TRY_STATUS(check_policy_arn(arn, snapshot, session.account));
    characters += arn.size();
    session.policy_arns.push_back(arn);
    session.has_session_policy = true;
  }
  if (characters > static_cast<std::size_t>(token::kPlainPolicyLimit)) {
    return fail(ErrorCode::PackedPolicyTooLarge,
                concat("Packed policy consumes ",
                       std::to_string(characters * 100 /
                                      static_cast<std::size_t>(token::kPlainPolicyLimit)),
                       "% of allotted space, please use smaller policy."));
  }
  return {};
}

Result<std::int64_t> packed_size(const model::Session& session) {
  const int tags = token::packed_tags_size(session.tags);
  if (tags > 100) {
    return fail(
        ErrorCode::PackedPolicyTooLarge,
        concat(
            "Packed size of session tags consumes ", std::to_string(tags), "% of allotted space."));
  }
  const int size = token::packed_policy_size(session.policy, session.policy_arns) + tags;
  if (size > 100) {
    return fail(ErrorCode::PackedPolicyTooLarge,
                concat("Packed policy consumes ",
                       std::to_string(size),
                       "% of allotted space, please use smaller policy."));
  }
  return size;
}

}  // namespace signet::sts
