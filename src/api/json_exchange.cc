#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/exchanges.h"
#include "api/fact_exchange.h"
#include "api/json.h"
#include "api/route.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

// No region's name is longer.
constexpr std::size_t kMaxRegion = 32;

// No operation's name is longer.
constexpr std::size_t kMaxOperation = 64;

class JsonExchange final : public FactExchange {
 public:
  JsonExchange(LoopState& loop,
               const ServiceEntry& entry,
               const JsonService& service,
               bool is_signed)
      : FactExchange(loop, entry, service.id(), is_signed), json_(service) {}

  // As in the Query protocol: an operation that there is not is told to those who have signed.
  Status route() override {
    if (is_rpc()) {
      const std::string_view name = targeted_operation(service(), *head_);
      const bool is_here = head_->method == "POST" && is_root_path(head_->path());
      set_operation(is_here ? facts::find_operation(service(), name) : nullptr,
                    name.substr(0, kMaxOperation));
      return {};
    }
    target_ = json_target(service(), *head_);
    if (target_.route != nullptr) {
      const facts::OperationRow& row = facts::operation_row(target_.route->id);
      set_operation(&row, row.name);
    }
    return takes_no_signature() ? find_invocation() : Status();
  }

  Status authenticate() override {
    TRY_STATUS(FactExchange::authenticate());
    const std::string_view region = certificate_region(*head_);
    if (takes_no_signature() && !region.empty() && region.size() <= kMaxRegion) {
      region_ = region;
      request_.region = region_;
    }
    return {};
  }

  Status decode() override {
    if (invocation_ == nullptr) {
      TRY_STATUS(find_invocation());
    }
    TRY_STATUS(check_session_limits(*caller_, invocation_->row()));
    return invocation_->decode(
        {.path = target_.path,
         .query = target_.query,
         .header = [this](std::string_view name) { return head_->find(name); },
         .body = body_});
  }

  http::Response encode(const Status& outcome) override {
    http::Response response;
    response.headers.add("x-amzn-RequestId", request_id_);
    if (is_rpc()) {
      encode_rpc(outcome, response);
      return response;
    }
    response.headers.add("Content-Type", "application/json");
    if (outcome) {
      response.status = target_.route->status;
      invocation_->append_body(response.body);
      return response;
    }
    const facts::JsonErrorRow row = facts::json_error_row(service(), outcome.error().code);
    response.status = row.status;
    response.headers.add("x-amzn-ErrorType", row.type);
    facts::append_error_body(response.body, row, outcome.error());
    add_authorization_message(response);
    return response;
  }

 protected:
  Invocation* invocation() const override { return invocation_.get(); }

  const FactInvocation* fact_invocation() const override { return invocation_.get(); }

  bool needs_no_signature(const http::RequestHead& head) const override {
    return json_takes_unsigned(json_, head);
  }

  bool may_bring_evidence(const http::RequestHead& head) const override {
    return needs_no_signature(head);
  }

 private:
  // Whether X-Amz-Target names the operation.
  [[nodiscard]] bool is_rpc() const { return !facts::service_row(service()).target.empty(); }

  // A caller's fault has the status 400 there, whatever it is.
  void encode_rpc(const Status& outcome, http::Response& response) const {
    constexpr int kCallersFault = 400;
    constexpr int kOurFault = 500;
    response.headers.add("Content-Type", "application/x-amz-json-1.1");
    if (outcome) {
      invocation_->append_body(response.body);
      return;
    }
    const facts::JsonErrorRow row = facts::json_error_row(service(), outcome.error().code);
    response.status = row.status < kOurFault ? kCallersFault : int{row.status};
    facts::append_typed_error_body(response.body, row, outcome.error());
    add_authorization_message(response);
  }

  Status find_invocation() {
    if (row() == nullptr && is_rpc()) {
      return fail(ErrorCode::UnknownOperationException,
                  concat("There is no operation of ", entry().name, " with this X-Amz-Target."));
    }
    if (row() == nullptr) {
      return fail(ErrorCode::UnknownOperationException,
                  concat("There is no operation of ", entry().name, " with this method and path."));
    }
    invocation_ = json_.make(*row());
    return invocation_ != nullptr ? Status() : std::unexpected(not_implemented(event()));
  }

  const JsonService& json_;
  JsonTarget target_;
  std::unique_ptr<JsonInvocation> invocation_;
};

}  // namespace

http::ExchangePtr open_json(LoopState& loop,
                            const ServiceEntry& entry,
                            const JsonService& service,
                            bool is_signed) {
  return http::ExchangePtr(new JsonExchange(loop, entry, service, is_signed));
}

}  // namespace signet::api
