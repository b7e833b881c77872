#include "ctl/role_keys.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/strings.h"
#include "ctl/exports.h"
#include "ctl/status.h"

namespace signet::ctl {
namespace {

using Failure = std::unexpected<std::string>;

constexpr const char* kRegion = "us-east-1";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string value_of(const Variables& variables, std::string_view name) {
  const auto found = std::ranges::find(variables, name, &Variables::value_type::first);
  return found != variables.end() ? found->second : std::string();
}

}  // namespace

std::expected<agent::Keys, std::string> keys_of(const std::string& credentials_file) {
  if (!credentials_file.empty()) {
    const auto read = key_variables(credentials_file);
    if (!read) {
      return Failure(read.error().message.empty() ? read.error().cause : read.error().message);
    }
    return agent::Keys{.access_key_id = value_of(*read, "AWS_ACCESS_KEY_ID"),
                       .secret_access_key = value_of(*read, "AWS_SECRET_ACCESS_KEY"),
                       .session_token = {}};
  }
  agent::Keys keys{.access_key_id = variable("AWS_ACCESS_KEY_ID"),
                   .secret_access_key = variable("AWS_SECRET_ACCESS_KEY"),
                   .session_token = variable("AWS_SESSION_TOKEN")};
  if (keys.access_key_id.empty() || keys.secret_access_key.empty()) {
    return Failure(
        "there are no keys to assume the role with: give --credentials FILE, or set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  return keys;
}

std::expected<std::unique_ptr<agent::RoleSession>, std::string> open_role(const RoleOptions& wish,
                                                                          const agent::Keys& keys,
                                                                          const Clock& clock) {
  auto server = server_at({.endpoint = wish.endpoint, .ca_file = wish.ca_file});
  if (!server) {
    return Failure(server.error());
  }
  auto session = std::make_unique<agent::RoleSession>(
      agent::StsCaller(*std::move(server), kRegion, keys, clock),
      agent::RoleWish{.role = wish.role,
                      .session_name = wish.session_name,
                      .duration_seconds = wish.duration_seconds});
  // At once, so that a role that cannot be assumed is told before anything is started.
  if (const auto first = session->current(); !first) {
    return Failure(first.error());
  }
  return session;
}

Variables key_variables(const agent::Keys& keys) {
  Variables variables = {{"AWS_ACCESS_KEY_ID", keys.access_key_id},
                         {"AWS_SECRET_ACCESS_KEY", keys.secret_access_key}};
  if (!keys.session_token.empty()) {
    variables.emplace_back("AWS_SESSION_TOKEN", keys.session_token);
  }
  return variables;
}

}  // namespace signet::ctl
