#include <algorithm>
#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "api/exchanges.h"
#include "api/unserved.h"
#include "base/strings.h"
#include "crypto/uuid.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

// Forms up to this size are read for the operation's name, which goes into the record.
constexpr std::uint64_t kMaxFormBytes = 64 * 1024;

// Of names that a stranger chose: no service's or operation's name is longer.
constexpr std::size_t kMaxQuotedName = 64;

// Refuses a request for a service that is not served here. Who asks is not looked at: there is
// nothing to be allowed.
class UnservedExchange final : public ExchangeBase {
 public:
  UnservedExchange(LoopState& loop, std::string service)
      : ExchangeBase(loop), service_(std::move(service)) {
    service_.resize(std::min(service_.size(), kMaxQuotedName));
  }

  http::BodyPlan begin(const http::RequestHead& head, http::Call call) override {
    start(head, crypto::uuid_v4(loop_.parts.deps.random));
    form_ = error_form(head, service_);
    const bool has_form = form_ == ErrorForm::Query || form_ == ErrorForm::Ec2;
    if (!has_form || head.content_length.value_or(kMaxFormBytes + 1) > kMaxFormBytes) {
      go(Step::Admit, call);
    }
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxFormBytes};
  }

  void finish(std::string_view body, http::Call call) override {
    body_ = body;
    go(Step::Admit, call);
  }

  Status route() override {
    event_ = named_operation(*head_, body_);
    event_.resize(std::min(event_.size(), kMaxQuotedName));
    return fail(ErrorCode::NotImplemented,
                concat("The service '", service_, "' is not served here."));
  }

  // Not reached.
  Status authenticate() override { return {}; }

  Status decode() override { return {}; }

  http::Response encode(const Status& outcome) override {
    return error_answer(form_, outcome.error(), request_id_, head_->method == "HEAD");
  }

 protected:
  Invocation* invocation() const override { return nullptr; }

  CounterSlot counter() const override { return loop_.shared.counted.other(); }

  void describe(RecordDraft& draft,
                const Status& /*outcome*/,
                const http::Response* /*answer*/) const override {
    draft.record.service = service_;
    draft.record.event_name = event_;
    draft.record.is_read_only = head_->method == "GET" || head_->method == "HEAD";
  }

 private:
  std::string service_;
  ErrorForm form_ = ErrorForm::Query;
  std::string event_;
};

}  // namespace

http::ExchangePtr open_unserved(LoopState& loop, std::string service) {
  return http::ExchangePtr(new UnservedExchange(loop, std::move(service)));
}

}  // namespace signet::api
