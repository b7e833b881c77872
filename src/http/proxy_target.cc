#include "http/proxy_target.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace signet::http {
namespace {

constexpr std::size_t kLongestHost = 255;

// The characters of names and addresses.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kLongestHost && std::ranges::all_of(host, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

// HOST, HOST:PORT or [ADDRESS]:PORT
bool read_authority(std::string_view text, std::uint16_t usual_port, ProxyTarget& target) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return false;
    }
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  target.port = usual_port;
  if (!port.empty()) {
    const auto number = parse_decimal(port.substr(1));
    if (port.front() != ':' || !number || *number < 1 || *number > 65535) {
      return false;
    }
    target.port = static_cast<std::uint16_t>(*number);
  }
  target.host = to_lower(host);
  return is_host(host);
}

// The fields of a head but those about the client's own connection, and the blank line.
std::string fields_of(std::string_view head) {
  std::string out;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos || end == 0) {
      break;
    }
    const std::string_view line = head.substr(0, end);
    const std::string_view name = line.substr(0, line.find(':'));
    const bool is_own = equals_ignore_case(name, "Connection") ||
                        equals_ignore_case(name, "Proxy-Connection") ||
                        equals_ignore_case(name, "Proxy-Authorization");
    if (!is_own) {
      out += concat(line, "\r\n");
    }
    head.remove_prefix(end + 2);
  }
  return out + "Connection: close\r\n\r\n";
}

}  // namespace

std::optional<ProxyTarget> read_proxy_target(std::string_view head) {
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (end == std::string_view::npos || first == std::string_view::npos || first == last ||
      !line.substr(last + 1).starts_with("HTTP/1.")) {
    return std::nullopt;
  }
  const std::string_view method = line.substr(0, first);
  std::string_view form = line.substr(first + 1, last - first - 1);
  ProxyTarget target;
  if (method == "CONNECT") {
    target.is_tunnel = true;
    constexpr std::uint16_t kTls = 443;
    return read_authority(form, kTls, target) ? std::optional(std::move(target)) : std::nullopt;
  }
  constexpr std::string_view kScheme = "http://";
  if (form.size() < kScheme.size() ||
      !equals_ignore_case(form.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  form.remove_prefix(kScheme.size());
  const std::size_t path = std::min(form.find_first_of("/?"), form.size());
  constexpr std::uint16_t kPlain = 80;
  if (!read_authority(form.substr(0, path), kPlain, target)) {
    return std::nullopt;
  }
  const std::string_view rest = form.substr(path);
  target.origin_head = concat(method,
                              " ",
                              rest.starts_with('/') ? "" : "/",
                              rest,
                              line.substr(last),
                              "\r\n",
                              fields_of(head.substr(end + 2)));
  return target;
}

}  // namespace signet::http
