#include "ctl/cli.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include "base/strings.h"
#include "ctl/cli_parts.h"
#include "ctl/commands.h"
#include "ctl/settings.h"
#include "oidc/https_fetch.h"
#include "server/issuer_key_files.h"
#include "server/version.h"
#include "telemetry/otlp.h"
#include "telemetry/shipper.h"

namespace signet::ctl {
namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): read before any thread is started
// Empty: there is none (folder_problem()).
std::string default_data_folder() {
  if (const char* data = std::getenv("SIGNET_DATA"); data != nullptr && *data != '\0') {
    return data;
  }
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return std::string(data) + "/signet";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.local/share/signet"
                                          : std::string();
}

// NOLINTEND(concurrency-mt-unsafe): see above

// "127.0.0.1:9311", "[::1]:9311" or ":9311" into address and port. What is wrong with the text;
// empty: nothing.
std::string read_listen(const std::string& text, server::Options& options) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return "expected ADDRESS:PORT, for instance 127.0.0.1:9311";
  }
  std::string address = text.substr(0, colon);
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  const std::optional<std::int64_t> port = parse_decimal(std::string_view(text).substr(colon + 1));
  if (!port || *port > 65535) {
    return "the port must be a number from 0 to 65535";
  }
  if (address == "localhost") {
    address = "127.0.0.1";
  }
  if (!address.empty()) {
    options.address = address;
  }
  options.port = static_cast<std::uint16_t>(*port);
  return {};
}

// What callers may cost.
void add_limit_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option_function<std::vector<std::string>>(
               "--limit",
               [&options](const std::vector<std::string>& assignments) {
                 for (const std::string& assignment : assignments) {
                   static_cast<void>(options.limits.set(assignment));  // checked below
                 }
               }))
      ->delimiter(',')
      ->check([](const std::string& text) {
        server::Limits ignored;
        const Status status = ignored.set(text);
        return status ? std::string() : status.error().message;
      });
  describe(command.add_flag("--metrics-public", options.shows_metrics));
}

void add_audit_flags(CLI::App& command, server::Options& options) {
  describe(command.add_flag("--audit-required", options.is_audit_required));
  describe(command.add_option("--audit-rotate", options.audit_rotate_mib))->capture_default_str();
  describe(command.add_option("--audit-keep", options.audit_keep))->capture_default_str();
}

// What is wrong with a URL to issue tokens under; empty: nothing.
std::string check_issuer_url(const std::string& text) {
  const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
  const bool is_plain = text.find_first_of("?# ") == std::string::npos && !text.ends_with('/');
  return has_scheme && is_plain
             ? ""
             : "expected https://NAME or https://NAME/PATH, without a slash at the end";
}

// TLS, and who may speak for clients.
void add_network_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option("--tls-cert", options.tls_certificate));
  describe(command.add_option("--tls-key", options.tls_key));
  describe(command.add_option("--trust-proxy", options.trusted_proxies))->delimiter(',');
  describe(command.add_flag("--insecure-listen", options.is_insecure_listen));
  describe(command.add_option("--issuer-url", options.issuer_url))->check(check_issuer_url);
}

// Where the keys of web identity tokens come from.
void add_issuer_flags(CLI::App& command, server::Options& options) {
  describe(command.add_flag("--oidc-allow-private", options.issuers.allows_private));
  describe(command.add_option("--oidc-ca-file", options.issuers.ca_file))->check(CLI::ExistingFile);
  describe(command.add_option_function<std::vector<std::string>>(
               "--oidc-connect",
               [&options](const std::vector<std::string>& endpoints) {
                 for (const std::string& endpoint : endpoints) {
                   static_cast<void>(
                       oidc::add_endpoint(options.issuers, endpoint));  // checked below
                 }
               }))
      ->delimiter(',')
      ->check([](const std::string& text) {
        oidc::FetchOptions ignored;
        return oidc::add_endpoint(ignored, text)
                   ? std::string()
                   : "expected HOST=ADDRESS:PORT, for instance idp.example.com=10.0.0.7:443";
      });
  describe(command.add_option_function<std::vector<std::string>>(
               "--oidc-jwks",
               [&options](const std::vector<std::string>& files) {
                 for (const std::string& file : files) {
                   static_cast<void>(server::add_issuer_key_file(options.issuer_key_files, file));
                 }
               }))
      ->delimiter(',')
      ->check([](const std::string& text) {
        std::vector<server::IssuerKeyFile> ignored;
        return server::add_issuer_key_file(ignored, text)
                   ? std::string()
                   : "expected ISSUER=FILE, for instance https://idp.example.com=/etc/idp.json";
      });
}

