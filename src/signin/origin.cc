#include "signin/origin.h"

#include "base/strings.h"

namespace signet::signin {

bool is_own_origin(const http::RequestHead& head) {
  if (const auto site = head.find("sec-fetch-site"); site) {
    return *site == "same-origin";
  }
  const auto origin = head.find("origin");
  return !origin || *origin == concat(head.tls ? "https://" : "http://", head.host);
}

bool is_led_here_by_others(const http::RequestHead& head) {
  return head.find("sec-fetch-site") != "none" && !is_own_origin(head);
}

}  // namespace signet::signin
