#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "facts/policy_word_ids.h"

namespace signet::facts {

// In the order of the columns of facts/policy_words.json.
enum class Language : std::uint8_t { English, German, Japanese, Chinese };

// The language of a locale such as "de", "ja-JP" or "zh_CN"; nothing when there are no words of it.
// Chinese is simplified Chinese.
[[nodiscard]] std::optional<Language> language_of(std::string_view locale);

// The phrase, UTF-8, with each {place} in it replaced by the value of that name. Values are not
// looked at again.
[[nodiscard]] std::string phrase(
    Words words,
    Language language,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values = {});

}  // namespace signet::facts
