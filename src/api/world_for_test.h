#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "authz/world_for_test.h"
#include "base/clock.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"

namespace signet::api {

// For tests of services: authz::World with everything a handler may use, and calls that go the
// pipeline's way: checks, authorize, handle.
class World : public authz::World {
 public:
  World() {
    const Status status = rings.refresh(directory(), random, clock.now());
    SIGNET_CHECK(status.has_value());
  }

  // As a write when `is_write`: on the newest snapshot, with a transaction.
  template <class Request>
  auto call(const model::Caller& caller, const Request& request, bool is_write = false)
      -> decltype(handle(std::declval<const Authorized&>(),
                         request,
                         std::declval<HandlerContext&>())) {
    const auto state = snapshot();
    const RequestInfo info = request_now();
    CheckList list = TRY(
        checks(request,
               CheckContext{.snapshot = *state, .caller = caller, .request = info, .deps = deps}));
    const Authorized proof = TRY(authorizer.authorize({*state, caller, info}, list));
    if (!is_write) {
      HandlerContext context{.snapshot = *state,
                             .transaction = nullptr,
                             .caller = caller,
                             .request = info,
                             .deps = deps};
      return handle(proof, request, context);
    }
    using Answer = decltype(call(caller, request));
    Answer answer = fail(ErrorCode::ServiceFailure, "the handler did not run");
    TRY_STATUS(directory().apply(
        [&](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
          HandlerContext context{.snapshot = newest,
                                 .transaction = &transaction,
                                 .caller = caller,
                                 .request = info,
                                 .deps = deps};
          answer = handle(proof, request, context);
          return answer ? Status() : std::unexpected(answer.error());
        }));
    return answer;
  }

  [[nodiscard]] RequestInfo request_now() const {
    RequestInfo info = request();
    info.now = clock.now();
    return info;
  }

  ManualClock clock{kNow};
  identity::CountingRandom random;
  authn::KeyRings rings;
  authn::MfaGate mfa;
  identity::SmallCatalogue catalogue;
  authz::Authorizer authorizer;
  Deps deps{.clock = clock, .random = random, .rings = rings, .mfa = mfa, .catalogue = catalogue};
};

// "ok", or the error as "Code: message".
template <class T>
[[nodiscard]] std::string outcome(const Result<T>& result) {
  if (result) {
    return "ok";
  }
  std::string text(facts::error_row(result.error().code).wire_code);
  text += ": ";
  text += result.error().message;
  return text;
}

}  // namespace signet::api
