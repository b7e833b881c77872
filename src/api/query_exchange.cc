#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "api/route.h"
#include "base/strings.h"
#include "codec/form.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "facts/operations.h"
#include "facts/wire/answer.h"

namespace signet::api {
namespace {

// CreateSAMLProvider aside (10 MB, planned), the longest parameter is a policy of 131,072
// characters, three bytes each once percent-encoded.
constexpr std::uint64_t kMaxBodyBytes = 1024 * 1024;

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

// What temporary credentials of some kinds may not call at all, whatever policies say (R-7.6,
// aws-wire 2.2, 2.6, 3.0).
Status check_session_limits(const model::Caller& caller, const facts::OperationRow& row) {
  if (!caller.session) {
    return {};
  }
  using facts::Operation;
  const bool is_issuing_by_long_term_key =
      row.id == Operation::GetSessionToken || row.id == Operation::GetFederationToken;
  if (is_issuing_by_long_term_key) {
    return fail(ErrorCode::AccessDenied,
                concat("Cannot call ", row.name, " with session credentials"));
  }
  const bool is_iam = row.service == facts::Service::Iam;
  const bool is_identity = row.id == Operation::GetCallerIdentity;
  switch (caller.session->kind) {
    case model::SessionKind::SessionToken: {
      const bool is_allowed = is_iam ? caller.session->mfa_time.has_value()
                                     : is_identity || row.id == Operation::AssumeRole;
      if (!is_allowed) {
        return std::unexpected(facts::make_error(ErrorCode::InvalidClientTokenId));
      }
      return {};
    }
    case model::SessionKind::FederatedUser:
      if (!is_identity) {
        return std::unexpected(facts::make_error(ErrorCode::InvalidClientTokenId));
      }
      return {};
    default:
      return {};
  }
}

// Operations that AWS takes without a signature, because a token or an assertion says who asks.
bool needs_no_signature(const facts::OperationRow& row) {
  using facts::Operation;
  return row.id == Operation::AssumeRoleWithSAML || row.id == Operation::AssumeRoleWithWebIdentity;
}

Error not_implemented(std::string_view action) {
  return {.code = ErrorCode::NotImplemented,
          .message = concat("The operation ", action, " is not implemented by this server yet.")};
}

class QueryExchange final : public ExchangeBase {
 public:
  QueryExchange(LoopState& loop, bool is_iam, bool is_signed)
      : ExchangeBase(loop),
        service_(is_iam ? facts::Service::Iam : facts::Service::Sts),
        is_signed_(is_signed) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call call) override {
    start(head, crypto::uuid_v4(loop_.parts.deps.random));
    const std::string_view accept = head.find("accept").value_or("");
    format_ = accept.starts_with("application/json") ? facts::Format::Json : facts::Format::Xml;
    const std::uint64_t unsigned_max = loop_.parts.unsigned_body_max;
    if (!head.chunked && head.content_length.value_or(0) <= unsigned_max) {
      return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = unsigned_max};
    }
    // A large body is worth memory only if the head does not tell already that it is in vain.
    if (head.path() != "/") {
      call.answer(unknown_path());
    } else if (const Status status =
                   loop_.authenticator.query_head(service_, head, loop_.reader.get(), request_.now);
               !status) {
      call.answer(make_answer(status));
    }
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxBodyBytes};
  }

  http::Response no_room() override { return make_answer(too_busy()); }

  void finish(std::string_view body, http::Call call) override {
    if (!is_root_path(head_->path())) {
      call.answer(unknown_path());
      return;
    }
    body_is_complete();
    // The state that the request is decided on, and answered from if it changes nothing.
    const identity::Snapshot& snapshot = loop_.reader.get();
    if (Status status = prepare(body, snapshot); !status) {
      refuse(invocation_.get(), std::move(status), call);
      return;
    }
    run(*invocation_, snapshot, call);
  }

 protected:
  http::Response make_answer(const Status& status) override {
    const Status recorded = record(status, false);
    const Status& told = recorded ? status : recorded;
    http::Response response;
    response.headers.add("x-amzn-RequestId", request_id_);
    response.headers.add("Content-Type", facts::content_type(format_));
    if (told) {
      response.body.reserve(kUsualAnswerBytes);
      invocation_->append_answer(response.body, format_, request_id_);
    } else {
      response.status = facts::error_row(told.error().code).status;
      facts::append_error(response.body, format_, service_, told.error(), request_id_);
      add_authorization_message(response);
    }
    return response;
  }

  void describe(RecordDraft& draft, const Status& status) const override {
    draft.record.service = facts::service_row(service_).name;
    draft.record.event_name = event_;
    if (invocation_ == nullptr) {
      return;
    }
    draft.record.is_read_only = invocation_->row().effect != facts::Effect::Write;
    invocation_->append_parameters(draft.parameters);
    if (status) {
      invocation_->append_elements(draft.elements);
    }
  }

 private:
  // Everything before handle(): authenticate, find the operation, decode, check, authorize.
  Status prepare(std::string_view body, const identity::Snapshot& snapshot) {
    TRY_STATUS(check_recording());
    auto form = parse_form(body);
    if (form) {
      event_ = std::string(form->get("Action"));
      if (!is_signed_) {
        service_ = query_service_of(event_, form->get("Version")) == Door::Iam
                       ? facts::Service::Iam
                       : facts::Service::Sts;
        TRY_STATUS(check_unsigned(*form));
      }
    }
    authn::Authenticated authenticated =
        TRY(loop_.authenticator.query(service_, *head_, body, snapshot, request_.now));
    set_caller(std::move(authenticated.caller), snapshot);
    region_ = std::move(authenticated.region);
    request_.region = region_;
    loop_.note_use(snapshot, *caller_, request_, facts::service_row(service_).name);
    if (!form) {
      return std::unexpected(form_error(form.error()));
    }
    invocation_ = TRY(find_invocation(*form));
    TRY_STATUS(check_session_limits(*caller_, invocation_->row()));
    TRY_STATUS(invocation_->decode(*form));
    return admit(*invocation_, snapshot);
  }

  // Who calls an operation that needs no signature is told that it is not here, not that a
  // signature is missing.
  [[nodiscard]] Status check_unsigned(const codec::FormParams& form) const {
    const facts::OperationRow* row = facts::find_operation(service_, form.get("Action"));
    if (row != nullptr && needs_no_signature(*row)) {
      TRY_STATUS(find_invocation(form));
    }
    return {};
  }

  // Parameters of the query and, for a POST, of the body (aws-wire 1.1).
  std::expected<codec::FormParams, codec::FormFault> parse_form(std::string_view body) const {
    return codec::FormParams::parse(head_->query(), body);
  }

  Result<std::unique_ptr<QueryInvocation>> find_invocation(const codec::FormParams& form) const {
    const std::string_view action = form.get("Action");
    const std::string_view version = form.get("Version");
    const facts::OperationRow* row = facts::find_operation(service_, action);
    if (row == nullptr || version != facts::service_row(service_).version) {
      return std::unexpected(unknown_operation(action, version));
    }
    const QueryService& service =
        service_ == facts::Service::Iam ? loop_.parts.iam : loop_.parts.sts;
    std::unique_ptr<QueryInvocation> invocation = service.make(*row);
    if (invocation == nullptr) {
      return std::unexpected(not_implemented(action));
    }
    return invocation;
  }

  http::Response unknown_path() {
    static_cast<void>(
        record(fail(ErrorCode::InvalidAction, "IAM and STS are at the path /"), false));
    http::Response response{.status = 404, .body = "<UnknownOperationException/>\n"};
    response.headers.add("x-amzn-RequestId", request_id_);
    response.headers.add("Content-Type", "text/xml");
    return response;
  }

  facts::Service service_;
  bool is_signed_;
  facts::Format format_ = facts::Format::Xml;
  std::string event_;
  std::unique_ptr<QueryInvocation> invocation_;
};

}  // namespace

http::ExchangePtr make_query_exchange(LoopState& loop, bool is_iam, bool is_signed) {
  return http::ExchangePtr(new QueryExchange(loop, is_iam, is_signed));
}

}  // namespace signet::api
