#include "token/ids.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "model/arn.h"

namespace signet::token {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kPrefixSize = 4;
constexpr std::size_t kKeyIdSize = 20;
constexpr std::size_t kEntityIdSize = 21;
constexpr std::size_t kHeadSize = 10;  // characters that hold the 48 bits with the account
constexpr std::uint64_t kMaxAccount = 999'999'999'999U;

int base32_value(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool is_key_prefix(std::string_view prefix) {
  return prefix == kAccessKeyPrefix || prefix == kTemporaryKeyPrefix ||
         prefix == kBearerTokenPrefix;
}

}  // namespace

// aws-wire 3.6: the first 48 of the 50 bits of the first ten characters are 1, 40 bits of account,
// 7 random bits.
std::string make_id(std::string_view prefix, std::string_view account, Random& random) {
  SIGNET_ASSERT(prefix.size() == kPrefixSize && model::is_account_id(account));
  const auto number = static_cast<std::uint64_t>(parse_decimal(account).value_or(0));
  const std::size_t size = is_key_prefix(prefix) ? kKeyIdSize : kEntityIdSize;
  std::array<std::uint8_t, kEntityIdSize> noise;
  random.fill(noise);
  const std::uint64_t tail = noise[0] & 0x7fU;
  const std::uint64_t head =
      (((std::uint64_t{1} << 47) | (number << 7) | tail) << 2) | (noise[1] & 3U);
  std::string id(size, '\0');
  char* at = id.data();
  std::memcpy(at, prefix.data(), kPrefixSize);
  at += kPrefixSize;
  for (std::size_t i = 0; i < kHeadSize; ++i) {
    *at++ = kBase32.data()[(head >> (5 * (kHeadSize - 1 - i))) & 31];
  }
  for (std::size_t i = 2; at != id.data() + size; ++i) {
    *at++ = kBase32.data()[noise[i] & 31];
  }
  return id;
}

std::optional<std::string> account_of(std::string_view id) {
  if (id.size() != kKeyIdSize && id.size() != kEntityIdSize) {
    return std::nullopt;
  }
  std::uint64_t head = 0;
  for (std::size_t i = kPrefixSize; i < id.size(); ++i) {
    const int value = base32_value(id[i]);
    if (value < 0) {
      return std::nullopt;
    }
    if (i < kPrefixSize + kHeadSize) {
      head = (head << 5) | static_cast<std::uint64_t>(value);
    }
  }
  const std::uint64_t bits = head >> 2;
  const std::uint64_t number = (bits & 0x7fffffffff80U) >> 7;
  if ((bits >> 47) != 1 || number > kMaxAccount) {
    return std::nullopt;
  }
  std::string account = std::to_string(number);
  account.insert(0, 12 - account.size(), '0');
  return account;
}

Secret make_secret_access_key(Random& random) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+";
  static_assert(kAlphabet.size() == 64);
  std::array<std::uint8_t, 40> noise;
  random.fill(noise);
  std::string text(noise.size(), '\0');
  char* at = text.data();
  for (const std::uint8_t byte : noise) {
    *at++ = kAlphabet.data()[byte & 63];  // 64 divides 256: no bias
  }
  explicit_bzero(noise.data(), noise.size());
  return Secret(std::move(text));
}

}  // namespace signet::token
