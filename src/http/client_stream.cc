#include "http/client_stream.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/strings.h"
#include "http/impl/answer_head.h"
#include "http/impl/tls_client.h"
#include "http/limits.h"
#include "http/request_parser.h"
#include "http/tcp_connect.h"

namespace signet::http {
namespace {

constexpr std::size_t kHeadMax = 256 * 1024;
// Read at once from the socket.
constexpr std::size_t kBlock = 64UL * 1024;

using Failure = std::unexpected<std::string>;

const Limits kLimits;  // of chunked answers

std::string wire_form(const ClientRequest& request,
                      const ClientOptions& options,
                      std::uint64_t body_bytes) {
  const auto given = [&request](std::string_view name) {
    return std::any_of(request.headers.begin(), request.headers.end(), [name](const auto& header) {
      return equals_ignore_case(header.first, name);
    });
  };
  std::string out = concat(request.method, " ", request.target, " HTTP/1.1\r\n");
  if (!given("Host")) {
    const bool is_v6 = options.host.find(':') != std::string::npos;
    out += concat("Host: ", is_v6 ? "[" : "", options.host, is_v6 ? "]:" : ":");
    out += std::to_string(options.port) + "\r\n";
  }
  for (const auto& [name, value] : request.headers) {
    out += concat(name, ": ", value, "\r\n");
  }
  const bool has_body = body_bytes > 0 || request.method == "POST" || request.method == "PUT";
  if (has_body && !given("Content-Length") && !given("Transfer-Encoding")) {
    out += concat("Content-Length: ", std::to_string(body_bytes), "\r\n");
  }
  out += "\r\n";
  out += request.body;
  return out;
}

}  // namespace

ClientStream::ClientStream(ClientOptions options) : options_(std::move(options)) {}

ClientStream::ClientStream(ClientStream&&) noexcept = default;
ClientStream& ClientStream::operator=(ClientStream&&) noexcept = default;
ClientStream::~ClientStream() = default;

void ClientStream::close() {
  tls_.reset();
  socket_.reset();
  input_.clear();
  is_done_ = true;
}

// Something to be read on a connection that waits, be it the end, makes it of no use.
bool ClientStream::is_kept() const {
  if (!socket_.valid() || !is_done_ || unsent_ != 0 || !input_.empty()) {
    return false;
  }
  pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) == 0;
}

std::expected<void, std::string> ClientStream::connect() {
  close();
  was_certificate_refused_ = false;
  auto connected = connect_tcp({.host = options_.host,
                                .port = options_.port,
                                .timeout_seconds = options_.timeout_seconds,
                                .resolves_names = options_.resolves_names});
  if (!connected) {
    return Failure(connected.error());
  }
  socket_ = std::move(*connected);
  if (options_.is_tls) {
    const std::string& name = options_.tls_name.empty() ? options_.host : options_.tls_name;
    auto tls = TlsClient::connect(socket_.get(),
                                  {.name = name,
                                   .ca_file = options_.ca_file,
                                   .certificate_file = options_.certificate_file,
                                   .key_file = options_.key_file,
                                   .deadline_ms = options_.deadline_ms});
    if (!tls) {
      was_certificate_refused_ = tls.error().is_certificate;
      close();
      return Failure(tls.error().text);
    }
    tls_ = std::move(*tls);
  }
  return {};
}

bool ClientStream::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        tls_ ? tls_->write(bytes) : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ClientStream::receive_more() {
  const auto is_late = [this] {
    return options_.deadline_ms != 0 && monotonic_ms() >= options_.deadline_ms;
  };
  if (!socket_.valid() || is_late()) {
    is_timed_out_ = socket_.valid();
    return false;
  }
  const std::size_t before = input_.size();
  ssize_t got = 0;
  is_timed_out_ = false;
  errno = 0;
  input_.resize_and_overwrite(before + kBlock, [&](char* bytes, std::size_t /*size*/) {
    got = tls_ ? tls_->read(bytes + before, kBlock)
               : ::recv(socket_.get(), bytes + before, kBlock, 0);
    return before + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  });
  if (got <= 0) {
    is_timed_out_ = is_late() || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    return false;
  }
  has_received_ = true;
  return true;
}

std::string ClientStream::why() {
  const bool is_timed_out = is_timed_out_;
  close();
  if (is_timed_out) {
    return "no answer in time";
  }
  return has_received_ ? "the server closed the connection inside an answer"
                       : "the server closed the connection without an answer";
}

