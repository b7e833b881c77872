#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "token/ids.h"

namespace signet::identity {

// A certificate for TLS with its private key, kept for services that serve it.
struct ServerCertificate {
  std::string account;
  std::string id;  // ASCA...
  std::string name;
  std::string path = "/";
  Instant uploaded;
  Instant expires;
  std::string body;   // PEM
  std::string chain;  // PEM; empty: none
  SharedSecret private_key;
  SharedList<Tag> tags;
};

template <>
struct Kind<ServerCertificate> : KindDefaults {
  static constexpr std::uint8_t kRecord = 16;
  static constexpr std::string_view kNoun = "server certificate";
  static constexpr std::string_view kArn = "server-certificate";
  static constexpr std::string_view kIdPrefix = token::kServerCertificatePrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  using Indexes = Types<ByName<ServerCertificate>>;

  static std::string record_key(const ServerCertificate& v) {
    return account_key(v.account, "server-cert", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.uploaded);
    ar.instant(6, v.expires);
    ar.text(7, v.body);
    ar.text(8, v.chain);
    ar.secret(9, v.private_key);
    ar.list(10, v.tags);
  }

  static Status normalize(const ServerCertificate& v) {
    if (v.body.empty() || v.private_key == nullptr) {
      return refuse(v.id, "a server certificate without body or private key");
    }
    return require_id_and_name(v.account, v.id, v.name);
  }
};

}  // namespace signet::identity
