#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "crypto/sign_key.h"

struct x509_st;

namespace signet::crypto {

// A certificate with its key, as PEM texts.
struct IssuedCertificate {
  std::string certificate;
  std::string key;
};

// A certificate authority whose key exists in this process alone: for certificates that are trusted
// by programs that this process starts. Keys on P-256 (RFC 5280). Safe to use from any thread.
class Authority {
 public:
  // Valid from a day before to `days` after. Nothing if OpenSSL failed.
  [[nodiscard]] static std::optional<Authority> make(std::string_view name, int days);

  // PEM, and DER.
  [[nodiscard]] const std::string& pem() const { return pem_; }

  [[nodiscard]] const std::string& der() const { return der_; }

  // A server's certificate for that host name, valid as long as the authority. Nothing for what is
  // no host name, and if OpenSSL failed.
  [[nodiscard]] std::optional<IssuedCertificate> issue(std::string_view host) const;

 private:
  Authority() = default;

  std::shared_ptr<x509_st> certificate_;
  std::shared_ptr<evp_pkey_st> key_;
  int days_ = 0;
  std::string pem_;
  std::string der_;
};

}  // namespace signet::crypto
