#include "authn/key_rings.h"
#include "facts/sts_sentences.h"
#include "sts/handlers.h"
#include "token/auth_message.h"

namespace signet::sts {

// DecodeAuthorizationMessage (aws-wire 3.5): opens what a refusal carried in
// x-signet-authorization-message (docs/decisions/0012-authorization-message.md). A message of
// another account, a changed one and one that has expired are answered alike.

Result<DecodeAuthorizationMessageResponse> handle(const api::Authorized& /*proof*/,
                                                  const DecodeAuthorizationMessageRequest& request,
                                                  api::HandlerContext& context) {
  std::optional<token::AuthorizationMessage> message = token::open_authorization_message(
      context.deps.rings.current(), request.encoded_message, context.request.now);
  if (!message || message->account != context.caller.account) {
    return message_invalid();
  }
  return DecodeAuthorizationMessageResponse{.decoded_message = std::move(message->json)};
}

}  // namespace signet::sts
