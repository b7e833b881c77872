#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "api/exchanges.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "crypto/uuid.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

class WebExchange final : public ExchangeBase {
 public:
  WebExchange(LoopState& loop, const ServiceEntry& entry, WebService& service)
      : ExchangeBase(loop), entry_(entry), service_(service) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call /*call*/) override {
    start(head, crypto::uuid_v4(loop_.parts.deps.random));
    web_.head = &head;
    web_.method = head.method;
    return {.mode = http::BodyPlan::Mode::Buffer,
            .max_bytes = service_.takes_evidence(head.path())
                             ? std::max(kMaxEvidenceBodyBytes, loop_.parts.unsigned_body_max)
                             : loop_.parts.unsigned_body_max};
  }

  void finish(std::string_view body, http::Call call) override {
    body_is_complete();
    web_.body = body;
    read_params();
    invocation_ = service_.match(web_);
    go(Step::Admit, call);
  }

  Status admit() override { return leaves_record() ? ExchangeBase::admit() : Status(); }

  Status route() override {
    return is_malformed_ ? fail(ErrorCode::InvalidInput, "malformed request parameters") : Status();
  }

  Status authenticate() override {
    set_caller(TRY(invocation_->identify(web_context())));
    return {};
  }

  Status decode() override { return invocation_->decode(); }

  http::Response encode(const Status& outcome) override {
    http::Response response = page_of(outcome);
    if (head_->tls && !is_loopback_name()) {
      response.headers.add("Strict-Transport-Security", "max-age=31536000");
    }
    return response;
  }

 protected:
  Invocation* invocation() const override { return invocation_.get(); }

  // What is behind a cookie may be longer good than the credentials it was got with.
  Status renew_caller() override { return authenticate(); }

  bool is_unrecorded_change() const override { return invocation_->is_unrecorded_change(); }

  bool leaves_record() const override {
    return invocation_ == nullptr || invocation_->leaves_record();
  }

  CounterSlot counter() const override { return counter_of(entry_); }

  void describe(RecordDraft& draft,
                const Status& outcome,
                const http::Response* /*answer*/) const override {
    const bool is_known = caller_ != nullptr && caller_->kind != model::CallerKind::Anonymous;
    draft.record.caller = is_known ? caller_.get() : nullptr;
    WebRecord told{.event = "SigninRequest",
                   .error = outcome ? "" : outcome.error().message,
                   .caller = draft.record.caller};
    if (invocation_ != nullptr) {
      invocation_->describe(told, draft.record.caller, outcome);
    }
    draft.record.caller = told.caller;
    draft_web(draft, told);
  }

 private:
  http::Response page_of(const Status& outcome) {
    if (outcome) {
      return invocation_->answer();
    }
    if (invocation_ != nullptr) {
      return invocation_->refusal(outcome.error());
    }
    return http::Response{.status = facts::error_row(outcome.error().code).status,
                          .body = outcome.error().message + "\n"};
  }

  // Browsers would refuse everything else of that machine without TLS, too, for as long.
  bool is_loopback_name() const {
    const std::string_view name = request_.host;
    return name == "localhost" || name.ends_with(".localhost");
  }

  WebContext web_context() const {
    return {.snapshot = state(), .request = request_, .deps = loop_.parts.deps};
  }

  // Query parameters, then those of a form body.
  void read_params() {
    const std::optional<std::string> path = codec::percent_decode(head_->path());
    is_malformed_ = !path;
    web_.path = path ? *path : std::string(head_->path());
    const std::string_view type = head_->find("content-type").value_or("");
    const bool has_form = type.starts_with("application/x-www-form-urlencoded");
    for (const std::string_view text : {head_->query(), has_form ? web_.body : ""}) {
      const auto form = codec::FormParams::parse(text);
      is_malformed_ = is_malformed_ || !form;
      for (const codec::FormParam& param :
           form ? form->all() : std::span<const codec::FormParam>()) {
        web_.params.emplace_back(param.name, param.value);
      }
    }
  }

  const ServiceEntry& entry_;
  WebService& service_;
  WebRequest web_;
  bool is_malformed_ = false;
  std::unique_ptr<WebInvocation> invocation_;
};

}  // namespace

http::ExchangePtr open_web(LoopState& loop, const ServiceEntry& entry, WebService& service) {
  return http::ExchangePtr(new WebExchange(loop, entry, service));
}

}  // namespace signet::api
