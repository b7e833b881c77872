#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "agent/credential_endpoints.h"
#include "agent/role_session.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "ctl/tool_run.h"
#include "server/dev_folder.h"

namespace signet::ctl {

// A folder of this process alone, gone with the object.
[[nodiscard]] std::expected<server::DevFolder, std::string> temporary_folder();

// A role's credentials at the endpoints that SDKs know, and the file with their token.
class ServedRole {
 public:
  ServedRole(agent::RoleSession& session, const Clock& clock) : session_(session), clock_(clock) {}

  // The error is a sentence.
  std::expected<void, std::string> start(std::uint16_t port, const std::string& folder);

  // By which programs find the one or the other.
  [[nodiscard]] Variables container_variables() const;
  [[nodiscard]] Variables instance_variables() const;

 private:
  agent::RoleSession& session_;
  const Clock& clock_;
  crypto::SystemRandom random_;
  std::string token_file_;
  std::unique_ptr<agent::CredentialServer> server_;
};

// Served until the object is gone; `session` and `clock` outlive it. `port` 0: the system chooses.
[[nodiscard]] std::expected<std::unique_ptr<ServedRole>, std::string> serve_role(
    agent::RoleSession& session, const Clock& clock, std::uint16_t port, const std::string& folder);

}  // namespace signet::ctl