// Who holds objects in Signet's place.
void add_upstream_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option_function<std::vector<std::string>>(
               "--upstream",
               [&options](const std::vector<std::string>& upstreams) {
                 options.upstreams.urls.clear();
                 for (const std::string& upstream : upstreams) {
                   static_cast<void>(
                       server::add_upstream(options.upstreams, upstream));  // checked below
                 }
               }))
      ->delimiter(',')
      ->check([](const std::string& text) {
        server::UpstreamOptions ignored;
        return server::add_upstream(ignored, text)
                   ? std::string()
                   : "expected s3=URL or s3/BUCKET=URL, for instance s3=https://minio.example:9000";
      });
  describe(command.add_option("--upstream-credentials", options.upstreams.credentials_file))
      ->check(CLI::ExistingFile);
  describe(command.add_option("--upstream-ca-file", options.upstreams.ca_file))
      ->check(CLI::ExistingFile);
  describe(command.add_option("--authorizer-token", options.authorizer_token_file))
      ->check(CLI::ExistingFile);
  describe(command.add_option("--upstream-timeout", options.upstreams.timeout_seconds))
      ->capture_default_str();
}

void add_template_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option("--role-templates", options.role_templates))
      ->check(CLI::ExistingDirectory);
  describe(command.add_option("--policy-templates", options.policy_templates))
      ->check(CLI::ExistingDirectory);
  describe(command.add_option("--notifications", options.notifications));
}

// What is sent elsewhere.
void add_telemetry_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option("--access-log", options.access_log));
  describe(command.add_option("--audit-ship", options.audit_ship))
      ->check([](const std::string& text) {
        return telemetry::is_shipping_url(text)
                   ? std::string()
                   : "expected syslog://HOST:PORT, syslog+tls://HOST:PORT, or http:// or https:// "
                     "and a "
                     "collector";
      });
  describe(command.add_option("--traces", options.traces))->check([](const std::string& text) {
    return telemetry::is_collector_url(text)
               ? std::string()
               : "expected the URL of a collector, for instance http://127.0.0.1:4318";
  });
  describe(command.add_option("--traces-share", options.traces_share))
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  describe(command.add_option("--telemetry-ca-file", options.telemetry_ca))
      ->check(CLI::ExistingFile);
  describe(command.add_option("--telemetry-headers", options.telemetry_headers))
      ->check(CLI::ExistingFile);
}

void add_serve(CLI::App& app, server::Options& options, Action& action) {
  CLI::App* serve_command = app.add_subcommand("serve", "Run the server");
  add_data_flags(*serve_command, options);
  describe(serve_command->add_option("--config", options.settings_file))->check(CLI::ExistingFile);
  describe(serve_command->add_option_function<std::string>(
               "--listen", [&options](const std::string& text) { read_listen(text, options); }))
      ->check([](const std::string& text) {
        server::Options ignored;
        return read_listen(text, ignored);
      });
  add_store_flags(*serve_command, options);
  add_network_flags(*serve_command, options);
  describe(serve_command->add_option("--threads", options.threads))->capture_default_str();
  describe(serve_command->add_flag("--dev", options.is_dev));
  describe(serve_command->add_flag("--dev-allow-remote", options.allows_remote_dev))
      ->needs("--dev");
  add_audit_file(*serve_command, options);
  add_audit_flags(*serve_command, options);
  describe(serve_command->add_option("--s3-domain", options.s3_domains));
  describe(serve_command->add_option("--save-credentials", options.save_credentials));
  describe(serve_command->add_option("--log", options.log_form))
      ->check(CLI::IsMember({"json", "text"}));
  add_upstream_flags(*serve_command, options);
  add_telemetry_flags(*serve_command, options);
  add_template_flags(*serve_command, options);
  describe(serve_command->add_flag("--quiet", options.is_quiet));
  add_limit_flags(*serve_command, options);
  add_issuer_flags(*serve_command, options);
  serve_command->footer(
      "Examples:\n"
      "  signet serve                                  keep state in the data folder, listen on "
      "loopback\n"
      "  signet serve --dev --listen 127.0.0.1:0       throw-away server for tests\n"
      "  signet serve --listen 0.0.0.0:9311 --tls-cert chain.pem --tls-key key.pem\n"
      "                                                HTTPS for the network\n"
      "  signet serve --upstream s3=http://10.0.0.5:9000 --upstream-credentials upstream.keys\n"
      "                                                in front of an S3 store\n"
      "  signet serve --store etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379\n"
      "                                                one of several nodes of a cluster\n"
      "  signet serve --bootstrap accounts.json        accounts and keys of your own on the first "
      "start");
  serve_command->callback([&] {
    action = [&options] {
      return serve(options);
    };
  });
}

