#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"
#include "base/assertion.h"
#include "facts/operations.h"
#include "facts/wire/record_sink.h"

namespace signet::api {

// An Invocation of an operation of facts/operations/, whatever protocol brings it.
class FactInvocation : public Invocation {
 public:
  explicit FactInvocation(const facts::OperationRow& row) : row_(row) {}

  [[nodiscard]] std::string_view service() const final {
    return facts::service_row(row_.service).name;
  }

  [[nodiscard]] std::string_view name() const final { return row_.name; }

  [[nodiscard]] const facts::OperationRow& row() const { return row_; }

  [[nodiscard]] std::size_t number() const final;

  // What is prepared is a password hash or the like; the long reads are simulations.
  [[nodiscard]] Work work() const final {
    if (has_evidence()) {
      return Work::Evidence;
    }
    return run_mode() == RunMode::PreparedWrite ? Work::Passwords : Work::Long;
  }

  // What an audit record tells of the request, as a JSON object; whatever was decoded.
  virtual void append_parameters(std::string& json) const = 0;

  // What it tells of the answer: of a write, and of credentials that were issued. After handle()
  // succeeded.
  virtual void append_elements(std::string& json) const = 0;

 private:
  const facts::OperationRow& row_;
};

// What temporary credentials of some kinds may not call at all, whatever policies say (R-7.6,
// aws-wire 2.2, 2.6, 3.0): the column `sessions` of facts/operations/credentials.tsv.
[[nodiscard]] Status check_session_limits(const model::Caller& caller,
                                          const facts::OperationRow& row);

// NotImplemented, for an operation that is planned.
[[nodiscard]] Error not_implemented(std::string_view operation);

// The names of a service's operations, in the order of their numbers.
[[nodiscard]] std::vector<std::string_view> operations_of(facts::Service service);

// An operation with a slow part (`prepared` in facts/operations/curated.tsv): its service defines
// prepare(), and its handle() takes what that made.
template <class Request>
concept HasPreparation =
    requires(const Request& request, const CheckContext& context) { prepare(request, context); };

// A read that is a write if the request has a certain member (facts/operations/curated.tsv): that
// an MFA code is spent is stored.
template <class Request>
concept MayBeWrite = requires(const Request& request) { is_write(request); };

// An operation that takes what can be used once (an MFA code): its service defines spend(). What
// that returns says whether something was used up (is_used()), stores it (keep()), and is an
// argument of checks(), which cannot run without it.
template <class Request>
concept HasSpending =
    requires(const Request& request, const CheckContext& context) { spend(request, context); };

// An operation that takes no signature: its service defines examine(), which looks at the token or
// assertion that says who asks. What that returns is an argument of checks() and handle(), which
// cannot run without it.
template <class Request>
concept HasEvidence =
    requires(const Request& request, const CheckContext& context) { examine(request, context); };

namespace detail {

// Free functions found by their arguments; called from here because inside a class its own members
// would hide them.
template <class Source, class Request>
Status call_decode(const Source& source, Request& request) {
  return decode(source, request);
}

template <class Request>
Result<CheckList> call_checks(const Request& request, const CheckContext& context) {
  return checks(request, context);
}

template <class Request>
auto call_spend(const Request& request, const CheckContext& context) {
  return spend(request, context);
}

template <class Request, class Spent>
Result<CheckList> call_spent_checks(const Request& request,
                                    const Spent& spent,
                                    const CheckContext& context) {
  return checks(request, spent, context);
}

struct NothingSpent {};

template <class Request>
struct SpentOf {
  using Type = NothingSpent;
};

template <HasSpending Request>
struct SpentOf<Request> {
  using Type = typename decltype(call_spend(std::declval<const Request&>(),
                                            std::declval<const CheckContext&>()))::value_type;
};

template <class Response, class Request>
Result<Response> call_handle(const Authorized& proof,
                             const Request& request,
                             HandlerContext& context) {
  return handle(proof, request, context);
}

template <class Request>
auto call_prepare(const Request& request, const CheckContext& context) {
  return prepare(request, context);
}

template <class Response, class Request, class Preparation>
Result<Response> call_prepared(const Authorized& proof,
                               const Request& request,
                               const Preparation& prepared,
                               HandlerContext& context) {
  return handle(proof, request, prepared, context);
}

template <class Message>
void call_describe(std::string& json, const Message& message) {
  facts::RecordSink sink(json);
  describe(sink, message);
  sink.end();
}

template <class Request>
auto call_examine(const Request& request, const CheckContext& context) {
  return examine(request, context);
}

template <class Request, class Evidence>
Result<CheckList> call_evident_checks(const Request& request,
                                      const Evidence& evidence,
                                      const CheckContext& context) {
  return checks(request, evidence, context);
}

template <class Response, class Request, class Evidence>
Result<Response> call_evident(const Authorized& proof,
                              const Request& request,
                              const Evidence& evidence,
                              HandlerContext& context) {
  return handle(proof, request, evidence, context);
}

struct NoEvidence {};

template <class Request>
struct EvidenceOf {
  using Type = NoEvidence;
};

template <HasEvidence Request>
struct EvidenceOf<Request> {
  using Type = typename decltype(call_examine(std::declval<const Request&>(),
                                              std::declval<const CheckContext&>()))::value_type;
};

struct NoPreparation {};

template <class Request>
struct PreparationOf {
  using Type = NoPreparation;
};

template <HasPreparation Request>
struct PreparationOf<Request> {
  using Type = typename decltype(call_prepare(std::declval<const Request&>(),
                                              std::declval<const CheckContext&>()))::value_type;
};

}  // namespace detail

// Binds an operation's request and response types to the checks(), prepare() and handle() that its
// service defines for them, found by argument-dependent look-up. Base is the protocol's.
template <class Base, class Request, class Response>
class TypedInvocation : public Base {
 public:
  using Base::Base;
  using Base::row;

