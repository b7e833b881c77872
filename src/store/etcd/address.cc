#include "store/etcd/address.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

constexpr std::string_view kPlain = "etcd://";
constexpr std::string_view kSecure = "etcds://";
constexpr std::size_t kPrefixMax = 200;

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(ErrorCode::InvalidInput,
              concat("the store ",
                     text,
                     " is not valid: ",
                     why,
                     "; expected etcd://HOST:2379,HOST:2379,HOST:2379 (etcds:// with TLS)"));
}

bool is_host_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == ':' || c == '_';
}

// "HOST", "HOST:PORT", "[ADDRESS]" or "[ADDRESS]:PORT".
std::optional<EtcdEndpoint> parse_endpoint(std::string_view text) {
  EtcdEndpoint endpoint;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    endpoint.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    endpoint.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty()) {
    const std::optional<std::int64_t> port =
        rest.starts_with(':') ? parse_decimal(rest.substr(1)) : std::nullopt;
    if (!port || *port < 1 || *port > 65'535) {
      return std::nullopt;
    }
    endpoint.port = static_cast<std::uint16_t>(*port);
  }
  const bool is_host = !endpoint.host.empty() && std::ranges::all_of(endpoint.host, is_host_char);
  return is_host ? std::optional(endpoint) : std::nullopt;
}

bool is_prefix(std::string_view prefix) {
  return prefix.size() <= kPrefixMax && std::ranges::all_of(prefix, [](char c) {
           return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/';
         });
}

}  // namespace

bool is_etcd_address(std::string_view text) {
  return text.starts_with(kPlain) || text.starts_with(kSecure);
}

Result<EtcdAddress> parse_etcd_address(std::string_view text) {
  if (!is_etcd_address(text)) {
    return refuse(text, "it begins with neither etcd:// nor etcds://");
  }
  EtcdAddress address;
  address.is_tls = text.starts_with(kSecure);
  std::string_view hosts = text.substr((address.is_tls ? kSecure : kPlain).size());
  if (const std::size_t slash = hosts.find('/'); slash != std::string_view::npos) {
    std::string_view prefix = hosts.substr(slash + 1);
    hosts = hosts.substr(0, slash);
    if (!is_prefix(prefix)) {
      return refuse(text, "its prefix may have letters, digits and -_./");
    }
    if (prefix.ends_with('/')) {
      prefix.remove_suffix(1);
    }
    if (!prefix.empty()) {
      address.prefix = concat(prefix, "/");
    }
  }
  while (true) {
    const std::size_t comma = std::min(hosts.find(','), hosts.size());
    std::optional<EtcdEndpoint> endpoint = parse_endpoint(hosts.substr(0, comma));
    if (!endpoint) {
      return refuse(text, concat("'", hosts.substr(0, comma), "' is no host with a port"));
    }
    address.endpoints.push_back(*std::move(endpoint));
    if (comma == hosts.size()) {
      return address;
    }
    hosts.remove_prefix(comma + 1);
  }
}

}  // namespace signet::store