void add_init(CLI::App& app, server::Options& options, Action& action) {
  CLI::App* command =
      app.add_subcommand("init", "Make a data folder with its first account, without serving");
  add_data_flags(*command, options);
  add_audit_file(*command, options);
  command->add_option("--save-credentials",
                      options.save_credentials,
                      "Write the credentials to this file (mode 0600)");
  command->footer(
      "Example:\n  signet init --data ./signet-data --save-credentials ./signet.credentials");
  command->callback([&] {
    action = [&options] {
      return init(options);
    };
  });
}

void add_env(CLI::App& app, EnvOptions& options, Action& action) {
  CLI::App* command =
      app.add_subcommand("env", "Print the exports that point AWS tools at a server");
  command->add_option("--endpoint", options.endpoint, "URL of the server")
      ->envname("SIGNET_ENDPOINT")
      ->capture_default_str();
  command
      ->add_option("--credentials", options.credentials_file, "File written by --save-credentials")
      ->check(CLI::ExistingFile);
  command->add_flag(
      "--check",
      options.is_check,
      "Also say on standard error which AWS tools of the PATH are new enough to read them, "
      "and try those with the credentials; exit code 1 if one is too old or fails");
  command->footer(
      "Example:\n  eval \"$(signet env --credentials ./signet.credentials)\"; aws sts "
      "get-caller-identity");
  command->callback([&] {
    action = [&options] {
      return env(options);
    };
  });
}

void add_status(CLI::App& app, StatusOptions& options, Action& action) {
  CLI::App* command = app.add_subcommand("status", "Ask a server whether it is well");
  command->add_option("--endpoint", options.endpoint, "URL of the server")
      ->envname("SIGNET_ENDPOINT")
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--output",
          [&options](const std::string& output) { options.is_json = output == "json"; },
          "text or json (default text)")
      ->check(CLI::IsMember({"text", "json"}));
  command
      ->add_option("--ca",
                   options.ca_file,
                   "PEM file of the authority, for https (default: the system's authorities)")
      ->envname("AWS_CA_BUNDLE")
      ->check(CLI::ExistingFile);
  command->add_option(
      "--tls-name", options.tls_name, "Name in the certificate (default: the host of the URL)");
  command->footer(
      "Exit code 0: healthy; 1: not; 3: no answer.\n"
      "Example:\n  signet status --endpoint https://127.0.0.1:9311 --tls-name signet.example --ca "
      "chain.pem");
  command->callback([&] {
    action = [&options] {
      return status(options);
    };
  });
}

void add_audit(CLI::App& app, AuditVerifyOptions& options, Action& action) {
  CLI::App* group = app.add_subcommand("audit", "The audit trail");
  group->require_subcommand(1);
  CLI::App* verify = group->add_subcommand(
      "verify", "Check that no record was removed, changed or put in another order");
  verify
      ->add_option("paths",
                   options.paths,
                   "Audit files (each with the files it has filled), or folders that hold them")
      ->required();
  verify->footer(
      "Exit code 0: whole; 1: a record is wrong, the first one of each trail is named; 2: usage; "
      "3: "
      "a file cannot be read.\n"
      "Example:\n  signet audit verify ~/.local/share/signet");
  verify->callback([&] {
    action = [&options] {
      return audit_verify(options);
    };
  });
}

