#include "mfa/webauthn.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/rsa_public_key.h"
#include "crypto/sha256.h"
#include "crypto/verify_key.h"

namespace signet::mfa {
namespace {

using codec::Cbor;
using Failure = std::unexpected<std::string>;

// Authenticator data (Web Authentication 6.1): hash, flags, count, and what the flags announce.
constexpr std::size_t kHashSize = 32;
constexpr std::size_t kHeadSize = kHashSize + 1 + 4;
constexpr std::size_t kModelSize = 16;  // AAGUID
constexpr std::size_t kMaxCredentialId = 1023;
constexpr std::uint8_t kUserPresent = 0x01;
constexpr std::uint8_t kHasCredential = 0x40;
constexpr std::uint8_t kHasExtensions = 0x80;

struct AuthenticatorData {
  std::uint8_t flags = 0;
  std::int64_t sign_count = 0;
  std::string_view credential_id;
  std::string_view public_key;
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) {
    number = (number << 8U) | static_cast<std::uint8_t>(c);
  }
  return number;
}

// The credential, and takes it away from the front.
bool take_credential(std::string_view& rest, AuthenticatorData& data) {
  if (rest.size() < kModelSize + 2) {
    return false;
  }
  const std::size_t size = big_endian(rest.substr(kModelSize, 2));
  rest.remove_prefix(kModelSize + 2);
  if (size == 0 || size > kMaxCredentialId || size > rest.size()) {
    return false;
  }
  data.credential_id = rest.substr(0, size);
  rest.remove_prefix(size);
  std::size_t used = 0;
  if (!codec::parse_cbor(rest, &used)) {
    return false;
  }
  data.public_key = rest.substr(0, used);
  rest.remove_prefix(used);
  return true;
}

std::expected<AuthenticatorData, std::string> read_authenticator_data(std::string_view bytes,
                                                                      std::string_view rp_id) {
  if (bytes.size() < kHeadSize) {
    return Failure("authenticator data that is too short");
  }
  const crypto::Sha256Digest wanted = crypto::sha256(rp_id);
  if (bytes.substr(0, kHashSize) != crypto::as_view(wanted)) {
    return Failure("the answer is for another relying party");
  }
  AuthenticatorData data{
      .flags = static_cast<std::uint8_t>(bytes[kHashSize]),
      .sign_count = static_cast<std::int64_t>(big_endian(bytes.substr(kHashSize + 1, 4))),
      .credential_id = {},
      .public_key = {}};
  std::string_view rest = bytes.substr(kHeadSize);
  if ((data.flags & kHasCredential) != 0 && !take_credential(rest, data)) {
    return Failure("a credential that cannot be read");
  }
  if ((data.flags & kHasExtensions) != 0) {
    std::size_t used = 0;
    const auto extensions = codec::parse_cbor(rest, &used);
    if (!extensions || !extensions->is(Cbor::Type::Map)) {
      return Failure("extensions that cannot be read");
    }
    rest.remove_prefix(used);
  }
  if (!rest.empty()) {
    return Failure("authenticator data with something behind it");
  }
  if ((data.flags & kUserPresent) == 0) {
    return Failure("nobody was present");
  }
  return data;
}

// What the browser says of the page that asked.
std::expected<void, std::string> check_client_data(std::string_view text,
                                                   std::string_view type,
                                                   const Ceremony& ceremony) {
  const auto json = codec::Json::parse(text);
  if (!json || !json->is_object()) {
    return Failure("client data that is no JSON");
  }
  if (json->string_at("type") != type) {
    return Failure("client data of another ceremony");
  }
  if (json->string_at("challenge") != codec::encode_base64url(ceremony.challenge)) {
    return Failure("the answer is to another challenge");
  }
  if (json->string_at("origin") != ceremony.origin) {
    return Failure(concat("the answer is of another origin, not of ", ceremony.origin));
  }
  const codec::Json* is_framed = json->find("crossOrigin");
  if (is_framed != nullptr && is_framed->as_bool()) {
    return Failure("the answer is of a page inside of another's");
  }
  return {};
}

constexpr std::int64_t kEs256 = -7;
constexpr std::int64_t kRs256 = -257;

std::string_view bytes_at(const Cbor& map, std::int64_t key) {
  const Cbor* found = map.find(key);
  return found != nullptr && found->is(Cbor::Type::Bytes) ? found->text : std::string_view();
}

std::int64_t number_at(const Cbor& map, std::int64_t key) {
  const Cbor* found = map.find(key);
  return found != nullptr ? found->as_int().value_or(0) : 0;
}

std::string without_leading_zeros(std::string_view bytes) {
  return std::string(bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size())));
}

