#include "agent/trust_store.h"

#include <cstdint>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha1.h"

namespace signet::agent {
namespace {

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size(), 2);
  out += text;
}

}  // namespace

std::string java_trust_store(std::string_view certificate, std::int64_t unix_ms) {
  constexpr std::uint64_t kMagic = 0xFEEDFEED;
  constexpr std::uint64_t kVersion = 2;
  constexpr std::uint64_t kTrusted = 2;
  std::string store;
  append_number(store, kMagic, 4);
  append_number(store, kVersion, 4);
  append_number(store, 1, 4);  // entries
  append_number(store, kTrusted, 4);
  append_text(store, "signet-run");
  append_number(store, static_cast<std::uint64_t>(unix_ms), 8);
  append_text(store, "X.509");
  append_number(store, certificate.size(), 4);
  store += certificate;
  std::string keyed;
  for (const char c : kJavaStorePassword) {
    append_number(keyed, static_cast<unsigned char>(c), 2);
  }
  const crypto::Sha1Digest digest = crypto::sha1(concat(keyed, "Mighty Aphrodite", store));
  return concat(store, codec::as_text(digest));
}

}  // namespace signet::agent
