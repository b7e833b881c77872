#include "ctl/cli.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "ctl/commands.h"
#include "ctl/version.h"

namespace signet::ctl {
namespace {

std::string default_data_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return std::string(data) + "/signet";
  }
  const char* home = std::getenv("HOME");
  return (home != nullptr ? std::string(home) : std::string(".")) + "/.local/share/signet";
}

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
  char* end = nullptr;
  const long port = std::strtol(text.c_str() + colon + 1, &end, 10);
  if (end == text.c_str() + colon + 1 || *end != '\0' || port < 0 || port > 65535) {
    return "the port must be a number from 0 to 65535";
  }
  if (address == "localhost") {
    address = "127.0.0.1";
  }
  if (!address.empty()) {
    options.address = address;
  }
  options.port = static_cast<std::uint16_t>(port);
  return {};
}

// Flags that every command on a data folder has.
void add_data_flags(CLI::App& command, server::Options& options) {
  command.add_option("--data", options.data_folder, "Folder that holds the state")
      ->envname("SIGNET_DATA")
      ->capture_default_str();
  command
      .add_option(
          "--bootstrap", options.bootstrap_file, "JSON file with the accounts of the first start")
      ->envname("SIGNET_BOOTSTRAP")
      ->check(CLI::ExistingFile);
}

using Action = std::function<int()>;

void add_serve(CLI::App& app, server::Options& options, Action& action) {
  CLI::App* serve_command = app.add_subcommand("serve", "Run the server");
  add_data_flags(*serve_command, options);
  serve_command
      ->add_option_function<std::string>(
          "--listen",
          [&options](const std::string& text) { read_listen(text, options); },
          "ADDRESS:PORT to listen on (default 127.0.0.1:9311; port 0: any free one)")
      ->check([](const std::string& text) {
        server::Options ignored;
        return read_listen(text, ignored);
      })
      ->envname("SIGNET_LISTEN");
  serve_command->add_option("--threads", options.threads, "Event loops")
      ->envname("SIGNET_THREADS")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  serve_command->add_flag(
      "--dev",
      options.is_dev,
      "For tests: state in memory, POST /_signet/reset and /_signet/clock; loopback only");
  serve_command
      ->add_option(
          "--audit", options.audit_file, "Audit file (default DATA/audit.jsonl; off: none)")
      ->envname("SIGNET_AUDIT");
  serve_command
      ->add_option(
          "--s3-domain", options.s3_domains, "Also find buckets as BUCKET.DOMAIN (repeatable)")
      ->envname("SIGNET_S3_DOMAIN");
  serve_command->add_option("--save-credentials",
                            options.save_credentials,
                            "Write the credentials of a first start to this file (mode 0600)");
  serve_command->add_flag("--quiet", options.is_quiet, "Print the listening line only");
  serve_command->footer(
      "Examples:\n"
      "  signet serve                                  keep state in the data folder, listen on "
      "loopback\n"
      "  signet serve --dev --listen 127.0.0.1:0       throw-away server for tests\n"
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
  command->footer(
      "Example:\n  eval \"$(signet env --credentials ./signet.credentials)\"; aws sts "
      "get-caller-identity");
  command->callback([&] {
    action = [&options] {
      return env(options);
    };
  });
}

void add_status(CLI::App& app, EnvOptions& options, std::string& output, Action& action) {
  CLI::App* command = app.add_subcommand("status", "Ask a server whether it is well");
  command->add_option("--endpoint", options.endpoint, "URL of the server")
      ->envname("SIGNET_ENDPOINT")
      ->capture_default_str();
  command->add_option("--output", output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([&] {
    action = [&options, &output] {
      return status(options.endpoint, output == "json");
    };
  });
}

void add_account(CLI::App& app, server::Options& options, AccountOptions& account, Action& action) {
  CLI::App* group = app.add_subcommand("account", "Accounts of a data folder");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "create", "Add an account with a root key and an administrator (server stopped)");
  add_data_flags(*command, options);
  command->add_option("--id", account.id, "12 digits (default: random)");
  command->add_option("--alias", account.alias, "Account alias");
  command->add_option("--name", account.name, "Name for people");
  command->add_option("--admin", account.admin, "Name of the first user")->capture_default_str();
  command->footer("Example:\n  signet account create --id 210987654321 --alias staging");
  command->callback([&] {
    action = [&options, &account] {
      return account_create(options, account);
    };
  });
}

struct PolicyFlags {
  std::vector<std::string> files;
  std::string profile = "identity";
  std::string format = "text";
  std::string folder;
};

void add_policy(CLI::App& app, server::Options& options, PolicyFlags& flags, Action& action) {
  CLI::App* group = app.add_subcommand("policy", "Policy documents");
  group->require_subcommand(1);
  CLI::App* check =
      group->add_subcommand("check", "Check policy documents the way AWS does when they are saved");
  check->add_option("files", flags.files, "Files, or - for standard input")->required();
  check->add_option("--profile", flags.profile, "What the document is")
      ->check(CLI::IsMember({"identity", "boundary", "session", "trust", "bucket", "scp", "rcp"}))
      ->capture_default_str();
  check->add_option("--format", flags.format, "text, json or sarif")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->capture_default_str();
  check->footer(
      "Exit code 0: nothing found; 1: findings; 2: usage; 3: a file cannot be read.\n"
      "Example:\n  signet policy check --profile trust role.json");
  check->callback([&] {
    action = [&flags] {
      return policy_check(flags.files, flags.profile, flags.format);
    };
  });

  CLI::App* import = group->add_subcommand(
      "import", "Add AWS-managed policies from a folder of JSON files (server stopped)");
  add_data_flags(*import, options);
  import
      ->add_option(
          "folder", flags.folder, "Folder of files {\"name\", \"path\", \"document\", ...}")
      ->required()
      ->check(CLI::ExistingDirectory);
  import->footer("Example:\n  signet policy import ./aws-managed-policies");
  import->callback([&] {
    action = [&options, &flags] {
      return policy_import(options, flags.folder);
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

int run(int argc, char** argv) {
  CLI::App app("Signet: an identity plane that speaks AWS's own protocols");
  app.name("signet");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kVersionText));

  server::Options options;
  options.data_folder = default_data_folder();
  options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  EnvOptions env_options{.endpoint = "http://127.0.0.1:" + std::to_string(server::kDefaultPort),
                         .credentials_file = {}};
  AccountOptions account;
  PolicyFlags policy;
  ExplainOptions explain;
  std::string output = "text";
  Action action;
  add_serve(app, options, action);
  add_init(app, options, action);
  add_env(app, env_options, action);
  add_status(app, env_options, output, action);
  add_account(app, options, account, action);
  add_policy(app, options, policy, action);
  add_sigv4(app, explain, action);
  app.add_subcommand("version", "Print the version")->callback([&action] {
    action = [] {
      std::printf("%s\n", std::string(kVersionText).c_str());
      return static_cast<int>(kOk);
    };
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help, version or the problem; its own codes are folded into ours.
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return action();
}

}  // namespace signet::ctl
