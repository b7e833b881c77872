#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/instant.h"
#include "base/unique_fd.h"
#include "upstream/endpoint.h"

namespace signet::telemetry {

// Where syslog is: "syslog://HOST[:PORT]", over TCP; the port is 601 unless said (RFC 6587 3.3).
[[nodiscard]] std::optional<upstream::Endpoint> syslog_endpoint(std::string_view url);

// An audit record as a message of RFC 5424, behind its length in octets (RFC 6587 3.4.1): facility
// 13, log audit; severity 6, or 4 of a record with an error; MSGID "audit".
void append_syslog(
    std::string& out, std::string_view record, std::string_view host, int process, Instant now);

// A connection to syslog. It answers nothing: send() waits until the peer's system has everything,
// which the peer may still lose if it ends then. One thread at a time.
class SyslogLink {
 public:
  explicit SyslogLink(upstream::Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  // Empty: the peer's system has all of it. Otherwise what went wrong; some of it may have arrived.
  [[nodiscard]] std::string send(std::string_view messages);

 private:
  [[nodiscard]] std::string connect();
  [[nodiscard]] bool is_open() const;
  // Until nothing is left that the peer has not acknowledged.
  [[nodiscard]] bool await_acknowledged() const;

  upstream::Endpoint endpoint_;
  UniqueFd socket_;
};

}  // namespace signet::telemetry
