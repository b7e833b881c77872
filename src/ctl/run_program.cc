#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/aws_hosts.h"
#include "agent/credential_endpoints.h"
#include "agent/interception.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/endpoint_files.h"
#include "ctl/exports.h"
#include "ctl/output.h"
#include "ctl/role_keys.h"
#include "ctl/status.h"
#include "ctl/tool_run.h"
#include "server/app.h"
#include "server/dev_folder.h"

namespace signet::ctl {
namespace {

constexpr int kDrainSeconds = 1;
constexpr int kNoSuchProgram = 127;

using Failure = std::unexpected<std::string>;

const std::vector<std::string> kKeyNames = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"};

// Credentials of other places, which would win over the keys.
const std::vector<std::string> kOtherCredentials = {"AWS_SESSION_TOKEN",
                                                    "AWS_SECURITY_TOKEN",
                                                    "AWS_PROFILE",
                                                    "AWS_DEFAULT_PROFILE",
                                                    "AWS_ROLE_ARN",
                                                    "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"};

void append(Variables& variables, const Variables& more) {
  variables.insert(variables.end(), more.begin(), more.end());
}

// Says of each host once that it was refused.
class Refusals {
 public:
  void tell(std::string_view host) {
    const std::lock_guard lock(mutex_);
    if (told_.emplace(host).second) {
      std::fprintf(stderr,
                   "signet: the program was kept from %s; --allow-outbound lets it reach hosts "
                   "that are not AWS's\n",
                   std::string(host).c_str());
    }
  }

 private:
  std::mutex mutex_;
  std::set<std::string, std::less<>> told_;
};

// What a program finds in its environment, and what has to be there as long as it runs. Built top
// to bottom, destroyed in reverse.
class Surroundings {
 public:
  Surroundings(const RunOptions& run, std::string endpoint)
      : run_(run), endpoint_(std::move(endpoint)), variables_(endpoint_variables(endpoint_)) {
    variables_.emplace_back("SIGNET_ENDPOINT", endpoint_);
    variables_.emplace_back("S3_ENDPOINT_URL", endpoint_);  // s5cmd has a name of its own
    if (!run.ca_file.empty()) {
      append(variables_, agent::authority_variables(run.ca_file));
    }
  }

  // `keys`: those that the program is to have, or to assume its role with; nothing: it keeps the
  // ones of its environment. The error is a sentence.
  std::expected<void, std::string> prepare(std::optional<agent::Keys> keys) {
    if (!run_.role.empty()) {
      if (auto prepared = give_role(*keys); !prepared) {
        return prepared;
      }
    } else if (!run_.profile.empty()) {
      variables_.emplace_back("AWS_PROFILE", run_.profile);
      without_ = kKeyNames;
      leave_out(kOtherCredentials);
    } else if (keys) {
      append(variables_, key_variables(*keys));
      without_ = kOtherCredentials;
    }
    return run_.intercepts ? intercept() : std::expected<void, std::string>();
  }

  // The exit code of the program.
  int run() {
    const auto code = run_in_foreground(run_.words, variables_, without_);
    if (!code) {
      static_cast<void>(report(concat("there is no program ", run_.words.front())));
    }
    return code.value_or(kNoSuchProgram);
  }

 private:
  void leave_out(const std::vector<std::string>& names) {
    without_.insert(without_.end(), names.begin(), names.end());
  }

  // Neither ours nor the environment's.
  void take_out(const std::string& name) {
    std::erase_if(variables_, [&name](const auto& variable) { return variable.first == name; });
    without_.push_back(name);
  }

  void set(const std::string& name, const std::string& value) {
    std::erase_if(variables_, [&name](const auto& variable) { return variable.first == name; });
    variables_.emplace_back(name, value);
  }

  std::expected<std::string, std::string> folder() {
    if (!folder_) {
      auto made = temporary_folder();
      if (!made) {
        return Failure(made.error());
      }
      folder_.emplace(*std::move(made));
    }
    return folder_->path();
  }

