#include "http/client.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <span>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "http/impl/chars.h"
#include "http/impl/tls_client.h"
#include "http/request_parser.h"

namespace signet::http {
namespace {

constexpr std::size_t kHeadMax = 256 * 1024;

using Failure = std::unexpected<std::string>;

std::expected<UniqueFd, std::string> connect_to(const ClientOptions& options) {
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  const std::string where = host + " port " + std::to_string(options.port);
  sockaddr_storage address{};
  socklen_t length = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(options.port);
    length = sizeof *v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(options.port);
    length = sizeof *v6;
  } else {
    return Failure("cannot connect to " + where + ": not an IP address");
  }
  UniqueFd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{.tv_sec = options.timeout_seconds, .tv_usec = 0};
  const int one = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return Failure("cannot connect to " + where + ": " + errno_text(errno));
  }
  return fd;
}

std::string wire_form(const ClientRequest& request, const ClientOptions& options) {
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
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body && !given("Content-Length") && !given("Transfer-Encoding")) {
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  out += "\r\n";
  out += request.body;
  return out;
}

// Where bytes go to and come from.
struct Link {
  int fd;
  TlsClient* tls;  // null: plain

  [[nodiscard]] ssize_t send(std::string_view bytes) const {
    return tls != nullptr ? tls->write(bytes)
                          : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  [[nodiscard]] ssize_t receive(std::span<char> into) const {
    return tls != nullptr ? tls->read(into.data(), into.size())
                          : ::recv(fd, into.data(), into.size(), 0);
  }
};

bool send_all(const Link& link, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = link.send(bytes);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Bytes of one answer as they come.
class Reader {
 public:
  Reader(const Link& link, std::int64_t deadline_ms) : link_(link), deadline_ms_(deadline_ms) {}

  // False at the end of the stream or on an error.
  bool more() {
    char block[16 * 1024];
    if (deadline_ms_ != 0 && monotonic_ms() >= deadline_ms_) {
      is_timed_out_ = true;
      return false;
    }
    is_timed_out_ = false;
    errno = 0;
    const ssize_t got = link_.receive(block);
    if (got <= 0) {
      const bool is_late = deadline_ms_ != 0 && monotonic_ms() >= deadline_ms_;
      is_timed_out_ = is_late || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
      return false;
    }
    bytes_.append(block, static_cast<std::size_t>(got));
    return true;
  }

  // Nothing came in time, but may yet.
  [[nodiscard]] bool is_timed_out() const { return is_timed_out_; }

  [[nodiscard]] std::string& bytes() { return bytes_; }

  [[nodiscard]] std::string why() const {
    if (is_timed_out_) {
      return "no answer in time";
    }
    return bytes_.empty() ? "the server closed the connection without an answer"
                          : "the server closed the connection inside an answer";
  }

 private:
  Link link_;
  std::int64_t deadline_ms_;
  bool is_timed_out_ = false;
  std::string bytes_;
};

// Reads the status line and the fields off the front of `head`.
std::expected<ClientResponse, std::string> parse_head(std::string_view head) {
  ClientResponse response;
  if (!head.starts_with("HTTP/1.") || head.size() < 12) {
    return Failure("the answer is not HTTP/1.1");
  }
  const auto status = parse_decimal(head.substr(9, 3));
  if (!status || head[8] != ' ') {
    return Failure("the status line of the answer is malformed");
  }
  response.status = static_cast<int>(*status);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return Failure("a header field of the answer is malformed");
    }
    response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    head.remove_prefix(end + 2);
  }
  return response;
}

std::expected<void, std::string> read_chunked(Reader& reader, std::size_t max, std::string& body) {
  const Limits limits;
  ChunkDecoder decoder(limits);
  while (true) {
    std::string_view input = reader.bytes();
    std::string_view piece;
    ChunkDecoder::Step step{};
    while ((step = decoder.next(input, piece)) == ChunkDecoder::Step::Data) {
      body += piece;
    }
    if (step == ChunkDecoder::Step::End) {
      reader.bytes().erase(0, reader.bytes().size() - input.size());
      return {};
    }
    if (step == ChunkDecoder::Step::Refused || body.size() > max) {
      return Failure("the body of the answer is malformed or too long");
    }
    reader.bytes().clear();
    if (!reader.more()) {
      return Failure(reader.why());
    }
  }
}

std::expected<void, std::string> read_counted(Reader& reader,
                                              std::size_t length,
                                              std::string& body) {
  while (reader.bytes().size() < length) {
    if (!reader.more()) {
      return Failure(reader.why());
    }
  }
  body = reader.bytes().substr(0, length);
  reader.bytes().erase(0, length);
  return {};
}

struct Answer {
  ClientResponse response;
  bool keeps_open = false;
};

std::expected<void, std::string> read_body(Reader& reader,
                                           std::string_view method,
                                           std::size_t max,
                                           Answer& answer) {
  ClientResponse& response = answer.response;
  const int status = response.status;
  answer.keeps_open = !equals_ignore_case(response.find("Connection").value_or(""), "close");
  if (method == "HEAD" || status == 204 || status == 304) {
    return {};
  }
  if (equals_ignore_case(response.find("Transfer-Encoding").value_or(""), "chunked")) {
    return read_chunked(reader, max, response.body);
  }
  if (const auto length = response.find("Content-Length")) {
    const auto bytes = parse_decimal(*length);
    if (!bytes || static_cast<std::size_t>(*bytes) > max) {
      return Failure("the body of the answer is malformed or too long");
    }
    return read_counted(reader, static_cast<std::size_t>(*bytes), response.body);
  }
  answer.keeps_open = false;
  while (reader.more()) {
    if (reader.bytes().size() > max) {
      return Failure("the body of the answer is too long");
    }
  }
  response.body = std::move(reader.bytes());
  return {};
}

