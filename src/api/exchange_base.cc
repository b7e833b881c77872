#include "api/exchange_base.h"

#include <algorithm>
#include <utility>

#include "api/route.h"
#include "authn/key_rings.h"
#include "base/assertion.h"
#include "base/clock.h"
#include "base/log.h"
#include "facts/errors.h"
#include "token/auth_message.h"

namespace signet::api {
namespace {

// How long the message of a refusal can be decoded, as long as AWS keeps its own (aws-wire 2.3).
constexpr std::int64_t kAuthorizationMessageSeconds = 24 * 3600;

// How long a decision holds on a state that stays the same: sessions expire and conditions on the
// time change meanwhile.
constexpr std::int64_t kDecisionSeconds = 1;

// Longest message that travels as a header: proxies give all headers of an answer 4 KiB. A longer
// one is in the audit record only.
constexpr std::size_t kAuthorizationHeaderMax = 3072;

}  // namespace

Share share_of(const model::Caller& caller, const RequestInfo& request) {
  const bool is_nobody = caller.principal_id.empty();  // strangers share nothing but their address
  return {.account = is_nobody ? std::string(request.source_ip) : caller.account,
          .caller = is_nobody ? std::string(request.source_ip) : caller.principal_id};
}

void ExchangeBase::start(const http::RequestHead& head, std::string request_id) {
  started_us_ = monotonic_us();
  head_ = &head;
  request_id_ = std::move(request_id);
  request_ = RequestInfo{.request_id = request_id_,
                         .source_ip = head.remote_address,
                         .user_agent = head.find("user-agent").value_or(""),
                         .referer = head.find("referer").value_or(""),
                         .region = region_,
                         .is_secure = head.tls,
                         .now = loop_.parts.deps.clock.now(),
                         .host = host_name(head.host)};
}

void ExchangeBase::go(Step step, http::Call call) {
  call_.emplace(call);
  state_ = &loop_.reader.get();
  authorizer_ = &loop_.authorizer;
  proceed(*this, step);
}

void ExchangeBase::refuse(Status refusal, http::Call call) {
  outcome() = std::move(refusal);
  go(Step::Encode, call);
}

http::Response ExchangeBase::no_room() {
  outcome() = too_busy();
  return conclude(*this);
}

void ExchangeBase::send(http::Response answer) {
  is_sent_ = true;
  if (written_ != 0 && loop_.parts.is_shared) {
    answer.headers.add("x-signet-revision", std::to_string(written_));
  }
  if (!responder_) {
    call_->answer(std::move(answer));
    return;
  }
  // Moved out first: once it has answered, this exchange may be gone.
  http::Responder responder = *std::move(responder_);
  responder.answer(std::move(answer));
}

Status ExchangeBase::admit() {
  const std::int64_t stale_ms_max = loop_.parts.stale_ms_max;
  if (stale_ms_max != 0 && loop_.parts.directory.follow_stats().behind_ms > stale_ms_max) {
    Error error = facts::make_error(ErrorCode::ServiceUnavailable);
    error.cause = "the state of this node is older than --store-stale-max allows";
    return std::unexpected(std::move(error));
  }
  return loop_.parts.audit.accepts_work()
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
}

void ExchangeBase::body_is_complete() {
  request_.now = loop_.parts.deps.clock.now();
}

void ExchangeBase::set_caller(model::CallerRef caller) {
  caller_ = std::move(caller);
  caller_of_ = state_->revision();
  caller_at_ = request_.now;
}

bool ExchangeBase::is_caller_of(const identity::Snapshot& snapshot) const {
  const bool has_expired = caller_->session && request_.now >= caller_->session->expires;
  return caller_of_ != 0 && caller_of_ == snapshot.revision() && !has_expired &&
         request_.now < caller_at_.plus_seconds(kDecisionSeconds);
}

Status ExchangeBase::renew_caller() {
  auto again = authn::caller_again(caller_, *state_, request_.now);
  if (!again) {
    return std::unexpected(credentials_error(again.error()));
  }
  set_caller(*std::move(again));
  return {};
}

CheckContext ExchangeBase::check_context() const {
  return {.snapshot = *state_,
          .caller = *caller_,
          .request = request_,
          .deps = loop_.parts.deps,
          .head = head_,
          .body = body_};
}

bool ExchangeBase::is_decided() const {
  return proof_ && proof_of_ != 0 && proof_of_ == state_->revision() && is_caller_of(*state_);
}

// Also finds the caller again, in a state or at a time that is not the one it was found in.
Status ExchangeBase::checks() {
  if (is_decided()) {
    return {};
  }
  proof_.reset();
  authorization_message_.clear();
  refusal_.clear();
  if (!is_caller_of(*state_)) {
    TRY_STATUS(renew_caller());
  }
  if (!std::exchange(has_asked_to_spend_, true)) {
    TRY_STATUS(invocation()->spend(check_context()));
  }
  if (invocation()->has_evidence() && !std::exchange(has_examined_, true)) {
    SIGNET_ASSERT(place_ == Place::Pool);
    TRY_STATUS(invocation()->examine(check_context()));
  }
  checks_ = TRY(invocation()->checks(check_context()));
  note_access();
  return {};
}

// Once: what is decided again elsewhere was noted here. The first check is the call itself; others
// are for what it does besides.
void ExchangeBase::note_access() {
  if (place_ == Place::Loop && !checks_.empty()) {
    loop_.accesses.note(
        *state_,
        *caller_,
        {.action = checks_.front().action, .region = request_.region, .at = request_.now});
    loop_.note_session(*state_, *caller_, request_.now);
  }
}

Status ExchangeBase::authorize() {
  if (proof_) {
    return {};
  }
  Result<Authorized> proof =
      authorizer_->authorize({*state_, *caller_, request_}, std::move(checks_));
  if (!proof) {
    if (proof.error().code == ErrorCode::AccessDenied) {
      refused_by_ = authorizer_->refused_by();
      describe_refusal({*state_, *caller_, request_}, checks_);
    }
    return std::unexpected(std::move(proof).error());
  }
  proof_.emplace(*std::move(proof));
  proof_of_ = state_->revision();
  return {};
}

void ExchangeBase::describe_refusal(const authz::AuthzContext& context, const CheckList& checks) {
  DescriptionBudget& budget =
      place_ == Place::Loop ? loop_.descriptions : loop_.shared.descriptions;
  authz::RefusalTexts texts =
      authorizer_->describe_refusal(context, checks, budget.take(request_.now));
  refusal_ = std::move(texts.record);
  if (!texts.message.empty()) {
    seal_refusal(texts.message);
  }
}

void ExchangeBase::seal_refusal(std::string_view details) {
  const Deps& deps = loop_.parts.deps;
  std::optional<std::string> sealed =
      token::seal_authorization_message(deps.rings.current(),
                                        caller_->account,
                                        details,
                                        request_.now,
                                        kAuthorizationMessageSeconds,
                                        deps.random);
  authorization_message_ = std::move(sealed).value_or(std::string());
}

void ExchangeBase::add_authorization_message(http::Response& response) const {
  if (!authorization_message_.empty() && authorization_message_.size() <= kAuthorizationHeaderMax) {
    response.headers.add("x-signet-authorization-message", authorization_message_);
  }
}

HandlerContext ExchangeBase::handler_context() {
  HandlerContext context{.snapshot = *state_,
                         .transaction = transaction_,
                         .caller = *caller_,
                         .request = request_,
                         .deps = loop_.parts.deps,
                         .authorizer = transaction_ == nullptr ? authorizer_ : nullptr};
  if (place_ == Place::Pool) {
    context.decide_again = [this] {
      return decide_on_newest();
    };
  }
  return context;
}

// The one way to a handler. What is slow about a write is done before it goes to the writer.
Status ExchangeBase::handle() {
  SIGNET_ASSERT(proof_.has_value());
  if (place_ == Place::Pool && invocation()->run_mode() == RunMode::PreparedWrite) {
    return invocation()->prepare(check_context());
  }
  HandlerContext context = handler_context();
  return invocation()->handle(*proof_, context);
}

bool ExchangeBase::must_wait(Step step) {
  if (step == Step::Checks && place_ == Place::Loop && invocation()->has_evidence()) {
    leave_to_examine();
    return true;
  }
  if (step == Step::Handle) {
    return place_ == Place::Loop ? leave_loop() : leave_pool();
  }
  if (step != Step::Encode) {
    return false;
  }
  switch (place_) {
    case Place::Loop:
      if (outcome() || invocation() == nullptr || !invocation()->has_spent()) {
        return false;
      }
      keep_spent();
      return true;
    case Place::Pool:
      if (!outcome() || invocation()->run_mode() != RunMode::PreparedWrite) {
        return false;
      }
      submit_write();
      return true;
    case Place::Writer:
      return true;  // for the commit
    case Place::Answering:
      break;
  }
  return false;
}

bool ExchangeBase::leave_loop() {
  const RunMode mode = invocation()->run_mode();
  if (mode == RunMode::Read) {
    return false;
  }
  responder_.emplace(call_->defer());
  if (mode == RunMode::Write) {
    submit_write();
  } else {
    submit_job();
  }
  return true;
}

// A write that was examined on the pool goes on to the writer.
bool ExchangeBase::leave_pool() {
  const bool is_write = place_ == Place::Pool && invocation()->run_mode() == RunMode::Write;
  if (is_write) {
    submit_write();
  }
  return is_write;
}

// What says who asks is looked at elsewhere; the call stays there until it is answered.
void ExchangeBase::leave_to_examine() {
  responder_.emplace(call_->defer());
  submit_job();
}

void ExchangeBase::decide_at(Place place,
                             const identity::Snapshot& snapshot,
                             identity::Transaction* transaction,
                             authz::Authorizer& authorizer) {
  place_ = place;
  state_ = &snapshot;
  transaction_ = transaction;
  authorizer_ = &authorizer;
  request_.now = std::max(request_.now, loop_.parts.deps.clock.now());
  outcome() = {};
  proceed(*this, Step::Checks);
}

// On the writer thread. What the call used up is stored even if it comes to nothing: the
// transaction is then committed, which a call that spends something may do, since its handler
// changes nothing but that.
Status ExchangeBase::write(const identity::Snapshot& snapshot, identity::Transaction& transaction) {
  is_told_ = false;
  decide_at(Place::Writer, snapshot, &transaction, loop_.shared.writer_authorizer);
  if (invocation()->has_spent()) {
    invocation()->keep_spent(snapshot, loop_.parts.deps, transaction);
    tell(transaction);
    return {};
  }
  if (outcome()) {
    tell(transaction);
  }
  return outcome();
}

void ExchangeBase::submit_write() {
  submit([this](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
    return write(snapshot, transaction);
  });
}

void ExchangeBase::keep_spent() {
  responder_.emplace(call_->defer());
  submit([this](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
    place_ = Place::Writer;
    invocation()->keep_spent(snapshot, loop_.parts.deps, transaction);
    tell(transaction);
    return {};
  });
}

// What a call used up is stored however busy its caller is.
void ExchangeBase::submit(identity::WriteFn write) {
  if (!invocation()->has_spent()) {
    write_place_ = loop_.shared.writes.enter(share_of(*caller_, request_));
    if (!write_place_) {
      answer_instead(too_busy());
      return;
    }
  }
  loop_.parts.directory.submit(
      std::move(write), [this, begun_us = monotonic_us()](const Result<std::uint64_t>& revision) {
        write_us_ = monotonic_us() - begun_us;
        write_place_.reset();
        place_ = Place::Answering;
        transaction_ = nullptr;
        is_told_ = is_told_ && revision.has_value();
        written_ = revision.value_or(0);
        if (!revision) {
          outcome() = std::unexpected(revision.error());
        }
        proceed(*this, Step::Encode);
      });
}

// What waited for the pool is decided again before it costs anything: a caller that ended meanwhile
// keeps nobody busy. Who has its share already is told to slow down, in the words of its protocol;
// everybody else has room, or the server is too small for all of them.
void ExchangeBase::submit_job() {
  const Admission admission =
      loop_.parts.pools.of(invocation()->work())
          .submit(share_of(*caller_, request_), [this](authz::Authorizer& authorizer) {
            held_ = loop_.parts.directory.current();
            decide_at(Place::Pool, *held_, nullptr, authorizer);
          });
  if (admission != Admission::Queued) {
    answer_instead(std::unexpected(facts::make_error(admission == Admission::ShareFull
                                                         ? ErrorCode::Throttling
                                                         : ErrorCode::ServiceUnavailable)));
  }
}

void ExchangeBase::answer_instead(Status refusal) {
  place_ = Place::Answering;
  outcome() = std::move(refusal);
  proceed(*this, Step::Encode);
}

// Leaves caller and proof as they are: the handler that asks still works with them.
Result<std::shared_ptr<const identity::Snapshot>> ExchangeBase::decide_on_newest() {
  std::shared_ptr<const identity::Snapshot> newest = loop_.parts.directory.current();
  RequestInfo request = request_;
  request.now = loop_.parts.deps.clock.now();
  const auto caller = authn::caller_again(caller_, *newest, request.now);
  if (!caller) {
    return std::unexpected(credentials_error(caller.error()));
  }
  CheckList checks = TRY(invocation()->checks(
      {.snapshot = *newest, .caller = **caller, .request = request, .deps = loop_.parts.deps}));
  const authz::AuthzContext authz_context{
      .snapshot = *newest, .caller = **caller, .request = request};
  if (auto proof = authorizer_->authorize(authz_context, std::move(checks)); !proof) {
    describe_refusal(authz_context, checks);
    return std::unexpected(std::move(proof).error());
  }
  return newest;
}

audit::Record ExchangeBase::append_line(std::string& line,
                                        const Status& outcome,
                                        const http::Response* answer) const {
  // Kept between calls: records are made by loops, the directory's writer and pool threads.
  static thread_local RecordDraft draft;
  draft.clear();
  draft_request(draft, request_, head_->host);
  draft.record.caller = caller_.get();
  draft.record.vouched = invocation() != nullptr ? invocation()->vouched() : nullptr;
  draft.record.authorization_message = authorization_message_;
  if (!outcome) {
    draft_error(draft, outcome.error(), refusal_);
  }
  describe(draft, outcome, answer);
  draft_checks(draft, proof_ ? proof_->checks() : checks_, caller_.get());
  finish_line(line, draft, loop_.parts.deps.random);
  return draft.record;
}

CounterSlot ExchangeBase::counter_of(const ServiceEntry& entry) const {
  const std::size_t service = loop_.parts.services.index_of(entry);
  const Invocation* routed = invocation();
  return routed != nullptr ? loop_.shared.counted.slot(service, routed->number())
                           : loop_.shared.counted.other_of(service);
}

Status ExchangeBase::record(const Status& outcome, const http::Response& answer) {
  if (!outcome && facts::error_row(outcome.error().code).is_receiver) {
    log_fault(outcome.error(), request_id_);
  }
  if (!outcome) {
    log_signature(outcome.error());
  }
  const CounterSlot slot = counter();
  const ResultClass result = result_class(outcome);
  const std::int64_t took_us = monotonic_us() - started_us_;
  loop_.counters.add(slot, result, took_us);
  if (!outcome) {
    count_refusal(result, outcome.error().code);
  }
  if (loop_.parts.observer != nullptr) {
    observe(slot, result, took_us, outcome, answer);
  }
  audit::Sink& sink = loop_.parts.audit;
  if (!sink.is_enabled() || is_told_ || !leaves_record()) {
    return {};
  }
  static thread_local std::string line;
  line.clear();
  const audit::Record record = append_line(line, outcome, &answer);
  return send_line(sink, record, line, outcome && is_unrecorded_change())
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
}

void ExchangeBase::count_refusal(ResultClass result, ErrorCode code) {
  if (result == ResultClass::Denied) {
    loop_.counters.add_refusal(refused_by_);
  } else if (result == ResultClass::Unauthenticated) {
    loop_.counters.add_unauthenticated(code);
  }
}

void ExchangeBase::observe(CounterSlot slot,
                           ResultClass result,
                           std::int64_t took_us,
                           const Status& outcome,
                           const http::Response& answer) const {
  const CountedOperations::Row& row = loop_.shared.counted.rows()[slot];
  loop_.parts.observer->observe(
      {.service = row.service,
       .operation = row.operation,
       .result = name_of(result),
       .error = outcome ? std::string_view() : facts::error_row(outcome.error().code).wire_code,
       .status = answer.status,
       .took_us = took_us,
       .write_us = write_us_,
       .at = loop_.parts.deps.clock.now(),
       .request = request_,
       .head = *head_,
       .caller = caller_.get()});
}

void ExchangeBase::log_signature(const Error& error) const {
  const bool is_wrong = error.code == ErrorCode::SignatureDoesNotMatch ||
                        error.code == ErrorCode::S3SignatureDoesNotMatch;
  if (!is_wrong || !loop_.signature_lines.take(request_.now)) {
    return;
  }
  constexpr std::size_t kLongestKey = 128;
  const std::string key = access_key_of(*head_);
  log(LogLevel::Warning,
      "signature_refused",
      {{"request_id", request_id_},
       {"source_ip", request_.source_ip},
       {"access_key_id", std::string_view(key).substr(0, kLongestKey)},
       {"message", error.message},
       {"hint",
        "`signet sigv4 explain FILE` computes the signature of a recorded request stage by "
        "stage"}});
}

void ExchangeBase::tell(identity::Transaction& transaction) {
  if (!loop_.parts.audit.is_enabled() || !leaves_record()) {
    return;
  }
  std::string line;
  static_cast<void>(append_line(line, outcome(), nullptr));
  transaction.tell(std::move(line));
  is_told_ = true;
}

Status too_busy() {
  return std::unexpected(facts::make_error(ErrorCode::Throttling));
}

void log_fault(const Error& error, std::string_view request_id) {
  log(LogLevel::Error,
      "request_failed",
      {{"request_id", request_id},
       {"code", facts::error_row(error.code).wire_code},
       {"cause", error.cause}});
}

}  // namespace signet::api
