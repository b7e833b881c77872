#include "jose/jwk.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/sha256.h"

namespace signet::jose {
namespace {

using codec::Json;
using crypto::EcCurve;
using crypto::VerifyKey;

using Failure = std::unexpected<std::string>;

struct CurveName {
  std::string_view name;
  EcCurve curve;
};

// RFC 7518 6.2.1.1.
constexpr std::array<CurveName, 3> kCurves{
    {{"P-256", EcCurve::P256}, {"P-384", EcCurve::P384}, {"P-521", EcCurve::P521}}};

std::optional<std::string> bytes_at(const Json& jwk, std::string_view name) {
  const Json* member = jwk.find(name);
  return member != nullptr && member->is_string() ? codec::decode_base64url(member->text())
                                                  : std::nullopt;
}

std::optional<VerifyKey> rsa_key(const Json& jwk) {
  std::optional<std::string> modulus = bytes_at(jwk, "n");
  std::optional<std::string> exponent = bytes_at(jwk, "e");
  const bool is_shortest = modulus && exponent && !modulus->empty() && !exponent->empty() &&
                           modulus->front() != '\0' && exponent->front() != '\0';
  if (!is_shortest) {
    return std::nullopt;
  }
  return VerifyKey::of(
      crypto::RsaPublicKey{.modulus = *std::move(modulus), .exponent = *std::move(exponent)});
}

std::optional<VerifyKey> ec_key(const Json& jwk) {
  const auto* const curve = std::ranges::find(kCurves, jwk.string_at("crv"), &CurveName::name);
  std::optional<std::string> x = bytes_at(jwk, "x");
  std::optional<std::string> y = bytes_at(jwk, "y");
  if (curve == kCurves.end() || !x || !y) {
    return std::nullopt;
  }
  return VerifyKey::of(
      crypto::EcPublicKey{.curve = curve->curve, .x = *std::move(x), .y = *std::move(y)});
}

// Whether a key is for verifying, as far as it says (RFC 7517 4.2, 4.3). A private key that is
// published is nobody's alone.
bool is_for_verifying(const Json& jwk) {
  if (jwk.find("d") != nullptr) {
    return false;
  }
  if (const Json* use = jwk.find("use"); use != nullptr && use->text() != "sig") {
    return false;
  }
  const Json* operations = jwk.find("key_ops");
  return operations == nullptr || std::ranges::any_of(operations->items(), [](const Json& one) {
           return one.is_string() && one.text() == "verify";
         });
}

// The key, if it is of use here.
std::optional<Jwk> read_key(const Json& jwk) {
  if (!jwk.is_object() || !is_for_verifying(jwk)) {
    return std::nullopt;
  }
  const std::string_view kind = jwk.string_at("kty");
  std::optional<VerifyKey> key =
      kind == "RSA" ? rsa_key(jwk) : (kind == "EC" ? ec_key(jwk) : std::nullopt);
  if (!key) {
    return std::nullopt;
  }
  Jwk read{.key_id = std::nullopt, .algorithm = std::nullopt, .key = *std::move(key)};
  if (const Json* algorithm = jwk.find("alg"); algorithm != nullptr) {
    read.algorithm = find_algorithm(algorithm->text());
    if (!read.algorithm || !read.fits(*read.algorithm)) {
      return std::nullopt;
    }
  }
  if (const Json* id = jwk.find("kid"); id != nullptr) {
    if (!id->is_string()) {
      return std::nullopt;
    }
    read.key_id = id->text();
  }
  return read;
}

bool is_too_many(const Json& keys) {
  const auto count = [&keys](std::string_view kind) {
    return static_cast<std::size_t>(std::ranges::count_if(
        keys.items(), [kind](const Json& jwk) { return jwk.string_at("kty") == kind; }));
  };
  constexpr std::size_t kMaxKeys = 4 * kMaxKeysOfKind;  // those of other kinds too
  return keys.items().size() > kMaxKeys || count("RSA") > kMaxKeysOfKind ||
         count("EC") > kMaxKeysOfKind;
}

// Whether one signature could be checked with either.
bool are_confusable(const Jwk& a, const Jwk& b) {
  const bool is_same_kind = a.key.curve() == b.key.curve();
  const bool is_same_algorithm = !a.algorithm || !b.algorithm || a.algorithm == b.algorithm;
  return a.key_id == b.key_id && is_same_kind && is_same_algorithm;
}

crypto::Sha256Digest digest_of(const CompactJws& jws) {
  crypto::Sha256 digest;
  digest.update(jws.signing_input);
  digest.update(".");  // the second one: a signing input has exactly one
  digest.update(jws.signature);
  return digest.finish();
}

}  // namespace

// Digests of tokens; a new one takes the place of the one that was there. Thread-safe.
class VerifiedSignatures {
 public:
  [[nodiscard]] bool has(const crypto::Sha256Digest& digest) {
    const std::lock_guard lock(mutex_);
    return place_of(digest) == digest;
  }

