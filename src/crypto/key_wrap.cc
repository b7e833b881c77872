#include "crypto/key_wrap.h"

#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/random.h"

namespace signet::crypto {
namespace {

// On disk - do not renumber.
constexpr char kWrappedKeyFormat = 1;
constexpr char kSealedSecretFormat = 2;

constexpr std::size_t kSealedHeader = 1 + 4 + kAeadNonceSize;
constexpr std::size_t kWrappedHeader = 1 + 4 + 4 + kAeadNonceSize;

std::string big_endian(std::uint32_t value) {
  std::string text(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) {
    text[i] = static_cast<char>((value >> (24 - 8 * i)) & 0xff);
  }
  return text;
}

std::uint32_t read_big_endian(std::string_view text) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = (value << 8) | static_cast<std::uint8_t>(text[i]);
  }
  return value;
}

// Format byte, key id and context, with the lengths fixed or last so that no two inputs give the
// same bytes.
std::string associated_data(std::string_view header, std::string_view context) {
  return concat(header, context);
}

}  // namespace

NamedKey make_named_key(std::uint32_t id, Random& random) {
  return NamedKey{.id = id, .bytes = Secret(random_bytes(random, kAeadKeySize))};
}

std::string wrap_key(const NamedKey& master, const NamedKey& key, Random& random) {
  std::string out =
      concat(std::string_view(&kWrappedKeyFormat, 1), big_endian(master.id), big_endian(key.id));
  const std::string associated = out;
  const std::string nonce = random_bytes(random, kAeadNonceSize);
  out.append(nonce);
  AeadKey(master.bytes.reveal(secret_access()))
      .seal(nonce, associated, key.bytes.reveal(secret_access()), out);
  return out;
}

std::optional<std::uint32_t> wrapping_key_id(std::string_view wrapped) {
  if (wrapped.size() != kWrappedHeader + kAeadKeySize + kAeadTagSize ||
      wrapped[0] != kWrappedKeyFormat) {
    return std::nullopt;
  }
  return read_big_endian(wrapped.substr(1, 4));
}

std::optional<NamedKey> unwrap_key(const NamedKey& master, std::string_view wrapped) {
  if (wrapping_key_id(wrapped) != master.id) {
    return std::nullopt;
  }
  std::string bytes;
  bytes.reserve(kAeadKeySize);
  const std::string_view nonce = wrapped.substr(kWrappedHeader - kAeadNonceSize, kAeadNonceSize);
  const bool is_open =
      AeadKey(master.bytes.reveal(secret_access()))
          .open(nonce, wrapped.substr(0, 9), wrapped.substr(kWrappedHeader), bytes);
  if (!is_open) {
    return std::nullopt;
  }
  return NamedKey{.id = read_big_endian(wrapped.substr(5, 4)), .bytes = Secret(std::move(bytes))};
}

SecretBox::SecretBox(const std::vector<NamedKey>& keys) {
  SIGNET_ASSERT(!keys.empty());
  entries_.reserve(keys.size());
  for (const NamedKey& key : keys) {
    entries_.push_back(Entry{.id = key.id, .key = AeadKey(key.bytes.reveal(secret_access()))});
  }
}

std::string SecretBox::seal(std::string_view context,
                            std::string_view secret,
                            Random& random) const {
  const Entry& entry = entries_.back();
  std::string out = concat(std::string_view(&kSealedSecretFormat, 1), big_endian(entry.id));
  const std::string associated = associated_data(out, context);
  const std::string nonce = random_bytes(random, kAeadNonceSize);
  out.append(nonce);
  entry.key.seal(nonce, associated, secret, out);
  return out;
}

std::optional<Secret> SecretBox::open(std::string_view context, std::string_view sealed) const {
  if (sealed.size() < kSealedHeader + kAeadTagSize || sealed[0] != kSealedSecretFormat) {
    return std::nullopt;
  }
  const Entry* entry = find(read_big_endian(sealed.substr(1, 4)));
  if (entry == nullptr) {
    return std::nullopt;
  }
  std::string secret;
  secret.reserve(sealed.size());
  const std::string associated = associated_data(sealed.substr(0, 5), context);
  if (!entry->key.open(
          sealed.substr(5, kAeadNonceSize), associated, sealed.substr(kSealedHeader), secret)) {
    return std::nullopt;
  }
  return Secret(std::move(secret));
}

SecretBox::NewKey SecretBox::make_key(std::string_view context, Random& random) const {
  const Secret bytes(random_bytes(random, kAeadKeySize));
  return NewKey{.key = AeadKey(bytes.reveal(secret_access())),
                .sealed = seal(context, bytes.reveal(secret_access()), random)};
}

std::optional<AeadKey> SecretBox::open_key(std::string_view context,
                                           std::string_view sealed) const {
  const std::optional<Secret> bytes = open(context, sealed);
  if (!bytes || bytes->size() != kAeadKeySize) {
    return std::nullopt;
  }
  return AeadKey(bytes->reveal(secret_access()));
}

bool SecretBox::is_outdated(std::string_view sealed) const {
  return sealed.size() < kSealedHeader ||
         read_big_endian(sealed.substr(1, 4)) != entries_.back().id;
}

const SecretBox::Entry* SecretBox::find(std::uint32_t id) const {
  for (const Entry& entry : entries_) {
    if (entry.id == id) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace signet::crypto
