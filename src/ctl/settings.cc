#include "ctl/settings.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/assertion.h"
#include "base/nearest.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "facts/settings.h"
#include "server/settings_file.h"

namespace signet::ctl {
namespace {

using facts::SettingForm;
using facts::SettingRow;

constexpr std::string_view kFile = "config";

const SettingRow* find_setting(std::string_view name) {
  const auto* const found = std::ranges::find(facts::kSettings, name, &SettingRow::name);
  return found != facts::kSettings.end() ? found : nullptr;
}

// Empty: it is not set.
std::string variable(std::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
  const char* value = name.empty() ? nullptr : std::getenv(std::string(name).c_str());
  return value != nullptr ? value : "";
}

bool has_flag(const std::vector<std::string>& arguments, std::string_view name) {
  const std::string flag = concat("--", name);
  return std::ranges::any_of(arguments, [&flag](const std::string& argument) {
    return argument == flag || argument.starts_with(flag + "=");
  });
}

std::string file_of(const std::vector<std::string>& arguments) {
  const std::string flag = concat("--", kFile);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(flag + "=")) {
      return arguments[i].substr(flag.size() + 1);
    }
    if (arguments[i] == flag && i + 1 < arguments.size()) {
      return arguments[i + 1];
    }
  }
  return variable(find_setting(kFile)->variable);
}

std::unexpected<Error> no_setting(const std::string& path, const server::FileSetting& setting) {
  Nearest nearest(setting.name);
  for (const SettingRow& row : facts::kSettings) {
    nearest.offer(row.name);
  }
  return fail(ErrorCode::InvalidInput,
              concat(path,
                     ":",
                     std::to_string(setting.line),
                     ": there is no setting ",
                     setting.name,
                     nearest.question()));
}

Status add_setting(std::vector<std::string>& arguments,
                   const SettingRow& row,
                   const server::FileSetting& setting,
                   const std::string& path) {
  const std::string where = concat(path, ":", std::to_string(setting.line), ": ", setting.name);
  const std::string flag = concat("--", row.name);
  if (row.form == SettingForm::Switch) {
    if (setting.values != std::vector<std::string>{"true"} &&
        setting.values != std::vector<std::string>{"false"}) {
      return fail(ErrorCode::InvalidInput, concat(where, " is true or false"));
    }
    if (setting.values.front() == "true") {
      arguments.push_back(flag);
    }
    return {};
  }
  if (row.form == SettingForm::Value && setting.values.size() != 1) {
    return fail(ErrorCode::InvalidInput, concat(where, " takes one value"));
  }
  for (const std::string& value : setting.values) {
    arguments.push_back(concat(flag, "=", value));
  }
  return {};
}

}  // namespace

CLI::Option* describe(CLI::Option* option) {
  const SettingRow* row = find_setting(option->get_lnames().front());
  SIGNET_ASSERT(row != nullptr);
  option->description(std::string(row->text));
  if (!row->variable.empty()) {
    option->envname(std::string(row->variable));
  }
  if (row->has_bounds) {
    option->check(CLI::Range(row->least, row->most));
  }
  return option;
}

Result<std::vector<std::string>> with_settings_file(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "serve") {
    return arguments;
  }
  const std::string path = file_of(arguments);
  if (path.empty()) {
    return arguments;
  }
  const std::vector<std::string> given = arguments;
  const std::vector<server::FileSetting> settings = TRY(server::read_settings_file(path));
  for (const server::FileSetting& setting : settings) {
    const SettingRow* row = find_setting(setting.name);
    if (row == nullptr || row->name == kFile) {
      return no_setting(path, setting);
    }
    if (!has_flag(given, row->name) && variable(row->variable).empty()) {
      TRY_STATUS(add_setting(arguments, *row, setting, path));
    }
  }
  return arguments;
}

}  // namespace signet::ctl
