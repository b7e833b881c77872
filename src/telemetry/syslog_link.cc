#include "telemetry/syslog_link.h"

#include <cerrno>
#include <utility>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/time.h"
#include "http/tcp_connect.h"

namespace signet::telemetry {
namespace {

constexpr std::uint16_t kPort = 601;
constexpr int kTimeoutMs = 10'000;
constexpr int kLookMs = 10;
constexpr int kFacility = 13;  // log audit
constexpr int kWarning = 4;
constexpr int kInformational = 6;

}  // namespace

std::optional<upstream::Endpoint> syslog_endpoint(std::string_view url) {
  constexpr std::string_view kScheme = "syslog://";
  if (!url.starts_with(kScheme)) {
    return std::nullopt;
  }
  const std::string_view rest = url.substr(kScheme.size());
  auto endpoint = upstream::endpoint_of(concat("http://", rest));
  const bool has_port = rest.rfind(':') != std::string_view::npos && !rest.ends_with(']');
  if (endpoint && !has_port) {
    endpoint->port = kPort;
  }
  return endpoint;
}

void append_syslog(
    std::string& out, std::string_view record, std::string_view host, int process, Instant now) {
  const auto json = codec::Json::parse(record);
  const std::string_view time = json ? json->string_at("eventTime") : std::string_view();
  const bool is_refused = json && !json->string_at("errorCode").empty();
  const std::string head =
      concat("<",
             std::to_string(kFacility * 8 + (is_refused ? kWarning : kInformational)),
             ">1 ",
             codec::format_iso8601_ms(codec::parse_iso8601(time).value_or(now)),
             " ",
             host.empty() ? std::string_view("-") : host,
             " signet ",
             std::to_string(process),
             " audit - ");
  out += concat(std::to_string(head.size() + record.size()), " ", head, record);
}

// The peer says nothing, so that whatever can be read is the end.
bool SyslogLink::is_open() const {
  if (!socket_.valid()) {
    return false;
  }
  pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) == 0;
}

std::string SyslogLink::connect() {
  socket_.reset();
  auto connected = http::connect_tcp({.host = endpoint_.host,
                                      .port = endpoint_.port,
                                      .timeout_seconds = kTimeoutMs / 1000,
                                      .resolves_names = true});
  if (!connected) {
    return std::move(connected).error();
  }
  socket_ = *std::move(connected);
  const unsigned int unacknowledged_ms = kTimeoutMs;
  ::setsockopt(
      socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
  return {};
}

std::string SyslogLink::send(std::string_view messages) {
  if (!is_open()) {
    if (std::string failed = connect(); !failed.empty()) {
      return failed;
    }
  }
  while (!messages.empty()) {
    const ssize_t sent = ::send(socket_.get(), messages.data(), messages.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      const int failed = errno;
      socket_.reset();
      return concat("the connection broke: ", errno_text(failed));
    }
    messages.remove_prefix(static_cast<std::size_t>(sent));
  }
  if (!await_acknowledged()) {
    socket_.reset();
    return "the peer does not take what is sent";
  }
  return {};
}

bool SyslogLink::await_acknowledged() const {
  const std::int64_t deadline_ms = monotonic_ms() + kTimeoutMs;
  while (is_open()) {
    int left = 0;
    if (::ioctl(socket_.get(), SIOCOUTQ, &left) != 0 || monotonic_ms() > deadline_ms) {
      return false;
    }
    if (left == 0) {
      return is_open();
    }
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, kLookMs);
  }
  return false;
}

}  // namespace signet::telemetry
