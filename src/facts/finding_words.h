#pragma once

#include <string>
#include <string_view>

#include "facts/policy_words.h"

namespace signet::facts {

// What `policy check` says of a document, in another language: `english` is the message of a
// finding, the key of its row in facts/policy_words.json. Names and sentences of AWS's in it stay.
// A message without a row stays as it is.
[[nodiscard]] std::string finding_sentence(std::string_view english, Language language);

}  // namespace signet::facts
