#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "api/exchanges.h"
#include "api/pooled_source.h"
#include "api/rest_record.h"
#include "api/route.h"
#include "base/assertion.h"
#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "crypto/checksum.h"
#include "crypto/sha256.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "sigv4/chunked.h"
#include "sigv4/verify.h"

namespace signet::api {
namespace {

// S3 allows 5 GiB in one PUT; aws-chunked framing adds less than this.
constexpr std::uint64_t kMaxStreamBytes = (5ULL << 30U) + (64ULL << 20U);
// What an operation without a use for a body tolerates of one.
constexpr std::uint64_t kMaxIgnoredBytes = 64 * 1024;

// 16 upper-case hexadecimal digits, as S3's ids look.
std::string make_request_id(Random& random) {
  std::string id = crypto::uuid_v4(random);
  std::erase(id, '-');
  id.resize(16);
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

Error incomplete_body() {
  return facts::make_error(ErrorCode::IncompleteBody);
}

// Checks a body against what its signature promised, and takes aws-chunked framing off.
class BodyGuard {
 public:
  // `auth` is used during the call only.
  static Result<BodyGuard> make(const authn::RestAuthenticated& authenticated,
                                const http::RequestHead& head) {
    BodyGuard guard;
    if (!authenticated.auth) {
      return guard;
    }
    const sigv4::ParsedAuth& auth = *authenticated.auth;
    guard.kind_ = auth.payload;
    guard.promised_ = std::string(auth.content_sha256);
    if (guard.is_chunked()) {
      SIGNET_ASSERT(authenticated.signing_key.has_value());
      const auto length = parse_decimal(head.find("x-amz-decoded-content-length").value_or(""));
      if (!length) {
        return fail(ErrorCode::MissingContentLength,
                    "You must provide the Content-Length HTTP header.");
      }
      guard.decoder_.emplace(
          auth,
          *authenticated.signing_key,
          sigv4::ChunkDecoder::Options{
              .kind = auth.payload,
              .decoded_length = static_cast<std::uint64_t>(*length),
              .trailer_header = to_lower(head.find("x-amz-trailer").value_or(""))});
    }
    return guard;
  }

  // Hands the decoded bytes of a piece to `take` (const char spans; returns Status).
  template <class Take>
  Status feed(std::string_view piece, Take take) {
    if (!decoder_) {
      if (kind_ == sigv4::PayloadKind::Hash) {
        hash_.update(piece);
      }
      return take(piece);
    }
    while (!piece.empty()) {
      const sigv4::ChunkDecoder::Step step = TRY(decoder_->next(piece));
      TRY_STATUS(step.data.empty() ? Status() : take(step.data));
      if (step.consumed == 0) {
        return std::unexpected(incomplete_body());
      }
      piece.remove_prefix(step.consumed);
    }
    return {};
  }

  // The verdict once every byte was fed.
  Status finish() {
    if (decoder_) {
      return decoder_->finish();
    }
    if (kind_ == sigv4::PayloadKind::Hash) {
      sigv4::ParsedAuth promised;
      promised.payload = kind_;
      promised.content_sha256 = promised_;
      return sigv4::check_body_hash(promised, hash_.finish());
    }
    return {};
  }

  [[nodiscard]] const sigv4::ChunkDecoder* decoder() const {
    return decoder_ ? &*decoder_ : nullptr;
  }

 private:
  [[nodiscard]] bool is_chunked() const {
    return kind_ != sigv4::PayloadKind::Hash && kind_ != sigv4::PayloadKind::Unsigned;
  }

  sigv4::PayloadKind kind_ = sigv4::PayloadKind::Unsigned;
  std::string promised_;
  crypto::Sha256 hash_;
  std::optional<sigv4::ChunkDecoder> decoder_;
};

// The head alone says who asks and for what, so the first steps are taken before the body is there:
// up to decode, or, for a body that is streamed, up to the work.
class RestExchange final : public ExchangeBase {
 public:
  RestExchange(LoopState& loop, const ServiceEntry& entry, RestService& service, RestMode mode)
      : ExchangeBase(loop), entry_(entry), service_(service), mode_(mode) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call call) override {
    if (is_question()) {
      asked_ = head;
      asked_.target.remove_prefix(kProxyQuestions.size());
    }
    start(is_question() ? asked_ : head, make_request_id(loop_.parts.deps.random));
    go(Step::Admit, call);
    if (is_sent_) {
      return {};
    }
    if (awaits_form()) {
      return {.mode = http::BodyPlan::Mode::Stream, .max_bytes = kMaxStreamBytes};
    }
    const bool is_anonymous = caller_->kind == model::CallerKind::Anonymous;
    switch (invocation_->body_use()) {
      case BodyUse::None:
        return {.mode = http::BodyPlan::Mode::Buffer,
                .max_bytes = is_anonymous ? loop_.parts.unsigned_body_max : kMaxIgnoredBytes};
      case BodyUse::Buffer:
        // AWS-DIFF: S3 reads documents of anonymous callers of any length that the operation
        // allows; here they are answered 413 beyond memory.unsigned-body
        // (tests/conformance/test_limits.py).
        if (is_anonymous) {
          return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = loop_.parts.unsigned_body_max};
        }
        // Framing of aws-chunked at most doubles a small document.
        return {.mode = http::BodyPlan::Mode::Buffer,
                .max_bytes = 2 * invocation_->body_limit() + kMaxIgnoredBytes};
      case BodyUse::Stream:
      case BodyUse::Form:
        break;
    }
    if (Status status = open_stream(); !status) {
      refuse(std::move(status), call);
    } else {
      while_paused(call, [this](http::BodyPause&) { fed_ = sink_->open(); });
    }
    return {.mode = http::BodyPlan::Mode::Stream, .max_bytes = kMaxStreamBytes};
  }

