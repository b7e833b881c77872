#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/condition_keys.h"
#include "policy_prove/budget.h"
#include "policy_prove/comparison.h"

// Texts that pass some comparisons and fail others.

namespace signet::policy::prove {

// What texts a key can hold.
struct TextDomain {
  facts::KeyType type = facts::KeyType::String;
  bool is_epoch = false;             // whole seconds since 1970
  std::optional<std::string> fixed;  // this one alone
  std::vector<Language> within;      // all of them hold
  std::vector<Language> outside;     // none of them holds
  std::string_view allowed;          // ASCII characters; empty: any
  bool is_wordy = false;             // a `*` of what it has to match stands for something
};

// A text is one of the domain.
[[nodiscard]] bool is_of_domain(const TextDomain& domain, std::string_view text);

struct FoundValue {
  // Unknown: neither a text nor a proof that there is none.
  enum class Outcome : std::uint8_t { Found, None, Unknown };
  Outcome outcome = Outcome::None;
  std::string text;
  std::vector<bool> is_needed;  // None: the wishes that contradict, a bit per wish
};

[[nodiscard]] FoundValue find_value(const TextDomain& domain,
                                    std::span<const TextWish> wishes,
                                    Budget& budget);

}  // namespace signet::policy::prove
