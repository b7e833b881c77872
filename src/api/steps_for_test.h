#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "api/operation.h"
#include "api/pipeline.h"
#include "authz/authorizer.h"
#include "base/assertion.h"
#include "facts/errors.h"
#include "identity/directory.h"

namespace signet::api {

// For tests: one call of a caller who is known already, through the steps of the pipeline. Writes
// are decided again on the state that they change, as a server does.
class TestCall : public Steps {
 public:
  struct Parts {
    identity::Directory& directory;
    authz::Authorizer& authorizer;
    const Deps& deps;
  };

  // What it is made of. Null: nothing is to be done there.
  struct Call {
    std::function<RunMode()> run_mode = [] {
      return RunMode::Read;
    };
    std::function<Result<CheckList>(const CheckContext&)> checks;
    std::function<Status(const CheckContext&)> prepare = nullptr;
    std::function<void()> meanwhile = nullptr;              // after the decision, before the work
    std::function<void()> before_deciding_again = nullptr;  // in a long work
    std::function<Status(const Authorized&, HandlerContext&)> handle;
  };

  TestCall(const Parts& parts, const model::Caller& caller, const RequestInfo& request, Call call)
      : parts_(parts), caller_(&caller), request_(request), call_(std::move(call)) {
    held_ = parts_.directory.current();
    snapshot_ = held_.get();
  }

  // The outcome.
  Status run() {
    proceed(*this, Step::Admit);
    return outcome();
  }

  bool must_wait(Step step) override {
    if (step != Step::Handle || transaction_ != nullptr) {
      return step == Step::Encode;  // the test looks at what handle() left
    }
    if (call_.prepare) {
      outcome() = call_.prepare(context());
    }
    if (call_.meanwhile) {
      call_.meanwhile();
    }
    const RunMode mode = call_.run_mode();
    const bool is_write = facts::is_write(mode);
    if (outcome() && is_write) {
      write();
    }
    return is_write || !outcome();
  }

  Status admit() override { return {}; }

  Status route() override { return {}; }

  Status authenticate() override { return {}; }

  Status decode() override { return {}; }

  Status checks() override {
    checks_ = TRY(call_.checks(context()));
    return {};
  }

  Status authorize() override {
    proof_.reset();
    proof_.emplace(
        TRY(parts_.authorizer.authorize({*snapshot_, *caller_, request_}, std::move(checks_))));
    return {};
  }

  Status handle() override {
    HandlerContext context{.snapshot = *snapshot_,
                           .transaction = transaction_,
                           .caller = *caller_,
                           .request = request_,
                           .deps = parts_.deps,
                           .authorizer = transaction_ == nullptr ? &parts_.authorizer : nullptr,
                           .decide_again = {}};
    if (call_.run_mode() == RunMode::Blocking) {
      context.decide_again = [this] {
        return decide_on_newest();
      };
    }
    return call_.handle(*proof_, context);
  }

  http::Response encode(const Status& /*outcome*/) override { return {}; }

  Status record(const Status& /*outcome*/, const http::Response& /*answer*/) override { return {}; }

  void send(http::Response /*answer*/) override {}

 protected:
  void set_caller(const model::Caller& caller) { caller_ = &caller; }

  [[nodiscard]] const identity::Snapshot& state() const { return *snapshot_; }

  [[nodiscard]] CheckContext context() const {
    return {.snapshot = *snapshot_, .caller = *caller_, .request = request_, .deps = parts_.deps};
  }

 private:
  void write() {
    const auto written = parts_.directory.apply(
        [this](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
          snapshot_ = &newest;
          transaction_ = &transaction;
          outcome() = {};
          proceed(*this, Step::Checks);
          return outcome();
        });
    if (!written) {
      outcome() = std::unexpected(written.error());
    }
  }

  Result<std::shared_ptr<const identity::Snapshot>> decide_on_newest() {
    if (call_.before_deciding_again) {
      call_.before_deciding_again();
    }
    std::shared_ptr<const identity::Snapshot> newest = parts_.directory.current();
    CheckList again = TRY(call_.checks(
        {.snapshot = *newest, .caller = *caller_, .request = request_, .deps = parts_.deps}));
    TRY_STATUS(parts_.authorizer.authorize({*newest, *caller_, request_}, std::move(again)));
    return newest;
  }

  Parts parts_;
  const model::Caller* caller_;
  const RequestInfo& request_;
  Call call_;
  std::shared_ptr<const identity::Snapshot> held_;
  const identity::Snapshot* snapshot_ = nullptr;
  identity::Transaction* transaction_ = nullptr;
  CheckList checks_;
  std::optional<Authorized> proof_;
};

}  // namespace signet::api
