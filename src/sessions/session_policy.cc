#include "sessions/session_policy.h"

#include <cstddef>

#include "base/strings.h"
#include "facts/quotas.h"
#include "facts/sessions_sentences.h"
#include "model/arn.h"
#include "policy_writing/validate.h"
#include "token/packed_policy.h"

namespace signet::sessions {
namespace {

Status check_policy_arn(const std::string& arn,
                        const identity::Snapshot& snapshot,
                        const std::string& account) {
  const auto parts = model::split_arn(arn);
  if (!parts) {
    return policy_arn_invalid(arn);
  }
  const bool is_own = parts->account == account || parts->account == "aws";
  if (!is_own || snapshot.find_by_arn<identity::ManagedPolicy>(arn) == nullptr) {
    return policy_not_attachable(arn);
  }
  return {};
}

}  // namespace

Status add_session_policies(const std::optional<std::string>& policy,
                            const std::vector<std::string>& policy_arns,
                            const identity::Snapshot& snapshot,
                            model::Session& session) {
  std::size_t characters = policy ? utf8_length(*policy) : 0;
  if (policy) {
    TRY_STATUS(policy::validate(*policy, {.profile = policy::Profile::Session}));
    session.policy = *policy;
    session.has_session_policy = true;
  }
  if (policy_arns.size() > facts::kPolicyArnsPerSession) {
    return too_many_policy_arns(facts::kPolicyArnsPerSession);
  }
  for (const std::string& arn : policy_arns) {
    TRY_STATUS(check_policy_arn(arn, snapshot, session.account));
    characters += arn.size();
    session.policy_arns.push_back(arn);
    session.has_session_policy = true;
  }
  if (characters > static_cast<std::size_t>(token::kPlainPolicyLimit)) {
    return session_too_large(characters * 100 / static_cast<std::size_t>(token::kPlainPolicyLimit));
  }
  return {};
}

Result<std::int64_t> packed_size(const model::Session& session) {
  const int tags = token::packed_tags_size(session.tags);
  if (tags > 100) {
    return session_tags_too_large(static_cast<std::size_t>(tags));
  }
  const int size = token::packed_policy_size(session.policy, session.policy_arns) + tags;
  if (size > 100) {
    return session_too_large(static_cast<std::size_t>(size));
  }
  return size;
}

}  // namespace signet::sessions
