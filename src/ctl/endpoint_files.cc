#include "ctl/endpoint_files.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/strings.h"
#include "codec/base64.h"

namespace signet::ctl {

using Failure = std::unexpected<std::string>;

std::expected<server::DevFolder, std::string> temporary_folder() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) {
    return Failure(concat("there is no temporary folder: ", error.message()));
  }
  auto made = server::DevFolder::make(parent.string());
  if (!made) {
    return Failure(made.error().cause);
  }
  return *std::move(made);
}

std::expected<void, std::string> ServedRole::start(std::uint16_t port, const std::string& folder) {
  std::array<std::uint8_t, 32> bytes{};
  random_.fill(bytes);
  const std::string token = codec::encode_base64url(codec::as_text(bytes));
  token_file_ = folder + "/container-token";
  std::ofstream out(token_file_, std::ios::binary);
  if (!(out << token).flush()) {
    return Failure(concat("cannot write ", token_file_));
  }
  auto started = agent::CredentialServer::start({.session = session_,
                                                 .region = "us-east-1",
                                                 .token = token,
                                                 .port = port,
                                                 .clock = clock_,
                                                 .random = random_});
  if (!started) {
    return Failure(started.error());
  }
  server_ = std::move(*started);
  return {};
}

Variables ServedRole::container_variables() const {
  return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server_->url() + "/credentials"},
          {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file_}};
}

Variables ServedRole::instance_variables() const {
  return {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server_->url()},
          {"AWS_EC2_METADATA_DISABLED", "false"},
          {"AWS_EC2_METADATA_V1_DISABLED", "true"}};
}

std::expected<std::unique_ptr<ServedRole>, std::string> serve_role(agent::RoleSession& session,
                                                                   const Clock& clock,
                                                                   std::uint16_t port,
                                                                   const std::string& folder) {
  auto served = std::make_unique<ServedRole>(session, clock);
  if (auto started = served->start(port, folder); !started) {
    return Failure(started.error());
  }
  return served;
}

}  // namespace signet::ctl
