#include "identity/kinds/kind.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::identity {

IdKey IdKey::of(std::string_view id) {
  IdKey key;
  key.hash_ = static_cast<std::uint32_t>(std::hash<std::string_view>{}(id));
  key.size_ = static_cast<std::uint32_t>(id.size());
  key.data_ = id.data();
  return key;
}

std::uint64_t NameKey::rank(std::size_t skip) const {
  std::uint64_t rank = 0;
  for (std::size_t at = skip; at < skip + sizeof rank; ++at) {
    const char c = at < name_.size() ? to_lower(name_[at]) : '\0';
    rank = rank << 8 | static_cast<unsigned char>(c);
  }
  return rank;
}

std::string fold_name(std::string_view name) {
  return to_lower(name);
}

std::string relation_key(std::string_view owner, std::string_view member) {
  return concat(owner, std::string_view("\0", 1), member);
}

std::string age_key(Instant at, std::string_view id) {
  // Fixed width and unsigned.
  std::string key(8, '\0');
  auto value = static_cast<std::uint64_t>(at.unix_ms) ^ (std::uint64_t{1} << 63);
  for (std::size_t i = key.size(); i-- > 0;) {
    key[i] = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  key += id;
  return key;
}

std::string account_key(std::string_view account, std::string_view part, std::string_view id) {
  return concat("a/", account, "/", part, "/", id);
}

std::unexpected<Error> refuse(std::string_view what, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("directory: ", what, ": ", why)));
}

Status require_id_and_name(std::string_view account, std::string_view id, std::string_view name) {
  if (id.empty() || name.empty()) {
    return refuse(account, "an entity without id or name");
  }
  return {};
}

}  // namespace signet::identity
