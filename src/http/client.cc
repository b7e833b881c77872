#include "http/client.h"

#include <utility>

#include "http/client_stream.h"

namespace signet::http {
namespace {

using Failure = std::unexpected<std::string>;

std::expected<ClientResponse, std::string> read_answer(ClientStream& stream, std::size_t max) {
  auto response = stream.answer();
  if (!response) {
    return response;
  }
  while (true) {
    auto piece = stream.read();
    if (!piece) {
      return Failure(piece.error());
    }
    if (piece->empty()) {
      return response;
    }
    response->body += *piece;
    if (response->body.size() > max) {
      stream.close();
      return Failure("the body of the answer is too long");
    }
  }
}

}  // namespace

Client::Client(ClientOptions options)
    : max_body_bytes_(options.max_body_bytes),
      stream_(std::make_unique<ClientStream>(std::move(options))) {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

bool Client::was_certificate_refused() const {
  return stream_->was_certificate_refused();
}

std::expected<ClientResponse, std::string> Client::send(const ClientRequest& request) {
  while (true) {
    const bool was_kept = stream_->is_kept();
    const auto begun = stream_->begin(request, request.body.size());
    if (!begun && !stream_->is_connected()) {
      return Failure(begun.error());
    }
    // A server that refuses a body may have closed before it was sent, and answered all the same.
    auto answer = read_answer(*stream_, max_body_bytes_);
    if (answer) {
      return answer;
    }
    // The server may close an idle connection at the very moment of sending; only an idempotent
    // request is repeated.
    const bool is_repeatable = request.method == "GET" || request.method == "HEAD";
    if (!was_kept || !is_repeatable || stream_->has_received()) {
      return Failure(answer.error());
    }
  }
}

}  // namespace signet::http
