#include "http/impl/peer.h"

namespace signet::http {

void Peer::introduce(RequestHead& head, std::string_view tls_version) {
  head.remote_address = address;
  head.remote_port = port;
  head.tls = tls;
  head.tls_version = tls_version;
  head.is_forwarded = false;
  head.listener = listener;
  if (proxies == nullptr) {
    return;
  }
  spoken_for = forwarded_client(*proxies, head.headers, address);
  if (spoken_for) {
    head.remote_address = spoken_for->address;
    head.tls = spoken_for->is_secure;
    head.tls_version = {};
    head.is_forwarded = true;
  }
}

}  // namespace signet::http
