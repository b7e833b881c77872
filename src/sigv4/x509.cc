#include "sigv4/x509.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/strings.h"
#include "codec/hex.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "sigv4/canonical.h"
#include "sigv4/wire_parts.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kRsa = "AWS4-X509-RSA-SHA256";
constexpr std::string_view kEcdsa = "AWS4-X509-ECDSA-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::int64_t kSkewSeconds = 900;

// What the signature must cover, so far as it is there; each is sent once.
constexpr std::array<std::string_view, 4> kCovered = {
    "host", "x-amz-date", "x-amz-x509", "x-amz-x509-chain"};

std::string hex_of(std::string_view text) {
  std::string hex(64, '\0');
  crypto::write_hex(crypto::sha256(text), hex.data());
  return hex;
}

bool is_covered(const RequestView& request, std::string_view signed_headers) {
  return std::ranges::all_of(kCovered, [&](std::string_view name) {
    const auto sent = std::ranges::count_if(
        request.headers, [name](const HeaderView& field) { return has_name(field, name); });
    return sent == 0 ? name == kCovered.back()
                     : sent == 1 && is_signed_header(signed_headers, name);
  });
}

bool is_in_time(Instant date, Instant now) {
  return date.plus_seconds(kSkewSeconds) >= now && now.plus_seconds(kSkewSeconds) >= date;
}

}  // namespace

std::expected<X509Signature, std::string_view> read_x509_signature(const RequestView& request,
                                                                   std::string_view service,
                                                                   std::string_view body,
                                                                   Instant now) {
  const std::string_view header = request.header("authorization");
  const std::string_view algorithm = header.substr(0, header.find(' '));
  if (algorithm != kRsa && algorithm != kEcdsa) {
    return std::unexpected("the algorithm is none of those for certificates");
  }
  const Components parts = split_components(header.substr(algorithm.size()));
  const auto credential =
      split_credential(parts.credential, Algorithm::HmacSha256);  // of five parts, too
  auto signature = codec::decode_hex(parts.signature);
  if (!credential || !signature || signature->empty()) {
    return std::unexpected("the header Authorization cannot be read");
  }
  const std::string_view amz_date = request.header("x-amz-date");
  const auto date = codec::parse_amz_date(amz_date);
  if (credential->service != service || credential->terminator != kTerminator || !date ||
      !amz_date.starts_with(credential->date)) {
    return std::unexpected("the scope is not one of this service and of the header X-Amz-Date");
  }
  if (!is_in_time(*date, now)) {
    return std::unexpected("the request was not signed just now");
  }
  if (!is_covered(request, parts.signed_headers)) {
    return std::unexpected("Host, X-Amz-Date or a certificate is not signed, or sent twice");
  }
  Scratch scratch;
  build_canonical_request(request, parts.signed_headers, hex_of(body), true, {}, scratch);
  return X509Signature{
      .algorithm = algorithm == kRsa ? X509Algorithm::Rsa : X509Algorithm::Ecdsa,
      .serial = std::string(credential->key_id),
      .region = std::string(credential->region),
      .string_to_sign = concat(
          algorithm, "\n", amz_date, "\n", credential->scope, "\n", hex_of(scratch.canonical)),
      .signature = *std::move(signature)};
}

}  // namespace signet::sigv4
