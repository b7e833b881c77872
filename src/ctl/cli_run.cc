#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"

namespace signet::ctl {
namespace {

// Which server, and whose keys.
void add_server(CLI::App& command,
                std::string& endpoint,
                std::string& credentials,
                std::string& ca) {
  command.add_option("--endpoint", endpoint, "URL of the server that runs")
      ->envname("SIGNET_ENDPOINT")
      ->capture_default_str();
  command
      .add_option("--credentials",
                  credentials,
                  "File written by --save-credentials (default: what the environment has)")
      ->check(CLI::ExistingFile);
  command
      .add_option("--ca", ca, "PEM file of the server's authority, for programs of all languages")
      ->check(CLI::ExistingFile);
}

void add_fresh(CLI::App& command, RunOptions& run) {
  CLI::Option* fresh = command.add_flag(
      "--fresh", run.is_fresh, "Start a server for this program alone, in memory, gone afterwards");
  fresh->excludes("--credentials")->excludes("--ca");
  command
      .add_option("--bootstrap",
                  run.bootstrap_file,
                  "What the fresh server holds (docs/guide/bootstrap.md)")
      ->check(CLI::ExistingFile)
      ->needs(fresh);
  command
      .add_option(
          "--user", run.user, "Whose key of that file the program gets (default: the first user's)")
      ->needs(fresh);
}

void add_who(CLI::App& command, RunOptions& run) {
  CLI::Option* role = command.add_option(
      "--as", run.role, "role/NAME or the ARN of a role, which is assumed with the keys");
  command
      .add_option("--deliver",
                  run.delivery,
                  "How the role's credentials reach the program: environment (they end with the "
                  "session), container or instance (SDKs fetch new ones in time)")
      ->check(CLI::IsMember({"environment", "container", "instance"}))
      ->capture_default_str()
      ->needs(role);
  command
      .add_option(
          "--profile", run.profile, "Profile of your AWS files that the program uses instead")
      ->excludes(role);
}

void add_interception(CLI::App& command, RunOptions& run) {
  CLI::Option* intercepts =
      command.add_flag("--intercept",
                       run.intercepts,
                       "Answer for AWS's own hosts too, through a proxy on this machine, and let "
                       "the program reach no other");
  command
      .add_flag("--allow-outbound",
                run.allows_outbound,
                "With --intercept: hosts that are not AWS's are reached as ever")
      ->needs(intercepts);
}

void add_role_options(CLI::App& command, RoleOptions& wish) {
  add_server(command, wish.endpoint, wish.credentials_file, wish.ca_file);
  command.add_option("--as", wish.role, "role/NAME or the ARN of a role")->required();
  command.add_option("--session-name", wish.session_name, "Name of the session")
      ->capture_default_str();
  constexpr int kShortest = 900;
  constexpr int kLongest = 43'200;
  command
      .add_option(
          "--duration", wish.duration_seconds, "Seconds that a session lasts (default 3600)")
      ->check(CLI::Range(kShortest, kLongest));
}

}  // namespace

void add_run(CLI::App& app, server::Options& options, RunOptions& run, Action& action) {
  CLI::App* command =
      app.add_subcommand("run", "Run a program that finds the server in its environment");
  add_server(*command, run.endpoint, run.credentials_file, run.ca_file);
  add_fresh(*command, run);
  add_who(*command, run);
  add_interception(*command, run);
  command->add_option("command", run.words, "The program and its arguments, behind --")->required();
  command->positionals_at_end();
  command->footer(
      "The exit code is the program's; 127: there is no such program.\n\n"
      "Examples:\n"
      "  signet run --fresh -- pytest tests/\n"
      "  signet run --fresh --bootstrap accounts.json --user dev -- aws s3 ls\n"
      "  signet run --as role/deploy -- terraform plan\n"
      "  signet run --fresh --intercept -- python3 program_with_aws_hosts_in_it.py");
  command->callback([&] {
    action = [&options, &run] {
      return run_program(options, run);
    };
  });
}

void add_credential_process(CLI::App& app, RoleOptions& wish, Action& action) {
  CLI::App* process = app.add_subcommand(
      "credential-process", "Print a role's credentials as credential_process of a profile does");
  add_role_options(*process, wish);
  process->footer(
      "Example, in ~/.aws/config:\n"
      "  [profile deploy]\n"
      "  credential_process = signet credential-process --credentials /PATH/signet.credentials "
      "--as role/deploy");
  process->callback([&] {
    action = [&wish] {
      return credential_process(wish);
    };
  });
}

void add_credential_endpoints(CLI::App& app, RoleOptions& wish, Action& action) {
  CLI::App* endpoints = app.add_subcommand(
      "credential-endpoints",
      "Serve a role's credentials to programs of this machine, as containers and instances have "
      "them");
  add_role_options(*endpoints, wish);
  constexpr int kMaxPort = 65'535;
  endpoints->add_option("--port", wish.port, "On 127.0.0.1 (default: the system chooses)")
      ->check(CLI::Range(0, kMaxPort));
  endpoints->footer(
      "Prints the variables by which programs find them, and serves until it is told to end.");
  endpoints->callback([&] {
    action = [&wish] {
      return credential_endpoints(wish);
    };
  });
}

}  // namespace signet::ctl
