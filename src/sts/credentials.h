#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "api/operation.h"
#include "base/result.h"
#include "base/strings.h"
#include "facts/sts_types.h"
#include "model/arn.h"
#include "model/caller.h"
#include "sts/session_policy.h"

namespace signet::sts {

// Gives a session that has its times an access key id and a secret, and seals it. Errors: those of
// issue().
[[nodiscard]] Result<Credentials> seal_credentials(model::Session session,
                                                   std::optional<std::int64_t> minimum_token_size,
                                                   const api::HandlerContext& context);

// The credentials of issue().
[[nodiscard]] Result<Credentials> make_credentials(model::Session session,
                                                   std::int64_t duration_seconds,
                                                   std::optional<std::int64_t> minimum_token_size,
                                                   const api::HandlerContext& context);

// Per cent of the longest token, rounded up.
[[nodiscard]] std::int64_t token_utilization(std::size_t size);

// Writes Credentials, SessionTokenSize and SessionTokenUtilization (new-in-2026 0).
template <class Response>
void answer_with(Credentials credentials, Response& response) {
  const std::size_t size = credentials.session_token.size();
  response.credentials = std::move(credentials);
  response.session_token_size = static_cast<std::int64_t>(size);
  response.session_token_utilization = token_utilization(size);
}

// Ends a session's making: gives it an access key id, a secret and its times, seals it into a token
// of at least the bytes that the request asks for (MinimumSessionTokenSize), and writes
// Credentials, SessionTokenSize and SessionTokenUtilization (new-in-2026 0). `session` has
// everything else filled in. Error: PackedPolicyTooLarge if policies and tags do not fit into a
// token; ServiceFailure if no key may seal now.
template <class Request, class Response>
[[nodiscard]] Status issue(model::Session session,
                           std::int64_t duration_seconds,
                           const Request& request,
                           const api::HandlerContext& context,
                           Response& response) {
  answer_with(
      TRY(make_credentials(
          std::move(session), duration_seconds, request.minimum_session_token_size, context)),
      response);
  return {};
}

// Ends the making of a role's session as issue() does, and answers what AssumeRole and its kin have
// in common besides: AssumedRoleUser, PackedPolicySize (left out when nothing was passed, aws-wire
// 3.0) and SourceIdentity. Errors: those of packed_size() and issue().
template <class Request, class Response>
[[nodiscard]] Status issue_role_session(model::Session session,
                                        const identity::Role& role,
                                        std::int64_t duration_seconds,
                                        const Request& request,
                                        const api::HandlerContext& context,
                                        Response& response) {
  const std::int64_t packed = TRY(sessions::packed_size(session));
  response.assumed_role_user = AssumedRoleUser{
      .assumed_role_id = concat(role.id, ":", session.session_name),
      .arn = model::assumed_role_arn(role.account, role.name, session.session_name)};
  if (session.has_session_policy || !session.tags.empty()) {
    response.packed_policy_size = packed;
  }
  if (!session.source_identity.empty()) {
    response.source_identity = session.source_identity;
  }
  return issue(std::move(session), duration_seconds, request, context, response);
}

}  // namespace signet::sts
