#include "objects/sealed_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "crypto/mixed_key.h"

namespace signet::objects {
namespace {

// On disk: do not renumber.
constexpr char kFormat = 1;
constexpr char kCustomerFormat = 2;  // a customer's key is mixed in

constexpr std::uint64_t kSealedChunkBytes = kChunkBytes + crypto::kAeadTagSize;

// Names of files have a fixed length and ids of buckets hold no NUL, so that no two owners give the
// same text. On disk: do not change.
std::string key_context(std::string_view file, const FileOwner& owner) {
  return concat("object-file/", file, "/", owner.bucket, std::string_view("\0", 1), owner.key);
}

// Each file has a key of its own, so that a chunk's number is never used twice with one.
std::array<char, crypto::kAeadNonceSize> nonce_of(std::uint64_t index) {
  std::array<char, crypto::kAeadNonceSize> nonce{};
  for (std::size_t i = 0; i < 8; ++i, index >>= 8U) {
    nonce[i] = static_cast<char>(index & 0xFFU);
  }
  return nonce;
}

std::string_view associated_of(ChunkPlace place) {
  return place == ChunkPlace::Last ? "last" : "inner";
}

}  // namespace

std::uint64_t chunk_count(std::uint64_t size) {
  return std::max<std::uint64_t>(1, (size + kChunkBytes - 1) / kChunkBytes);
}

std::uint64_t sealed_size(std::uint64_t size) {
  return kSealedHeaderBytes + size + chunk_count(size) * crypto::kAeadTagSize;
}

std::uint64_t chunk_offset(std::uint64_t index) {
  return kSealedHeaderBytes + index * kSealedChunkBytes;
}

NewSealedFile begin_sealed_file(const crypto::SecretBox& keys,
                                Random& random,
                                std::string_view file,
                                const FileOwner& owner) {
  const std::string context = key_context(file, owner);
  if (owner.customer_key != nullptr) {
    crypto::SecretBox::NewKey made =
        crypto::make_mixed_key(keys, context, *owner.customer_key, random);
    return NewSealedFile{.key = std::move(made.key),
                         .header = concat(std::string_view(&kCustomerFormat, 1), made.sealed)};
  }
  crypto::SecretBox::NewKey made = keys.make_key(context, random);
  return NewSealedFile{.key = std::move(made.key),
                       .header = concat(std::string_view(&kFormat, 1), made.sealed)};
}

std::optional<crypto::AeadKey> open_sealed_header(const crypto::SecretBox& keys,
                                                  std::string_view header,
                                                  std::string_view file,
                                                  const FileOwner& owner) {
  const char format = owner.customer_key != nullptr ? kCustomerFormat : kFormat;
  if (header.size() != kSealedHeaderBytes || header.front() != format) {
    return std::nullopt;
  }
  if (owner.customer_key != nullptr) {
    return crypto::open_mixed_key(
        keys, key_context(file, owner), *owner.customer_key, header.substr(1));
  }
  return keys.open_key(key_context(file, owner), header.substr(1));
}

void seal_chunk(const crypto::AeadKey& key,
                std::uint64_t index,
                ChunkPlace place,
                std::span<char> bytes) {
  const auto nonce = nonce_of(index);
  key.seal_in_place(std::string_view(nonce.data(), nonce.size()), associated_of(place), bytes);
}

std::optional<std::string_view> open_chunk(const crypto::AeadKey& key,
                                           std::uint64_t index,
                                           ChunkPlace place,
                                           std::span<char> sealed) {
  const auto nonce = nonce_of(index);
  return key.open_in_place(
      std::string_view(nonce.data(), nonce.size()), associated_of(place), sealed);
}

}  // namespace signet::objects