void add_sigv4(CLI::App& app, ExplainOptions& options, Action& action) {
  CLI::App* group = app.add_subcommand("sigv4", "Signatures");
  group->require_subcommand(1);
  CLI::App* explain = group->add_subcommand(
      "explain", "Show how a request's signature is computed, stage by stage");
  explain->add_flag("--batch",
                    options.is_batch,
                    "JSON lines on standard input, one answer a line on standard output");
  explain
      ->add_option(
          "--secret-key", options.secret_key, "Secret key that the request was signed with")
      ->envname("AWS_SECRET_ACCESS_KEY");
  explain->add_option(
      "file", options.file, "A raw HTTP request as received, or - for standard input");
  explain->footer(
      "Examples:\n"
      "  signet sigv4 explain request.http --secret-key wJalr...    why does the signature not "
      "match?\n"
      "  signet sigv4 explain --batch < requests.jsonl");
  explain->callback([&] {
    action = [&options] {
      return sigv4_explain(options);
    };
  });
}

}  // namespace

void add_data_folder(CLI::App& command, std::string& data_folder) {
  describe(command.add_option("--data", data_folder))->capture_default_str();
}

void add_data_folder(CLI::App& command, server::Options& options) {
  add_data_folder(command, options.data_folder);
}

void add_audit_file(CLI::App& command, server::Options& options) {
  describe(command.add_option("--audit", options.audit_file));
}

// Flags of every command that may be the first on a data folder.
void add_data_flags(CLI::App& command, server::Options& options) {
  add_data_folder(command, options);
  describe(command.add_option("--bootstrap", options.bootstrap_file))->check(CLI::ExistingFile);
}

int run(int argc, char** argv, const http::WebBundle& console) {
  // Whatever a command makes is its user's alone.
  ::umask(077);
  CLI::App app("Signet: an identity plane that speaks AWS's own protocols");
  app.name("signet");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(server::kVersionText));

  server::Options options;
  options.console = console;
  options.data_folder = default_data_folder();
  options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  EnvOptions env_options{.endpoint = "http://127.0.0.1:" + std::to_string(server::kDefaultPort),
                         .credentials_file = {}};
  RunOptions run_options{.endpoint = env_options.endpoint};
  // Of two commands, each read from the environment by itself.
  RoleOptions process_options{.endpoint = env_options.endpoint};
  RoleOptions endpoints_options{.endpoint = env_options.endpoint};
  StatusOptions status_options{.endpoint = env_options.endpoint};
  AdminFlags admin;
  PolicyFlags policy;
  AnalyzeFlags analyze;
  ExplainOptions explain;
  AuditVerifyOptions audit;
  Action action;
  add_serve(app, options, action);
  add_init(app, options, action);
  add_env(app, env_options, action);
  add_status(app, status_options, action);
  add_run(app, options, run_options, action);
  add_credential_process(app, process_options, action);
  add_credential_endpoints(app, endpoints_options, action);
  add_admin(app, options, admin, action);
  add_policy(app, options, policy, action);
  add_analyze(app, analyze, options, action);
  add_sigv4(app, explain, action);
  add_audit(app, audit, action);
  app.add_subcommand("limits", "List the limits that serve --limit sets")->callback([&action] {
    action = print_limits;
  });
  app.add_subcommand("version", "Print the version")->callback([&action] {
    action = [] {
      std::printf("%s\n", std::string(server::kVersionText).c_str());
      return static_cast<int>(kOk);
    };
  });
  auto arguments =
      with_settings_file(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  if (!arguments) {
    std::fprintf(stderr, "signet: %s\n", arguments.error().message.c_str());
    return kUsage;
  }
  std::ranges::reverse(*arguments);  // as CLI11 wants them
  try {
    app.parse(std::move(*arguments));
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help, version or the problem; its own codes are folded into ours.
    const bool is_help = error.get_exit_code() == 0;
    const std::string problem = is_help ? std::string() : usage_problem(app);
    if (!problem.empty()) {
      std::fprintf(stderr, "signet: %s\nRun with --help for more information.\n", problem.c_str());
      return kUsage;
    }
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  take_own_options(app, options);
  if (const std::string problem =
          options.is_dev ? std::string() : folder_problem(app, options.data_folder);
      !problem.empty()) {
    std::fprintf(stderr, "signet: %s\n", problem.c_str());
    return kUsage;
  }
  return action();
}

}  // namespace signet::ctl
