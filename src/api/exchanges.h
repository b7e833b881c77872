#pragma once

#include <cstdint>
#include <string>

#include "api/services.h"
#include "http/handler.h"

namespace signet::api {

class LoopState;

// What opens a request of each protocol. The entry outlives the exchange.
http::ExchangePtr open_query(LoopState& loop,
                             const ServiceEntry& entry,
                             const QueryService& service,
                             bool is_signed);
http::ExchangePtr open_json(LoopState& loop,
                            const ServiceEntry& entry,
                            const JsonService& service,
                            bool is_signed);
// Decide: of a proxy that asks (kProxyQuestions); the request is decided and not carried out.
enum class RestMode : std::uint8_t { Serve, Decide };

http::ExchangePtr open_rest(LoopState& loop,
                            const ServiceEntry& entry,
                            RestService& service,
                            RestMode mode);
http::ExchangePtr open_web(LoopState& loop, const ServiceEntry& entry, WebService& service);
// A service of AWS's that is not served here.
http::ExchangePtr open_unserved(LoopState& loop, std::string service);

}  // namespace signet::api
