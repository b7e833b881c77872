#include "api/exchange_base.h"

#include <utility>

#include "authn/key_rings.h"
#include "base/check.h"
#include "base/log.h"
#include "facts/errors.h"
#include "token/auth_message.h"

namespace signet::api {
namespace {

// Keys remembered to be noted already; when full the loop starts over.
constexpr std::size_t kMaxNoted = 10'000;

// How long the message of a refusal can be decoded, as long as AWS keeps its own (aws-wire 2.3).
constexpr std::int64_t kAuthorizationMessageSeconds = 24 * 3600;

// How long a decision holds on a state that stays the same: sessions expire and conditions on the
// time change meanwhile.
constexpr std::int64_t kDecisionSeconds = 1;

// Longest message that travels as a header: proxies give all headers of an answer 4 KiB. A longer
// one is in the audit record only.
constexpr std::size_t kAuthorizationHeaderMax = 3072;

Share share_of(const model::Caller& caller, const RequestInfo& request) {
  return {
      .account = caller.account,
      .caller = caller.principal_id.empty() ? std::string(request.source_ip) : caller.principal_id};
}

}  // namespace

void LoopState::note_use(const identity::Snapshot& snapshot,
                         const model::Caller& caller,
                         const RequestInfo& request,
                         std::string_view service) {
  const bool is_role = caller.kind == model::CallerKind::AssumedRole;
  if (!is_role && caller.is_temporary()) {
    return;
  }
  const std::string& id = is_role ? caller.principal_id : caller.access_key_id;
  const auto found = noted_.find(id);
  const bool is_noted_lately = found != noted_.end() &&
                               request.now < found->second.at.plus_seconds(kLastUsedSeconds) &&
                               found->second.at <= request.now;
  if (is_noted_lately && is_stored(snapshot, id, found->second)) {
    return;
  }
  if (is_noted_lately && request.now < found->second.at.plus_seconds(1)) {
    return;  // on its way
  }
  if (noted_.size() >= kMaxNoted) {
    noted_.clear();
  }
  noted_[id] = Noted{.at = request.now};
  identity::LastUsed used{.account = caller.account,
                          .id = id,
                          .at = request.now,
                          .region = std::string(request.region),
                          .service = std::string(service)};
  parts.directory.submit(
      [used = std::move(used)](const identity::Snapshot&,
                               identity::Transaction& transaction) -> Status {
        transaction.put_last_used(used);
        return {};
      },
      [](const Result<std::uint64_t>&) {});
}

bool LoopState::is_stored(const identity::Snapshot& snapshot, const std::string& id, Noted& noted) {
  if (noted.stored_revision == snapshot.revision() && noted.stored_revision != 0) {
    return true;
  }
  if (snapshot.find_last_used(id) == nullptr) {
    return false;
  }
  noted.stored_revision = snapshot.revision();
  return true;
}

bool LoopState::may_describe(Instant now) {
  if (now.seconds() != described_second_) {
    described_second_ = now.seconds();
    described_ = 0;
  }
  return ++described_ <= kDescribedPerSecond;
}

void ExchangeBase::start(const http::RequestHead& head, std::string request_id) {
  head_ = &head;
  request_id_ = std::move(request_id);
  request_ = RequestInfo{.request_id = request_id_,
                         .source_ip = head.remote_address,
                         .user_agent = head.find("user-agent").value_or(""),
                         .referer = head.find("referer").value_or(""),
                         .region = region_,
                         .is_secure = head.tls,
                         .now = loop_.parts.deps.clock.now()};
}

Status ExchangeBase::check_recording() const {
  return loop_.parts.audit.accepts_work()
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
}

void ExchangeBase::body_is_complete() {
  request_.now = loop_.parts.deps.clock.now();
}

void ExchangeBase::set_caller(model::CallerRef caller, const identity::Snapshot& snapshot) {
  caller_ = std::move(caller);
  caller_of_ = snapshot.revision();
  caller_at_ = request_.now;
}

bool ExchangeBase::is_caller_of(const identity::Snapshot& snapshot) const {
  const bool has_expired = caller_->session && request_.now >= caller_->session->expires;
  return caller_of_ != 0 && caller_of_ == snapshot.revision() && !has_expired &&
         request_.now < caller_at_.plus_seconds(kDecisionSeconds);
}

Status ExchangeBase::renew_caller(const identity::Snapshot& snapshot) {
  auto again = authn::caller_again(caller_, snapshot, request_.now);
  if (!again) {
    proof_of_ = 0;
    return std::unexpected(credentials_error(again.error()));
  }
  set_caller(*std::move(again), snapshot);
  return {};
}

Status ExchangeBase::admit(Invocation& invocation, const identity::Snapshot& snapshot) {
  TRY_STATUS(invocation.spend(
      {.snapshot = snapshot, .caller = *caller_, .request = request_, .deps = loop_.parts.deps}));
  return authorize(invocation, snapshot, loop_.authorizer);
}

Status ExchangeBase::admit_again(Invocation& invocation, const identity::Snapshot& snapshot) {
  TRY_STATUS(renew_caller(snapshot));
  return authorize(invocation, snapshot, loop_.authorizer);
}

Status ExchangeBase::decide(Invocation& invocation,
                            const identity::Snapshot& snapshot,
                            authz::Authorizer& authorizer) {
  const Instant now = loop_.parts.deps.clock.now();
  const bool has_waited = now >= request_.now.plus_seconds(kDecisionSeconds);
  const bool is_same_state = proof_of_ != 0 && proof_of_ == snapshot.revision();
  if (is_same_state && !has_waited) {
    return {};
  }
  if (has_waited) {
    request_.now = now;
  }
  TRY_STATUS(renew_caller(snapshot));
  return authorize(invocation, snapshot, authorizer);
}

Status ExchangeBase::authorize(Invocation& invocation,
                               const identity::Snapshot& snapshot,
                               authz::Authorizer& authorizer) {
  proof_of_ = 0;
  const CheckContext context{
      .snapshot = snapshot, .caller = *caller_, .request = request_, .deps = loop_.parts.deps};
  checks_ = TRY(invocation.checks(context));
  Result<Authorized> proof = authorizer.authorize({snapshot, *caller_, request_}, checks_);
  if (!proof) {
    // Described on the loop only: the limit of descriptions is its own, and the writer has better
    // things to do.
    if (proof.error().code == ErrorCode::AccessDenied && &authorizer == &loop_.authorizer) {
      describe_refusal(snapshot, checks_);
    }
    return std::unexpected(std::move(proof).error());
  }
  proof_.emplace(*std::move(proof));
  proof_of_ = snapshot.revision();
  return {};
}

void ExchangeBase::describe_refusal(const identity::Snapshot& snapshot, const CheckList& checks) {
  if (!loop_.may_describe(request_.now)) {
    return;
  }
  const std::string details =
      loop_.authorizer.describe_refusal({snapshot, *caller_, request_}, checks);
  if (details.empty()) {
    return;
  }
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

HandlerContext ExchangeBase::context_of(const identity::Snapshot& snapshot,
                                        identity::Transaction* transaction,
                                        authz::Authorizer* authorizer) {
  return {.snapshot = snapshot,
          .transaction = transaction,
          .caller = *caller_,
          .request = request_,
          .deps = loop_.parts.deps,
          .authorizer = authorizer};
}

void ExchangeBase::run(Invocation& invocation,
                       const identity::Snapshot& snapshot,
                       http::Call call) {
  switch (invocation.effect()) {
    case Effect::Read:
      call.answer(make_answer(carry_out(invocation, snapshot, nullptr, loop_.authorizer)));
      return;
    case Effect::Write:
      responder_.emplace(call.defer());
      submit_write(invocation);
      return;
    case Effect::PreparedWrite:
      run_prepared(invocation, call);
      return;
    case Effect::Blocking:
      run_blocking(invocation, call);
      return;
  }
}

// The one step to a handler: it works on exactly the state that the call was decided on.
Status ExchangeBase::carry_out(Invocation& invocation,
                               const identity::Snapshot& snapshot,
                               identity::Transaction* transaction,
                               authz::Authorizer& authorizer) {
  TRY_STATUS(decide(invocation, snapshot, authorizer));
  HandlerContext context =
      context_of(snapshot, transaction, transaction == nullptr ? &authorizer : nullptr);
  if (invocation.effect() == Effect::Blocking) {
    context.decide_again = [&] {
      return decide_on_newest(invocation, authorizer);
    };
  }
  SIGNET_CHECK(proof_.has_value());
  return invocation.handle(*proof_, context);
}

// On the writer thread. What the call used up is stored even if it comes to nothing: the
// transaction is then committed, which a call that spends something may do, since its handler
// changes nothing but that.
Status ExchangeBase::write(Invocation& invocation,
                           const identity::Snapshot& snapshot,
                           identity::Transaction& transaction) {
  is_told_ = false;
  Status done = carry_out(invocation, snapshot, &transaction, loop_.writer_authorizer);
  if (!invocation.has_spent()) {
    if (done) {
      tell(done, transaction);
    }
    return done;
  }
  invocation.keep_spent(snapshot, loop_.parts.deps, transaction);
  tell(done, transaction);
  outcome_ = std::move(done);
  return {};
}

void ExchangeBase::submit_write(Invocation& invocation) {
  submit([this, &invocation](const identity::Snapshot& snapshot,
                             identity::Transaction& transaction) -> Status {
    return write(invocation, snapshot, transaction);
  });
}

void ExchangeBase::submit(identity::WriteFn write) {
  loop_.parts.directory.submit(std::move(write), [this](const Result<std::uint64_t>& revision) {
    is_told_ = is_told_ && revision.has_value();
    finish_later(revision ? outcome_ : Status(std::unexpected(revision.error())));
  });
}

void ExchangeBase::refuse(const Invocation* invocation, Status refusal, http::Call call) {
  if (invocation == nullptr || !invocation->has_spent()) {
    call.answer(make_answer(refusal));
    return;
  }
  outcome_ = std::move(refusal);
  responder_.emplace(call.defer());
  submit([this, invocation](const identity::Snapshot& snapshot,
                            identity::Transaction& transaction) -> Status {
    invocation->keep_spent(snapshot, loop_.parts.deps, transaction);
    tell(outcome_, transaction);
    return {};
  });
}

// What waited for the pool is decided again before it costs anything: a caller that ended meanwhile
// keeps nobody busy.
void ExchangeBase::run_prepared(Invocation& invocation, http::Call call) {
  responder_.emplace(call.defer());
  submit_job(invocation.work(), [this, &invocation](authz::Authorizer& authorizer) {
    held_ = loop_.parts.directory.current();
    Status status = decide(invocation, *held_, authorizer);
    if (status) {
      status = invocation.prepare(
          {.snapshot = *held_, .caller = *caller_, .request = request_, .deps = loop_.parts.deps});
    }
    if (!status) {
      finish_later(status);
      return;
    }
    submit_write(invocation);
  });
}

void ExchangeBase::run_blocking(Invocation& invocation, http::Call call) {
  responder_.emplace(call.defer());
  submit_job(invocation.work(), [this, &invocation](authz::Authorizer& authorizer) {
    held_ = loop_.parts.directory.current();
    finish_later(carry_out(invocation, *held_, nullptr, authorizer));
  });
}

// Who has its share already is told to slow down, in the words of its protocol; everybody else has
// room, or the server is too small for all of them.
void ExchangeBase::submit_job(Work work, WorkerPool::Job job) {
  const Admission admission =
      loop_.parts.pools.of(work).submit(share_of(*caller_, request_), std::move(job));
  if (admission != Admission::Queued) {
    finish_later(std::unexpected(facts::make_error(admission == Admission::ShareFull
                                                       ? ErrorCode::Throttling
                                                       : ErrorCode::ServiceUnavailable)));
  }
}

// Leaves caller and proof as they are: the handler that asks still works with them.
Result<std::shared_ptr<const identity::Snapshot>> ExchangeBase::decide_on_newest(
    Invocation& invocation, authz::Authorizer& authorizer) const {
  std::shared_ptr<const identity::Snapshot> newest = loop_.parts.directory.current();
  RequestInfo request = request_;
  request.now = loop_.parts.deps.clock.now();
  const auto caller = authn::caller_again(caller_, *newest, request.now);
  if (!caller) {
    return std::unexpected(credentials_error(caller.error()));
  }
  const CheckList checks = TRY(invocation.checks(
      {.snapshot = *newest, .caller = **caller, .request = request, .deps = loop_.parts.deps}));
  TRY_STATUS(authorizer.authorize({*newest, **caller, request}, checks));
  return newest;
}

void ExchangeBase::finish_later(const Status& status) {
  // The responder is moved out first: once it has answered, this exchange may be gone.
  SIGNET_CHECK(responder_.has_value());
  http::Responder responder = std::move(*responder_);
  responder.answer(make_answer(status));
}

audit::Record ExchangeBase::append_line(std::string& line, const Status& status) const {
  // Kept between calls: records are made by loops, the directory's writer and pool threads.
  static thread_local RecordDraft draft;
  static thread_local std::vector<audit::Resource> resources;
  draft.record = {};
  resources.clear();
  for (std::string* text : {&draft.event,
                            &draft.error_message,
                            &draft.parameters,
                            &draft.elements,
                            &draft.additional,
                            &draft.rest}) {
    text->clear();
  }
  draft_request(draft, request_, head_->host);
  draft_checks(draft, checks_, caller_.get(), resources);
  draft.record.caller = caller_.get();
  draft.record.authorization_message = authorization_message_;
  if (!status) {
    draft_error(draft, status.error());
  }
  describe(draft, status);
  finish_line(line, draft, loop_.parts.deps.random);
  return draft.record;
}

Status ExchangeBase::record(const Status& status, bool is_change) {
  if (!status && facts::error_row(status.error().code).is_receiver) {
    log_fault(status.error(), request_id_);
  }
  audit::Sink& sink = loop_.parts.audit;
  if (!sink.is_enabled() || is_told_) {
    return {};
  }
  static thread_local std::string line;
  line.clear();
  const audit::Record record = append_line(line, status);
  return send_line(sink, record, line, is_change)
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
}

void ExchangeBase::tell(const Status& status, identity::Transaction& transaction) {
  if (!loop_.parts.audit.is_enabled()) {
    return;
  }
  std::string line;
  static_cast<void>(append_line(line, status));
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
