#pragma once

#include <cstdint>

#include "model/caller.h"
#include "signin/access_token.h"

namespace signet::signin {

// What examine() finds in a request for CreateOAuth2TokenWithTokenExchange: its token was verified.
struct ExchangedToken {
  CallerToken token;  // that is asked for
  std::int64_t seconds = 0;
  model::Vouched who;
};

using CreateOAuth2TokenWithTokenExchangeEvidence = ExchangedToken;

}  // namespace signet::signin
