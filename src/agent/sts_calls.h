#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/instant.h"
#include "http/client.h"

namespace signet::agent {

// Long-term or temporary keys of somebody.
struct Keys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: none
};

// What AssumeRole answers.
struct RoleCredentials {
  Keys keys;
  Instant expiration;  // by the server's clock
  std::string role_arn;
};

// A role to be assumed.
struct RoleWish {
  std::string role;          // an ARN, or role/PATH/NAME of the caller's account
  std::string session_name;  // of the session
  int duration_seconds = 0;  // 0: the server's usual duration
};

// Calls of STS from a program of ours, signed with the keys, over a connection of its own. Where a
// signature is refused because the server's clock is another one (--dev), the call is made once
// more by the clock that the server's answer tells. Errors are sentences for a person.
class StsCaller {
 public:
  // `clock` outlives it.
  StsCaller(http::ClientOptions server, std::string region, Keys keys, const Clock& clock);

  [[nodiscard]] std::expected<RoleCredentials, std::string> assume(const RoleWish& wish);

  // The account of whoever has the keys.
  [[nodiscard]] std::expected<std::string, std::string> account();

  // Looks at the clock of a server that lets it be moved (--dev); of others nothing changes.
  void ask_time();

  // The present by the server's clock, as far as it is known.
  [[nodiscard]] Instant now() const;

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] std::expected<std::string, std::string> call(const Parameters& parameters);
  [[nodiscard]] std::expected<http::ClientResponse, std::string> send(const std::string& body);
  void follow(Instant server);

  http::ClientOptions server_;
  http::Client client_;
  std::string region_;
  Keys keys_;
  const Clock& clock_;
  std::int64_t offset_ms_ = 0;  // of the server's clock
};

}  // namespace signet::agent
