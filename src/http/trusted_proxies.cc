#include "http/trusted_proxies.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/strings.h"
#include "http/impl/chars.h"

namespace signet::http {
namespace {

constexpr AddressBytes kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
constexpr std::size_t kMappedBytes = 12;
constexpr int kMappedBits = 96;
constexpr int kAllBits = 128;

std::optional<AddressBytes> parse_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::memcpy(terminated, text.data(), text.size());
  AddressBytes bytes = kMappedPrefix;
  const bool is_address = ::inet_pton(AF_INET, terminated, bytes.data() + kMappedBytes) == 1 ||
                          ::inet_pton(AF_INET6, terminated, bytes.data()) == 1;
  return is_address ? std::optional(bytes) : std::nullopt;
}

bool is_mapped(const AddressBytes& address) {
  return std::equal(address.begin(), address.begin() + kMappedBytes, kMappedPrefix.begin());
}

std::string format_address(const AddressBytes& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_mapped(address)) {
    ::inet_ntop(AF_INET, address.data() + kMappedBytes, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

bool is_port(std::string_view text) {
  const std::optional<std::int64_t> port = parse_decimal(text);
  return port && *port <= 65535;
}

// An address with or without a port; an IPv6 address with a port stands in brackets.
std::optional<AddressBytes> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view port = text.substr(end + 1);
    if (!port.empty() && !(port.front() == ':' && is_port(port.substr(1)))) {
      return std::nullopt;
    }
    const std::string_view inside = text.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : parse_address(inside);
  }
  const std::size_t colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
  if (has_port && !is_port(text.substr(colon + 1))) {
    return std::nullopt;
  }
  return parse_address(has_port ? text.substr(0, colon) : text);
}

enum class Scheme : std::uint8_t { Unsaid, Http, Https };

std::optional<Scheme> parse_scheme(std::string_view text) {
  if (equals_ignore_case(text, "https")) {
    return Scheme::Https;
  }
  return equals_ignore_case(text, "http") ? std::optional(Scheme::Http) : std::nullopt;
}

// What one family of headers says.
struct Statement {
  std::optional<AddressBytes> client;
  Scheme scheme = Scheme::Unsaid;
};

// Calls `take` with each element of a list header, the right-most first, until it answers false.
template <class Take>
void for_each_from_right(std::span<const HeaderView> headers, std::string_view name, Take take) {
  for (std::size_t i = headers.size(); i > 0; --i) {
    if (!equals_ignore_case(headers[i - 1].name, name)) {
      continue;
    }
    std::string_view rest = headers[i - 1].value;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
      const std::string_view element = trimmed(rest.substr(begin));
      // Empty elements mean nothing (RFC 9110 5.6.1).
      if (!element.empty() && !take(element)) {
        return;
      }
      if (comma == std::string_view::npos) {
        break;
      }
      rest = rest.substr(0, comma);
    }
  }
}

// X-Forwarded-For and X-Forwarded-Proto. Nothing: unreadable.
std::optional<Statement> read_customary(const TrustedProxies& proxies,
                                        std::span<const HeaderView> headers) {
  Statement said;
  bool is_readable = true;
  for_each_from_right(headers, "x-forwarded-for", [&](std::string_view element) {
    const auto address = parse_node(element);
    is_readable = address.has_value();
    said.client = address;
    return is_readable && proxies.contains(*address);
  });
  for_each_from_right(headers, "x-forwarded-proto", [&](std::string_view element) {
    const auto scheme = parse_scheme(element);
    is_readable = is_readable && scheme.has_value();
    if (is_readable && said.scheme != Scheme::Http) {
      said.scheme = *scheme;
    }
    return is_readable;
  });
  return is_readable ? std::optional(said) : std::nullopt;
}

// One element of Forwarded: what one proxy saw.
struct Hop {
  std::optional<std::string> node;
  Scheme scheme = Scheme::Unsaid;
};

// Reads Forwarded from left to right, which quoted strings demand.
class ForwardedReader {
 public:
  explicit ForwardedReader(std::string_view text) : rest_(text) {}

