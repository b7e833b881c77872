#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "http/body_source.h"

namespace signet::http {

// One header field as it stood on the wire; surrounding white space of the value removed.
struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// Everything before the body of one request. All views point into the connection's buffer and stay
// valid until the request is answered (see Exchange). Nothing is decoded: a signature covers the
// raw bytes.
struct RequestHead {
  std::string_view method;
  // Origin form, percent-encoding untouched: `/path?query`, or `*`. An absolute-form target is
  // reduced to it.
  std::string_view target;
  // Value of the Host header, or the authority of an absolute-form target. Empty only for HTTP/1.0.
  std::string_view host;
  std::span<const HeaderView> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  // The client asked for, or its version implies, closing after this answer.
  bool wants_close = false;
  // 0 or 1: HTTP/1.0 or HTTP/1.1.
  int minor_version = 1;

  // Textual address of the client: the peer, or whom a trusted proxy names (trusted_proxies.h). An
  // IPv4-mapped IPv6 address is given as IPv4.
  std::string_view remote_address;
  std::uint16_t remote_port = 0;  // of the peer
  // Whether the client's connection is encrypted: to here, or to a trusted proxy that says so.
  bool tls = false;
  // 1.2 or 1.3 where TLS ends here and the peer is the client; empty otherwise.
  std::string_view tls_version;
  // Whether a trusted proxy spoke for the client.
  bool is_forwarded = false;
  // Index into ServerOptions::listeners, so that an admin listener can be told apart.
  int listener = 0;
  // Index of the event loop that serves this connection, for per-loop caches.
  int loop = 0;

  // First field of that name, ignoring case; nothing if absent.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;

  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }

  // Without the question mark; empty if there is none.
  [[nodiscard]] std::string_view query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  }
};

// Header fields of an answer, kept in wire form in one string. Control bytes can never split an
// answer: in values they become spaces, in names dashes.
class ResponseHeaders {
 public:
  void add(std::string_view name, std::string_view value);

  [[nodiscard]] std::string_view wire() const { return wire_; }

  // First value of that name, ignoring case; nothing if absent.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::string wire_;
};

// A part of an open file, sent as the body without passing through user space.
struct FileRange {
  UniqueFd fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// One answer. Date, Server, Content-Length and Connection are added by the connection and must not
// be given.
struct Response {
  int status = 200;
  ResponseHeaders headers;
  std::string body;
  // Used instead of `body` when present.
  std::optional<FileRange> file;
  // What follows `body`, up to content_length bytes in all. Not together with a file.
  std::unique_ptr<BodySource> source;
  // For an answer to HEAD made without the body at hand, and for one with a source.
  std::optional<std::uint64_t> content_length;
  bool close = false;
};

// "Not Found" for 404; "Unknown" for a status that has no registered phrase.
[[nodiscard]] std::string_view reason_phrase(int status);

// The IANA-registered form of an address: strips the ::ffff: of an IPv4-mapped one, leaves others
// alone.
[[nodiscard]] std::string_view unmapped_address(std::string_view address);

}  // namespace signet::http
