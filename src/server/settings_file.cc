#include "server/settings_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

std::unexpected<Error> complain(const std::string& path, std::size_t line, std::string_view what) {
  return fail(ErrorCode::InvalidInput, concat(path, ":", std::to_string(line), ": ", what));
}

// As a flag takes it; nothing for what none takes.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  if (const auto* number = node.as_integer()) {
    return std::to_string(number->get());
  }
  if (const auto* number = node.as_floating_point()) {
    return std::to_string(number->get());
  }
  if (const auto* truth = node.as_boolean()) {
    return truth->get() ? "true" : "false";
  }
  return std::nullopt;
}

// False: something in it is not for a flag.
bool read_values(const toml::node& node, std::vector<std::string>& values) {
  const auto add = [&values](const toml::node& item) {
    std::optional<std::string> text = text_of(item);
    if (text) {
      values.push_back(*std::move(text));
    }
    return text.has_value();
  };
  const toml::array* list = node.as_array();
  return list == nullptr ? add(node) : std::all_of(list->begin(), list->end(), add);
}

}  // namespace

Result<std::vector<FileSetting>> parse_settings(std::string_view text, const std::string& path) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    return complain(path, parsed.error().source().begin.line, parsed.error().description());
  }
  std::vector<FileSetting> settings;
  for (const auto& [key, node] : parsed.table()) {
    FileSetting setting{.name = std::string(key.str()),
                        .values = {},
                        .line = static_cast<int>(key.source().begin.line)};
    if (!read_values(node, setting.values)) {
      return complain(
          path,
          key.source().begin.line,
          concat(setting.name, " is a text, a number, true or false, or a list of them"));
    }
    settings.push_back(std::move(setting));
  }
  std::ranges::sort(settings, {}, &FileSetting::line);
  return settings;
}

Result<std::vector<FileSetting>> read_settings_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return fail(ErrorCode::InvalidInput, concat(path, " cannot be read"));
  }
  return parse_settings(text, path);
}

}  // namespace signet::server
