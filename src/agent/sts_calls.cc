#include "agent/sts_calls.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/time.h"
#include "codec/uri.h"
#include "sigv4/signer.h"

namespace signet::agent {
namespace {

using Failure = std::unexpected<std::string>;

constexpr std::string_view kVersion = "2011-06-15";

std::string form_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    form += concat(form.empty() ? "" : "&", name, "=");
    codec::append_percent_encoded(form, value);
  }
  return form;
}

std::string host_of(const http::ClientOptions& server) {
  const bool is_v6 = server.host.find(':') != std::string::npos;
  return concat(is_v6 ? "[" : "", server.host, is_v6 ? "]:" : ":", std::to_string(server.port));
}

// The code and the message of a refusal.
std::string told(const codec::Json& answer, int status) {
  const codec::Json* error = answer.find("Error");
  return error != nullptr ? concat(error->string_at("Code"), ": ", error->string_at("Message"))
                          : concat("HTTP ", std::to_string(status));
}

// The member of an answer under OPERATIONResponse and OPERATIONResult.
const codec::Json* result_in(const codec::Json& answer, std::string_view operation) {
  const codec::Json* response = answer.find(concat(operation, "Response"));
  return response != nullptr ? response->find(concat(operation, "Result")) : nullptr;
}

}  // namespace

StsCaller::StsCaller(http::ClientOptions server, std::string region, Keys keys, const Clock& clock)
    : server_(server),
      client_(std::move(server)),
      region_(std::move(region)),
      keys_(std::move(keys)),
      clock_(clock) {}

Instant StsCaller::now() const {
  return Instant{clock_.now().unix_ms + offset_ms_};
}

void StsCaller::ask_time() {
  const auto answer = client_.send({.target = "/_signet/clock"});
  const auto json =
      answer && answer->status == 200 ? codec::Json::parse(answer->body) : std::nullopt;
  const auto told = json ? codec::parse_iso8601(json->string_at("now")) : std::nullopt;
  if (told) {
    follow(*told);
  }
}

void StsCaller::follow(Instant server) {
  const std::int64_t offset = server.unix_ms - clock_.now().unix_ms;
  constexpr std::int64_t kNoise = 2000;  // Date has whole seconds, and is a second old at most
  offset_ms_ = std::abs(offset) > kNoise ? offset : 0;
}

std::expected<http::ClientResponse, std::string> StsCaller::send(const std::string& body) {
  const std::string host = host_of(server_);
  const sigv4::SignedRequest made =
      sigv4::sign({.method = "POST",
                   .target = "/",
                   .headers = {{"Host", host},
                               {"Accept", "application/json"},
                               {"Content-Type", "application/x-www-form-urlencoded"}},
                   .body = body,
                   .access_key = keys_.access_key_id,
                   .secret_key = keys_.secret_access_key,
                   .session_token = keys_.session_token,
                   .region = region_,
                   .service = "sts",
                   .timestamp = now()});
  return client_.send({.method = "POST", .target = "/", .headers = made.headers, .body = body});
}

std::expected<std::string, std::string> StsCaller::call(const Parameters& parameters) {
  const std::string body = form_of(parameters);
  auto answer = send(body);
  if (answer && answer->status == 403) {
    const std::int64_t before = offset_ms_;
    if (const auto date = codec::parse_http_date(answer->find("Date").value_or(""))) {
      follow(*date);
    }
    constexpr std::int64_t kLeast = 60'000;
    if (std::abs(offset_ms_ - before) > kLeast) {
      answer = send(body);
    }
  }
  if (!answer) {
    return Failure(answer.error());
  }
  if (answer->status != 200) {
    const auto json = codec::Json::parse(answer->body);
    return Failure(json ? told(*json, answer->status)
                        : concat("HTTP ", std::to_string(answer->status)));
  }
  return std::move(answer->body);
}

std::expected<std::string, std::string> StsCaller::account() {
  const auto body = call({{"Action", "GetCallerIdentity"}, {"Version", std::string(kVersion)}});
  if (!body) {
    return Failure(body.error());
  }
  const auto json = codec::Json::parse(*body);
  const codec::Json* result = json ? result_in(*json, "GetCallerIdentity") : nullptr;
  return result != nullptr ? std::expected<std::string, std::string>(result->string_at("Account"))
                           : Failure("GetCallerIdentity has no answer that can be read");
}

std::expected<RoleCredentials, std::string> StsCaller::assume(const RoleWish& wish) {
  std::string arn = wish.role;
  if (!arn.starts_with("arn:")) {
    const auto own = account();
    if (!own) {
      return Failure(own.error());
    }
    const std::string_view prefix = arn.starts_with("role/") ? "" : "role/";
    arn = concat("arn:aws:iam::", *own, ":", prefix, wish.role);
  }
  Parameters parameters = {{"Action", "AssumeRole"},
                           {"Version", std::string(kVersion)},
                           {"RoleArn", arn},
                           {"RoleSessionName", wish.session_name}};
  if (wish.duration_seconds != 0) {
    parameters.emplace_back("DurationSeconds", std::to_string(wish.duration_seconds));
  }
  const auto body = call(parameters);
  if (!body) {
    return Failure(concat("cannot assume ", arn, ": ", body.error()));
  }
  const auto json = codec::Json::parse(*body);
  const codec::Json* result = json ? result_in(*json, "AssumeRole") : nullptr;
  const codec::Json* made = result != nullptr ? result->find("Credentials") : nullptr;
  const codec::Json* until = made != nullptr ? made->find("Expiration") : nullptr;
  const auto seconds = until != nullptr ? until->as_double() : std::nullopt;
  if (!seconds) {
    return Failure("AssumeRole has no answer that can be read");
  }
  return RoleCredentials{
      .keys = {.access_key_id = std::string(made->string_at("AccessKeyId")),
               .secret_access_key = std::string(made->string_at("SecretAccessKey")),
               .session_token = std::string(made->string_at("SessionToken"))},
      .expiration = Instant::from_seconds(static_cast<std::int64_t>(*seconds)),
      .role_arn = arn};
}

}  // namespace signet::agent
