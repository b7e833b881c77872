#include <string>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"

// `signet analyze ...`.
namespace signet::ctl {
namespace {

void add_escalation(CLI::App& group,
                    EscalationOptions& escalation,
                    const std::string& data_folder,
                    Action& action) {
  CLI::App* command = group.add_subcommand(
      "escalation", "Who can become whom, who can become an administrator, and how");
  escalation.data_folder = data_folder;
  add_data_folder(*command, escalation.data_folder);
  command->add_option(
      "--from", escalation.from, "ARN or name of a user or role that begins (default: everybody)");
  command->add_option("--to",
                      escalation.to,
                      "ARN or name of who is become, or admin: anybody who can have everything");
  command->add_option("--output", escalation.output, "text, json, dot or svg")
      ->check(CLI::IsMember({"text", "json", "dot", "svg"}))
      ->capture_default_str();
  command->footer(
      "With --from the shortest way is told as commands of the AWS CLI.\n"
      "Exit code 0: told, and where --from or --to ask for a way: there is none; 1: there is one; "
      "2: usage; 3: the folder cannot be read; 4: whether the only way works is not known.\n"
      "Guide: docs/guide/escalation.md.\nExamples:\n"
      "  signet analyze escalation --data ~/.local/share/signet --from ann --to admin\n"
      "  signet analyze escalation --data ~/.local/share/signet --output svg > graph.svg");
  command->callback([&escalation, &action] {
    action = [&escalation] {
      return analyze_escalation(escalation);
    };
  });
}

void add_unused(CLI::App& group,
                UnusedOptions& unused,
                const std::string& data_folder,
                Action& action) {
  CLI::App* command = group.add_subcommand(
      "unused", "Roles, users, keys, passwords, services and actions that nobody uses, with dates");
  unused.data_folder = data_folder;
  add_data_folder(*command, unused.data_folder);
  command->add_option("--principal", unused.principal, "ARN of a user or role (default: all)");
  command->add_option("--days", unused.days, "Without use for so many days")
      ->check(CLI::Range(0, 400))
      ->capture_default_str();
  command->add_option(
      "--from", unused.trails, "Audit file (repeatable; default: all of the folder's trail)");
  command->add_option("--output", unused.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "Dates are of what the server keeps of last uses and of the records of the audit trail, "
      "whichever is later.\n"
      "Exit code 0: everything is used; 1: something is not; 2: usage; 3: a file or the folder "
      "cannot be read.\n"
      "Guide: docs/guide/unused-access.md.\nExample:\n"
      "  signet analyze unused --data ~/.local/share/signet --days 30");
  command->callback([&unused, &action] {
    action = [&unused] {
      return analyze_unused(unused);
    };
  });
}

}  // namespace

void add_analyze(CLI::App& app,
                 AnalyzeFlags& flags,
                 const server::Options& options,
                 Action& action) {
  CLI::App* group = app.add_subcommand("analyze", "What principals can do, and what they did");
  group->require_subcommand(1);
  add_escalation(*group, flags.escalation, options.data_folder, action);
  add_unused(*group, flags.unused, options.data_folder, action);
}

}  // namespace signet::ctl
