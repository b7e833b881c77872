#include "identity/settings.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace signet::identity {

const std::string* find_setting(const std::vector<model::Tag>& settings, std::string_view name) {
  const auto found = std::ranges::find(settings, name, &model::Tag::key);
  return found == settings.end() ? nullptr : &found->value;
}

void set_setting(std::vector<model::Tag>& settings,
                 std::string_view name,
                 std::optional<std::string> value) {
  const auto place = std::ranges::lower_bound(settings, name, std::less<>(), &model::Tag::key);
  const bool is_there = place != settings.end() && place->key == name;
  if (is_there && value) {
    place->value = *std::move(value);
  } else if (is_there) {
    settings.erase(place);
  } else if (value) {
    settings.insert(place, {.key = std::string(name), .value = *std::move(value)});
  }
}

}  // namespace signet::identity
