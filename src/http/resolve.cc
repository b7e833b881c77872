#include "http/resolve.h"

#include <memory>

#include <netdb.h>
#include <sys/socket.h>

#include "base/strings.h"

namespace signet::http {
namespace {

struct AddressesFreer {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

}  // namespace

std::expected<std::vector<std::string>, std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_UNSPEC;
  addrinfo* raw = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw); error != 0) {
    return std::unexpected(concat("the host ", host, " is not known: ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, AddressesFreer> list(raw);
  std::vector<std::string> addresses;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(
            one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  if (addresses.empty()) {
    return std::unexpected(concat("the host ", host, " has no address"));
  }
  return addresses;
}

}  // namespace signet::http
