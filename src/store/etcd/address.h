#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::store {

struct EtcdEndpoint {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 2379;
};

// Where an etcd cluster is, and which of its keys are ours.
struct EtcdAddress {
  std::vector<EtcdEndpoint> endpoints;  // at least one
  bool is_tls = false;
  std::string prefix = "signet/";  // of all keys; ends in a slash
};

// Whether a text means an etcd cluster at all.
[[nodiscard]] bool is_etcd_address(std::string_view text);

// etcd://HOST:PORT,HOST:PORT/PREFIX, or etcds:// for TLS; ports are 2379 unless said, the prefix is
// "signet". Errors: InvalidInput with what is wrong.
[[nodiscard]] Result<EtcdAddress> parse_etcd_address(std::string_view text);

}  // namespace signet::store
