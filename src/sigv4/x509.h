#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "sigv4/request.h"

// Requests that are signed with the key of a certificate: AWS4-X509-RSA-SHA256 and
// AWS4-X509-ECDSA-SHA256, with which Roles Anywhere's CreateSession is called.
namespace signet::sigv4 {

enum class X509Algorithm : std::uint8_t { Rsa, Ecdsa };

struct X509Signature {
  X509Algorithm algorithm = X509Algorithm::Rsa;
  std::string serial;  // what the credential says the certificate's serial number is, decimal
  std::string region;
  std::string string_to_sign;
  std::string signature;  // bytes
};

// Everything of such a signature but whether it is right, which takes the certificate's key: the
// header Authorization, the scope of that service, the time within the window around `now`, and
// that Host, X-Amz-Date and the certificates are signed. Otherwise why not, for the operator. Pure.
[[nodiscard]] std::expected<X509Signature, std::string_view> read_x509_signature(
    const RequestView& request, std::string_view service, std::string_view body, Instant now);

}  // namespace signet::sigv4