  void ready(http::Call call) override {
    if (!fed_) {
      refuse(std::move(fed_), call);
    }
  }

  // Bytes are hashed and written by the worker pool: no loop does either. The connection reads on
  // when a piece is done, so it holds one piece and no more. What is wrong with a piece is answered
  // when the next one, or the end, is there.
  void body(std::string_view piece, http::Call call) override {
    if (!fed_) {
      refuse(std::move(fed_), call);
      return;
    }
    if (awaits_form()) {
      begin_form(piece, call);
      return;
    }
    while_paused(call, [this, piece](http::BodyPause& pause) { feed(piece, pause); });
  }

  // A file that is given up is removed by the pool: that takes as long as it is large.
  void retire() override {
    if (sink_) {
      std::shared_ptr<BodySink> sink = std::move(sink_);
      static_cast<void>(loop_.parts.pools.of(Work::Bodies)
                            .submit(share_of(*caller_, request_),
                                    [sink = std::move(sink)](authz::Authorizer&) {}));
    }
    ExchangeBase::retire();
  }

  // What was allowed when the first byte came need not be any more: it is decided again where the
  // state or the time is another. A document that was long in coming is signed anew as it were; a
  // stream's signature is as old as its head, so that a long upload may be longer than its link is
  // good.
  void finish(std::string_view whole_body, http::Call call) override {
    body_is_complete();
    if (!fed_) {
      refuse(std::move(fed_), call);
      return;
    }
    if (awaits_form()) {
      refuse((*matched_)->end_form(), call);
      return;
    }
    is_whole_ = true;
    whole_body_ = whole_body;
    const bool is_caller_known = is_streamed() || is_caller_of(loop_.reader.get());
    go(is_caller_known ? Step::Decode : Step::Authenticate, call);
  }

  bool must_wait(Step step) override {
    if (is_question()) {
      return false;  // its head says all
    }
    const bool needs_body = step == (is_streamed() ? Step::Handle : Step::Decode) && !is_whole_;
    const bool needs_form = step == Step::Authenticate && awaits_form();
    if ((needs_body || needs_form) && outcome()) {
      return true;
    }
    return (step != Step::Handle || !is_done_at_once()) && ExchangeBase::must_wait(step);
  }

  Status route() override {
    TRY_STATUS(read_request());
    matched_ = service_.match(rest_);
    return {};  // an operation that there is not is told to those who have signed for it
  }

