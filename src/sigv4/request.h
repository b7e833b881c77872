#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/strings.h"

namespace signet::sigv4 {

// One header field as received: name in any case, value without its line end (surrounding blanks
// allowed).
struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// A header value without the blanks around it.
[[nodiscard]] std::string_view trim_blanks(std::string_view text);

// Whether a header field has that name, in any case. Inline: asked dozens of times a request.
[[nodiscard]] inline bool has_name(const HeaderView& field, std::string_view name) {
  if (field.name.size() != name.size()) {
    return false;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (to_lower(field.name[i]) != to_lower(name[i])) {
      return false;
    }
  }
  return true;
}

// The parts of a request that a signature covers, exactly as on the wire. Everything is borrowed.
struct RequestView {
  std::string_view method;
  std::string_view target;  // origin form: raw path, and '?' with the raw query if there is one
  std::span<const HeaderView> headers;

  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }

  // Without the '?'; empty if there is none.
  [[nodiscard]] std::string_view query() const {
    const std::size_t at = target.find('?');
    return at == std::string_view::npos ? std::string_view() : target.substr(at + 1);
  }

  // Value of the first header of that (lower-case) name, trimmed; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;
  [[nodiscard]] bool has_header(std::string_view lower_name) const;
};

enum class ErrorStyle : std::uint8_t { Query, S3 };

// How one service checks signatures. kSts and kIam and kS3 below are the ones we serve.
struct Profile {
  std::string_view service;  // in the credential scope
  ErrorStyle errors = ErrorStyle::Query;
  bool normalize_path = true;  // false: S3's way, the path as sent and encoded once
  bool signs_payload_header =
      false;                         // true: x-amz-content-sha256 says how the body is covered (S3)
  bool enforces_expires = false;     // true: X-Amz-Expires 1..604800 ends a presigned request (S3)
  std::string_view expected_region;  // empty: any
  // S3: the one for those whose scope names no region; empty: every text is one.
  std::string_view home_region = {};
  std::int64_t max_skew_seconds = 900;  // either way
  // A presigned request's X-Amz-Security-Token was added after signing. No service of ours does
  // that.
  bool adds_token_after_signing = false;
};

inline constexpr Profile kSts{.service = "sts"};
inline constexpr Profile kIam{.service = "iam"};
inline constexpr Profile kS3{.service = "s3",
                             .errors = ErrorStyle::S3,
                             .normalize_path = false,
                             .signs_payload_header = true,
                             .enforces_expires = true};

enum class Placement : std::uint8_t { Header, Query };

// Which of the two forms of Signature Version 4: with a MAC, or with an ECDSA signature for a set
// of regions (SigV4A).
enum class Algorithm : std::uint8_t { HmacSha256, EcdsaP256Sha256 };

// As it stands in requests and in what is signed.
[[nodiscard]] constexpr std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::HmacSha256 ? "AWS4-HMAC-SHA256" : "AWS4-ECDSA-P256-SHA256";
}

// How the body is covered by the signature.
enum class PayloadKind : std::uint8_t {
  Hash,                   // SHA-256 of the whole body
  Unsigned,               // UNSIGNED-PAYLOAD
  StreamSigned,           // STREAMING-AWS4-HMAC-SHA256-PAYLOAD, of SigV4A ...-ECDSA-P256-SHA256-...
  StreamSignedTrailer,    // the same with -TRAILER
  StreamUnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

// Working memory of parse() and verify(), to be reused from request to request: nothing is
// allocated once its buffers have grown. Results of parse() point into it. Not thread-safe.
struct Scratch {
  std::string decoded;         // percent-decoded X-Amz-... query values
  std::string canonical;       // the canonical request
  std::string string_to_sign;  // and what is signed
  std::string encoded;         // canonical query parameters, unsorted
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  std::vector<std::string_view> names;
};

}  // namespace signet::sigv4
