#include "agent/credential_endpoints.h"

#include <array>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "crypto/constant_time.h"

namespace signet::agent {
namespace {

constexpr std::string_view kTtl = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view kSessionToken = "X-aws-ec2-metadata-token";
constexpr std::string_view kMetadata = "/latest/meta-data/";
constexpr std::string_view kRoles = "iam/security-credentials/";
constexpr std::size_t kMaxSessions = 4096;

http::Response text_answer(int status, std::string body, std::string_view type = "text/plain") {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", type);
  return response;
}

http::Response json_answer(int status, std::string body) {
  return text_answer(status, std::move(body), "application/json");
}

// In the form that SDKs read from a container's endpoint.
http::Response failure(int status, std::string_view code, std::string_view message) {
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object();
  json.member("code", code);
  json.member("message", message);
  json.end_object();
  return json_answer(status, std::move(body));
}

void write_keys(codec::JsonWriter& json,
                const RoleCredentials& credentials,
                std::string_view token_name) {
  json.member("AccessKeyId", credentials.keys.access_key_id);
  json.member("SecretAccessKey", credentials.keys.secret_access_key);
  json.member(token_name, credentials.keys.session_token);
  json.member("Expiration", codec::format_iso8601(credentials.expiration));
}

// Answers in finish(), since a PUT may have a body.
class EndpointExchange final : public http::Exchange {
 public:
  explicit EndpointExchange(CredentialEndpoints& endpoints) : endpoints_(endpoints) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call /*call*/) override {
    head_ = &head;
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = 4096};
  }

  void finish(std::string_view /*whole_body*/, http::Call call) override {
    call.answer(endpoints_.answer(*head_));
  }

 private:
  CredentialEndpoints& endpoints_;
  const http::RequestHead* head_ = nullptr;
};

}  // namespace

CredentialEndpoints::CredentialEndpoints(
    RoleSession& session, std::string region, std::string token, const Clock& clock, Random& random)
    : session_(session),
      region_(std::move(region)),
      token_(std::move(token)),
      clock_(clock),
      random_(random) {}

http::ExchangePtr CredentialEndpoints::open(const http::RequestHead& /*head*/) {
  return http::ExchangePtr(new EndpointExchange(*this));
}

http::Response CredentialEndpoints::answer(const http::RequestHead& head) {
  const std::string_view path = head.path();
  if (path == "/credentials" && head.method == "GET") {
    return container(head);
  }
  if (path == "/latest/api/token") {
    return head.method == "PUT" ? make_session(head) : text_answer(405, "");
  }
  if (!path.starts_with(kMetadata)) {
    return text_answer(404, "");
  }
  if (head.method != "GET") {
    return text_answer(405, "");
  }
  return has_session(head) ? metadata(path.substr(kMetadata.size())) : text_answer(401, "");
}

http::Response CredentialEndpoints::container(const http::RequestHead& head) {
  if (!crypto::equal_constant_time(head.find("Authorization").value_or(""), token_)) {
    return failure(401, "Unauthorized", "The Authorization header does not hold the token.");
  }
  const auto credentials = session_.current();
  if (!credentials) {
    return failure(500, "InternalServerException", credentials.error());
  }
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object();
  json.member("RoleArn", credentials->role_arn);
  write_keys(json, *credentials, "Token");
  json.end_object();
  return json_answer(200, std::move(body));
}

// As the service does it: a request that came through a proxy gets none.
http::Response CredentialEndpoints::make_session(const http::RequestHead& head) {
  constexpr std::int64_t kLongest = 21'600;
  const auto seconds = parse_decimal(head.find(kTtl).value_or(""));
  if (head.find("X-Forwarded-For")) {
    return text_answer(403, "");
  }
  if (!seconds || *seconds < 1 || *seconds > kLongest) {
    return text_answer(400, "");
  }
  const Instant now = clock_.now();
  std::erase_if(sessions_, [now](const auto& session) { return session.second <= now; });
  if (sessions_.size() == kMaxSessions) {
    return text_answer(503, "");
  }
  std::array<std::uint8_t, 32> bytes{};
  random_.fill(bytes);
  const std::string token = codec::encode_base64url(codec::as_text(bytes));
  sessions_[token] = now.plus_seconds(*seconds);
  http::Response response = text_answer(200, token);
  response.headers.add(kTtl, std::to_string(*seconds));
  return response;
}

bool CredentialEndpoints::has_session(const http::RequestHead& head) {
  const auto found = sessions_.find(head.find(kSessionToken).value_or(""));
  return found != sessions_.end() && found->second > clock_.now();
}

http::Response CredentialEndpoints::metadata(std::string_view path) {
  if (path == "placement/region") {
    return text_answer(200, region_);
  }
  if (path == "placement/availability-zone" || path == "placement/availability-zone/") {
    return text_answer(200, region_ + "a");
  }
  return path.starts_with(kRoles) || concat(path, "/") == kRoles
             ? role_credentials(path.substr(std::min(path.size(), kRoles.size())))
             : text_answer(404, "");
}

http::Response CredentialEndpoints::role_credentials(std::string_view role) {
  const auto credentials = session_.current();
  if (!credentials) {
    return failure(500, "InternalServerException", credentials.error());
  }
  const std::string name = role_name(credentials->role_arn);
  if (role.empty()) {
    return text_answer(200, name);
  }
  if (role != name) {
    return text_answer(404, "");
  }
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object();
  json.member("Code", "Success");
  json.member("LastUpdated", codec::format_iso8601(clock_.now()));
  json.member("Type", "AWS-HMAC");
  write_keys(json, *credentials, "Token");
  json.end_object();
  return json_answer(200, std::move(body));
}

CredentialServer::CredentialServer(const Options& options)
    : endpoints_(options.session, options.region, options.token, options.clock, options.random) {}

std::expected<std::unique_ptr<CredentialServer>, std::string> CredentialServer::start(
    const Options& options) {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<CredentialServer> made(new CredentialServer(options));
  http::Listener listener;
  listener.port = options.port;
  http::ServerOptions server;
  server.listeners.push_back(listener);
  auto started = http::Server::start(std::move(server), made->endpoints_, options.clock);
  if (!started) {
    return std::unexpected(started.error());
  }
  made->server_ = std::move(*started);
  return made;
}

std::string CredentialServer::url() const {
  return concat("http://127.0.0.1:", std::to_string(server_->port()));
}

std::string process_credentials(const RoleCredentials& credentials) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.key("Version");
  json.integer(1);
  write_keys(json, credentials, "SessionToken");
  json.end_object();
  return out + "\n";
}

}  // namespace signet::agent
