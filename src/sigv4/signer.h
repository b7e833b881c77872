#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "sigv4/request.h"

namespace signet::sigv4 {

// A request to sign. The owner of the strings outlives the call.
struct SigningRequest {
  Placement placement = Placement::Header;
  Algorithm algorithm = Algorithm::HmacSha256;
  std::string_view method = "GET";
  std::string_view target = "/";                                         // as on the wire
  std::vector<std::pair<std::string_view, std::string_view>> headers{};  // Host included
  std::string_view body{};
  std::string_view access_key{};
  std::string_view secret_key{};
  std::string_view session_token{};       // empty: none
  bool omit_session_token = false;        // the token is added after signing
  std::string_view region = "us-east-1";  // of SigV4A the region set
  std::string_view service{};
  Instant timestamp;
  std::int64_t expires_seconds = 3600;  // presigned only
  bool normalize = true;                // false: S3's way with the path
  bool sign_body = false;               // adds x-amz-content-sha256 (header placement)
  std::string_view
      payload_hash{};  // empty: SHA-256 of the body; or a literal such as UNSIGNED-PAYLOAD
};

// Every stage, and the request as it goes out.
struct SignedRequest {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
  std::string signed_headers;
  std::string target;  // with the X-Amz-... parameters if presigned
  std::vector<std::pair<std::string, std::string>> headers;  // with the added ones
};

// Signs through the functions that verification uses. Headers that proxies change are not signed
// (see signer.cc).
[[nodiscard]] SignedRequest sign(const SigningRequest& request);

}  // namespace signet::sigv4
