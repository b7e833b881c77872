#include "facts/catalogue.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "base/strings.h"

namespace signet::facts {
namespace {

using std::string_view_literals::operator""sv;

// Texts of the larger services are longer than the 65,536 characters that every compiler must take.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "facts/catalogue_tables.inc"
#pragma GCC diagnostic pop

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(rest.size(), at + 1));
  return taken;
}

std::string_view key_list(std::string_view number) {
  std::size_t index = 0;
  std::from_chars(number.data(), number.data() + number.size(), index);
  if (index >= std::size(kKeyListEnds)) {
    return {};
  }
  const std::size_t begin = index == 0 ? 0 : kKeyListEnds[index - 1];
  return kKeyLists.substr(begin, kKeyListEnds[index] - 1 - begin);
}

struct NamedType {
  std::string_view name;
  KeyType type;
};

constexpr NamedType kKeyTypes[] = {{"arn", KeyType::Arn},
                                   {"bool", KeyType::Bool},
                                   {"date", KeyType::Date},
                                   {"ip", KeyType::Ip},
                                   {"numeric", KeyType::Numeric},
                                   {"string", KeyType::String}};

KeyType key_type(std::string_view name) {
  for (const NamedType& row : kKeyTypes) {
    if (row.name == name) {
      return row.type;
    }
  }
  return KeyType::String;
}

// `*` of a name of the reference stands for one or more characters.
bool fits(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return equals_ignore_case(pattern, name);
  }
  const std::string_view head = pattern.substr(0, star);
  if (name.size() <= head.size() || !equals_ignore_case(name.substr(0, head.size()), head)) {
    return false;
  }
  const std::string_view tail = pattern.substr(star + 1);
  for (std::size_t at = head.size() + 1; at <= name.size(); ++at) {
    if (tail.find('*') == std::string_view::npos) {
      at = std::max(at, name.size() - std::min(name.size(), tail.size()));
    }
    if (fits(tail, name.substr(at))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string_view> NameList::next() {
  if (rest_.empty()) {
    return std::nullopt;
  }
  return take_until(rest_, ',');
}

std::optional<CatalogueAction> next_action(std::string_view& rest) {
  if (rest.empty()) {
    return std::nullopt;
  }
  std::string_view line = take_until(rest, '\n');
  CatalogueAction action{.name = take_until(line, '\t')};
  action.level = static_cast<AccessLevel>(take_until(line, '\t').front());
  action.resources = take_until(line, '\t');
  action.keys = key_list(line);
  return action;
}

std::optional<CatalogueResource> next_resource(std::string_view& rest) {
  if (rest.empty()) {
    return std::nullopt;
  }
  std::string_view line = take_until(rest, '\n');
  CatalogueResource resource{.name = take_until(line, '\t')};
  resource.arn = take_until(line, '\t');
  resource.keys = key_list(line);
  return resource;
}

std::optional<CatalogueAction> CatalogueService::action(std::string_view name) const {
  std::string_view rest = actions;
  for (auto found = next_action(rest); found; found = next_action(rest)) {
    if (equals_ignore_case(found->name, name)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<CatalogueResource> CatalogueService::resource(std::string_view name) const {
  std::string_view rest = resources;
  for (auto found = next_resource(rest); found; found = next_resource(rest)) {
    if (equals_ignore_case(found->name, name)) {
      return found;
    }
  }
  return std::nullopt;
}

const CatalogueService* find_service(std::string_view prefix) {
  for (const CatalogueService& service : kServices) {
    if (equals_ignore_case(service.prefix, prefix)) {
      return &service;
    }
  }
  return nullptr;
}

const RetiredService* find_retired_service(std::string_view prefix) {
  for (const RetiredService& service : kRetiredServices) {
    if (equals_ignore_case(service.prefix, prefix)) {
      return &service;
    }
  }
  return nullptr;
}

std::span<const CatalogueService> services() {
  return kServices;
}

std::optional<CatalogueKey> next_key(std::string_view& rest) {
  if (rest.empty()) {
    return std::nullopt;
  }
  std::string_view line = take_until(rest, '\n');
  CatalogueKey key{.name = take_until(line, '\t')};
  std::string_view type = take_until(line, '\t');
  key.is_list = type.ends_with('*');
  key.is_either = type.ends_with('?');
  type.remove_suffix(key.is_list || key.is_either ? 1 : 0);
  key.type = key_type(type);
  key.is_of_caller = !line.empty();
  return key;
}

std::string_view catalogue_keys() {
  return kKeys;
}

std::optional<CatalogueKey> find_catalogue_key(std::string_view name) {
  std::string_view rest = kKeys;
  for (auto key = next_key(rest); key; key = next_key(rest)) {
    if (fits(key->name, name)) {
      return key;
    }
  }
  return std::nullopt;
}

std::span<const Region> regions() {
  return kRegions;
}

}  // namespace signet::facts
