#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_prove/budget.h"

// Exact algebra of patterns: whether some text lies in some sets of texts and outside of others,
// and which.

namespace signet::policy::prove {

struct GlobToken {
  // The last two never take a colon: wildcards of the first five parts of an ARN.
  enum class Kind : std::uint8_t { Char, Any, Run, AnyInPart, RunInPart };
  Kind kind = Kind::Char;
  char32_t character = 0;  // Char

  bool operator==(const GlobToken&) const = default;
};

// Code points with wildcards between them.
struct Glob {
  std::vector<GlobToken> tokens;
  bool ignore_case = false;  // of ASCII letters

  void add_text(std::string_view text);
  void add(GlobToken::Kind wildcard);

  bool operator==(const Glob&) const = default;
};

// `*` and `?` are wildcards, everything else is itself. With `in_part` they take no colon.
[[nodiscard]] Glob make_glob(std::string_view pattern, bool in_part = false);
// The text alone.
[[nodiscard]] Glob make_literal(std::string_view text);

// The union of some globs; of none: no text at all.
struct Language {
  std::vector<Glob> globs;

  // Linear in text times tokens.
  [[nodiscard]] bool contains(std::string_view text) const;
};

// A language that a text has to lie in, or outside of.
struct Side {
  const Language* language = nullptr;
  bool is_inside = true;
};

struct FoundText {
  enum class Outcome : std::uint8_t { Found, None, TooLarge };
  Outcome outcome = Outcome::None;
  std::string text;             // Found: a shortest one
  std::vector<bool> is_needed;  // None: the sides that contradict each other, a bit per side
};

// A text on the given side of every language. None is a proof: no text of code points is.
// `allowed`: the text is made of these ASCII characters alone; empty: of any. Walks the joint
// position automaton of all globs, a bit per position, without the states that cannot lead
// anywhere.
[[nodiscard]] FoundText find_text(std::span<const Side> sides,
                                  std::string_view allowed,
                                  Budget& budget);

// Every distinct set of the globs that some text lies in, with a shortest text for each. The set of
// a text in no glob is among them. False: the budget is spent, or there are too many.
struct Atom {
  std::vector<bool> inside;
  std::string text;
};

[[nodiscard]] bool find_atoms(std::span<const Glob> globs,
                              std::string_view allowed,
                              Budget& budget,
                              std::vector<Atom>& out);

}  // namespace signet::policy::prove
