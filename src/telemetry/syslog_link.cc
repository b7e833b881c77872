#include "telemetry/syslog_link.h"

#include <utility>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/time.h"

namespace signet::telemetry {
namespace {

constexpr std::string_view kPlainScheme = "syslog://";
constexpr std::string_view kTlsScheme = "syslog+tls://";
constexpr std::uint16_t kPlainPort = 601;
constexpr std::uint16_t kTlsPort = 6514;
constexpr int kTimeoutMs = 10'000;
constexpr int kLookMs = 10;
constexpr int kFacility = 13;  // log audit
constexpr int kWarning = 4;
constexpr int kInformational = 6;

}  // namespace

std::optional<upstream::Endpoint> syslog_endpoint(std::string_view url) {
  const bool is_tls = url.starts_with(kTlsScheme);
  if (!is_tls && !url.starts_with(kPlainScheme)) {
    return std::nullopt;
  }
  const std::string_view rest = url.substr((is_tls ? kTlsScheme : kPlainScheme).size());
  auto endpoint = upstream::endpoint_of(concat(is_tls ? "https://" : "http://", rest));
  const bool has_port = rest.rfind(':') != std::string_view::npos && !rest.ends_with(']');
  if (endpoint && !has_port) {
    endpoint->port = is_tls ? kTlsPort : kPlainPort;
  }
  return endpoint;
}

bool is_syslog_url(std::string_view url) {
  return url.starts_with(kPlainScheme) || url.starts_with(kTlsScheme);
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

SyslogLink::SyslogLink(const upstream::Endpoint& endpoint, const std::string& ca_file)
    : link_({.host = endpoint.host,
             .port = endpoint.port,
             .timeout_seconds = kTimeoutMs / 1000,
             .is_tls = endpoint.is_tls,
             .ca_file = ca_file,
             .resolves_names = true}) {}

std::string SyslogLink::send(std::string_view messages) {
  if (!link_.is_open()) {
    if (auto connected = link_.connect(); !connected) {
      return std::move(connected).error();
    }
    const unsigned int unacknowledged_ms = kTimeoutMs;
    ::setsockopt(link_.socket(),
                 IPPROTO_TCP,
                 TCP_USER_TIMEOUT,
                 &unacknowledged_ms,
                 sizeof unacknowledged_ms);
  }
  if (!link_.send(messages)) {
    link_.close();
    return "the connection broke";
  }
  if (!await_acknowledged()) {
    link_.close();
    return "the peer does not take what is sent";
  }
  return {};
}

bool SyslogLink::await_acknowledged() {
  const std::int64_t deadline_ms = monotonic_ms() + kTimeoutMs;
  while (link_.is_open()) {
    int left = 0;
    if (::ioctl(link_.socket(), SIOCOUTQ, &left) != 0 || monotonic_ms() > deadline_ms) {
      return false;
    }
    if (left == 0) {
      return link_.is_open();
    }
    pollfd wait{.fd = link_.socket(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, kLookMs);
  }
  return false;
}

}  // namespace signet::telemetry