  Status authenticate() override {
    if (is_question()) {
      TRY_STATUS(check_asker());
    }
    if (is_preflight()) {
      set_caller(std::make_shared<const model::Caller>());
      invocation_ = TRY(std::move(matched_));
      return {};
    }
    authn::RestAuthenticated authenticated = TRY(find_caller());
    guard_ = TRY(BodyGuard::make(authenticated, *head_));
    set_caller(std::move(authenticated.caller));
    region_ = std::move(authenticated.region);
    request_.region = region_;
    rest_.is_presigned = authenticated.is_presigned;
    rest_.is_version_2 = authenticated.is_version_2;
    if (invocation_ != nullptr) {
      return {};  // again, for a document
    }
    if (caller_->kind != model::CallerKind::Anonymous) {
      loop_.note_use(state(), *caller_, request_, entry_.name);
    }
    invocation_ = TRY(std::move(matched_));
    return {};
  }

  Status decode() override {
    if (!is_whole_) {
      return {};  // a stream, of which the head says all
    }
    return is_streamed() ? finish_stream() : finish_buffer();
  }

  Status handle() override {
    if (is_question()) {
      return check_question();
    }
    if (sink_) {
      invocation_->take_sink(std::move(sink_));
    }
    return done_ ? *std::exchange(done_, std::nullopt) : ExchangeBase::handle();
  }

  http::Response encode(const Status& outcome) override {
    if (is_question() && outcome) {
      return allowed();
    }
    http::Response response = outcome ? answer() : error_response(outcome.error());
    if (rest_.head != nullptr && !is_preflight() && head_->find("origin")) {
      service_.add_for_origin(rest_, *loop_.parts.directory.current(), response);
    }
    return response;
  }

 protected:
  Invocation* invocation() const override { return invocation_.get(); }

  bool is_unrecorded_change() const override { return !is_read() && !is_question(); }

  CounterSlot counter() const override { return counter_of(entry_); }

  void describe(RecordDraft& draft,
                const Status& outcome,
                const http::Response* answer) const override {
    draft.record.service = entry_.name;
    draft.record.is_read_only = is_read();
    if (rest_.head == nullptr) {
      return;  // the target could not be read
    }
    const RestTarget target = service_.target_of(rest_);
    draft.event = is_question() ? concat("Authorize", target.event) : std::string(target.event);
    draft.record.is_data_event = target.is_data_event;
    const bool is_signed = caller_ != nullptr && caller_->kind != model::CallerKind::Anonymous;
    append_rest_parameters(draft.parameters,
                           rest_,
                           target,
                           invocation_.get(),
                           is_signed ? kLongestRestValue : audit::kStrangersText);
    if (answer != nullptr && outcome && !is_read()) {
      append_rest_elements(draft.elements, *answer);
    }
    append_rest_additional(draft.rest, rest_, is_signed, answer);
  }

  [[nodiscard]] Error credentials_error(authn::Refusal refusal) const override {
    const std::string_view token = head_->find("x-amz-security-token")
                                       .value_or(rest_.param("X-Amz-Security-Token").value_or(""));
    return authn::rest_error(refusal, caller_->access_key_id, token);
  }

 private:
  // A proxy asks whether a request may go to the store behind it, and shows its head.
  [[nodiscard]] bool is_question() const { return mode_ == RestMode::Decide; }

  [[nodiscard]] Status check_asker() const {
    const bool is_known =
        loop_.parts.asker_token.equals(head_->find("x-signet-authorizer").value_or(""));
    return is_known ? Status()
                    : fail_because(ErrorCode::AccessDenied,
                                   "Access Denied",
                                   "x-signet-authorizer has not the token of those that may ask");
  }

  // What is decided on more than the head cannot be told.
  [[nodiscard]] Status check_question() const {
    const BodyUse use = invocation_->body_use();
    const bool is_in_body = (use == BodyUse::Buffer || use == BodyUse::Form) &&
                            invocation_->name() != "CompleteMultipartUpload";
    const bool is_left = std::ranges::any_of(proof_->checks(), [](const Check& check) {
      return check.grant != authz::Grant::ByPolicies;
    });
    return is_in_body || is_left
               ? fail(ErrorCode::NotImplemented,
                      "What this operation needs to be allowed is not told by its head")
               : Status();
  }

