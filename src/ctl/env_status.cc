#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/exports.h"
#include "ctl/output.h"
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

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<Endpoint> parse_endpoint(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return std::nullopt;
  }
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find('/'));
  const std::size_t colon = url.rfind(':');
  const auto port = parse_decimal(colon == std::string_view::npos ? "80" : url.substr(colon + 1));
  if (!port || *port > 65535) {
    return std::nullopt;
  }
  const std::string_view host = url.substr(0, colon);
  return Endpoint{.host = host == "localhost" ? "127.0.0.1" : std::string(host),
                  .port = static_cast<std::uint16_t>(*port)};
}

}  // namespace

int env(const EnvOptions& options) {
  // A command that does nothing, not a comment: interactive zsh refuses comments in what it evals.
  std::printf(": %s\n%s",
              shell_quoted(endpoint_exports_note()).c_str(),
              endpoint_exports(options.endpoint, "").c_str());
  if (options.credentials_file.empty()) {
    return kOk;
  }
  const auto text = read_text(options.credentials_file);
  if (!text) {
    return report(text.error());
  }
  const auto id = default_profile_value(*text, "aws_access_key_id");
  const auto secret = default_profile_value(*text, "aws_secret_access_key");
  if (!id || !secret) {
    return report(concat(options.credentials_file, " has no [default] profile with both keys"));
  }
  std::printf("export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n",
              shell_quoted(*id).c_str(),
              shell_quoted(*secret).c_str());
  return kOk;
}

int status(const std::string& endpoint, bool is_json) {
  if (endpoint.starts_with("https://")) {
    return report(concat("status asks over http:// only; for TLS: curl --cacert FILE ",
                         endpoint,
                         "/_signet/health"));
  }
  const auto where = parse_endpoint(endpoint);
  if (!where) {
    return report(concat("not an http:// URL: ", endpoint));
  }
  http::Client client({.host = where->host, .port = where->port});
  const auto answer = client.send({.target = "/_signet/health"});
  if (!answer) {
    return report(concat("no answer from ", endpoint, ": ", answer.error()));
  }
  const bool is_well = answer->status == 200;
  if (is_json) {
    std::printf("{\"endpoint\":\"%s\",\"status\":%d,\"healthy\":%s}\n",
                endpoint.c_str(),
                answer->status,
                is_well ? "true" : "false");
  } else {
    std::printf("%s: %s (HTTP %d)\n",
                endpoint.c_str(),
                is_well ? "healthy" : "not healthy",
                answer->status);
  }
  return is_well ? kOk : kFindings;
}

}  // namespace signet::ctl
