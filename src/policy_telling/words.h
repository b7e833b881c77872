#pragma once

#include <string>

#include "facts/policy_words.h"
#include "policy_language/document.h"

namespace signet::policy {

// What a statement of the document says, as one sentence (UTF-8): who, what, on what and under
// which conditions, names and values as they are written. Nothing is left out and nothing is
// decided.
[[nodiscard]] std::string sentence_of(const Document& document,
                                      const Statement& statement,
                                      facts::Language language = facts::Language::English);

}  // namespace signet::policy
