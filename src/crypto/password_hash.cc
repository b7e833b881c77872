#include "crypto/password_hash.h"

#include <array>

#include <argon2.h>

#include "base/strings.h"
#include "crypto/random.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;
constexpr std::string_view kPrefix = "$argon2id$v=19$";

// Takes "<name><digits>" from the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name, char end) {
  if (!text.starts_with(name)) {
    return std::nullopt;
  }
  text.remove_prefix(name.size());
  const std::size_t size = text.find(end);
  if (size > 9) {  // npos too
    return std::nullopt;
  }
  const std::optional<std::int64_t> value = parse_decimal(text.substr(0, size));
  text.remove_prefix(size + 1);
  if (!value) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*value);
}

std::optional<PasswordCost> cost_of(std::string_view phc) {
  if (!phc.starts_with(kPrefix)) {
    return std::nullopt;
  }
  phc.remove_prefix(kPrefix.size());
  const auto memory = take_number(phc, "m=", ',');
  const auto passes = take_number(phc, "t=", ',');
  const auto lanes = take_number(phc, "p=", '$');
  if (!memory || !passes || !lanes) {
    return std::nullopt;
  }
  return PasswordCost{.memory_kib = *memory, .passes = *passes, .lanes = *lanes};
}

}  // namespace

std::optional<std::string> hash_password(std::string_view password,
                                         Random& random,
                                         PasswordCost cost) {
  std::array<std::uint8_t, kSaltSize> salt;
  random.fill(salt);
  std::string text(
      argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSaltSize, kHashSize, Argon2_id),
      '\0');
  const int result = argon2id_hash_encoded(cost.passes,
                                           cost.memory_kib,
                                           cost.lanes,
                                           password.data(),
                                           password.size(),
                                           salt.data(),
                                           salt.size(),
                                           kHashSize,
                                           text.data(),
                                           text.size());
  if (result != ARGON2_OK) {
    return std::nullopt;
  }
  text.resize(text.find('\0'));
  return text;
}

bool verify_password(std::string_view phc, std::string_view password) {
  const std::optional<PasswordCost> cost = cost_of(phc);
  if (!cost || cost->memory_kib > (1U << 20) || cost->passes > 64 || cost->lanes > 16) {
    return false;
  }
  const std::string terminated(phc);
  return argon2id_verify(terminated.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view phc, PasswordCost cost) {
  return cost_of(phc) != cost;
}

}  // namespace signet::crypto