// The head of the answer; interim ones are passed over. What follows it stays in the reader.
std::expected<ClientResponse, std::string> read_head(Reader& reader) {
  while (true) {
    std::size_t end = 0;
    while ((end = reader.bytes().find("\r\n\r\n")) == std::string::npos) {
      if (reader.bytes().size() > kHeadMax) {
        return Failure("the header of the answer is too long");
      }
      if (!reader.more()) {
        return Failure(reader.why());
      }
    }
    auto head = parse_head(std::string_view(reader.bytes()).substr(0, end + 2));
    if (!head) {
      return Failure(head.error());
    }
    reader.bytes().erase(0, end + 4);
    if (head->status < 100 || head->status >= 200) {
      return std::move(*head);
    }
  }
}

std::expected<Answer, std::string> read_answer(Reader& reader,
                                               std::string_view method,
                                               std::size_t max) {
  auto head = read_head(reader);
  if (!head) {
    return Failure(head.error());
  }
  Answer answer{.response = std::move(*head)};
  if (auto body = read_body(reader, method, max, answer); !body) {
    return Failure(body.error());
  }
  return answer;
}

void set_receive_timeout(int fd, int milliseconds) {
  const timeval timeout{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

// Hands on the pieces of a chunked body until it or the taker ends.
std::expected<void, std::string> stream_chunked(Reader& reader, const Client::TakePiece& take) {
  const Limits limits;
  ChunkDecoder decoder(limits);
  while (true) {
    std::string_view input = reader.bytes();
    std::string_view piece;
    ChunkDecoder::Step step{};
    while ((step = decoder.next(input, piece)) == ChunkDecoder::Step::Data) {
      if (!take(piece)) {
        return {};
      }
    }
    if (step == ChunkDecoder::Step::End) {
      return {};
    }
    if (step == ChunkDecoder::Step::Refused) {
      return Failure("the body of the answer is malformed");
    }
    reader.bytes().clear();
    while (!reader.more()) {
      if (!reader.is_timed_out()) {
        return Failure(reader.why());
      }
      if (!take({})) {
        return {};
      }
    }
  }
}

// A kept connection on which something waits to be read, be it the end, is of no use for the next
// request.
bool is_stale(int fd) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) != 0;
}

}  // namespace

std::optional<std::string_view> ClientResponse::find(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignore_case(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

Client::Client(ClientOptions options) : options_(std::move(options)) {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

std::expected<void, std::string> Client::connect() {
  tls_.reset();
  was_certificate_refused_ = false;
  auto connected = connect_to(options_);
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
      return Failure(tls.error().text);
    }
    tls_ = std::move(*tls);
  }
  return {};
}

std::expected<ClientResponse, std::string> Client::send(const ClientRequest& request) {
  const std::string wire = wire_form(request, options_);
  bool is_kept = socket_.valid() && !is_stale(socket_.get());
  while (true) {
    if (!is_kept) {
      if (const auto connected = connect(); !connected) {
        return Failure(connected.error());
      }
    }
    const Link link{.fd = socket_.get(), .tls = tls_.get()};
    const bool was_sent = send_all(link, wire);
    Reader reader(link, options_.deadline_ms);
    auto answer = read_answer(reader, request.method, options_.max_body_bytes);
    if (answer) {
      if (!answer->keeps_open || !was_sent || !reader.bytes().empty()) {
        tls_.reset();
        socket_.reset();
      }
      return std::move(answer->response);
    }
    tls_.reset();
    socket_.reset();
    // The server may close an idle connection at the very moment of sending; only an idempotent
    // request is repeated.
    const bool is_repeatable = request.method == "GET" || request.method == "HEAD";
    if (!is_kept || !is_repeatable || !reader.bytes().empty()) {
      return Failure(answer.error());
    }
    is_kept = false;
  }
}

std::expected<ClientResponse, std::string> Client::stream(const ClientRequest& request,
                                                          const TakePiece& take) {
  if (const auto connected = connect(); !connected) {
    return Failure(connected.error());
  }
  const Link link{.fd = socket_.get(), .tls = tls_.get()};
  if (!send_all(link, wire_form(request, options_))) {
    return Failure("the server closed the connection while it was asked");
  }
  Reader reader(link, options_.deadline_ms);
  auto head = read_head(reader);
  if (!head) {
    return Failure(head.error());
  }
  const bool is_chunked =
      equals_ignore_case(head->find("Transfer-Encoding").value_or(""), "chunked");
  if (head->status != 200 || !is_chunked) {
    Answer answer{.response = std::move(*head)};
    if (auto body = read_body(reader, request.method, options_.max_body_bytes, answer); !body) {
      return Failure(body.error());
    }
    return std::move(answer.response);
  }
  set_receive_timeout(socket_.get(), kStreamTickMs);
  const auto streamed = stream_chunked(reader, take);
  tls_.reset();
  socket_.reset();
  if (!streamed) {
    return Failure(streamed.error());
  }
  return std::move(*head);
}

}  // namespace signet::http