  [[nodiscard]] http::Response allowed() const {
    http::Response response;
    response.headers.add("x-signet-caller", caller_->arn.empty() ? "anonymous" : caller_->arn);
    response.headers.add("x-amz-request-id", request_id_);
    return response;
  }

  [[nodiscard]] bool is_read() const {
    return head_->method == "GET" || head_->method == "HEAD" || is_preflight();
  }

  // A browser's own question. It never carries credentials (Fetch standard, CORS-preflight fetch);
  // a signature in its URL is that of the request to come.
  [[nodiscard]] bool is_preflight() const { return head_->method == "OPTIONS"; }

  http::Response answer() {
    RestResponse answer = invocation_->answer();
    http::Response response = std::move(answer.response);
    if (answer.rest) {
      response.source = std::make_unique<PooledSource>(loop_.parts.pools.of(Work::Bodies),
                                                       share_of(*caller_, request_),
                                                       request_id_,
                                                       std::move(answer.rest));
    }
    if (!response.headers.find("x-amz-request-id")) {
      response.headers.add("x-amz-request-id", request_id_);
    }
    return response;
  }

  http::Response error_response(const Error& error) const {
    http::Response response =
        service_.error(error, request_id_, head_->path(), head_->method == "HEAD");
    add_authorization_message(response);
    if (invocation_) {
      invocation_->add_to_refusal(*loop_.parts.directory.current(), response);
    }
    return response;
  }

  [[nodiscard]] bool is_form() const {
    return matched_ && *matched_ != nullptr && (*matched_)->body_use() == BodyUse::Form;
  }

  // A form whose fields, which say who asks, are still to come.
  [[nodiscard]] bool awaits_form() const { return is_form() && !has_form_; }

  [[nodiscard]] bool is_streamed() const {
    return invocation_ != nullptr &&
           (invocation_->body_use() == BodyUse::Stream || invocation_->body_use() == BodyUse::Form);
  }

  // A form is signed by its fields, whatever its head says.
  Result<authn::RestAuthenticated> find_caller() {
    if (is_form()) {
      rest_.is_form = true;
      const auto signature = TRY((*matched_)->form_signature());
      return loop_.authenticator.form(signature ? &*signature : nullptr, state(), request_.now);
    }
    return loop_.authenticator.rest(
        *head_, [this] { return service_.host_bucket(rest_.host); }, state(), request_.now);
  }

  // The fields of a form, and then the steps that wait for them, up to the work.
  void begin_form(std::string_view piece, http::Call call) {
    const Result<bool> is_whole = (*matched_)->take_form(piece);
    if (!is_whole) {
      refuse(std::unexpected(is_whole.error()), call);
      return;
    }
    if (!*is_whole) {
      return;
    }
    has_form_ = true;
    go(Step::Authenticate, call);
    if (is_sent_) {
      return;
    }
    if (Status status = open_stream(); !status) {
      refuse(std::move(status), call);
      return;
    }
    while_paused(call, [this, piece](http::BodyPause& pause) {
      fed_ = sink_->open();
      if (fed_) {
        feed(piece, pause);
      }
    });
  }

  // Does a piece of work of the pool for bodies, which leaves its result in fed_, before the body
  // goes on.
  template <class Job>
  void while_paused(http::Call call, Job job) {
    auto pause = std::make_shared<http::BodyPause>(call.pause());
    fed_ = too_busy();  // unless the job runs; set before the pause may end
    static_cast<void>(
        loop_.parts.pools.of(Work::Bodies)
            .submit(share_of(*caller_, request_),
                    [job, pause = std::move(pause)](authz::Authorizer&) { job(*pause); }));
  }

  // On the worker pool, while the body is paused.
  void feed(std::string_view piece, http::BodyPause& pause) {
    std::size_t framing = piece.size();
    fed_ = guard_.feed(piece, [&](std::string_view bytes) {
      framing -= bytes.size();
      return sink_->write(std::span(bytes));
    });
    pause.take_off_framing(framing);
  }