  void add(const crypto::Sha256Digest& digest) {
    const std::lock_guard lock(mutex_);
    place_of(digest) = digest;
  }

 private:
  // 256 of them, 8 KiB a set.
  crypto::Sha256Digest& place_of(const crypto::Sha256Digest& digest) {
    return digests_.at(digest.front());
  }

  std::mutex mutex_;
  std::array<crypto::Sha256Digest, 256> digests_{};  // of zeros: nobody knows a text that has it
};

JwkSet::JwkSet() : verified_(std::make_shared<VerifiedSignatures>()) {}

bool Jwk::fits(Algorithm wanted) const {
  if (algorithm && *algorithm != wanted) {
    return false;
  }
  switch (wanted) {
    case Algorithm::Rs256:
    case Algorithm::Rs384:
    case Algorithm::Rs512:
      return !key.curve();
    case Algorithm::Es256:
      return key.curve() == EcCurve::P256;
    case Algorithm::Es384:
      return key.curve() == EcCurve::P384;
    case Algorithm::Es512:
      break;
  }
  return key.curve() == EcCurve::P521;
}

std::expected<JwkSet, std::string> JwkSet::read(std::string_view text) {
  if (text.size() > kMaxJwkSetSize) {
    return Failure("the key set is too long");
  }
  std::string why = "it is no object";
  const std::optional<Json> document = Json::parse(text, &why);
  if (!document || !document->is_object()) {
    return Failure(concat("the key set is no JSON object: ", why));
  }
  const Json* keys = document->find("keys");
  if (keys == nullptr || !keys->is_array()) {
    return Failure("the key set has no array of keys");
  }
  if (is_too_many(*keys)) {
    return Failure("the key set has too many keys");
  }
  JwkSet set;
  for (const Json& jwk : keys->items()) {
    std::optional<Jwk> key = read_key(jwk);
    if (!key || !key->key_id) {
      continue;
    }
    if (std::ranges::any_of(set.keys_,
                            [&key](const Jwk& other) { return are_confusable(*key, other); })) {
      return Failure(concat("the key set has two keys with the id ", *key->key_id));
    }
    set.keys_.push_back(*std::move(key));
  }
  return set;
}

const Jwk* JwkSet::find(const CompactJws& jws) const {
  if (!jws.key_id) {
    return nullptr;
  }
  const auto found = std::ranges::find_if(keys_, [&jws](const Jwk& key) {
    return key.key_id == jws.key_id && key.fits(jws.algorithm);
  });
  return found != keys_.end() ? &*found : nullptr;
}

bool JwkSet::verify(const CompactJws& jws) const {
  const Jwk* key = find(jws);
  if (key == nullptr) {
    return false;
  }
  const crypto::Sha256Digest digest = digest_of(jws);
  if (verified_->has(digest)) {
    return true;
  }
  const bool is_genuine = jose::verify(jws, *key);
  if (is_genuine) {
    verified_->add(digest);
  }
  return is_genuine;
}

bool verify(const CompactJws& jws, const Jwk& key) {
  if (!key.fits(jws.algorithm)) {
    return false;
  }
  constexpr std::array kDigests{
      crypto::Digest::Sha256, crypto::Digest::Sha384, crypto::Digest::Sha512};
  const auto digest = kDigests.at(static_cast<std::size_t>(jws.algorithm) % kDigests.size());
  return key.key.verify(digest, jws.signing_input, jws.signature);
}

}  // namespace signet::jose