  std::expected<void, std::string> give_role(const agent::Keys& keys) {
    auto session = open_role({.endpoint = endpoint_,
                              .ca_file = run_.ca_file,
                              .role = run_.role,
                              .session_name = "signet-run"},
                             keys,
                             clock_);
    if (!session) {
      return Failure(session.error());
    }
    session_ = std::move(*session);
    without_ = kOtherCredentials;
    if (run_.delivery == "environment") {
      append(variables_, key_variables(session_->current()->keys));
      return {};
    }
    leave_out(kKeyNames);
    const auto place = folder();
    if (!place) {
      return Failure(place.error());
    }
    auto served = serve_role(*session_, clock_, 0, *place);
    if (!served) {
      return Failure(served.error());
    }
    served_ = std::move(*served);
    if (run_.delivery == "instance") {
      take_out(kMetadataSwitch);
    }
    for (const auto& [name, value] : run_.delivery == "container" ? served_->container_variables()
                                                                  : served_->instance_variables()) {
      set(name, value);
    }
    return {};
  }

  std::expected<void, std::string> intercept() {
    const auto place = folder();
    const auto server = server_at({.endpoint = endpoint_});
    if (!place || !server) {
      return Failure(place ? server.error() : place.error());
    }
    if (server->is_tls) {
      return Failure("--intercept ends TLS itself: give the plain http:// address of the server");
    }
    const auto held = [](const char* name) {
      const char* value = std::getenv(name);
      return value != nullptr ? std::string_view(value) : std::string_view();
    };
    auto started = agent::Interception::start({.server_address = server->host,
                                               .server_port = server->port,
                                               .folder = *place,
                                               .allows_others = run_.allows_outbound,
                                               .on_refused =
                                                   [this](std::string_view host) {
                                                     refusals_.tell(host);
                                                   }},
                                              clock_);
    if (!started) {
      return Failure(started.error());
    }
    interception_ = std::move(*started);
    for (const auto& [name, value] :
         interception_->variables(held("JAVA_TOOL_OPTIONS"), held("PHP_INI_SCAN_DIR"))) {
      set(name, value);
    }
    return {};
  }

  const RunOptions& run_;
  std::string endpoint_;
  Variables variables_;
  std::vector<std::string> without_;
  SystemClock clock_;
  Refusals refusals_;
  std::optional<server::DevFolder> folder_;
  std::unique_ptr<agent::RoleSession> session_;
  std::unique_ptr<ServedRole> served_;
  std::unique_ptr<agent::Interception> interception_;
};

int run_with(const RunOptions& run, const std::string& endpoint, std::optional<agent::Keys> keys) {
  Surroundings surroundings(run, endpoint);
  if (auto prepared = surroundings.prepare(std::move(keys)); !prepared) {
    return report(prepared.error());
  }
  return surroundings.run();
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
  if (run.intercepts) {
    options.s3_domains = agent::s3_domains();
  }
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
                            agent::Keys{.access_key_id = key->access_key_id,
                                        .secret_access_key = clear_text(key->secret_access_key),
                                        .session_token = {}});
  (*app)->stop(kDrainSeconds);
  return code;
}

}  // namespace

int run_program(const server::Options& options, const RunOptions& run) {
  block_signals();
  ::signal(SIGPIPE, SIG_IGN);
  set_log_form(LogForm::Text);
  if (run.is_fresh) {
    return run_fresh(options, run);
  }
  const auto health = health_of({.endpoint = run.endpoint, .ca_file = run.ca_file});
  if (!health) {
    return report(concat(health.error(), "; --fresh runs a server of its own"));
  }
  std::optional<agent::Keys> keys;
  if (!run.credentials_file.empty() || !run.role.empty()) {
    auto read = keys_of(run.credentials_file);
    if (!read) {
      return report(read.error());
    }
    keys = *std::move(read);
  }
  return run_with(run, run.endpoint, std::move(keys));
}

}  // namespace signet::ctl