  // Whether the work needed no waiting and is done.
  bool is_done_at_once() {
    if (invocation_->run_mode() != RunMode::Blocking || is_sent_elsewhere_ || done_) {
      return done_.has_value();
    }
    HandlerContext context = handler_context();
    done_ = invocation_->try_handle(*proof_, context);
    is_sent_elsewhere_ = !done_;
    return done_.has_value();
  }

  Status read_request() {
    const std::optional<std::string> path = codec::percent_decode(head_->path());
    const auto query = codec::FormParams::parse(head_->query());
    if (!path || !query) {
      return std::unexpected(facts::make_error(ErrorCode::InvalidURI));
    }
    rest_ = RestRequest{.method = head_->method,
                        .host = host_name(head_->host),
                        .raw_path = head_->path(),
                        .path = *path,
                        .head = head_};
    for (const codec::FormParam& param : query->all()) {
      rest_.query.emplace_back(param.name, param.value);
    }
    // What the authenticator will find; routing asks first.
    rest_.is_presigned = rest_.param("X-Amz-Signature") ||
                         (rest_.param("AWSAccessKeyId") && rest_.param("Signature"));
    if (const auto decoded =
            parse_decimal(head_->find("x-amz-decoded-content-length").value_or(""));
        decoded) {
      rest_.content_length = *decoded;
    } else if (head_->content_length) {
      rest_.content_length = static_cast<std::int64_t>(*head_->content_length);
    }
    return {};
  }

  Status open_stream() {
    HandlerContext context = handler_context();
    SIGNET_ASSERT(proof_.has_value());
    sink_ = TRY(invocation_->open_sink(*proof_, context));
    return {};
  }

  Status finish_stream() {
    TRY_STATUS(guard_.finish());
    if (const sigv4::ChunkDecoder* decoder = guard_.decoder();
        decoder != nullptr && decoder->trailer_checksum()) {
      const auto& checksum = *decoder->trailer_checksum();
      TRY_STATUS(sink_->trailer(crypto::checksum_header(checksum.algorithm), checksum.value));
    }
    return {};
  }

  Status finish_buffer() {
    std::string decoded;
    std::string_view document = whole_body_;
    TRY_STATUS(guard_.feed(whole_body_, [&](std::string_view bytes) -> Status {
      if (guard_.decoder() != nullptr) {
        decoded += bytes;
      }
      return {};
    }));
    TRY_STATUS(guard_.finish());
    if (guard_.decoder() != nullptr) {
      document = decoded;
    }
    if (invocation_->body_use() != BodyUse::Buffer) {
      return {};
    }
    return document.size() <= invocation_->body_limit()
               ? invocation_->body(document)
               : std::unexpected(facts::make_error(ErrorCode::EntityTooLarge));
  }

  const ServiceEntry& entry_;
  RestService& service_;
  RestMode mode_;
  http::RequestHead asked_;  // the head that a question is about
  RestRequest rest_;
  std::unique_ptr<RestInvocation> invocation_;
  // Given to the pool at the end, which is after every job that still writes.
  std::unique_ptr<BodySink> sink_;
  BodyGuard guard_;
  Status fed_;             // what became of the sink's opening, or of the piece before
  bool is_whole_ = false;  // the body
  bool has_form_ = false;  // the fields of a form were read
  std::string_view whole_body_;
  Result<std::unique_ptr<RestInvocation>> matched_;
  std::optional<Status> done_;      // what try_handle() came to
  bool is_sent_elsewhere_ = false;  // to the worker pool, since it has to wait
};

}  // namespace

std::optional<std::string_view> RestRequest::param(std::string_view name) const {
  const auto found = std::find_if(
      query.begin(), query.end(), [name](const auto& entry) { return entry.first == name; });
  if (found == query.end()) {
    return std::nullopt;
  }
  return std::string_view(found->second);
}

http::ExchangePtr open_rest(LoopState& loop,
                            const ServiceEntry& entry,
                            RestService& service,
                            RestMode mode) {
  return http::ExchangePtr(new RestExchange(loop, entry, service, mode));
}

}  // namespace signet::api
