#include "sigv4/signing_key.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "base/assertion.h"
#include "base/secret.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/constant_time.h"
#include "crypto/ecdsa_signature.h"

namespace signet::sigv4 {
namespace {

constexpr std::size_t kWays = 4;

std::string_view view(const crypto::Sha256Digest& digest) {
  return crypto::as_view(digest);
}

// Multiply and fold, eight bytes at a time. Not against floods: a bad spread costs a derivation.
std::uint64_t hash_of(std::initializer_list<std::string_view> pieces) {
  constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = 0;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      std::uint64_t word = piece.size();
      const std::size_t size = std::min<std::size_t>(piece.size(), 8);
      std::memcpy(&word, piece.data(), size);
      piece.remove_prefix(size);
      hash = (hash ^ word) * kFactor;
      hash ^= hash >> 32;
    }
  }
  return hash;
}

// Of a number in big-endian bytes; the largest one becomes 0.
void add_one(crypto::Sha256Digest& number) {
  for (auto byte = number.rbegin(); byte != number.rend(); ++byte) {
    *byte = static_cast<std::uint8_t>(*byte + 1);
    if (*byte != 0) {
      return;
    }
  }
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace

crypto::HmacKey derive_signing_key(std::string_view secret_access_key,
                                   std::string_view scope_date,
                                   std::string_view region,
                                   std::string_view service) {
  std::string first;
  first.reserve(4 + secret_access_key.size());
  first.append("AWS4").append(secret_access_key);
  crypto::Sha256Digest digest = crypto::HmacKey(first).mac(scope_date);
  wipe(first);
  digest = crypto::HmacKey(view(digest)).mac(region);
  digest = crypto::HmacKey(view(digest)).mac(service);
  digest = crypto::HmacKey(view(digest)).mac("aws4_request");
  crypto::HmacKey key(view(digest));
  explicit_bzero(digest.data(), digest.size());
  return key;
}

crypto::SignKey derive_key_pair(std::string_view access_key_id,
                                std::string_view secret_access_key) {
  constexpr std::string_view kOneBlock("\0\0\0\1",
                                       4);          // the KDF's own counter: one block is enough
  constexpr std::string_view kBits("\0\0\1\0", 4);  // and its length: 256 bits
  constexpr int kMaxCounter = 254;                  // reached once in 2^8000 keys
  std::string first = concat("AWS4A", secret_access_key);
  const crypto::HmacKey key(first);
  wipe(first);
  std::optional<crypto::SignKey> pair;
  for (int counter = 1; !pair; ++counter) {
    SIGNET_ASSERT(counter <= kMaxCounter);
    const char last = static_cast<char>(counter);
    crypto::Sha256Digest digest = key.mac({kOneBlock,
                                           name_of(Algorithm::EcdsaP256Sha256),
                                           std::string_view("\0", 1),
                                           access_key_id,
                                           std::string_view(&last, 1),
                                           kBits});
    add_one(digest);
    pair = crypto::SignKey::of_scalar(crypto::EcCurve::P256, Secret(std::string(view(digest))));
    explicit_bzero(digest.data(), digest.size());
  }
  return *std::move(pair);
}

SigningKey derive_key(const ParsedAuth& parsed, std::string_view secret_access_key) {
  if (parsed.algorithm == Algorithm::HmacSha256) {
    return derive_signing_key(secret_access_key, parsed.scope_date, parsed.region, parsed.service);
  }
  const std::optional<crypto::VerifyKey> half =
      derive_key_pair(parsed.access_key_id, secret_access_key).verify_key();
  SIGNET_ASSERT(half.has_value());
  return *half;
}

bool is_signed_by(const SigningKey& key, std::string_view text, std::string_view signature) {
  if (const auto* mac_key = std::get_if<crypto::HmacKey>(&key)) {
    std::array<char, 64> expected;
    crypto::write_hex(mac_key->mac(text), expected.data());
    return crypto::equal_constant_time({expected.data(), expected.size()}, signature);
  }
  const std::optional<std::string> der = codec::decode_hex(signature);
  const std::optional<std::string> halves =
      der ? crypto::ecdsa_from_der(*der, crypto::coordinate_size(crypto::EcCurve::P256))
          : std::nullopt;
  return halves && std::get<crypto::VerifyKey>(key).verify(crypto::Digest::Sha256, text, *halves);
}

struct SigningKeyCache::Entry {
  std::uint64_t hash = 0;
  std::string access_key_id;
  std::string scope_date;
  std::string region;
  std::string service;
  std::string secret;
  std::optional<SigningKey> key;

  Entry() = default;
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  Entry(Entry&&) = delete;
  Entry& operator=(Entry&&) = delete;

  ~Entry() { wipe(secret); }
};

struct SigningKeyCache::Set {
  std::array<Entry, kWays> ways;
  std::size_t next = 0;
};

SigningKeyCache::SigningKeyCache(std::size_t capacity)
    : sets_(std::bit_ceil(std::max(capacity, kWays)) / kWays) {}

SigningKeyCache::SigningKeyCache(SigningKeyCache&&) noexcept = default;
SigningKeyCache& SigningKeyCache::operator=(SigningKeyCache&&) noexcept = default;
SigningKeyCache::~SigningKeyCache() = default;

const SigningKey& SigningKeyCache::get(const ParsedAuth& parsed,
                                       std::string_view secret_access_key) {
  // A key pair is of no day, region or service, and no day is empty.
  const bool has_scope = parsed.algorithm == Algorithm::HmacSha256;
  const std::string_view access_key_id = parsed.access_key_id;
  const std::string_view scope_date = has_scope ? parsed.scope_date : std::string_view();
  const std::string_view region = has_scope ? parsed.region : std::string_view();
  const std::string_view service = has_scope ? parsed.service : std::string_view();
  const std::uint64_t hash = hash_of({access_key_id, scope_date, region, service});
  std::unique_ptr<Set>& set = sets_[hash & (sets_.size() - 1)];
  if (set == nullptr) {
    set = std::make_unique<Set>();
  }
  for (const Entry& entry : set->ways) {
    const bool is_same = entry.hash == hash && entry.key.has_value() &&
                         entry.access_key_id == access_key_id && entry.scope_date == scope_date &&
                         entry.region == region && entry.service == service &&
                         crypto::equal_constant_time(entry.secret, secret_access_key);
    if (is_same) {
      ++hits_;
      return *entry.key;
    }
  }
  ++misses_;
  Entry& entry = set->ways[set->next];
  set->next = (set->next + 1) % kWays;
  wipe(entry.secret);
  entry.hash = hash;
  entry.access_key_id = access_key_id;
  entry.scope_date = scope_date;
  entry.region = region;
  entry.service = service;
  entry.secret = secret_access_key;
  return entry.key.emplace(derive_key(parsed, secret_access_key));
}

}  // namespace signet::sigv4
