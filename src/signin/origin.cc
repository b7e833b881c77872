#include "signin/origin.h"

#include <iterator>

#include "base/strings.h"

namespace signet::signin {

std::string origin_of(const http::RequestHead& head) {
  return concat(head.tls ? "https://" : "http://", head.host);
}

bool is_own_origin(const http::RequestHead& head) {
  if (const auto site = head.find("sec-fetch-site"); site) {
    return *site == "same-origin";
  }
  const auto origin = head.find("origin");
  return !origin || *origin == origin_of(head);
}

bool is_led_here_by_others(const http::RequestHead& head) {
  return head.find("sec-fetch-site") != "none" && !is_own_origin(head);
}

std::string other_loopback_origin(const http::RequestHead& head) {
  constexpr std::string_view kNames[] = {"localhost", "127.0.0.1"};
  const std::string_view name = head.host.substr(0, head.host.find(':'));
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (equals_ignore_case(name, kNames[i])) {
      return concat(
          head.tls ? "https://" : "http://", kNames[1 - i], head.host.substr(name.size()));
    }
  }
  return {};
}

}  // namespace signet::signin
