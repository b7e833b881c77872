#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "codec/json.h"

namespace signet::jose {

// The claims of a JSON Web Token (RFC 7519 4). Whether anybody may believe them is for others to
// say.
class Claims {
 public:
  // The payload of a JWS: a JSON object, none of whose members stands there twice. The error says
  // what is wrong, for the operator.
  [[nodiscard]] static std::expected<Claims, std::string> read(std::string_view payload);

  // Null if absent.
  [[nodiscard]] const codec::Json* find(std::string_view name) const { return json_.find(name); }

  // All, in their order.
  [[nodiscard]] const std::vector<std::pair<std::string, codec::Json>>& members() const {
    return json_.members();
  }

  // Nothing if absent or no text.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

  // A NumericDate, fractions of a second cut to milliseconds; nothing if absent, no number, or
  // outside the years 1970 to 9999.
  [[nodiscard]] std::optional<Instant> time(std::string_view name) const;

  // One text, or a list of texts; nothing if absent, of another form or empty (RFC 7519 4.1.3).
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view name) const;

 private:
  explicit Claims(codec::Json json) : json_(std::move(json)) {}

  codec::Json json_;
};

}  // namespace signet::jose
