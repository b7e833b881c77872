#include "facts/service_principals.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/strings.h"

namespace signet::facts {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
#include "facts/service_principals_table.inc"
});
static_assert(std::ranges::is_sorted(kNames));
static_assert(std::ranges::adjacent_find(kNames) == kNames.end(), "names must be unique");

constexpr std::string_view kSuffix = ".amazonaws.com";
constexpr std::string_view kChina = ".cn";

bool is_listed(std::string_view name) {
  return std::ranges::binary_search(kNames, name);
}

// Area, direction and number of a region, such as us-gov-west-1: not whether AWS has opened it.
bool is_region(std::string_view text) {
  constexpr auto kAreas = std::to_array<std::string_view>(
      {"af", "ap", "ca", "cn", "eu", "eusc", "il", "me", "mx", "sa", "us"});
  const std::size_t first = text.find('-');
  if (first == std::string_view::npos || text.size() < 2 || !is_digit(text.back()) ||
      text[text.size() - 2] != '-' ||
      std::ranges::find(kAreas, text.substr(0, first)) == kAreas.end()) {
    return false;
  }
  const std::string_view middle = text.substr(first, text.size() - 2 - first);
  for (const std::string_view direction : {"-north",
                                           "-northeast",
                                           "-northwest",
                                           "-south",
                                           "-southeast",
                                           "-southwest",
                                           "-central",
                                           "-east",
                                           "-west"}) {
    if (middle.ends_with(direction)) {
      const std::string_view kind = middle.substr(0, middle.size() - direction.size());
      return kind.empty() || kind == "-gov" || kind.starts_with("-iso") || kind == "-de";
    }
  }
  return false;
}

}  // namespace

bool is_service_principal(std::string_view name) {
  if (name.ends_with(kChina)) {
    name.remove_suffix(kChina.size());
    if (!name.ends_with(kSuffix)) {
      return false;
    }
  }
  if (is_listed(name)) {
    return true;
  }
  if (!name.ends_with(kSuffix)) {
    return false;
  }
  const std::string_view labels = name.substr(0, name.size() - kSuffix.size());
  const std::size_t dot = labels.rfind('.');
  return dot != std::string_view::npos && is_region(labels.substr(dot + 1)) &&
         is_listed(concat(labels.substr(0, dot), kSuffix));
}

}  // namespace signet::facts