  // Nothing: malformed (RFC 7239 4).
  std::optional<std::vector<Hop>> read() {
    std::vector<Hop> hops;
    while (true) {
      Hop hop;
      bool is_empty = true;
      do {
        skip_blanks();
        if (rest_.empty() || rest_.front() == ',' || rest_.front() == ';') {
          continue;  // an empty pair
        }
        is_empty = false;
        if (!read_pair(hop)) {
          return std::nullopt;
        }
        skip_blanks();
      } while (skip(';'));
      if (!is_empty) {
        hops.push_back(std::move(hop));
      }
      if (rest_.empty()) {
        return hops;
      }
      if (!skip(',')) {
        return std::nullopt;
      }
    }
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  bool skip(char c) {
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view read_token() {
    std::size_t size = 0;
    while (size < rest_.size() && chars::in(chars::kToken, rest_[size])) {
      ++size;
    }
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return token;
  }

  // Nothing: neither a token nor a whole quoted string.
  std::optional<std::string> read_value() {
    if (!skip('"')) {
      const std::string_view token = read_token();
      return token.empty() ? std::nullopt : std::optional<std::string>(token);
    }
    std::string value;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') {
        return value;
      }
      if (c == '\\') {
        if (rest_.empty()) {
          return std::nullopt;
        }
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      value += c;
    }
    return std::nullopt;
  }

  bool read_pair(Hop& hop) {
    const std::string_view name = read_token();
    if (name.empty() || !skip('=')) {
      return false;
    }
    auto value = read_value();
    if (!value) {
      return false;
    }
    if (equals_ignore_case(name, "for")) {
      const bool is_first = !hop.node.has_value();
      hop.node = std::move(value);
      return is_first;
    }
    if (equals_ignore_case(name, "proto")) {
      const auto scheme = parse_scheme(*value);
      const bool is_first = hop.scheme == Scheme::Unsaid;
      hop.scheme = scheme.value_or(Scheme::Unsaid);
      return is_first && scheme.has_value();
    }
    return true;  // `by`, `host` and extensions
  }

  std::string_view rest_;
};

// Forwarded. Nothing: unreadable.
std::optional<Statement> read_standard(const TrustedProxies& proxies,
                                       std::span<const HeaderView> headers) {
  Statement said;
  for (std::size_t i = headers.size(); i > 0; --i) {
    if (!equals_ignore_case(headers[i - 1].name, "forwarded")) {
      continue;
    }
    const auto hops = ForwardedReader(headers[i - 1].value).read();
    if (!hops) {
      return std::nullopt;
    }
    for (std::size_t hop = hops->size(); hop > 0; --hop) {
      const Hop& seen = (*hops)[hop - 1];
      said.scheme = seen.scheme;
      if (!seen.node) {
        return said;  // the client is whoever came to this proxy, and it keeps that to itself
      }
      said.client = parse_node(*seen.node);
      if (!said.client) {
        return std::nullopt;
      }
      if (!proxies.contains(*said.client)) {
        return said;
      }
    }
  }
  return said;
}

bool has_any(std::span<const HeaderView> headers) {
  return std::any_of(headers.begin(), headers.end(), [](const HeaderView& header) {
    return equals_ignore_case(header.name, "forwarded") ||
           equals_ignore_case(header.name, "x-forwarded-for") ||
           equals_ignore_case(header.name, "x-forwarded-proto");
  });
}

// What both say together. Nothing: they contradict each other.
std::optional<Statement> merge(const Statement& a, const Statement& b) {
  const bool is_one_client = !a.client || !b.client || *a.client == *b.client;
  const bool is_one_scheme =
      a.scheme == Scheme::Unsaid || b.scheme == Scheme::Unsaid || a.scheme == b.scheme;
  if (!is_one_client || !is_one_scheme) {
    return std::nullopt;
  }
  return Statement{.client = a.client ? a.client : b.client,
                   .scheme = a.scheme != Scheme::Unsaid ? a.scheme : b.scheme};
}

std::string range_error(std::string_view range, std::string_view reason) {
  return concat("\"", range, "\": ", reason);
}

}  // namespace

bool is_loopback(std::string_view address) {
  constexpr AddressBytes kV6Loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto bytes = parse_address(address);
  return bytes && (*bytes == kV6Loopback || (is_mapped(*bytes) && (*bytes)[kMappedBytes] == 127));
}

std::expected<void, std::string> TrustedProxies::add(std::string_view range) {
  const std::size_t slash = range.find('/');
  const auto address = parse_address(range.substr(0, slash));
  if (!address) {
    return std::unexpected(
        range_error(range, "expected an IP address or a range such as 10.0.0.0/8"));
  }
  const bool is_v4 = range.substr(0, slash).find(':') == std::string_view::npos;
  Range made{.first = *address, .bits = kAllBits};
  if (slash != std::string_view::npos) {
    const auto bits = parse_decimal(range.substr(slash + 1));
    const int most = is_v4 ? kAllBits - kMappedBits : kAllBits;
    if (!bits || *bits > most) {
      return std::unexpected(range_error(
          range, concat("the prefix must be a number from 1 to ", std::to_string(most))));
    }
    if (*bits == 0) {
      return std::unexpected(
          range_error(range, "a range of every address would let any client say who it is"));
    }
    made.bits = static_cast<int>(*bits) + (is_v4 ? kMappedBits : 0);
  }
  for (int bit = made.bits; bit < kAllBits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    if ((made.first[byte] & (0x80U >> static_cast<unsigned>(bit % 8))) != 0) {
      return std::unexpected(range_error(range, "the address has bits set beyond the prefix"));
    }
  }
  ranges_.push_back(made);
  return {};
}

std::string client_network(std::string_view address) {
  constexpr std::size_t kNetworkBytes = 8;
  auto bytes = parse_address(address);
  if (!bytes) {
    return std::string(address);
  }
  if (!is_mapped(*bytes)) {
    std::fill(bytes->begin() + kNetworkBytes, bytes->end(), std::uint8_t{0});
  }
  return format_address(*bytes);
}

bool TrustedProxies::contains(std::string_view address) const {
  if (is_empty()) {
    return false;  // as most servers have it, at every connection
  }
  const auto bytes = parse_address(address);
  return bytes && contains(*bytes);
}

bool TrustedProxies::contains(const AddressBytes& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&address](const Range& range) {
    const auto whole = static_cast<std::size_t>(range.bits / 8);
    const auto rest = static_cast<unsigned>(range.bits % 8);
    if (!std::equal(address.begin(),
                    address.begin() + static_cast<std::ptrdiff_t>(whole),
                    range.first.begin())) {
      return false;
    }
    return rest == 0 || ((address[whole] ^ range.first[whole]) >> (8U - rest)) == 0;
  });
}

std::optional<ForwardedClient> forwarded_client(const TrustedProxies& proxies,
                                                std::span<const HeaderView> headers,
                                                std::string_view peer) {
  if (!has_any(headers)) {
    return std::nullopt;
  }
  const auto standard = read_standard(proxies, headers);
  const auto customary = read_customary(proxies, headers);
  const auto said =
      standard && customary ? merge(*standard, *customary) : std::optional<Statement>();
  if (!said) {
    return ForwardedClient{.address = std::string(peer), .is_secure = false};
  }
  return ForwardedClient{
      .address = said->client ? format_address(*said->client) : std::string(peer),
      .is_secure = said->scheme == Scheme::Https};
}

}  // namespace signet::http
