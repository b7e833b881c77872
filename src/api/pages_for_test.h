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
    return TestCall::checks();
  }

  http::Response answer() {
    const Status status = run();
    return status ? invocation_->answer() : invocation_->refusal(status.error());
  }

  [[nodiscard]] const WebInvocation& invocation() const { return *invocation_; }

  [[nodiscard]] WebRecord record() {
    WebRecord record;
    invocation_->describe(record, caller_.get(), outcome());
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
                  .meanwhile = std::move(meanwhile),
                  .handle =
                      [page = invocation.get()](const Authorized& proof, HandlerContext& context) {
                        return page->handle(proof, context);
                      }}),
        request_(request),
        deps_(parts.deps),
        invocation_(std::move(invocation)) {}

  Status identify() {
    caller_ = TRY(invocation_->identify({.snapshot = state(), .request = request_, .deps = deps_}));
    set_caller(*caller_);
    return {};
  }

  static inline const model::Caller kNobody{};

  const RequestInfo& request_;
  const Deps& deps_;
  std::unique_ptr<WebInvocation> invocation_;
  model::CallerRef caller_;
};

}  // namespace signet::api
