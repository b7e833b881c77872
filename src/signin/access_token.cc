#include "signin/access_token.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/strings.h"
#include "signin/console_session.h"
#include "token/signin_step.h"

namespace signet::signin {
namespace {

using token::SigninStage;

constexpr std::string_view kPrefix = "ASOA";
constexpr std::string_view kServices = ".amazonaws.com";

bool is_there(const CallerToken& token, const identity::Snapshot& snapshot) {
  if (token.principal_id == token.account) {
    return snapshot.find<identity::Account>(token.account) != nullptr;
  }
  return snapshot.find<identity::User>(token.principal_id) != nullptr ||
         snapshot.find<identity::Role>(token.principal_id) != nullptr;
}

bool is_session_in_force(const CallerToken& token,
                         const identity::Snapshot& snapshot,
                         const authn::KeyRings& rings,
                         Instant now) {
  if (token.sign_in_session.empty()) {
    return true;
  }
  const auto* ticket = snapshot.find<identity::Ticket>(
      {identity::TicketKind::ConsoleSession, token.sign_in_session});
  const auto grant = ticket != nullptr ? decode_grant(*ticket->data) : std::nullopt;
  return grant && in_force(*grant, *ticket, snapshot, rings, now).has_value();
}

}  // namespace

bool is_service(std::string_view name) {
  return name.size() > kServices.size() && name.ends_with(kServices) &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
         });
}

bool is_access_token(std::string_view text) {
  return text.starts_with(kPrefix);
}

CallerToken access_token_for(const model::Caller& caller,
                             std::string_view resource,
                             Instant now,
                             Instant expires) {
  return {.account = caller.account,
          .principal_id = caller.principal_id,
          .user_id = caller.user_id,
          .arn = caller.arn,
          .resource = std::string(resource),
          .sign_in_session =
              caller.session != nullptr ? caller.session->console_session_id : std::string(),
          .issued = now,
          .expires = expires};
}

std::optional<std::string> seal_access_token(const CallerToken& token,
                                             const authn::KeyRings& rings,
                                             Random& random) {
  const auto sealed = token::seal_signin_step(
      rings.current(),
      {.stage = SigninStage::AccessToken,
       .expires = token.expires,
       .browser = token.sign_in_session,
       .account = token.account,
       .principal_id = token.principal_id,
       .password_changed = token.issued,
       .mfa_time = {},
       .destination = concat(token.resource, "\n", token.user_id, "\n", token.arn)},
      token.issued,
      random);
  return sealed ? std::optional(concat(kPrefix, *sealed)) : std::nullopt;
}

std::optional<CallerToken> open_access_token(std::string_view text,
                                             const identity::Snapshot& snapshot,
                                             const authn::KeyRings& rings,
                                             Instant now) {
  if (!is_access_token(text)) {
    return std::nullopt;
  }
  auto step = token::open_signin_step(rings.current(), text.substr(kPrefix.size()), now);
  const std::size_t end = step ? step->destination.find('\n') : std::string::npos;
  const std::size_t last =
      end != std::string::npos ? step->destination.find('\n', end + 1) : std::string::npos;
  if (last == std::string::npos || step->stage != SigninStage::AccessToken) {
    return std::nullopt;
  }
  CallerToken token{.account = std::move(step->account),
                    .principal_id = std::move(step->principal_id),
                    .user_id = step->destination.substr(end + 1, last - end - 1),
                    .arn = step->destination.substr(last + 1),
                    .resource = step->destination.substr(0, end),
                    .sign_in_session = std::move(step->browser),
                    .issued = step->password_changed,
                    .expires = step->expires};
  const bool is_good =
      is_there(token, snapshot) && is_session_in_force(token, snapshot, rings, now);
  return is_good ? std::optional(std::move(token)) : std::nullopt;
}

}  // namespace signet::signin
