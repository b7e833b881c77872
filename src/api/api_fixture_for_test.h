#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"
#include "api/query.h"
#include "api/steps_for_test.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "authz/authz_fixture_for_test.h"
#include "base/clock.h"
#include "facts/outcome_for_test.h"
#include "identity/fixture_for_test.h"

namespace signet::api {

// For tests of services: authz::AuthzFixture with everything a handler may use, and calls that go
// the pipeline's way (steps_for_test.h), after spend().
class ApiFixture : public authz::AuthzFixture {
 public:
  ApiFixture() {
    const Status status = rings.refresh(directory(), random, clock.now());
    SIGNET_ASSERT(status.has_value());
  }

  // As a write when `is_write`: on the newest snapshot, with a transaction.
  template <class Request>
  auto call(const model::Caller& caller, const Request& request, bool is_write = false)
      -> decltype(handle(std::declval<const Authorized&>(),
                         request,
                         std::declval<HandlerContext&>())) {
    if constexpr (HasSpending<Request>) {
      const auto state = snapshot();
      const RequestInfo info = request_now();
      const auto spent = TRY(
          spend(request, {.snapshot = *state, .caller = caller, .request = info, .deps = deps}));
      auto answer = decided(
          caller,
          request,
          [&](const CheckContext& looking) { return checks(request, spent, looking); },
          is_write);
      if (spent.is_used()) {
        write([&](identity::Transaction& transaction) {
          spent.keep(transaction.view(), deps, transaction);
        });
      }
      return answer;
    } else {
      return decided(
          caller,
          request,
          [&](const CheckContext& looking) { return checks(request, looking); },
          is_write);
    }
  }

  // The same for an operation that takes no signature: examine() goes before.
  template <HasEvidence Request>
  auto examined(const Request& request, bool is_write = false)
      -> decltype(handle(std::declval<const Authorized&>(),
                         request,
                         *examine(request, std::declval<const CheckContext&>()),
                         std::declval<HandlerContext&>())) {
    const model::Caller nobody;
    const auto state = snapshot();
    const RequestInfo info = request_now();
    const auto evidence = TRY(
        examine(request, {.snapshot = *state, .caller = nobody, .request = info, .deps = deps}));
    decltype(examined(request, is_write)) answer =
        fail(ErrorCode::ServiceFailure, "the handler did not run");
    TestCall made(
        {.directory = directory(), .authorizer = authorizer, .deps = deps},
        nobody,
        info,
        {.run_mode = [&] { return is_write ? RunMode::Write : RunMode::Read; },
         .checks = [&](const CheckContext& looking) { return checks(request, evidence, looking); },
         .handle = [&](const Authorized& proof, HandlerContext& context) -> Status {
           answer = handle(proof, request, evidence, context);
           return answer ? Status() : std::unexpected(answer.error());
         }});
    TRY_STATUS(made.run());
    return answer;
  }

  [[nodiscard]] RequestInfo request_now() const {
    RequestInfo info = request();
    info.now = clock.now();
    info.host = host;
    return info;
  }

  ManualClock clock{kNow};
  std::string host = "sts.eu-west-1.amazonaws.com";  // that calls are sent to
  identity::CountingRandom random;
  authn::KeyRings rings;
  authn::MfaGate mfa;
  identity::SmallCatalogue catalogue;
  authz::Authorizer authorizer;
  Deps deps{.clock = clock,
            .random = random,
            .rings = rings,
            .mfa = mfa,
            .catalogue = catalogue,
            .issuer_base = [] {
              return "https://signet.example.com";
            }};

 private:
  template <class Request>
  auto decided(const model::Caller& caller,
               const Request& request,
               std::function<Result<CheckList>(const CheckContext&)> checks,
               bool is_write) -> decltype(handle(std::declval<const Authorized&>(),
                                                 request,
                                                 std::declval<HandlerContext&>())) {
    using Answer = decltype(decided(caller, request, std::move(checks), is_write));
    Answer answer = fail(ErrorCode::ServiceFailure, "the handler did not run");
    const RequestInfo info = request_now();
    TestCall made({.directory = directory(), .authorizer = authorizer, .deps = deps},
                  caller,
                  info,
                  {.run_mode = [&] { return is_write ? RunMode::Write : RunMode::Read; },
                   .checks = std::move(checks),
                   .handle = [&](const Authorized& proof, HandlerContext& context) -> Status {
                     answer = handle(proof, request, context);
                     return answer ? Status() : std::unexpected(answer.error());
                   }});
    TRY_STATUS(made.run());
    return answer;
  }
};

}  // namespace signet::api
