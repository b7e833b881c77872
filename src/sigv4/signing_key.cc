#include "sigv4/signing_key.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "crypto/constant_time.h"

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

struct SigningKeyCache::Entry {
  std::uint64_t hash = 0;
  std::string access_key_id;
  std::string scope_date;
  std::string region;
  std::string service;
  std::string secret;
  std::optional<crypto::HmacKey> key;

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

const crypto::HmacKey& SigningKeyCache::get(std::string_view access_key_id,
                                            std::string_view secret_access_key,
                                            std::string_view scope_date,
                                            std::string_view region,
                                            std::string_view service) {
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
  return entry.key.emplace(derive_signing_key(secret_access_key, scope_date, region, service));
}

}  // namespace signet::sigv4
