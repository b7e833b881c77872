#include "upstream/endpoint.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::upstream {
namespace {

bool is_host(std::string_view host, bool is_bracketed) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [&](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || (is_bracketed && c == ':');
  });
}

}  // namespace

std::optional<Endpoint> endpoint_of(std::string_view url) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kTls = "https://";
  Endpoint endpoint{.is_tls = url.starts_with(kTls)};
  if (!endpoint.is_tls && !url.starts_with(kPlain)) {
    return std::nullopt;
  }
  url.remove_prefix(endpoint.is_tls ? kTls.size() : kPlain.size());
  if (url.ends_with('/')) {
    url.remove_suffix(1);
  }
  endpoint.authority = url;
  const bool is_bracketed = url.starts_with('[');
  const std::size_t end = is_bracketed ? url.find(']') : url.find(':');
  if (is_bracketed && end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view host = is_bracketed ? url.substr(1, end - 1) : url.substr(0, end);
  url = is_bracketed ? url.substr(end + 1) : url.substr(host.size());
  endpoint.port = endpoint.is_tls ? 443 : 80;
  if (!url.empty()) {
    const auto port = parse_decimal(url.substr(1));
    if (url[0] != ':' || !port || *port < 1 || *port > 65'535) {
      return std::nullopt;
    }
    endpoint.port = static_cast<std::uint16_t>(*port);
  }
  if (!is_host(host, is_bracketed)) {
    return std::nullopt;
  }
  endpoint.host = host;
  return endpoint;
}

}  // namespace signet::upstream
