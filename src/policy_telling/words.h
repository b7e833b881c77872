#pragma once

#include <string>

#include "policy_language/document.h"

namespace signet::policy {

// What a statement of the document says, as one English sentence: who, what, on what and under
// which conditions, names and values as they are written. Nothing is left out and nothing is
// decided.
[[nodiscard]] std::string sentence_of(const Document& document, const Statement& statement);

}  // namespace signet::policy
