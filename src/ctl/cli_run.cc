#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"

namespace signet::ctl {

void add_run(CLI::App& app, server::Options& options, RunOptions& run, Action& action) {
  CLI::App* command =
      app.add_subcommand("run", "Run a program that finds the server in its environment");
  command->add_option("--endpoint", run.endpoint, "URL of the server that runs")
      ->envname("SIGNET_ENDPOINT")
      ->capture_default_str();
  command
      ->add_option("--credentials",
                   run.credentials_file,
                   "File written by --save-credentials (default: what the environment has)")
      ->check(CLI::ExistingFile);
  command
      ->add_option(
          "--ca", run.ca_file, "PEM file of the server's authority, for programs of all languages")
      ->check(CLI::ExistingFile);
  CLI::Option* fresh = command->add_flag(
      "--fresh", run.is_fresh, "Start a server for this program alone, in memory, gone afterwards");
  fresh->excludes("--credentials")->excludes("--ca");
  command
      ->add_option("--bootstrap",
                   run.bootstrap_file,
                   "What the fresh server holds (docs/guide/bootstrap.md)")
      ->check(CLI::ExistingFile)
      ->needs(fresh);
  command
      ->add_option(
          "--user", run.user, "Whose key of that file the program gets (default: the first user's)")
      ->needs(fresh);
  command->add_option("command", run.words, "The program and its arguments, behind --")->required();
  command->positionals_at_end();
  command->footer(
      "The exit code is the program's; 127: there is no such program.\n\n"
      "Examples:\n"
      "  signet run --fresh -- pytest tests/\n"
      "  signet run --fresh --bootstrap accounts.json --user dev -- aws s3 ls\n"
      "  signet run --credentials ./signet.credentials -- terraform plan");
  command->callback([&] {
    action = [&options, &run] {
      return run_program(options, run);
    };
  });
}

}  // namespace signet::ctl
