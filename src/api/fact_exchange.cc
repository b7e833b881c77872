#include "api/fact_exchange.h"

#include <memory>
#include <string>
#include <utility>

#include "api/route.h"
#include "base/strings.h"
#include "crypto/uuid.h"
#include "facts/credentials.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

// The longest document of IAM is a policy of 131,072 characters, three bytes each once
// percent-encoded.
// AWS-DIFF: SAML metadata are bounded by what fits here and are answered 413 beyond; AWS takes
// 10,000,000 characters (tests/conformance/test_limits.py).
constexpr std::uint64_t kMaxBodyBytes = 1024 * 1024;

// How long a request waits for a state that it asked for.
constexpr int kStatePatienceMs = 3000;

}  // namespace

http::BodyPlan FactExchange::begin(const http::RequestHead& head, http::Call call) {
  start(head, crypto::uuid_v4(loop_.parts.deps.random));
  look_at_head(head);
  const http::BodyPlan plan = plan_body(head, call);
  if (loop_.parts.is_shared && !is_sent_) {
    wait_for_state(call);
  }
  return plan;
}

// A request may ask for the state of a revision at least, or for the newest one. It is decided on
// once that is here: nobody was looked up before, but for large bodies.
void FactExchange::wait_for_state(http::Call call) {
  const std::optional<std::string_view> wish = head_->find("x-signet-consistent");
  const bool wants_newest = wish ? *wish == "newest" : loop_.parts.reads_newest;
  const std::optional<std::int64_t> revision = wish ? parse_decimal(*wish) : std::nullopt;
  if (!wants_newest && !revision) {
    has_odd_wish_ = wish.has_value();
    return;
  }
  if (revision && static_cast<std::uint64_t>(*revision) <= loop_.reader.get().revision()) {
    return;
  }
  std::optional<std::uint64_t> at;
  if (revision) {
    at = static_cast<std::uint64_t>(*revision);
  }
  auto pause = std::make_shared<http::BodyPause>(call.pause());
  loop_.parts.directory.when_at(
      at, kStatePatienceMs, [this, pause = std::move(pause)](bool is_here) mutable {
        is_state_here_ = is_here;
        pause.reset();
      });
}

Status FactExchange::admit() {
  if (has_odd_wish_) {
    return fail(ErrorCode::ValidationError, "x-signet-consistent must be a revision or \"newest\"");
  }
  if (!is_state_here_) {
    Error error = facts::make_error(ErrorCode::ServiceUnavailable);
    error.cause = "the state that the request asked for did not come in time";
    return std::unexpected(std::move(error));
  }
  return ExchangeBase::admit();
}

http::BodyPlan FactExchange::plan_body(const http::RequestHead& head, http::Call call) {
  const std::uint64_t unsigned_max = loop_.parts.unsigned_body_max;
  if (!head.chunked && head.content_length.value_or(0) <= unsigned_max) {
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = unsigned_max};
  }
  const bool needs_none = needs_no_signature(head);
  if ((!is_signed_ || needs_none) && begins_evidence(head)) {
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxEvidenceBodyBytes};
  }
  if (needs_none) {  // of a length that is not told before
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = unsigned_max};
  }
  // A large body is worth memory only if the head does not tell already that it is in vain.
  if (Status status = check_head(); !status) {
    refuse(std::move(status), call);
  }
  return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = kMaxBodyBytes};
}

void FactExchange::finish(std::string_view body, http::Call call) {
  body_is_complete();
  body_ = body;
  go(Step::Admit, call);
}

Status FactExchange::authenticate() {
  if (takes_no_signature()) {
    set_caller(std::make_shared<const model::Caller>());
    return {};
  }
  authn::Authenticated authenticated =
      TRY(loop_.authenticator.query(service_, *head_, body_, state(), request_.now));
  body_place_.reset();
  set_caller(std::move(authenticated.caller));
  region_ = std::move(authenticated.region);
  request_.region = region_;
  loop_.note_use(state(), *caller_, request_, entry_->name);
  return {};
}

void FactExchange::describe(RecordDraft& draft,
                            const Status& outcome,
                            const http::Response* /*answer*/) const {
  draft.record.service = entry_->name;
  draft.record.event_name = event_;
  const FactInvocation* const routed = fact_invocation();
  if (routed == nullptr) {
    return;
  }
  draft.record.is_read_only = !facts::is_write(routed->row().run_mode);
  routed->append_parameters(draft.parameters);
  if (outcome) {
    routed->append_elements(draft.elements);
  }
}

bool FactExchange::takes_no_signature() const {
  return row_ != nullptr && !facts::credentials_of(row_->id).needs_signature;
}

// What the head of a request tells against it while its body is still to come.
Status FactExchange::check_head() {
  TRY_STATUS(check_place());
  TRY_STATUS(loop_.authenticator.query_head(service_, *head_, loop_.reader.get(), request_.now));
  body_place_ = loop_.shared.bodies.enter({.account = {}, .caller = access_key_of(*head_)});
  return body_place_ ? Status() : too_busy();
}

// A body of somebody unknown that may hold a token or an assertion, and finds a place.
bool FactExchange::begins_evidence(const http::RequestHead& head) {
  const bool may_be = may_bring_evidence(head) && !head.chunked &&
                      head.content_length.value_or(0) <= kMaxEvidenceBodyBytes;
  if (may_be) {
    body_place_ =
        loop_.shared.bodies.enter({.account = {}, .caller = std::string(head.remote_address)});
  }
  return body_place_.has_value();
}

}  // namespace signet::api
