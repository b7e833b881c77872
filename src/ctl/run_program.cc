#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

#include "base/log.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/exports.h"
#include "ctl/output.h"
#include "ctl/tool_run.h"
#include "server/app.h"

namespace signet::ctl {
namespace {

constexpr int kDrainSeconds = 1;
constexpr int kNoSuchProgram = 127;

// Where languages look for authorities: AWS's SDKs, Python, curl, Node.js, OpenSSL.
constexpr std::string_view kAuthorityVariables[] = {"AWS_CA_BUNDLE",
                                                    "REQUESTS_CA_BUNDLE",
                                                    "CURL_CA_BUNDLE",
                                                    "NODE_EXTRA_CA_CERTS",
                                                    "SSL_CERT_FILE"};

// Credentials of other places, which would win over the keys.
const std::vector<std::string> kOtherCredentials = {"AWS_SESSION_TOKEN",
                                                    "AWS_SECURITY_TOKEN",
                                                    "AWS_PROFILE",
                                                    "AWS_DEFAULT_PROFILE",
                                                    "AWS_ROLE_ARN",
                                                    "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                                    "AWS_CONTAINER_CREDENTIALS_FULL_URI"};

int run_with(const RunOptions& run, const std::string& endpoint, const Variables& keys) {
  Variables variables = endpoint_variables(endpoint);
  variables.emplace_back("SIGNET_ENDPOINT", endpoint);
  if (!run.ca_file.empty()) {
    for (const std::string_view name : kAuthorityVariables) {
      variables.emplace_back(name, run.ca_file);
    }
  }
  variables.insert(variables.end(), keys.begin(), keys.end());
  const auto code = run_in_foreground(
      run.words, variables, keys.empty() ? std::vector<std::string>() : kOtherCredentials);
  if (!code) {
    static_cast<void>(report(concat("there is no program ", run.words.front())));
  }
  return code.value_or(kNoSuchProgram);
}

// The key of a user, of the first one where nobody is named.
const identity::CreatedKey* key_of(const server::Credentials& made, const std::string& user) {
  const auto found = std::ranges::find_if(made.keys, [&user](const identity::CreatedKey& key) {
    return !key.user.empty() && (user.empty() || key.user == user);
  });
  return found != made.keys.end() ? &*found : nullptr;
}

int run_fresh(server::Options options, const RunOptions& run) {
  options.is_dev = true;
  options.port = 0;
  options.bootstrap_file = run.bootstrap_file;
  options.threads = 1;
  block_signals();
  ::signal(SIGPIPE, SIG_IGN);
  set_log_form(LogForm::Text);
  auto app = server::App::start(options);
  if (!app) {
    return report(app.error());
  }
  const identity::CreatedKey* key = key_of((*app)->created(), run.user);
  if (key == nullptr) {
    return report(run.user.empty() ? "the bootstrap file gives no user an access key"
                                   : concat("the server has no key of a user ", run.user));
  }
  const int code = run_with(run,
                            concat("http://127.0.0.1:", std::to_string((*app)->port())),
                            {{"AWS_ACCESS_KEY_ID", key->access_key_id},
                             {"AWS_SECRET_ACCESS_KEY", clear_text(key->secret_access_key)}});
  (*app)->stop(kDrainSeconds);
  return code;
}

}  // namespace

int run_program(const server::Options& options, const RunOptions& run) {
  if (run.is_fresh) {
    return run_fresh(options, run);
  }
  const auto health = health_of({.endpoint = run.endpoint, .ca_file = run.ca_file});
  if (!health) {
    return report(concat(health.error(), "; --fresh runs a server of its own"));
  }
  Variables keys;
  if (!run.credentials_file.empty()) {
    auto read = key_variables(run.credentials_file);
    if (!read) {
      return report(read.error());
    }
    keys = *std::move(read);
  }
  return run_with(run, run.endpoint, keys);
}

}  // namespace signet::ctl