  [[nodiscard]] RunMode run_mode() const override {
    if constexpr (MayBeWrite<Request>) {
      if (is_write(request_)) {
        return RunMode::Write;
      }
    }
    return row().run_mode;
  }

  [[nodiscard]] Status spend([[maybe_unused]] const CheckContext& context) override {
    if constexpr (HasSpending<Request>) {
      spent_ = TRY(detail::call_spend(request_, context));
    }
    return {};
  }

  [[nodiscard]] bool has_spent() const override {
    if constexpr (HasSpending<Request>) {
      return spent_.has_value() && spent_->is_used();
    }
    return false;
  }

  void keep_spent([[maybe_unused]] const identity::Snapshot& snapshot,
                  [[maybe_unused]] const Deps& deps,
                  [[maybe_unused]] identity::Transaction& transaction) const override {
    if constexpr (HasSpending<Request>) {
      SIGNET_ASSERT(spent_.has_value());
      spent_->keep(snapshot, deps, transaction);
    }
  }

  [[nodiscard]] bool has_evidence() const override { return HasEvidence<Request>; }

  [[nodiscard]] Status examine([[maybe_unused]] const CheckContext& context) override {
    if constexpr (HasEvidence<Request>) {
      evidence_ = TRY(detail::call_examine(request_, context));
    }
    return {};
  }

  [[nodiscard]] const model::Vouched* vouched() const override {
    if constexpr (requires { evidence_->who; }) {
      return evidence_ ? &evidence_->who : nullptr;
    }
    return nullptr;
  }

  [[nodiscard]] Result<CheckList> checks(const CheckContext& context) override {
    if constexpr (HasEvidence<Request>) {
      SIGNET_ASSERT(evidence_.has_value());
      return detail::call_evident_checks(request_, *evidence_, context);
    } else if constexpr (HasSpending<Request>) {
      SIGNET_ASSERT(spent_.has_value());
      return detail::call_spent_checks(request_, *spent_, context);
    } else {
      return detail::call_checks(request_, context);
    }
  }

  [[nodiscard]] Status prepare([[maybe_unused]] const CheckContext& context) override {
    if constexpr (HasPreparation<Request>) {
      prepared_ = TRY(detail::call_prepare(request_, context));
    }
    return {};
  }

  [[nodiscard]] Status handle(const Authorized& proof, HandlerContext& context) override {
    if constexpr (HasPreparation<Request>) {
      response_ = TRY(detail::call_prepared<Response>(proof, request_, prepared_, context));
    } else if constexpr (HasEvidence<Request>) {
      response_ = TRY(detail::call_evident<Response>(proof, request_, *evidence_, context));
    } else {
      response_ = TRY(detail::call_handle<Response>(proof, request_, context));
    }
    return {};
  }

  void append_parameters(std::string& json) const override {
    detail::call_describe(json, request_);
  }

  void append_elements(std::string& json) const override {
    constexpr bool kIssuesCredentials = requires { response_.credentials; };
    if (kIssuesCredentials || facts::is_write(row().run_mode)) {
      detail::call_describe(json, response_);
    }
  }

  // For Base.
  [[nodiscard]] Request& request() { return request_; }

  [[nodiscard]] const Response& response() const { return response_; }

 private:
  Request request_{};
  std::optional<typename detail::SpentOf<Request>::Type> spent_;
  std::optional<typename detail::EvidenceOf<Request>::Type> evidence_;
  typename detail::PreparationOf<Request>::Type prepared_{};
  Response response_{};
};

}  // namespace signet::api
