#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"
#include "api/query.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "authz/world_for_test.h"
#include "base/clock.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"

namespace signet::api {

// For tests of services: authz::World with everything a handler may use, and calls that go the
// pipeline's way: spend, checks, authorize, handle.
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
    const CheckContext looking{.snapshot = *state, .caller = caller, .request = info, .deps = deps};
    if constexpr (HasSpending<Request>) {
      const auto spent = TRY(spend(request, looking));
      auto answer = carry_out(looking, request, checks(request, spent, looking), is_write);
      if (spent.is_used()) {
        write([&](identity::Transaction& transaction) {
          spent.keep(transaction.view(), deps, transaction);
        });
      }
      return answer;
    } else {
      return carry_out(looking, request, checks(request, looking), is_write);
    }
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

 private:
  template <class Request>
  auto carry_out(const CheckContext& looking,
                 const Request& request,
                 const Result<CheckList>& list,
                 bool is_write) -> decltype(handle(std::declval<const Authorized&>(),
                                                   request,
                                                   std::declval<HandlerContext&>())) {
    TRY_STATUS(list);
    const Authorized proof =
        TRY(authorizer.authorize({looking.snapshot, looking.caller, looking.request}, *list));
    const auto context_of = [&](const identity::Snapshot& on, identity::Transaction* transaction) {
      return HandlerContext{.snapshot = on,
                            .transaction = transaction,
                            .caller = looking.caller,
                            .request = looking.request,
                            .deps = deps};
    };
    if (!is_write) {
      HandlerContext context = context_of(looking.snapshot, nullptr);
      return handle(proof, request, context);
    }
    using Answer = decltype(carry_out(looking, request, list, is_write));
    Answer answer = fail(ErrorCode::ServiceFailure, "the handler did not run");
    TRY_STATUS(directory().apply(
        [&](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
          HandlerContext context = context_of(newest, &transaction);
          answer = handle(proof, request, context);
          return answer ? Status() : std::unexpected(answer.error());
        }));
    return answer;
  }
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
