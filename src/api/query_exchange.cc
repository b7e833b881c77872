#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "api/exchanges.h"
#include "api/fact_exchange.h"
#include "api/query.h"
#include "api/route.h"
#include "base/strings.h"
#include "codec/form.h"
#include "facts/errors.h"
#include "facts/operations.h"
#include "facts/wire/answer.h"

namespace signet::api {
namespace {

// Room for the answers of the busy calls, so that they do not grow step by step.
constexpr std::size_t kUsualAnswerBytes = 1400;

Error form_error(codec::FormFault fault) {
  switch (fault) {
    case codec::FormFault::BadEscape:
      return {.code = ErrorCode::ValidationError,
              .message = "The request parameters hold a malformed %-escape."};
    case codec::FormFault::NotUtf8:
      return {.code = ErrorCode::ValidationError,
              .message = "The request parameters are not valid UTF-8."};
    case codec::FormFault::TooMany:
      break;
  }
  return {.code = ErrorCode::ValidationError, .message = "The request has too many parameters."};
}

Error unknown_operation(std::string_view action, std::string_view version) {
  return {.code = ErrorCode::InvalidAction,
          .message = concat("Could not find operation ",
                            action,
                            " for version ",
                            version.empty() ? std::string_view("NO_VERSION_SPECIFIED") : version)};
}

class QueryExchange final : public FactExchange {
 public:
  QueryExchange(LoopState& loop,
                const ServiceEntry& entry,
                const QueryService& service,
                bool is_signed)
      : FactExchange(loop, entry, service.id(), is_signed), service_(&service) {}

  // An operation that needs no signature is told apart here, so that who calls one learns that it
  // is not implemented, not that a signature is missing.
  Status route() override {
    TRY_STATUS(check_place());
    // Parameters of the query and, for a POST, of the body (aws-wire 1.1).
    form_ = codec::FormParams::parse(head_->query(), body_);
    if (!form_) {
      return {};  // told to those who have signed it
    }
    const std::string_view action = form_->get("Action");
    if (!is_signed()) {
      choose_service(action);
    }
    set_operation(facts::find_operation(service(), action), action);
    return !is_signed() && takes_no_signature() ? find_invocation() : Status();
  }

  Status decode() override {
    if (!form_) {
      return std::unexpected(form_error(form_.error()));
    }
    if (invocation_ == nullptr) {
      TRY_STATUS(find_invocation());
    }
    TRY_STATUS(check_session_limits(*caller_, invocation_->row()));
    return invocation_->decode(*form_);
  }

  http::Response encode(const Status& outcome) override {
    if (is_elsewhere_) {
      http::Response response{.status = 404, .body = "<UnknownOperationException/>\n"};
      response.headers.add("x-amzn-RequestId", request_id_);
      response.headers.add("Content-Type", "text/xml");
      return response;
    }
    http::Response response;
    response.headers.add("x-amzn-RequestId", request_id_);
    response.headers.add("Content-Type", facts::content_type(format_));
    if (outcome) {
      response.body.reserve(kUsualAnswerBytes);
      invocation_->append_answer(response.body, format_, request_id_);
    } else {
      response.status = facts::error_row(outcome.error().code).status;
      facts::append_error(response.body, format_, service(), outcome.error(), request_id_);
      add_authorization_message(response);
    }
    return response;
  }

 protected:
  Invocation* invocation() const override { return invocation_.get(); }

  const FactInvocation* fact_invocation() const override { return invocation_.get(); }

  void look_at_head(const http::RequestHead& head) override {
    const std::string_view accept = head.find("accept").value_or("");
    format_ = accept.starts_with("application/json") ? facts::Format::Json : facts::Format::Xml;
  }

  Status check_place() override {
    is_elsewhere_ = !is_root_path(head_->path());
    return is_elsewhere_ ? fail(ErrorCode::InvalidAction, "IAM and STS are at the path /")
                         : Status();
  }

  // In a form.
  bool may_bring_evidence(const http::RequestHead& head) const override {
    return has_form_type(head);
  }

 private:
  // Of the body of an unsigned form, which may be for any Query service.
  void choose_service(std::string_view action) {
    const ServiceEntry* entry =
        loop_.parts.services.find(query_service_of(action, form_->get("Version")));
    if (entry != nullptr) {
      service_ = std::get<const QueryService*>(entry->operations);
      change_service(*entry, service_->id());
    }
  }

  Status find_invocation() {
    const std::string_view version = form_->get("Version");
    if (row() == nullptr || version != facts::service_row(service()).version) {
      return std::unexpected(unknown_operation(event(), version));
    }
    invocation_ = service_->make(*row());
    return invocation_ != nullptr ? Status() : std::unexpected(not_implemented(event()));
  }

  const QueryService* service_;
  bool is_elsewhere_ = false;  // not at the path of this protocol
  facts::Format format_ = facts::Format::Xml;
  std::expected<codec::FormParams, codec::FormFault> form_;
  std::unique_ptr<QueryInvocation> invocation_;
};

}  // namespace

http::ExchangePtr open_query(LoopState& loop,
                             const ServiceEntry& entry,
                             const QueryService& service,
                             bool is_signed) {
  return http::ExchangePtr(new QueryExchange(loop, entry, service, is_signed));
}

}  // namespace signet::api
