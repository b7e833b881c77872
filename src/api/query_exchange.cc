#include <optional>
#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "api/exchanges.h"
#include "api/route.h"
#include "base/strings.h"
#include "codec/form.h"
#include "crypto/uuid.h"
#include "facts/credentials.h"
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
// aws-wire 2.2, 2.6, 3.0): the column `sessions` of
// facts/operations/credentials.tsv.
Status check_session_limits(const model::Caller& caller, const facts::OperationRow& row) {
  using facts::Sessions;
  const Sessions allowed = facts::credentials_of(row.id).sessions;
  if (!caller.session || allowed == Sessions::Any) {
    return {};
  }
  if (allowed == Sessions::None) {
    return fail(ErrorCode::AccessDenied,
                concat("Cannot call ", row.name, " with session credentials"));
  }
  const bool is_session_token = caller.session->kind == model::SessionKind::SessionToken;
  const bool may_be_session_token =
      allowed == Sessions::SessionToken ||
      (allowed == Sessions::SessionTokenWithMfa && caller.session->mfa_time.has_value());
  const bool is_refused = is_session_token
                              ? !may_be_session_token
                              : caller.session->kind == model::SessionKind::FederatedUser;
  if (!is_refused) {
    return {};
  }
  Error error = facts::make_error(ErrorCode::InvalidClientTokenId);
  error.cause =
      is_session_token && allowed == Sessions::SessionTokenWithMfa
          ? "sessions of GetSessionToken may call IAM only if they were made with an MFA code"
          : "the operation takes no sessions of this kind";
  return std::unexpected(std::move(error));
}

Error not_implemented(std::string_view action) {
  return {.code = ErrorCode::NotImplemented,
          .message = concat("The operation ", action, " is not implemented by this server yet.")};
}

class QueryExchange final : public ExchangeBase {
 public:
  QueryExchange(LoopState& loop,
                const ServiceEntry& entry,
                const QueryService& service,
                bool is_signed)
      : ExchangeBase(loop), entry_(&entry), service_(&service), is_signed_(is_signed) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call call) override {
    start(head, crypto::uuid_v4(loop_.parts.deps.random));
    const std::string_view accept = head.find("accept").value_or("");
    format_ = accept.starts_with("application/json") ? facts::Format::Json : facts::Format::Xml;
    const std::uint64_t unsigned_max = loop_.parts.unsigned_body_max;
    if (!head.chunked && head.content_length.value_or(0) <= unsigned_max) {
      return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = unsigned_max};
    }
    if (!is_signed_ && begins_evidence(head)) {
      return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxEvidenceBodyBytes};
    }
    // A large body is worth memory only if the head does not tell already that it is in vain.
    if (Status status = check_head(); !status) {
      refuse(std::move(status), call);
    }
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxBodyBytes};
  }

  void finish(std::string_view body, http::Call call) override {
    body_is_complete();
    body_ = body;
    go(Step::Admit, call);
  }

  // An operation that needs no signature is told apart here, so that who calls one learns that it
  // is not implemented, not that a signature is missing.
  Status route() override {
    TRY_STATUS(check_path());
    // Parameters of the query and, for a POST, of the body (aws-wire 1.1).
    form_ = codec::FormParams::parse(head_->query(), body_);
    if (!form_) {
      return {};  // told to those who have signed it
    }
    event_ = form_->get("Action");
    if (!is_signed_) {
      choose_service();
    }
    row_ = facts::find_operation(service_->id(), event_);
    return !is_signed_ && takes_no_signature() ? find_invocation() : Status();
  }

  // Of an operation that takes no signature, none is looked at (aws-wire 2.2).
  Status authenticate() override {
    if (invocation_ != nullptr || takes_no_signature()) {
      set_caller(std::make_shared<const model::Caller>());
      return {};
    }
    authn::Authenticated authenticated =
        TRY(loop_.authenticator.query(service_->id(), *head_, body_, state(), request_.now));
    body_place_.reset();
    set_caller(std::move(authenticated.caller));
    region_ = std::move(authenticated.region);
    request_.region = region_;
    loop_.note_use(state(), *caller_, request_, entry_->name);
    return {};
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
      facts::append_error(response.body, format_, service_->id(), outcome.error(), request_id_);
      add_authorization_message(response);
    }
    return response;
  }

 protected:
  Invocation* invocation() const override { return invocation_.get(); }

  CounterSlot counter() const override { return counter_of(*entry_); }

  void describe(RecordDraft& draft,
                const Status& outcome,
                const http::Response* /*answer*/) const override {
    draft.record.service = entry_->name;
    draft.record.event_name = event_;
    if (invocation_ == nullptr) {
      return;
    }
    draft.record.is_read_only = !facts::is_write(invocation_->row().run_mode);
    invocation_->append_parameters(draft.parameters);
    if (outcome) {
      invocation_->append_elements(draft.elements);
    }
  }

 private:
  Status check_path() {
    is_elsewhere_ = !is_root_path(head_->path());
    return is_elsewhere_ ? fail(ErrorCode::InvalidAction, "IAM and STS are at the path /")
                         : Status();
  }

  // What the head of a request tells against it while its body is still to come.
  Status check_head() {
    TRY_STATUS(check_path());
    TRY_STATUS(
        loop_.authenticator.query_head(service_->id(), *head_, loop_.reader.get(), request_.now));
    body_place_ = loop_.shared.bodies.enter({.account = {}, .caller = access_key_of(*head_)});
    return body_place_ ? Status() : too_busy();
  }

  [[nodiscard]] bool takes_no_signature() const {
    return row_ != nullptr && !facts::credentials_of(row_->id).needs_signature;
  }

  // A form of somebody unknown that may hold a token or an assertion, and finds a place.
  bool begins_evidence(const http::RequestHead& head) {
    const bool may_be = has_form_type(head) && !head.chunked &&
                        head.content_length.value_or(0) <= kMaxEvidenceBodyBytes;
    if (may_be) {
      body_place_ =
          loop_.shared.bodies.enter({.account = {}, .caller = std::string(head.remote_address)});
    }
    return body_place_.has_value();
  }

  // Of the body of an unsigned form, which may be for any Query service.
  void choose_service() {
    const ServiceEntry* entry =
        loop_.parts.services.find(query_service_of(event_, form_->get("Version")));
    if (entry != nullptr) {
      entry_ = entry;
      service_ = std::get<const QueryService*>(entry->operations);
    }
  }

  Status find_invocation() {
    const std::string_view version = form_->get("Version");
    if (row_ == nullptr || version != facts::service_row(service_->id()).version) {
      return std::unexpected(unknown_operation(event_, version));
    }
    invocation_ = service_->make(*row_);
    return invocation_ != nullptr ? Status() : std::unexpected(not_implemented(event_));
  }

  const ServiceEntry* entry_;
  const QueryService* service_;
  bool is_signed_;
  bool is_elsewhere_ = false;  // not at the path of this protocol
  facts::Format format_ = facts::Format::Xml;
  std::string_view body_;
  std::optional<Shares::Place> body_place_;  // of a large one, while nobody has verified it
  std::expected<codec::FormParams, codec::FormFault> form_;
  std::string_view event_;                    // of form_
  const facts::OperationRow* row_ = nullptr;  // of event_
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
