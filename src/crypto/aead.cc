#include "crypto/aead.h"

#include <atomic>
#include <cstring>
#include <limits>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assertion.h"

namespace signet::crypto {
namespace {

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  SIGNET_ASSERT(cipher != nullptr);
  return cipher;
}

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int checked_int(std::size_t size) {
  SIGNET_ASSERT(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(size);
}

enum class Direction : int { Open = 0, Seal = 1 };

// The keyed contexts of one thread, one direction: few keys are in use at a time (the current
// sealing key of each purpose and the one before), so a short list searched in order, replaced in
// turn, is enough.
class ContextCache {
 public:
  explicit ContextCache(Direction direction) : direction_(direction) {}

  ContextCache(const ContextCache&) = delete;
  ContextCache& operator=(const ContextCache&) = delete;
  ContextCache(ContextCache&&) = delete;
  ContextCache& operator=(ContextCache&&) = delete;

  ~ContextCache() {
    for (const Slot& slot : slots_) {
      EVP_CIPHER_CTX_free(slot.context);  // wipes the key schedule
    }
  }

  EVP_CIPHER_CTX* get(std::uint64_t serial, const std::uint8_t* key) {
    for (const Slot& slot : slots_) {
      if (slot.serial == serial) {
        return slot.context;
      }
    }
    Slot& slot = slots_[next_];
    next_ = (next_ + 1) % kSlots;
    if (slot.context == nullptr) {
      slot.context = EVP_CIPHER_CTX_new();
    }
    SIGNET_ASSERT(slot.context != nullptr);
    slot.serial = 0;
    SIGNET_ASSERT(
        EVP_CipherInit_ex(
            slot.context, algorithm(), nullptr, key, nullptr, static_cast<int>(direction_)) == 1);
    slot.serial = serial;
    return slot.context;
  }

 private:
  static constexpr std::size_t kSlots = 8;

  struct Slot {
    std::uint64_t serial = 0;
    EVP_CIPHER_CTX* context = nullptr;
  };

  Direction direction_;
  std::size_t next_ = 0;
  std::array<Slot, kSlots> slots_{};
};

EVP_CIPHER_CTX* sealing_context(std::uint64_t serial, const std::uint8_t* key) {
  static thread_local ContextCache cache(Direction::Seal);
  return cache.get(serial, key);
}

EVP_CIPHER_CTX* opening_context(std::uint64_t serial, const std::uint8_t* key) {
  static thread_local ContextCache cache(Direction::Open);
  return cache.get(serial, key);
}

// Where OpenSSL writes or reads the tag. EVP_CIPHER_CTX_ctrl() would make the same from its
// arguments, after asking what kind of cipher it is.
std::array<OSSL_PARAM, 2> tag_parameter(unsigned char* tag) {
  return {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kAeadTagSize),
          OSSL_PARAM_construct_end()};
}

// Encryption has no error but a bug of ours.
void require(int result) {
  SIGNET_ASSERT(result == 1);
}

}  // namespace

AeadKey::AeadKey(std::string_view key) : serial_(next_serial()) {
  SIGNET_ASSERT(key.size() == kAeadKeySize);
  std::memcpy(key_.data(), key.data(), kAeadKeySize);
}

AeadKey::AeadKey(AeadKey&& other) noexcept
    : key_(other.key_), serial_(std::exchange(other.serial_, 0)) {
  explicit_bzero(other.key_.data(), other.key_.size());
}

AeadKey& AeadKey::operator=(AeadKey&& other) noexcept {
  if (this != &other) {
    key_ = other.key_;
    serial_ = std::exchange(other.serial_, 0);
    explicit_bzero(other.key_.data(), other.key_.size());
  }
  return *this;
}

AeadKey::~AeadKey() {
  explicit_bzero(key_.data(), key_.size());
}

void AeadKey::seal(std::string_view nonce,
                   std::string_view associated,
                   std::string_view plaintext,
                   std::string& out) const {
  const std::size_t start = out.size();
  out.append(plaintext).append(kAeadTagSize, '\0');
  seal_in_place(nonce, associated, std::span(out).subspan(start));
}

void AeadKey::seal_in_place(std::string_view nonce,
                            std::string_view associated,
                            std::span<char> bytes) const {
  SIGNET_ASSERT(serial_ != 0);
  SIGNET_ASSERT(nonce.size() == kAeadNonceSize && bytes.size() >= kAeadTagSize);
  EVP_CIPHER_CTX* context = sealing_context(serial_, key_.data());
  auto* target = reinterpret_cast<unsigned char*>(bytes.data());
  int written = 0;
  require(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, bytes_of(nonce)));
  if (!associated.empty()) {
    require(EVP_EncryptUpdate(
        context, nullptr, &written, bytes_of(associated), checked_int(associated.size())));
  }
  require(EVP_EncryptUpdate(
      context, target, &written, target, checked_int(bytes.size() - kAeadTagSize)));
  target += written;
  require(EVP_EncryptFinal_ex(context, target, &written));
  std::array<OSSL_PARAM, 2> tag = tag_parameter(target);
  require(EVP_CIPHER_CTX_get_params(context, tag.data()));
}

std::optional<std::string_view> AeadKey::open_in_place(std::string_view nonce,
                                                       std::string_view associated,
                                                       std::span<char> sealed) const {
  SIGNET_ASSERT(serial_ != 0);
  SIGNET_ASSERT(nonce.size() == kAeadNonceSize);
  if (sealed.size() < kAeadTagSize) {
    return std::nullopt;
  }
  EVP_CIPHER_CTX* context = opening_context(serial_, key_.data());
  const std::size_t size = sealed.size() - kAeadTagSize;
  auto* bytes = reinterpret_cast<unsigned char*>(sealed.data());
  // Nonce and tag in one call: each call into OpenSSL 3 looks its parameters up by name.
  const std::array<OSSL_PARAM, 2> tag = tag_parameter(bytes + size);
  int written = 0;
  bool is_good = EVP_DecryptInit_ex2(context, nullptr, nullptr, bytes_of(nonce), tag.data()) == 1;
  if (!associated.empty()) {
    is_good =
        is_good &&
        EVP_DecryptUpdate(
            context, nullptr, &written, bytes_of(associated), checked_int(associated.size())) == 1;
  }
  is_good = is_good && EVP_DecryptUpdate(context, bytes, &written, bytes, checked_int(size)) == 1;
  is_good = is_good && EVP_DecryptFinal_ex(context, bytes + written, &written) == 1;
  if (!is_good) {
    explicit_bzero(bytes, size);  // unauthenticated plaintext goes nowhere
    return std::nullopt;
  }
  return std::string_view(sealed.data(), size);
}

bool AeadKey::open(std::string_view nonce,
                   std::string_view associated,
                   std::string_view sealed,
                   std::string& out) const {
  const std::size_t start = out.size();
  out.append(sealed);
  const std::optional<std::string_view> plaintext =
      open_in_place(nonce, associated, std::span(out).subspan(start));
  out.resize(start + (plaintext ? plaintext->size() : 0));
  return plaintext.has_value();
}

}  // namespace signet::crypto