std::expected<void, std::string> ClientStream::begin(const ClientRequest& request,
                                                     std::uint64_t body_bytes) {
  if (!is_kept()) {
    if (auto connected = connect(); !connected) {
      return connected;
    }
  }
  is_done_ = false;
  has_received_ = false;
  is_timed_out_ = false;
  head_.reset();
  chunks_.reset();
  head_method_ = request.method;
  unsent_ = body_bytes - request.body.size();
  return send_all(wire_form(request, options_, body_bytes))
             ? std::expected<void, std::string>()
             : Failure("the server closed the connection while the request was sent");
}

std::expected<void, std::string> ClientStream::write(std::string_view piece) {
  if (!socket_.valid() || piece.size() > unsent_ || !send_all(piece)) {
    return Failure("the server closed the connection while the request was sent");
  }
  unsent_ -= piece.size();
  return {};
}

std::expected<ClientResponse, std::string> ClientStream::answer() {
  while (true) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (input_.size() > kHeadMax) {
        close();
        return Failure("the header of the answer is too long");
      }
      if (!receive_more()) {
        return Failure(why());
      }
    }
    auto head = parse_answer_head(std::string_view(input_).substr(0, end + 2), head_method_);
    if (!head) {
      close();
      return Failure(head.error());
    }
    input_.erase(0, end + 4);
    if (head->response.status < 200) {
      continue;  // an interim answer
    }
    head_ = std::make_unique<AnswerHead>(std::move(*head));
    unread_ = head_->length;
    if (head_->end == BodyEnd::Chunked) {
      chunks_ = std::make_unique<ChunkDecoder>(kLimits);
    }
    if (head_->end == BodyEnd::None || (head_->end == BodyEnd::Counted && unread_ == 0)) {
      finish();
    }
    return head_->response;
  }
}

// The connection is kept if nothing is open on it.
void ClientStream::finish() {
  is_done_ = true;
  if (!head_->keeps_open || unsent_ != 0 || !input_.empty()) {
    close();
  }
}

std::optional<std::uint64_t> ClientStream::body_length() const {
  return head_ != nullptr && head_->end == BodyEnd::Counted ? std::optional(head_->length)
                                                            : std::nullopt;
}

std::expected<std::string, std::string> ClientStream::read() {
  if (is_done_ || head_ == nullptr) {
    return std::string();
  }
  return head_->end == BodyEnd::Chunked ? read_chunk() : read_some();
}

std::expected<std::optional<std::string>, std::string> ClientStream::read_within(int milliseconds) {
  const timeval timeout{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000L};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  while (!is_done_ && chunks_) {
    std::string_view rest = input_;
    std::string_view piece;
    const ChunkDecoder::Step step = chunks_->next(rest, piece);
    std::string out(piece);
    input_.erase(0, input_.size() - rest.size());
    if (step == ChunkDecoder::Step::Data && !out.empty()) {
      return out;
    }
    if (step == ChunkDecoder::Step::End) {
      finish();
    }
    if (step == ChunkDecoder::Step::Refused) {
      close();
      return Failure("the body of the answer is malformed");
    }
    if (step == ChunkDecoder::Step::NeedMore && !receive_more()) {
      if (is_timed_out_) {
        return std::nullopt;
      }
      return Failure(why());
    }
  }
  return std::string();
}

std::expected<std::string, std::string> ClientStream::read_some() {
  const bool is_counted = head_->end == BodyEnd::Counted;
  if (is_counted && unread_ == 0) {
    finish();
    return std::string();
  }
  while (input_.size() < kPieceBytes && (!is_counted || input_.size() < unread_)) {
    if (!receive_more()) {
      if (is_counted || is_timed_out_) {
        return Failure(why());
      }
      break;  // the end of a body that ends with the connection
    }
  }
  std::size_t size = std::min(input_.size(), kPieceBytes);
  if (is_counted) {
    size = std::min<std::uint64_t>(size, unread_);
    unread_ -= size;
  }
  std::string piece = input_.substr(0, size);
  input_.erase(0, size);
  if (is_counted ? unread_ == 0 : piece.empty()) {
    finish();
  }
  return piece;
}

std::expected<std::string, std::string> ClientStream::read_chunk() {
  std::string out;
  while (out.size() < kPieceBytes) {
    std::string_view rest = input_;
    std::string_view piece;
    ChunkDecoder::Step step = ChunkDecoder::Step::NeedMore;
    while (out.size() < kPieceBytes &&
           (step = chunks_->next(rest, piece)) == ChunkDecoder::Step::Data) {
      out += piece;
    }
    input_.erase(0, input_.size() - rest.size());
    if (step == ChunkDecoder::Step::End) {
      finish();
      return out;
    }
    if (step == ChunkDecoder::Step::Refused) {
      close();
      return Failure("the body of the answer is malformed");
    }
    if (step == ChunkDecoder::Step::NeedMore && !receive_more()) {
      return Failure(why());
    }
  }
  return out;
}

}  // namespace signet::http
