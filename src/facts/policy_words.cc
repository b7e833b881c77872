#include "facts/policy_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/strings.h"

namespace signet::facts {
namespace {

constexpr std::size_t kLanguages = 4;

constexpr std::array<std::string_view, kLanguages> kNames = {"en", "de", "ja", "zh"};

constexpr std::array<std::string_view, kLanguages> kTexts[] = {
#include "facts/policy_words_table.inc"
};

// Where Chinese is written in the traditional way.
constexpr std::string_view kTraditional[] = {"tw", "hk", "mo", "hant"};

}  // namespace

std::optional<Language> language_of(std::string_view locale) {
  const std::size_t end = std::min(locale.find_first_of("-_"), locale.size());
  const std::string name = to_lower(locale.substr(0, end));
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  const auto language = static_cast<Language>(found - kNames.begin());
  const std::string rest = to_lower(locale.substr(end));
  const bool is_traditional = language == Language::Chinese &&
                              std::ranges::any_of(kTraditional, [&rest](std::string_view part) {
                                return rest.find(part) != std::string::npos;
                              });
  return is_traditional ? std::nullopt : std::optional(language);
}

std::string phrase(Words words,
                   Language language,
                   std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string_view text =
      kTexts[static_cast<std::size_t>(words)].at(static_cast<std::size_t>(language));
  std::string out;
  while (true) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
      out += text;
      return out;
    }
    const std::string_view place = text.substr(open + 1, close - open - 1);
    const auto* value =
        std::ranges::find(values, place, &std::pair<std::string_view, std::string_view>::first);
    out += text.substr(0, open);
    out += value != values.end() ? value->second : std::string_view();
    text.remove_prefix(close + 1);
  }
}

}  // namespace signet::facts
