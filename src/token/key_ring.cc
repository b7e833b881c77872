#include "token/key_ring.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/assertion.h"
#include "base/secret_access.h"
#include "crypto/hmac.h"
#include "crypto/random.h"

namespace signet::token {
namespace {

constexpr std::size_t kMagicSize = 4;
constexpr std::size_t kIdSize = 4;
constexpr std::size_t kClearSize = kMagicSize + kIdSize;

crypto::AeadKey subkey(const crypto::HmacKey& master, std::string_view label) {
  crypto::Sha256Digest bytes = master.derive(label);
  crypto::AeadKey key(crypto::as_view(bytes));
  explicit_bzero(bytes.data(), bytes.size());
  return key;
}

void write_id(char* out, std::uint32_t id) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *out++ = static_cast<char>((id >> shift) & 0xff);
  }
}

std::uint32_t read_id(std::string_view text) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < kIdSize; ++i) {
    id = (id << 8) | static_cast<std::uint8_t>(text[i]);
  }
  return id;
}

}  // namespace

KeyRing::KeyRing(const std::vector<RingKey>& keys) {
  SIGNET_ASSERT(!keys.empty());
  entries_.reserve(keys.size());
  for (const RingKey& key : keys) {
    SIGNET_ASSERT(key.bytes.size() == crypto::kAeadKeySize);
    const crypto::HmacKey master(key.bytes.reveal(secret_access()));
    // The labels are part of the format: do not change them.
    entries_.push_back(
        Entry{.id = key.id,
              .not_before = key.not_before,
              .not_after = key.not_after,
              .session_token = subkey(master, "signet session token v1"),
              .authorization_message = subkey(master, "signet authorization message v1"),
              .signin_step = subkey(master, "signet sign-in step v1"),
              .context_assertion = subkey(master, "signet context assertion v1")});
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return a.not_before != b.not_before ? a.not_before > b.not_before : a.id > b.id;
  });
}

const crypto::AeadKey& KeyRing::Entry::key(Purpose purpose) const {
  switch (purpose) {
    case Purpose::SessionToken:
      return session_token;
    case Purpose::AuthorizationMessage:
      return authorization_message;
    case Purpose::SigninStep:
      return signin_step;
    case Purpose::ContextAssertion:
      break;
  }
  return context_assertion;
}

const KeyRing::Entry* KeyRing::current(Instant now) const {
  for (const Entry& entry : entries_) {
    if (entry.not_before <= now && now < entry.not_after) {
      return &entry;
    }
  }
  return nullptr;
}

std::optional<std::uint32_t> KeyRing::current_id(Instant now) const {
  const Entry* entry = current(now);
  return entry == nullptr ? std::nullopt : std::optional(entry->id);
}

std::optional<std::string> KeyRing::seal(Purpose purpose,
                                         std::string_view magic,
                                         std::string_view plaintext,
                                         Instant now,
                                         Random& random) const {
  std::optional<std::string> frame(std::in_place);
  frame->reserve(plaintext.size() + kOverhead);
  frame->append(kFrontSize, '\0').append(plaintext);
  if (!seal_in_place(purpose, magic, *frame, now, random)) {
    explicit_bzero(frame->data(), frame->size());
    frame.reset();
  }
  return frame;
}

bool KeyRing::seal_in_place(Purpose purpose,
                            std::string_view magic,
                            std::string& frame,
                            Instant now,
                            Random& random) const {
  SIGNET_ASSERT(magic.size() == kMagicSize && frame.size() >= kFrontSize);
  const Entry* entry = current(now);
  if (entry == nullptr) {
    return false;
  }
  frame.append(crypto::kAeadTagSize, '\0');
  char* const bytes = frame.data();
  std::memcpy(bytes, magic.data(), kMagicSize);
  write_id(bytes + kMagicSize, entry->id);
  char* const nonce = bytes + kClearSize;
  random.fill({reinterpret_cast<std::uint8_t*>(nonce), crypto::kAeadNonceSize});
  entry->key(purpose).seal_in_place(
      {nonce, crypto::kAeadNonceSize}, {bytes, kClearSize}, std::span(frame).subspan(kFrontSize));
  return true;
}

std::optional<std::string_view> KeyRing::open(Purpose purpose,
                                              std::string_view magic,
                                              std::span<char> sealed,
                                              Instant now) const {
  const std::string_view frame(sealed.data(), sealed.size());
  if (frame.size() < kOverhead || !frame.starts_with(magic)) {
    return std::nullopt;
  }
  const std::uint32_t id = read_id(frame.substr(kMagicSize, kIdSize));
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.id == id && now < entry.not_after; });
  // An unknown id is tried with some key all the same, so that time does not tell which ids exist.
  const Entry& entry = found == entries_.end() ? entries_.front() : *found;
  const std::optional<std::string_view> plaintext =
      entry.key(purpose).open_in_place(frame.substr(kClearSize, crypto::kAeadNonceSize),
                                       frame.substr(0, kClearSize),
                                       sealed.subspan(kClearSize + crypto::kAeadNonceSize));
  return found == entries_.end() ? std::nullopt : plaintext;
}

RingKey make_ring_key(std::uint32_t id, Instant now, Instant not_after, Random& random) {
  return RingKey{.id = id,
                 .bytes = Secret(crypto::random_bytes(random, crypto::kAeadKeySize)),
                 .not_before = now,
                 .not_after = not_after};
}

}  // namespace signet::token
