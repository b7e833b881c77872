#include "jose/claims.h"

#include <cstdint>
#include <utility>

#include "base/strings.h"

namespace signet::jose {

using codec::Json;

std::expected<Claims, std::string> Claims::read(std::string_view payload) {
  std::string why = "it is no object";
  std::optional<Json> json = Json::parse(payload, &why);
  if (!json || !json->is_object()) {
    return std::unexpected(concat("the claims are no JSON object: ", why));
  }
  return Claims(*std::move(json));
}

std::optional<std::string> Claims::text(std::string_view name) const {
  const Json* claim = find(name);
  return claim != nullptr && claim->is_string() ? std::optional(claim->text()) : std::nullopt;
}

std::optional<Instant> Claims::time(std::string_view name) const {
  constexpr double kEnd = 253'402'300'800;  // the year 10000
  const Json* claim = find(name);
  const std::optional<double> seconds = claim != nullptr ? claim->as_double() : std::nullopt;
  if (!seconds || !(*seconds >= 0 && *seconds < kEnd)) {
    return std::nullopt;
  }
  return Instant{static_cast<std::int64_t>(*seconds * 1000)};
}

std::optional<std::vector<std::string>> Claims::texts(std::string_view name) const {
  const Json* claim = find(name);
  if (claim == nullptr) {
    return std::nullopt;
  }
  if (claim->is_string()) {
    return std::vector{claim->text()};
  }
  std::vector<std::string> all;
  for (const Json& one : claim->items()) {
    if (!one.is_string()) {
      return std::nullopt;
    }
    all.push_back(one.text());
  }
  return all.empty() ? std::nullopt : std::optional(std::move(all));
}

}  // namespace signet::jose
