#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "http/client_link.h"
#include "upstream/endpoint.h"

namespace signet::telemetry {

// Where syslog is: "syslog://HOST[:PORT]", over TCP; the port is 601 unless said (RFC 6587 3.3). Or
// "syslog+tls://HOST[:PORT]", over TLS; the port is 6514 unless said (RFC 5425 4.1).
[[nodiscard]] std::optional<upstream::Endpoint> syslog_endpoint(std::string_view url);

// Whether a URL is meant to say where syslog is, rightly or not.
[[nodiscard]] bool is_syslog_url(std::string_view url);

// An audit record as a message of RFC 5424, behind its length in octets (RFC 6587 3.4.1, and over
// TLS RFC 5425 4.3): facility 13, log audit; severity 6, or 4 of a record with an error; MSGID
// "audit".
void append_syslog(
    std::string& out, std::string_view record, std::string_view host, int process, Instant now);

// A connection to syslog. It answers nothing: send() waits until the peer's system has everything,
// which the peer may still lose if it ends then. One thread at a time.
class SyslogLink {
 public:
  // `ca_file`: PEM, of the authorities that vouch for a peer over TLS, which must have the name of
  // the endpoint; empty: the system's.
  SyslogLink(const upstream::Endpoint& endpoint, const std::string& ca_file);

  // Empty: the peer's system has all of it. Otherwise what went wrong; some of it may have arrived.
  [[nodiscard]] std::string send(std::string_view messages);

 private:
  // Until nothing is left that the peer has not acknowledged.
  [[nodiscard]] bool await_acknowledged();

  http::ClientLink link_;
};

}  // namespace signet::telemetry
