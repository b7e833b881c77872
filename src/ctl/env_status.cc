#include <csignal>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/env_check.h"
#include "ctl/exports.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "facts/errors.h"
#include "http/client.h"

namespace signet::ctl {
namespace {

// Value of `key = value` in the [default] profile of a credentials file.
std::optional<std::string> default_profile_value(std::string_view text, std::string_view key) {
  bool is_default = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with('[')) {
      is_default = line == "[default]";
    } else if (const std::size_t equals = line.find(" = ");
               is_default && equals != std::string_view::npos && line.substr(0, equals) == key) {
      return std::string(line.substr(equals + 3));
    }
  }
  return std::nullopt;
}

// "http://127.0.0.1:9311" or https taken apart.
std::optional<http::ClientOptions> parse_endpoint(std::string_view url) {
  http::ClientOptions parsed;
  parsed.is_tls = url.starts_with("https://");
  if (!parsed.is_tls && !url.starts_with("http://")) {
    return std::nullopt;
  }
  url.remove_prefix(url.find("//") + 2);
  url = url.substr(0, url.find('/'));
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != std::string_view::npos && url.find(']', colon) == url.npos;
  const std::string_view standard = parsed.is_tls ? "443" : "80";
  const auto port = parse_decimal(has_port ? url.substr(colon + 1) : standard);
  if (!port || *port > 65535) {
    return std::nullopt;
  }
  std::string_view host = has_port ? url.substr(0, colon) : url;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  parsed.host = host;
  parsed.port = static_cast<std::uint16_t>(*port);
  return parsed;
}

}  // namespace

Variables endpoint_variables(const std::string& endpoint) {
  Variables variables = {{"AWS_REGION", "us-east-1"},
                         {"AWS_DEFAULT_REGION", "us-east-1"},
                         {"AWS_EC2_METADATA_DISABLED", "true"}};
  for (const std::string_view suffix : kEndpointSuffixes) {
    variables.emplace_back(concat("AWS_ENDPOINT_URL", suffix), endpoint);
  }
  return variables;
}

Result<Variables> key_variables(const std::string& file) {
  const auto text = read_text(file);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto id = default_profile_value(*text, "aws_access_key_id");
  const auto secret = default_profile_value(*text, "aws_secret_access_key");
  if (!id || !secret) {
    return std::unexpected(
        facts::service_failure(concat(file, " has no [default] profile with both keys")));
  }
  return Variables{{"AWS_ACCESS_KEY_ID", *id}, {"AWS_SECRET_ACCESS_KEY", *secret}};
}

int env(const EnvOptions& options) {
  // A command that does nothing, not a comment: interactive zsh refuses comments in what it evals.
  std::printf(": %s\n%s",
              shell_quoted(endpoint_exports_note()).c_str(),
              endpoint_exports(options.endpoint, "").c_str());
  Variables variables = endpoint_variables(options.endpoint);
  if (!options.credentials_file.empty()) {
    const auto keys = key_variables(options.credentials_file);
    if (!keys) {
      return report(keys.error());
    }
    for (const auto& [name, value] : *keys) {
      std::printf("export %s=%s\n", name.c_str(), shell_quoted(value).c_str());
      variables.emplace_back(name, value);
    }
  }
  return options.is_check ? env_check(options.endpoint, variables) : int{kOk};
}

std::expected<http::ClientOptions, std::string> server_at(const StatusOptions& options) {
  auto where = parse_endpoint(options.endpoint);
  if (!where) {
    return std::unexpected(concat("not an http:// or https:// URL: ", options.endpoint));
  }
  where->ca_file = options.ca_file;
  where->tls_name = options.tls_name;
  return *std::move(where);
}

std::expected<int, std::string> health_of(const StatusOptions& options) {
  auto where = server_at(options);
  if (!where) {
    return std::unexpected(where.error());
  }
  ::signal(SIGPIPE, SIG_IGN);  // TLS writes to a connection that may be gone
  http::Client client(*std::move(where));
  const auto answer = client.send({.target = "/_signet/health"});
  if (!answer) {
    return std::unexpected(concat("no answer from ", options.endpoint, ": ", answer.error()));
  }
  return answer->status;
}

int status(const StatusOptions& options) {
  const auto health = health_of(options);
  if (!health) {
    return report(health.error());
  }
  const bool is_well = *health == 200;
  if (options.is_json) {
    std::printf("{\"endpoint\":\"%s\",\"status\":%d,\"healthy\":%s}\n",
                options.endpoint.c_str(),
                *health,
                is_well ? "true" : "false");
  } else {
    std::printf("%s: %s (HTTP %d)\n",
                options.endpoint.c_str(),
                is_well ? "healthy" : "not healthy",
                *health);
  }
  return is_well ? kOk : kFindings;
}

}  // namespace signet::ctl
