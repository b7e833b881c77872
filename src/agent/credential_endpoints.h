#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agent/role_session.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/handler.h"
#include "http/server.h"

namespace signet::agent {

// The two ways in which SDKs get a role's credentials from the machine that they run on, at one
// address on loopback:
//
// - the container endpoint, GET /credentials with the token in the header Authorization
//   (AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE);
// - version 2 of the instance metadata service (AWS_EC2_METADATA_SERVICE_ENDPOINT): PUT
//   /latest/api/token for a session token, then the role's name and its credentials under
//   /latest/meta-data/iam/security-credentials/, and the region. Without a session token everything
//   is refused, as version 1 is.
//
// A request may wait for the server that the credentials come from: this is nothing for the loops
// of a server of many.
class CredentialEndpoints final : public http::Handler {
 public:
  // `token` is what the container endpoint wants to see. `clock` and `random` outlive it.
  CredentialEndpoints(RoleSession& session,
                      std::string region,
                      std::string token,
                      const Clock& clock,
                      Random& random);

  http::ExchangePtr open(const http::RequestHead& head) override;

  // For the exchange. On the loop.
  [[nodiscard]] http::Response answer(const http::RequestHead& head);

 private:
  [[nodiscard]] http::Response container(const http::RequestHead& head);
  [[nodiscard]] http::Response make_session(const http::RequestHead& head);
  [[nodiscard]] http::Response metadata(std::string_view path);
  [[nodiscard]] http::Response role_credentials(std::string_view role);
  [[nodiscard]] bool has_session(const http::RequestHead& head);

  RoleSession& session_;
  std::string region_;
  std::string token_;
  const Clock& clock_;
  Random& random_;
  std::map<std::string, Instant, std::less<>> sessions_;  // session token to its end
};

// The endpoints on a server of their own.
class CredentialServer {
 public:
  struct Options {
    RoleSession& session;
    std::string region;
    std::string token;
    std::uint16_t port = 0;  // 0: the system chooses
    const Clock& clock;
    Random& random;
  };

  // The error is a sentence.
  static std::expected<std::unique_ptr<CredentialServer>, std::string> start(
      const Options& options);

  // http://127.0.0.1:PORT
  [[nodiscard]] std::string url() const;

 private:
  explicit CredentialServer(const Options& options);

  CredentialEndpoints endpoints_;
  std::unique_ptr<http::Server> server_;
};

// What `credential_process` of a profile prints: version 1 of its JSON.
[[nodiscard]] std::string process_credentials(const RoleCredentials& credentials);

}  // namespace signet::agent
