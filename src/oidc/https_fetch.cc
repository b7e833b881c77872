#include "oidc/https_fetch.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "base/strings.h"
#include "http/client.h"
#include "oidc/address.h"

namespace signet::oidc {
namespace {

using Kind = FetchFault::Kind;
using Addresses = std::expected<std::vector<std::string>, FetchFault>;

constexpr std::size_t kMaxAddresses = 3;  // of a host that are tried

std::unexpected<FetchFault> fault(Kind kind, std::string cause) {
  return std::unexpected(FetchFault{.kind = kind, .cause = std::move(cause)});
}

struct AddressesFreer {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::optional<Address> address_of(const sockaddr& address) {
  Address out{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (address.sa_family == AF_INET) {
    std::memcpy(&out[12], &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
    return out;
  }
  if (address.sa_family == AF_INET6) {
    std::memcpy(out.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
    return out;
  }
  return std::nullopt;
}

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  const bool is_v4 = std::equal(address.begin(), address.begin() + 10, Address{}.begin()) &&
                     address[10] == 0xFF && address[11] == 0xFF;
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? &address[12] : address.data(), text, sizeof text);
  return text;
}

bool is_allowed(const Address& address, const FetchOptions& options) {
  const Reach reach = reach_of(address);
  return reach == Reach::Public || (reach == Reach::Private && options.allows_private);
}

// The addresses of a host that may be asked. What is connected to is what was looked at: the name
// is not looked up again.
Addresses addresses_of(const std::string& host, const FetchOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_UNSPEC;
  addrinfo* raw = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw); error != 0) {
    return fault(Kind::Unreachable,
                 concat("the host ", host, " is not known: ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, AddressesFreer> list(raw);
  std::vector<std::string> allowed;
  std::string refused;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    const std::optional<Address> address = address_of(*one->ai_addr);
    if (address && is_allowed(*address, options)) {
      allowed.push_back(text_of(*address));
    } else if (address) {
      refused = text_of(*address);
    }
  }
  if (allowed.empty()) {
    return fault(Kind::Refused,
                 concat("the host ",
                        host,
                        " has the address ",
                        refused,
                        ", which is not public (--oidc-allow-private, --oidc-connect)"));
  }
  allowed.resize(std::min(allowed.size(), kMaxAddresses));
  return allowed;
}

std::expected<std::string, FetchFault> ask(const FetchOptions& options,
                                           const HttpsUrl& url,
                                           const Endpoint& endpoint,
                                           std::int64_t deadline_ms) {
  http::Client client({.host = endpoint.address,
                       .port = endpoint.port,
                       .timeout_seconds = kFetchSeconds,
                       .deadline_ms = deadline_ms,
                       .max_body_bytes = kMaxDocumentBytes,
                       .is_tls = true,
                       .ca_file = options.ca_file,
                       .tls_name = url.host});
  const std::string host =
      url.port == 443 ? url.host : concat(url.host, ":", std::to_string(url.port));
  auto answer = client.send({.target = url.target,
                             .headers = {{"Host", host},
                                         {"Accept", "application/json"},
                                         {"User-Agent", "signet"},
                                         {"Connection", "close"}}});
  if (!answer) {
    return fault(client.was_certificate_refused() ? Kind::Certificate : Kind::Unreachable,
                 concat("asking ", url.host, " at ", endpoint.address, ": ", answer.error()));
  }
  if (answer->status != 200) {
    const bool may_pass = answer->status >= 500 || answer->status == 429;
    return fault(may_pass ? Kind::Unreachable : Kind::Refused,
                 concat(url.host, url.target, " answered ", std::to_string(answer->status)));
  }
  return std::move(answer->body);
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
  });
}

bool is_target(std::string_view target) {
  return std::ranges::all_of(target,
                             [](char c) { return c > ' ' && c < '\x7f' && c != '#' && c != '\\'; });
}

}  // namespace

std::optional<HttpsUrl> https_url_of(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme)) {
    return std::nullopt;
  }
  text.remove_prefix(kScheme.size());
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view host = text.substr(0, end);
  HttpsUrl url{.host = {}, .port = 443, .target = std::string(text.substr(end))};
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    const std::optional<std::int64_t> port = parse_decimal(host.substr(colon + 1));
    if (!port || *port < 1 || *port > 65'535) {
      return std::nullopt;
    }
    url.port = static_cast<std::uint16_t>(*port);
    host = host.substr(0, colon);
  }
  if (!is_host(host) || !is_target(url.target)) {
    return std::nullopt;
  }
  if (!url.target.starts_with('/')) {
    url.target.insert(0, "/");
  }
  url.host = to_lower(host);
  return url;
}

bool add_endpoint(FetchOptions& options, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::size_t colon = assignment.rfind(':');
  if (equals != std::string_view::npos && colon != std::string_view::npos && colon > equals) {
    const std::string_view host = assignment.substr(0, equals);
    std::string_view address = assignment.substr(equals + 1, colon - equals - 1);
    if (address.starts_with('[') && address.ends_with(']')) {
      address = address.substr(1, address.size() - 2);
    }
    const std::optional<std::int64_t> port = parse_decimal(assignment.substr(colon + 1));
    if (is_host(host) && oidc::address_of(address) && port && *port >= 1 && *port <= 65'535) {
      options.endpoints[to_lower(host)] = {.address = std::string(address),
                                           .port = static_cast<std::uint16_t>(*port)};
      return true;
    }
  }
  return false;
}

std::expected<std::string, FetchFault> https_fetch(const FetchOptions& options,
                                                   std::string_view url_text) {
  const std::optional<HttpsUrl> url = https_url_of(url_text);
  if (!url) {
    return fault(Kind::Refused, concat(url_text, " is no https URL"));
  }
  const std::int64_t deadline_ms = monotonic_ms() + std::int64_t{1000} * kFetchSeconds;
  if (const auto fixed = options.endpoints.find(url->host); fixed != options.endpoints.end()) {
    return ask(options, *url, fixed->second, deadline_ms);
  }
  const Addresses addresses = addresses_of(url->host, options);
  if (!addresses) {
    return std::unexpected(addresses.error());
  }
  std::expected<std::string, FetchFault> answer;
  for (const std::string& address : *addresses) {
    answer = ask(options, *url, {.address = address, .port = url->port}, deadline_ms);
    if (answer || answer.error().kind != Kind::Unreachable || monotonic_ms() >= deadline_ms) {
      break;
    }
  }
  return answer;
}

}  // namespace signet::oidc
