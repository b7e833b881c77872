#pragma once

#include "model/caller.h"
#include "signin/access_token.h"

namespace signet::signin {

// What examine() finds in a request for CreateOAuth2TokenWithTokenExchange: its token was verified.
struct ExchangedToken {
  CallerToken token;  // that is asked for
  model::Vouched who;
};

using CreateOAuth2TokenWithTokenExchangeEvidence = ExchangedToken;

}  // namespace signet::signin
