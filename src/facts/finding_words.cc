#include "facts/finding_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace signet::facts {
namespace {

using Texts = std::array<std::string_view, 4>;  // English first

constexpr Texts kRows[] = {
#include "facts/finding_words_table.inc"
};

// Places that hold phrases of ours, which have rows of their own; others hold what the document
// says.
constexpr std::array<std::string_view, 8> kPhrases{
    "actions", "consequence", "effect", "element", "services", "wanted", "weakness", "what"};

using Values = std::vector<std::pair<std::string_view, std::string_view>>;

// The name of the place that the text begins with; empty: it begins with none.
std::string_view place_at(std::string_view text) {
  if (!text.starts_with('{')) {
    return {};
  }
  const std::size_t close = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz", 1);
  return close != std::string_view::npos && close > 1 && text[close] == '}'
             ? text.substr(1, close - 1)
             : std::string_view();
}

// What comes before the next place.
std::string_view literal_of(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && place_at(text.substr(at)).empty()) {
    ++at;
  }
  return text.substr(0, at);
}

// What stands in the places if the text is the pattern filled in. Places have text between them.
std::optional<Values> match(std::string_view pattern, std::string_view text) {
  Values values;
  std::string_view place;
  while (true) {
    const std::string_view literal = literal_of(pattern);
    pattern.remove_prefix(literal.size());
    std::size_t at = 0;
    if (!place.empty()) {
      const bool is_last = pattern.empty();
      at = is_last && text.ends_with(literal) ? text.size() - literal.size() : text.find(literal);
      if (at == std::string_view::npos) {
        return std::nullopt;
      }
      values.emplace_back(place, text.substr(0, at));
    } else if (!text.starts_with(literal)) {
      return std::nullopt;
    }
    text.remove_prefix(at + literal.size());
    if (pattern.empty()) {
      return text.empty() ? std::optional(std::move(values)) : std::nullopt;
    }
    place = place_at(pattern);
    pattern.remove_prefix(place.size() + 2);
  }
}

std::string filled(std::string_view pattern, const Values& values, Language language) {
  std::string out;
  while (true) {
    const std::string_view literal = literal_of(pattern);
    out += literal;
    pattern.remove_prefix(literal.size());
    if (pattern.empty()) {
      return out;
    }
    const std::string_view place = place_at(pattern);
    pattern.remove_prefix(place.size() + 2);
    const auto value =
        std::ranges::find(values, place, &std::pair<std::string_view, std::string_view>::first);
    if (value != values.end()) {
      const bool is_phrase = std::ranges::find(kPhrases, place) != kPhrases.end();
      out += is_phrase ? finding_sentence(value->second, language) : std::string(value->second);
    }
  }
}

std::size_t letters_of(std::string_view pattern) {
  std::size_t letters = 0;
  while (!pattern.empty()) {
    const std::string_view literal = literal_of(pattern);
    letters += literal.size();
    pattern.remove_prefix(literal.size());
    pattern.remove_prefix(pattern.empty() ? 0 : place_at(pattern).size() + 2);
  }
  return letters;
}

}  // namespace

std::string finding_sentence(std::string_view english, Language language) {
  if (language == Language::English) {
    return std::string(english);
  }
  // "...: did you mean "x"?" follows several of them.
  constexpr std::string_view kGuess = ": did you mean \"";
  if (const std::size_t guess = english.rfind(kGuess); guess != std::string_view::npos) {
    return concat(finding_sentence(english.substr(0, guess), language),
                  ": ",
                  finding_sentence(english.substr(guess + 2), language));
  }
  const Texts* best = nullptr;
  Values values;
  std::size_t most = 0;
  for (const Texts& row : kRows) {
    const std::size_t letters = letters_of(row[0]);
    if (letters < most) {
      continue;
    }
    if (auto found = match(row[0], english)) {
      best = &row;
      values = *std::move(found);
      most = letters;
    }
  }
  return best == nullptr ? std::string(english)
                         : filled(best->at(static_cast<std::size_t>(language)), values, language);
}

}  // namespace signet::facts
