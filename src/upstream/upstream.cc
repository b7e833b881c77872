#include "upstream/upstream.h"

#include <algorithm>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/uri.h"
#include "sigv4/signer.h"

namespace signet::upstream {
namespace {

constexpr std::size_t kIdleMax = 64;
// A server closes what waits for long; what waited less is still there.
constexpr std::int64_t kIdleMs = 4'000;

std::unexpected<Fault> no_answer(std::string cause) {
  return std::unexpected(Fault{.kind = Fault::Kind::NoAnswer, .cause = std::move(cause)});
}

std::string target_of(const Request& request) {
  std::string target = concat("/", request.bucket);
  if (!request.key.empty()) {
    target += '/';
    codec::append_percent_encoded(target, request.key, codec::Slash::Keep);
  }
  char before = '?';
  for (const auto& [name, value] : request.query) {
    target += std::exchange(before, '&');
    codec::append_percent_encoded(target, name);
    target += '=';
    codec::append_percent_encoded(target, value);
  }
  return target;
}

}  // namespace

Exchange::~Exchange() {
  upstream_.give_back(std::move(stream_));
}

std::expected<void, Fault> Exchange::write(std::string_view piece) {
  const auto written = stream_->write(piece);
  return written ? std::expected<void, Fault>() : no_answer(written.error());
}

std::expected<http::ClientResponse, Fault> Exchange::answer() {
  auto answer = stream_->answer();
  return answer ? std::expected<http::ClientResponse, Fault>(*std::move(answer))
                : no_answer(answer.error());
}

std::expected<std::string, Fault> Exchange::read() {
  auto piece = stream_->read();
  return piece ? std::expected<std::string, Fault>(*std::move(piece)) : no_answer(piece.error());
}

std::expected<std::string, Fault> Exchange::read_all(std::size_t max) {
  std::string out;
  while (true) {
    const auto piece = stream_->read();
    if (!piece) {
      return no_answer(piece.error());
    }
    if (piece->empty()) {
      return out;
    }
    if (piece->size() > max - out.size()) {
      return no_answer("the answer is longer than any of its kind");
    }
    out += *piece;
  }
}

Upstream::Upstream(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

// The one used last, so that few are kept where few are needed.
std::unique_ptr<http::ClientStream> Upstream::take() {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t oldest = monotonic_ms() - kIdleMs;
    std::erase_if(idle_, [oldest](const Idle& idle) {
      return idle.since_ms < oldest || !idle.stream->is_kept();
    });
    if (!idle_.empty()) {
      std::unique_ptr<http::ClientStream> stream = std::move(idle_.back().stream);
      idle_.pop_back();
      return stream;
    }
  }
  return std::make_unique<http::ClientStream>(
      http::ClientOptions{.host = options_.endpoint.host,
                          .port = options_.endpoint.port,
                          .timeout_seconds = options_.timeout_seconds,
                          .is_tls = options_.endpoint.is_tls,
                          .ca_file = options_.ca_file,
                          .resolves_names = true});
}

void Upstream::give_back(std::unique_ptr<http::ClientStream> stream) {
  under_way_.fetch_sub(1);
  if (!stream->is_kept()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) {
    idle_.push_back({.stream = std::move(stream), .since_ms = monotonic_ms()});
  }
}

http::ClientRequest Upstream::signed_request(const Request& request,
                                             std::string_view body,
                                             std::string_view payload) const {
  const std::string target = target_of(request);
  std::vector<std::pair<std::string_view, std::string_view>> headers = {
      {"Host", options_.endpoint.authority}};
  for (const auto& [name, value] : request.headers) {
    headers.emplace_back(name, value);
  }
  sigv4::SignedRequest made =
      sigv4::sign({.method = request.method,
                   .target = target,
                   .headers = std::move(headers),
                   .body = body,
                   .access_key = options_.keys.access_key_id,
                   .secret_key = options_.keys.secret_access_key.reveal(secret_access()),
                   .session_token = options_.keys.session_token,
                   .region = options_.keys.region,
                   .service = "s3",
                   .timestamp = clock_.now(),
                   .normalize = false,
                   .sign_body = true,
                   .payload_hash = payload});
  made.headers.emplace_back("Accept-Encoding", "identity");
  made.headers.emplace_back("User-Agent", "signet");
  return {.method = request.method,
          .target = target,
          .headers = std::move(made.headers),
          .body = std::string(body)};
}

std::expected<std::unique_ptr<Exchange>, Fault> Upstream::start(http::ClientRequest request,
                                                                std::uint64_t body_bytes) {
  if (under_way_.fetch_add(1) >= options_.calls_max) {
    under_way_.fetch_sub(1);
    return std::unexpected(Fault{.kind = Fault::Kind::Busy,
                                 .cause = concat("there are ",
                                                 std::to_string(options_.calls_max),
                                                 " calls to ",
                                                 options_.endpoint.authority,
                                                 " under way")});
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<Exchange> exchange(new Exchange(*this, take()));
  const auto begun = exchange->stream_->begin(request, body_bytes);
  if (!begun && !exchange->stream_->is_connected()) {
    return no_answer(begun.error());
  }
  return exchange;  // what could not be sent shows with the answer
}

std::expected<Upstream::Answered, Fault> Upstream::ask(const Request& request,
                                                       std::string_view body) {
  const http::ClientRequest made = signed_request(request, body, {});
  const bool is_repeatable = request.method == "GET" || request.method == "HEAD";
  for (int tries = 0;; ++tries) {
    auto exchange = start(made, body.size());
    if (!exchange) {
      return std::unexpected(std::move(exchange).error());
    }
    auto head = (*exchange)->answer();
    if (head) {
      return Answered{.head = *std::move(head), .exchange = *std::move(exchange)};
    }
    if (!is_repeatable || tries > 0 || (*exchange)->stream_->has_received()) {
      return std::unexpected(std::move(head).error());
    }
  }
}

std::expected<std::unique_ptr<Exchange>, Fault> Upstream::begin(const Request& request,
                                                                std::string_view first,
                                                                std::uint64_t body_bytes,
                                                                std::string_view payload) {
  http::ClientRequest made = signed_request(request, {}, payload);
  made.body = first;
  return start(std::move(made), body_bytes);
}

}  // namespace signet::upstream
