#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "crypto/aead.h"
#include "crypto/key_wrap.h"
#include "objects/customer_key.h"

// The form of an encrypted file (docs/formats/objects.md): a header with a key that this file alone
// has, wrapped by a data key, and the bytes in chunks, each with AES-256-GCM. A chunk opens only at
// its place in its file, and a file only for the object that it was written for, so that neither
// can take another's place; the last chunk says that it is the last. The key of a file that a
// customer gave a key for is made of both.
namespace signet::objects {

inline constexpr std::uint64_t kChunkBytes = std::uint64_t{64} * 1024;

// Format byte and wrapped key.
inline constexpr std::size_t kSealedHeaderBytes = 1 + crypto::kSealedKeySize;

// The object or part that a file is for.
struct FileOwner {
  std::string bucket;  // its id in the store
  std::string key;
  // With which the file opens besides the room's own keys; null: with those alone.
  CustomerKey customer_key = nullptr;
};

// How long the file of so many bytes is. An empty one has one empty chunk.
[[nodiscard]] std::uint64_t sealed_size(std::uint64_t size);

// Chunks of so many bytes, at least one.
[[nodiscard]] std::uint64_t chunk_count(std::uint64_t size);

// Where a chunk begins in the file.
[[nodiscard]] std::uint64_t chunk_offset(std::uint64_t index);

struct NewSealedFile {
  crypto::AeadKey key;
  std::string header;  // kSealedHeaderBytes
};

// A new key, and the header that has it. `file` is the file's name.
[[nodiscard]] NewSealedFile begin_sealed_file(const crypto::SecretBox& keys,
                                              Random& random,
                                              std::string_view file,
                                              const FileOwner& owner);

// The key of a file; nothing if the header is not one, is another file's or object's, is damaged,
// or is of a file that needs a customer's key where the owner has none, or the other way round. A
// customer's key that is another one does not show before the first chunk.
[[nodiscard]] std::optional<crypto::AeadKey> open_sealed_header(const crypto::SecretBox& keys,
                                                                std::string_view header,
                                                                std::string_view file,
                                                                const FileOwner& owner);

enum class ChunkPlace : std::uint8_t { Inner, Last };

// Encrypts a chunk where it lies; `bytes` ends in room for the tag (crypto::kAeadTagSize).
void seal_chunk(const crypto::AeadKey& key,
                std::uint64_t index,
                ChunkPlace place,
                std::span<char> bytes);

// Decrypts a chunk into its own front. Nothing, and the bytes are wiped, if it is not the one that
// was written there.
[[nodiscard]] std::optional<std::string_view> open_chunk(const crypto::AeadKey& key,
                                                         std::uint64_t index,
                                                         ChunkPlace place,
                                                         std::span<char> sealed);

}  // namespace signet::objects
