#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.h"
#include "sigv4/request.h"

namespace signet::sigv4 {

// What a request says about its signature. Views into the request or the scratch.
struct ParsedAuth {
  Placement placement = Placement::Header;
  Algorithm algorithm = Algorithm::HmacSha256;
  std::string_view access_key_id;
  std::string_view scope_date;  // YYYYMMDD
  // Of SigV4A, whose scope has none: the one of X-Amz-Region-Set, if that is a single name.
  std::string_view region;
  std::string_view service;
  std::string_view scope;           // date/region/service/aws4_request; of SigV4A without region
  std::string_view signed_headers;  // as sent: host;x-amz-date
  std::string_view signature;       // as sent
  std::string_view amz_date;        // YYYYMMDDTHHMMSSZ, as it goes into the string to sign
  Instant date;
  std::optional<std::string_view> session_token;
  bool is_token_signed =
      false;  // false: the token was added after signing (allowed by some services)
  std::int64_t expires_seconds = 0;  // presigned, where the profile enforces it
  PayloadKind payload = PayloadKind::Hash;
  // x-amz-content-sha256 as sent, or UNSIGNED-PAYLOAD for a presigned S3 request without one. Empty
  // where the profile hashes the body itself.
  std::string_view content_sha256;
};

}  // namespace signet::sigv4
