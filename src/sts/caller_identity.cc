#include "facts/sts_sentences.h"
#include "sts/handlers.h"
#include "token/ids.h"

namespace signet::sts {

// GetCallerIdentity (aws-wire 3.7): no permission is needed and no policy can take it away.

Result<GetCallerIdentityResponse> handle(const api::Authorized& /*proof*/,
                                         const GetCallerIdentityRequest& /*request*/,
                                         api::HandlerContext& context) {
  return GetCallerIdentityResponse{.user_id = context.caller.user_id,
                                   .account = context.caller.account,
                                   .arn = context.caller.arn};
}

// GetAccessKeyInfo (aws-wire 3.6): the account is in the id, so an id that never existed still
// answers; ids that were brought along at bootstrap are looked up.

Result<GetAccessKeyInfoResponse> handle(const api::Authorized& /*proof*/,
                                        const GetAccessKeyInfoRequest& request,
                                        api::HandlerContext& context) {
  if (const identity::AccessKey* key =
          context.snapshot.find<identity::AccessKey>(request.access_key_id);
      key != nullptr) {
    return GetAccessKeyInfoResponse{.account = key->account};
  }
  std::optional<std::string> account = token::account_of(request.access_key_id);
  if (!account) {
    return access_key_id_invalid();
  }
  return GetAccessKeyInfoResponse{.account = std::move(account)};
}

}  // namespace signet::sts
