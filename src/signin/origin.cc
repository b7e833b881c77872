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

}  // namespace signet::signin
