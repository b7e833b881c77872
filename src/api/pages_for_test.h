#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "api/steps_for_test.h"
#include "api/web.h"

namespace signet::api {

// For tests: one request of a page, through the steps of the pipeline.
class PageCall final : public TestCall {
 public:
  // `meanwhile` happens between the decision and the work. All arguments outlive the call.
  PageCall(const Parts& parts,
           WebService& service,
           const WebRequest& web,
           const RequestInfo& request,
           std::function<void()> meanwhile = nullptr)
      : PageCall(parts, service.match(web), request, std::move(meanwhile)) {}

  Status authenticate() override { return identify(); }

  Status decode() override { return invocation_->decode(); }

  Status checks() override {
    TRY_STATUS(identify());
    if (!std::exchange(has_asked_to_spend_, true)) {
      TRY_STATUS(invocation_->spend(context()));
    }
    return TestCall::checks();
  }

  http::Response answer() {
    const Status status = run();
    if (invocation_->has_spent()) {
      keep_spent();
    }
    return status ? invocation_->answer() : invocation_->refusal(status.error());
  }

  [[nodiscard]] const WebInvocation& invocation() const { return *invocation_; }

  [[nodiscard]] WebRecord web_record() {
    WebRecord record{.caller = caller_ && caller_->kind != model::CallerKind::Anonymous
                                   ? caller_.get()
                                   : nullptr};
    invocation_->describe(record, record.caller, outcome());
    return record;
  }

 private:
  PageCall(const Parts& parts,
           std::unique_ptr<WebInvocation> invocation,
           const RequestInfo& request,
           std::function<void()> meanwhile)
      : TestCall(parts,
                 kNobody,
                 request,
                 {.run_mode = [page = invocation.get()] { return page->run_mode(); },
                  .checks = [page = invocation.get()](
                                const CheckContext& context) { return page->checks(context); },
                  .prepare =
                      [page = invocation.get()](const CheckContext& context) {
                        return page->run_mode() == RunMode::PreparedWrite ? page->prepare(context)
                                                                          : Status();
                      },
                  .meanwhile = std::move(meanwhile),
                  .handle =
                      [page = invocation.get()](const Authorized& proof, HandlerContext& context) {
                        return page->handle(proof, context);
                      }}),
        request_(request),
        directory_(parts.directory),
        deps_(parts.deps),
        invocation_(std::move(invocation)) {}

  Status identify() {
    caller_ = TRY(invocation_->identify({.snapshot = state(), .request = request_, .deps = deps_}));
    set_caller(*caller_);
    return {};
  }

  void keep_spent() {
    const auto kept = directory_.apply(
        [this](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
          invocation_->keep_spent(newest, deps_, transaction);
          return {};
        });
    SIGNET_ASSERT(kept.has_value());
  }

  static inline const model::Caller kNobody{};

  const RequestInfo& request_;
  identity::Directory& directory_;
  const Deps& deps_;
  std::unique_ptr<WebInvocation> invocation_;
  model::CallerRef caller_;
  bool has_asked_to_spend_ = false;
};

}  // namespace signet::api
