#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace signet::oidc {

// Where a host is really asked: an address and a port.
struct Endpoint {
  std::string address;
  std::uint16_t port = 443;
};

// How issuers are reached. The defaults reach public addresses, and trust the system's certificate
// authorities.
struct FetchOptions {
  std::string ca_file;          // PEM; empty: the system's authorities
  bool allows_private = false;  // also addresses of this machine and of private networks
  // Hosts that are asked elsewhere than their names lead, wherever that is.
  std::map<std::string, Endpoint, std::less<>> endpoints;
};

// Takes "HOST=ADDRESS:PORT" into the endpoints; false for any other text.
[[nodiscard]] bool add_endpoint(FetchOptions& options, std::string_view assignment);

// Why a document could not be had.
struct FetchFault {
  enum class Kind : std::uint8_t {
    Unreachable,  // no answer, too slow, or the server itself has trouble: another time it may work
    Certificate,  // the server's certificate is not accepted
    Refused,      // nothing that waiting changes
  };
  Kind kind = Kind::Refused;
  std::string cause;  // for the operator
};

// Longest document, and longest time for all of it.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{512} * 1024;
inline constexpr int kFetchSeconds = 5;

// An https URL taken apart; nothing for another scheme, a user, a fragment, a host that is none, or
// a character that does not belong there.
struct HttpsUrl {
  std::string host;  // lower case
  std::uint16_t port = 443;
  std::string target;  // path and query
};

[[nodiscard]] std::optional<HttpsUrl> https_url_of(std::string_view text);

// Gets a document over TLS, blocking for kFetchSeconds at most besides the look-up of the name.
// Redirects are not followed. Thread-safe.
[[nodiscard]] std::expected<std::string, FetchFault> https_fetch(const FetchOptions& options,
                                                                 std::string_view url);

}  // namespace signet::oidc