// RFC 9053 7.1, RFC 8230 4: labels of the two kinds of keys that are offered.
std::optional<crypto::VerifyKey> key_of(std::string_view cose) {
  constexpr std::int64_t kKind = 1;
  constexpr std::int64_t kAlgorithm = 3;
  constexpr std::int64_t kCurveOrModulus = -1;
  constexpr std::int64_t kXOrExponent = -2;
  constexpr std::int64_t kY = -3;
  const auto key = codec::parse_cbor(cose);
  if (!key) {
    return std::nullopt;
  }
  if (number_at(*key, kKind) == 2 && number_at(*key, kAlgorithm) == kEs256 &&
      number_at(*key, kCurveOrModulus) == 1) {
    return crypto::VerifyKey::of(crypto::EcPublicKey{.curve = crypto::EcCurve::P256,
                                                     .x = std::string(bytes_at(*key, kXOrExponent)),
                                                     .y = std::string(bytes_at(*key, kY))});
  }
  if (number_at(*key, kKind) == 3 && number_at(*key, kAlgorithm) == kRs256) {
    return crypto::VerifyKey::of(
        crypto::RsaPublicKey{.modulus = without_leading_zeros(bytes_at(*key, kCurveOrModulus)),
                             .exponent = without_leading_zeros(bytes_at(*key, kXOrExponent))});
  }
  return std::nullopt;
}

bool is_signed_by(const crypto::VerifyKey& key,
                  std::string_view message,
                  std::string_view signature) {
  if (!key.curve()) {
    return key.verify(crypto::Digest::Sha256, message, signature);
  }
  const auto halves = crypto::ecdsa_from_der(signature, crypto::coordinate_size(*key.curve()));
  return halves && key.verify(crypto::Digest::Sha256, message, *halves);
}

}  // namespace

std::expected<Passkey, std::string> read_registration(const Ceremony& ceremony,
                                                      std::string_view client_data_json,
                                                      std::string_view attestation_object) {
  if (auto good = check_client_data(client_data_json, "webauthn.create", ceremony); !good) {
    return Failure(good.error());
  }
  const auto object = codec::parse_cbor(attestation_object);
  const Cbor* format = object ? object->find("fmt") : nullptr;
  const Cbor* bytes = object ? object->find("authData") : nullptr;
  if (format == nullptr || !format->is(Cbor::Type::Text) || format->text != "none" ||
      bytes == nullptr || !bytes->is(Cbor::Type::Bytes)) {
    return Failure("an attestation that is not of the format none");
  }
  const auto data = read_authenticator_data(bytes->text, ceremony.rp_id);
  if (!data) {
    return Failure(data.error());
  }
  if (data->credential_id.empty() || !key_of(data->public_key)) {
    return Failure("no key of ES256 or RS256");
  }
  return Passkey{.credential_id = std::string(data->credential_id),
                 .public_key = std::string(data->public_key),
                 .sign_count = data->sign_count};
}

std::expected<std::int64_t, std::string> verify_assertion(const Passkey& passkey,
                                                          const Ceremony& ceremony,
                                                          std::string_view client_data_json,
                                                          std::string_view authenticator_data,
                                                          std::string_view signature) {
  if (auto good = check_client_data(client_data_json, "webauthn.get", ceremony); !good) {
    return Failure(good.error());
  }
  const auto data = read_authenticator_data(authenticator_data, ceremony.rp_id);
  if (!data) {
    return Failure(data.error());
  }
  const auto key = key_of(passkey.public_key);
  const crypto::Sha256Digest digest = crypto::sha256(client_data_json);
  const std::string message = concat(authenticator_data, crypto::as_view(digest));
  if (!key || !is_signed_by(*key, message, signature)) {
    return Failure("the answer is not signed by the passkey");
  }
  const bool counts = passkey.sign_count != 0 || data->sign_count != 0;
  if (counts && data->sign_count <= passkey.sign_count) {
    return Failure("the passkey's count did not grow: it may have been copied");
  }
  return data->sign_count;
}

}  // namespace signet::mfa
