#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/nearest.h"
#include "base/strings.h"
#include "ctl/cli_parts.h"

// What was wrong with a command line, in words that say what to write instead.
namespace signet::ctl {
namespace {

// Flags of other programs, and what they are called here.
constexpr auto kElsewhere = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"--addr", "--listen ADDRESS:PORT"},
    {"--address", "--listen ADDRESS:PORT"},
    {"--host", "--listen ADDRESS:PORT"},
    {"--port", "--listen ADDRESS:PORT"},
    {"-p", "--listen ADDRESS:PORT"},
    {"--json", "--format json"},
    {"--data-dir", "--data FOLDER"},
});

// The command that the words so far name, "signet policy" for instance.
struct Named {
  const CLI::App* command;
  std::string name;
};

Named named_command(const CLI::App& app) {
  Named named{.command = &app, .name = app.get_name()};
  while (!named.command->get_subcommands().empty()) {
    named.command = named.command->get_subcommands().front();
    named.name += " " + named.command->get_name();
  }
  return named;
}

bool has_flag(const CLI::App& command, std::string_view flag) {
  return command.get_option_no_throw(std::string(flag.substr(0, flag.find(' ')))) != nullptr;
}

std::string unknown_flag(const Named& named, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  for (const auto& [other, ours] : kElsewhere) {
    if (flag == other && has_flag(*named.command, ours)) {
      return concat(named.name, " has no ", flag, ": write ", ours);
    }
  }
  if (has_flag(*named.command, flag)) {
    return concat(named.name, ": after -- nothing is an option: leave the -- out before ", flag);
  }
  Nearest nearest(flag);
  std::vector<std::string> names;
  for (const CLI::Option* option : named.command->get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  for (const std::string& name : names) {
    nearest.offer(name);
  }
  return concat(named.name, " has no ", flag, nearest.question());
}

std::string unknown_command(const Named& named, const std::string& word) {
  Nearest nearest(word);
  std::string all;
  for (const CLI::App* command : named.command->get_subcommands({})) {
    nearest.offer(command->get_name());
    all += concat(all.empty() ? "" : ", ", command->get_name());
  }
  const std::string question = nearest.question();
  return concat("there is no command `",
                named.name,
                " ",
                word,
                "`",
                question.empty() ? concat("; there are: ", all) : question);
}

}  // namespace

std::string usage_problem(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  std::erase(words, "--");  // what it divides was taken
  if (words.empty()) {
    return {};
  }
  const Named named = named_command(app);
  const std::string& word = words.front();
  if (word.starts_with('-')) {
    return unknown_flag(named, word);
  }
  if (!named.command->get_subcommands({}).empty()) {
    return unknown_command(named, word);
  }
  std::string all;
  for (const std::string& one : words) {
    all += concat(" ", one);
  }
  return concat(named.name, " takes no more words, and there are:", all);
}

void take_own_options(const CLI::App& app, server::Options& options) {
  struct Shared {
    const char* flag;
    std::string_view variable;
    std::string& value;
  };

  const CLI::App& command = *named_command(app).command;
  for (const Shared& shared : {Shared{"--data", "SIGNET_DATA", options.data_folder},
                               Shared{"--audit", "SIGNET_AUDIT", options.audit_file},
                               Shared{"--bootstrap", "SIGNET_BOOTSTRAP", options.bootstrap_file}}) {
    const CLI::Option* option = command.get_option_no_throw(shared.flag);
    if (option != nullptr && option->get_envname() == shared.variable && option->count() > 0) {
      shared.value = option->as<std::string>();
    }
  }
}

std::string folder_problem(const CLI::App& app, const std::string& folder) {
  const Named named = named_command(app);
  const CLI::Option* option = named.command->get_option_no_throw("--data");
  if (option == nullptr || option->get_envname() != "SIGNET_DATA" || !folder.empty()) {
    return {};
  }
  return concat(named.name,
                " needs a data folder, and HOME is not set: name one with --data or SIGNET_DATA");
}

}  // namespace signet::ctl
