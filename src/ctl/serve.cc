#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/exports.h"
#include "ctl/output.h"
#include "server/app.h"

namespace signet::ctl {
namespace {

constexpr int kDrainSeconds = 10;

const char* scheme(const server::Options& options) {
  return options.tls_certificate.empty() ? "http" : "https";
}

// Where clients on this machine find the server. With TLS the name must be one of the
// certificate's.
std::string local_url(const server::Options& options, std::uint16_t port) {
  const bool has_tls = !options.tls_certificate.empty();
  return concat(has_tls ? "https://localhost:" : "http://127.0.0.1:", std::to_string(port));
}

constexpr std::string_view kPlainInShells =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.";

// The keys of the first user. A secret of a bootstrap file is shown in trials only.
void print_key_exports(const server::Options& options,
                       const std::vector<identity::CreatedKey>& keys) {
  const auto found =
      std::ranges::find_if(keys, [](const identity::CreatedKey& key) { return !key.user.empty(); });
  if (found == keys.end()) {
    std::printf("  export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...\n");
    return;
  }
  const bool is_shown = options.bootstrap_file.empty() || options.is_dev;
  const std::string secret = clear_text(found->secret_access_key);
  const bool is_word = secret.find_first_not_of(kPlainInShells) == std::string::npos;
  std::printf("  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n",
              found->access_key_id.c_str(),
              !is_shown ? "..." : (is_word ? secret : shell_quoted(secret)).c_str());
}

// What to paste into another shell, and where to look.
void print_banner(const server::Options& options, server::App& app) {
  if (options.is_dev) {
    std::printf(
        "DEVELOPMENT MODE: state lives in memory and is lost on exit; anybody on this machine may "
        "reset it.\n");
  } else {
    std::printf("data folder: %s\n", options.data_folder.c_str());
  }
  const bool has_new_keys = !app.created().keys.empty();
  const bool has_password = has_new_keys && !app.created().password.empty();
  if (has_new_keys && options.bootstrap_file.empty()) {
    std::printf("\nFirst start. These credentials are shown once and stored nowhere in clear:\n");
    print_credentials(app.created());
  }
  std::printf("\nIn another shell:\n%s",
              endpoint_exports(local_url(options, app.port()), "  ").c_str());
  if (!options.tls_certificate.empty()) {
    std::printf("  export AWS_CA_BUNDLE=... (if your own authority signed the certificate)\n");
  }
  print_key_exports(options, app.created().keys);
  std::printf(
      "  aws sts get-caller-identity\n\n%s\n\nIn a browser: %s://localhost:%u/_console/%s\n\n",
      std::string(endpoint_exports_note()).c_str(),
      scheme(options),
      app.port(),
      has_password ? concat("signin?account=", app.created().keys.front().account).c_str() : "");
}

// Blocks until the process is asked to stop; meanwhile SIGHUP reloads.
void wait_for_stop(const sigset_t& signals, server::App& app) {
  int received = 0;
  while (sigwait(&signals, &received) != 0 || received == SIGHUP) {
    if (received == SIGHUP) {
      app.reload();
    }
  }
}

}  // namespace

int serve(const server::Options& options) {
  // Blocked before any thread starts, so that only wait_for_stop() sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const bool is_for_people =
      options.log_form.empty() ? ::isatty(STDERR_FILENO) == 1 : options.log_form == "text";
  set_log_form(is_for_people ? LogForm::Text : LogForm::Json);

  auto app = server::App::start(options);
  if (!app) {
    return report(app.error());
  }
  if ((*app)->is_bootstrap_ignored()) {
    std::fprintf(
        stderr,
        "signet: --bootstrap %s was not looked at: %s has accounts already, and a bootstrap "
        "file makes those of the first start only (`signet account create` adds one)\n",
        options.bootstrap_file.c_str(),
        options.data_folder.c_str());
  }
  if (!options.save_credentials.empty() && !(*app)->created().keys.empty()) {
    if (const Status saved = save_credentials(options.save_credentials, (*app)->created());
        !saved) {
      // Made and stored by now: nowhere else would anybody ever see them.
      print_credentials((*app)->created());
      return report(saved.error());
    }
  }
  const bool is_default_start = !(*app)->created().keys.empty() && options.bootstrap_file.empty();
  if (!options.is_quiet) {
    print_banner(options, **app);
  } else if (is_default_start && options.save_credentials.empty()) {
    // Nowhere else would anybody ever see them.
    print_credentials((*app)->created());
  }
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const std::string host = is_v6 ? concat("[", options.address, "]") : options.address;
  std::printf("listening on %s://%s:%u\n", scheme(options), host.c_str(), (*app)->port());
  std::fflush(stdout);
  // Shown once: not kept in memory for longer than the banner needs.
  (*app)->created() = server::Credentials();
  wait_for_stop(signals, **app);
  std::printf("stopping\n");
  std::fflush(stdout);
  (*app)->stop(kDrainSeconds);
  return kOk;
}

}  // namespace signet::ctl
