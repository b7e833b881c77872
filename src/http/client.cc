#include "http/client.h"

#include <utility>

#include "base/strings.h"
#include "http/client_stream.h"

namespace signet::http {
namespace {

using Failure = std::unexpected<std::string>;

// The rest of an answer whose head is there.
std::expected<ClientResponse, std::string> read_rest(
    ClientStream& stream, std::expected<ClientResponse, std::string> response, std::size_t max) {
  while (response) {
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
  return response;
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
    auto answer = read_rest(*stream_, stream_->answer(), max_body_bytes_);
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

std::expected<ClientResponse, std::string> Client::stream(const ClientRequest& request,
                                                          const TakePiece& take) {
  stream_->close();
  if (const auto begun = stream_->begin(request, request.body.size()); !begun) {
    return Failure(begun.error());
  }
  auto head = stream_->answer();
  const bool is_endless =
      head && head->status == 200 &&
      equals_ignore_case(head->find("Transfer-Encoding").value_or(""), "chunked");
  if (!is_endless) {
    return read_rest(*stream_, std::move(head), max_body_bytes_);
  }
  while (true) {
    const auto piece = stream_->read_within(kStreamTickMs);
    if (!piece) {
      return Failure(piece.error());
    }
    const bool is_over = *piece && (*piece)->empty();
    if (is_over || !take(piece->value_or(std::string()))) {
      break;
    }
  }
  stream_->close();
  return head;
}

}  // namespace signet::http
