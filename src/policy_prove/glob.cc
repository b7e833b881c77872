#include "policy_prove/glob.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <set>
#include <utility>

#include "base/strings.h"
#include "policy_prove/row_table.h"

namespace signet::policy::prove {
namespace {

constexpr std::size_t kBits = 64;
// More sets of patterns than any policy tells apart in earnest.
constexpr std::size_t kMaxAtoms = 20'000;

constexpr char32_t fold(char32_t c) {
  return c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c;
}

// The code points of a text; a malformed byte stands for itself.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : (lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2));
    char32_t c = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    const std::size_t end = std::min(text.size(), at + size);
    for (++at; at < end; ++at) {
      c = (c << 6) | (static_cast<unsigned char>(text[at]) & 0x3FU);
    }
    out.push_back(c);
  }
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_run(const GlobToken& token) {
  return token.kind == GlobToken::Kind::Run || token.kind == GlobToken::Kind::RunInPart;
}

bool takes(const GlobToken& token, char32_t c, bool ignore_case) {
  switch (token.kind) {
    case GlobToken::Kind::Char:
      return ignore_case ? fold(token.character) == fold(c) : token.character == c;
    case GlobToken::Kind::Any:
    case GlobToken::Kind::Run:
      return true;
    case GlobToken::Kind::AnyInPart:
    case GlobToken::Kind::RunInPart:
      return c != U':';
  }
  return false;
}

// The characters that tell globs apart: all that occur, and one that does not.
std::u32string alphabet_of(std::span<const Glob* const> globs, std::string_view allowed) {
  std::set<char32_t> seen{U':'};
  for (const Glob* glob : globs) {
    for (const GlobToken& token : glob->tokens) {
      if (token.kind != GlobToken::Kind::Char) {
        continue;
      }
      seen.insert(token.character);
      const char32_t low = fold(token.character);
      if (glob->ignore_case && low >= U'a' && low <= U'z') {
        seen.insert(low);
        seen.insert(low - U'a' + U'A');
      }
    }
  }
  static constexpr std::u32string_view kReadable =
      U"xyzwvqkjhgfutsrponmlidcbae0123456789XYZWVQKJHGFUTSRPONMLIDCBAE_-";
  const auto is_allowed = [allowed](char32_t c) {
    return allowed.empty() || (c < 0x80 && allowed.find(static_cast<char>(c)) != std::string::npos);
  };
  std::u32string out;
  const auto is_other = [&](char32_t c) {
    return !seen.contains(c) && is_allowed(c);
  };
  if (const auto other = std::ranges::find_if(kReadable, is_other); other != kReadable.end()) {
    out.push_back(*other);
  } else if (allowed.empty()) {
    char32_t c = 0x100;
    while (seen.contains(c)) {
      ++c;
    }
    out.push_back(c);
  }
  std::ranges::copy_if(seen, std::back_inserter(out), is_allowed);
  return out;
}

// Positions of all globs side by side in one row of bits; a state is the set of positions that a
// text can have reached.
class Automaton {
 public:
  Automaton(std::span<const Glob* const> globs, std::string_view allowed)
      : alphabet_(alphabet_of(globs, allowed)) {
    std::size_t bits = 0;
    for (const Glob* glob : globs) {
      begins_.push_back(bits);
      bits += glob->tokens.size() + 1;
    }
    begins_.push_back(bits);
    words_ = (bits + kBits - 1) / kBits;
    runs_.assign(words_, 0);
    telling_.assign(bits, {});
    advance_.assign(alphabet_.size() * words_, 0);
    stay_.assign(alphabet_.size() * words_, 0);
    for (std::size_t g = 0; g < globs.size(); ++g) {
      lay_out(*globs[g], begins_[g]);
    }
  }

  [[nodiscard]] const std::u32string& alphabet() const { return alphabet_; }

  [[nodiscard]] std::size_t words() const { return words_; }

  [[nodiscard]] std::size_t begin_of(std::size_t glob) const { return begins_[glob]; }

  [[nodiscard]] std::size_t end_of(std::size_t glob) const { return begins_[glob + 1] - 1; }

  void start(Word* state) const {
    std::fill(state, state + words_, 0);
    for (std::size_t g = 0; g + 1 < begins_.size(); ++g) {
      set(state, begins_[g]);
    }
    close(state);
  }

  void step(const Word* from, std::size_t symbol, Word* to) const {
    const Word* advance = advance_.data() + symbol * words_;
    const Word* stay = stay_.data() + symbol * words_;
    Word carry = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const Word moved = from[w] & advance[w];
      to[w] = (moved << 1) | carry | (from[w] & stay[w]);
      carry = moved >> (kBits - 1);
    }
    close(to);
  }

  // The symbols that lead on from a state, in order: those that some position tells apart, and the
  // first of all others, which lead to the same.
  void find_symbols(const Word* state, std::vector<std::size_t>& symbols) const {
    std::vector<bool> is_told(alphabet_.size());
    for (std::size_t w = 0; w < words_; ++w) {
      for (Word rest = state[w]; rest != 0; rest &= rest - 1) {
        const auto bit = w * kBits + static_cast<std::size_t>(std::countr_zero(rest));
        for (const std::uint32_t symbol : telling_[bit]) {
          if (symbol != 0) {
            is_told[symbol - 1] = true;
          }
        }
      }
    }
    symbols.clear();
    bool has_other = false;
    for (std::size_t s = 0; s < alphabet_.size(); ++s) {
      if (is_told[s] || !has_other) {
        symbols.push_back(s);
        has_other = has_other || !is_told[s];
      }
    }
  }

  static void set(Word* state, std::size_t bit) { state[bit / kBits] |= Word{1} << (bit % kBits); }

  static bool has(const Word* state, std::size_t bit) {
    return ((state[bit / kBits] >> (bit % kBits)) & 1U) != 0;
  }

 private:
  void lay_out(const Glob& glob, std::size_t begin) {
    for (std::size_t i = 0; i < glob.tokens.size(); ++i) {
      const GlobToken& token = glob.tokens[i];
      if (is_run(token)) {
        set(runs_.data(), begin + i);
      }
      const bool is_char = token.kind == GlobToken::Kind::Char;
      const bool is_any = token.kind == GlobToken::Kind::Any || token.kind == GlobToken::Kind::Run;
      std::size_t told = 0;
      for (std::size_t s = 0; s < alphabet_.size(); ++s) {
        const bool is_taken = takes(token, alphabet_[s], glob.ignore_case);
        if (is_taken) {
          set((is_run(token) ? stay_ : advance_).data() + s * words_, begin + i);
        }
        if (!is_any && is_taken == is_char) {  // a letter in both cases, at most
          telling_[begin + i][told++] = static_cast<std::uint32_t>(s + 1);
        }
      }
    }
  }

  // A run may be empty: who stands before it also stands behind it. Runs never stand side by side.
  void close(Word* state) const {
    Word carry = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const Word at_run = state[w] & runs_[w];
      state[w] |= (at_run << 1) | carry;
      carry = at_run >> (kBits - 1);
    }
  }

  std::u32string alphabet_;
  std::vector<std::size_t> begins_;
  std::size_t words_ = 0;
  std::vector<Word> runs_;
  std::vector<std::array<std::uint32_t, 2>> telling_;  // numbers of symbols and one; 0: none
  std::vector<Word> advance_;
  std::vector<Word> stay_;
};

// The states that were reached, with the way there.
class Reached {
 public:
  explicit Reached(std::size_t words) : states_(words) {}

  [[nodiscard]] std::size_t size() const { return states_.size(); }

  [[nodiscard]] bool is_full() const { return states_.is_full(); }

  [[nodiscard]] const Word* state(std::size_t at) const { return states_.row(at); }

  void add(const Word* state, std::size_t parent, char32_t symbol) {
    if (states_.add(state)) {
      parents_.emplace_back(static_cast<std::uint32_t>(parent), symbol);
    }
  }

  [[nodiscard]] std::string text_to(std::size_t at) const {
    std::u32string reversed;
    while (parents_[at].first != at) {
      reversed.push_back(parents_[at].second);
      at = parents_[at].first;
    }
    std::string text;
    for (std::size_t i = reversed.size(); i > 0; --i) {
      append_utf8(text, reversed[i - 1]);
    }
    return text;
  }

 private:
  RowTable states_;
  std::vector<std::pair<std::uint32_t, char32_t>> parents_;
};

// What it costs to look at all that follow a state.
std::uint64_t cost_of_state(const Automaton& automaton, std::size_t symbols) {
  constexpr std::uint64_t kOverhead = 40;
  return automaton.alphabet().size() + symbols * (4 * automaton.words() + kOverhead);
}

// One search of find_text(): the globs of all sides, and which of them belong to which.
class TextSearch {
 public:
  TextSearch(std::span<const Side> sides, std::string_view allowed) : sides_(sides) {
    std::vector<const Glob*> globs;
    for (const Side& side : sides) {
      first_.push_back(globs.size());
      for (const Glob& glob : side.language->globs) {
        globs.push_back(&glob);
      }
    }
    first_.push_back(globs.size());
    automaton_.emplace_back(globs, allowed);
    const std::size_t words = automaton_[0].words();
    ends_.assign(sides.size() * words, 0);
    alive_.assign(sides.size() * words, 0);
    settled_.assign(sides.size() * words, 0);
    for (std::size_t s = 0; s < sides.size(); ++s) {
      mark(s, globs);
    }
    needed_.assign(sides.size(), false);
  }

  FoundText run(Budget& budget) {
    const Automaton& automaton = automaton_[0];
    Reached reached(automaton.words());
    std::vector<Word> next(automaton.words());
    std::vector<std::size_t> symbols;
    automaton.start(next.data());
    if (!is_hopeless(next.data())) {
      reached.add(next.data(), 0, 0);
    }
    for (std::size_t at = 0; at < reached.size(); ++at) {
      if (is_wanted(reached.state(at))) {
        return {.outcome = FoundText::Outcome::Found, .text = reached.text_to(at), .is_needed = {}};
      }
      automaton.find_symbols(reached.state(at), symbols);
      if (!budget.spend(cost_of_state(automaton, symbols.size())) || reached.is_full()) {
        return {.outcome = FoundText::Outcome::TooLarge, .text = {}, .is_needed = {}};
      }
      for (const std::size_t symbol : symbols) {
        automaton.step(reached.state(at), symbol, next.data());
        if (!is_hopeless(next.data())) {
          reached.add(next.data(), at, automaton.alphabet()[symbol]);
        }
      }
    }
    return {.outcome = FoundText::Outcome::None, .text = {}, .is_needed = needed_};
  }

 private:
  void mark(std::size_t side, const std::vector<const Glob*>& globs) {
    const Automaton& automaton = automaton_[0];
    const std::size_t row = side * automaton.words();
    for (std::size_t g = first_[side]; g < first_[side + 1]; ++g) {
      Automaton::set(ends_.data() + row, automaton.end_of(g));
      for (std::size_t bit = automaton.begin_of(g); bit <= automaton.end_of(g); ++bit) {
        Automaton::set(alive_.data() + row, bit);
      }
      const auto& tokens = globs[g]->tokens;
      if (!tokens.empty() && tokens.back().kind == GlobToken::Kind::Run) {
        Automaton::set(settled_.data() + row, automaton.end_of(g) - 1);
      }
    }
  }

  [[nodiscard]] bool meets(const Word* state,
                           const std::vector<Word>& masks,
                           std::size_t side) const {
    const std::size_t words = automaton_[0].words();
    const Word* mask = masks.data() + side * words;
    for (std::size_t w = 0; w < words; ++w) {
      if ((state[w] & mask[w]) != 0) {
        return true;
      }
    }
    return false;
  }

  // No longer text can be what is looked for: it left a language for good, or will never leave one
  // again.
  bool is_hopeless(const Word* state) {
    return is_refused(state, [this](const Word* at, std::size_t s) {
      return sides_[s].is_inside ? !meets(at, alive_, s) : meets(at, settled_, s);
    });
  }

  bool is_wanted(const Word* state) {
    return !is_refused(state, [this](const Word* at, std::size_t s) {
      return meets(at, ends_, s) != sides_[s].is_inside;
    });
  }

  // Some side refuses; notes one that does, if possible one that is needed anyway.
  template <class Refuses>
  bool is_refused(const Word* state, Refuses refuses) {
    std::size_t found = sides_.size();
    for (std::size_t s = 0; s < sides_.size(); ++s) {
      if ((found == sides_.size() || needed_[s]) && refuses(state, s)) {
        found = s;
        if (needed_[s]) {
          return true;
        }
      }
    }
    if (found == sides_.size()) {
      return false;
    }
    needed_[found] = true;
    return true;
  }

  std::span<const Side> sides_;
  std::vector<std::size_t> first_;    // glob of each side
  std::vector<Automaton> automaton_;  // one
  std::vector<Word> ends_;            // per side: the positions of a whole match
  std::vector<Word> alive_;           // all its positions
  std::vector<Word> settled_;         // those from which every longer text matches
  std::vector<bool> needed_;
};

}  // namespace

void Glob::add_text(std::string_view text) {
  for (const char32_t c : code_points(text)) {
    tokens.push_back({.kind = GlobToken::Kind::Char, .character = c});
  }
}

void Glob::add(GlobToken::Kind wildcard) {
  const GlobToken token{.kind = wildcard, .character = 0};
  if (!tokens.empty() && is_run(tokens.back()) && is_run(token)) {
    tokens.back().kind =
        tokens.back().kind == wildcard ? wildcard : GlobToken::Kind::Run;  // the wider one
    return;
  }
  tokens.push_back(token);
}

Glob make_glob(std::string_view pattern, bool in_part) {
  Glob glob;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '*' && pattern[at] != '?') {
      continue;
    }
    using enum GlobToken::Kind;
    glob.add_text(pattern.substr(begin, at - begin));
    glob.add(pattern[at] == '*' ? (in_part ? RunInPart : Run) : (in_part ? AnyInPart : Any));
    begin = at + 1;
  }
  glob.add_text(pattern.substr(begin));
  return glob;
}

Glob make_literal(std::string_view text) {
  Glob glob;
  glob.add_text(text);
  return glob;
}

namespace {

// Positions reached are bits of a word; few are at a time.
bool matches_short(const Glob& glob, const std::u32string& points) {
  const auto close = [&glob](Word at) {
    Word all = at;
    for (Word rest = at; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      all |= i < glob.tokens.size() && is_run(glob.tokens[i]) ? Word{2} << i : 0;
    }
    return all;
  };
  Word now = close(1);
  for (const char32_t c : points) {
    Word next = 0;
    for (Word rest = now; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      if (i < glob.tokens.size() && takes(glob.tokens[i], c, glob.ignore_case)) {
        next |= is_run(glob.tokens[i]) ? Word{1} << i : Word{2} << i;
      }
    }
    now = close(next);
    if (now == 0) {
      return false;
    }
  }
  return ((now >> glob.tokens.size()) & 1U) != 0;
}

bool matches_long(const Glob& glob, const std::u32string& points) {
  std::vector<bool> now(glob.tokens.size() + 1);
  const auto close = [&glob](std::vector<bool>& at) {
    for (std::size_t i = 0; i < glob.tokens.size(); ++i) {
      at[i + 1] = at[i + 1] || (at[i] && is_run(glob.tokens[i]));
    }
  };
  now[0] = true;
  close(now);
  for (const char32_t c : points) {
    std::vector<bool> next(now.size());
    for (std::size_t i = 0; i < glob.tokens.size(); ++i) {
      if (now[i] && takes(glob.tokens[i], c, glob.ignore_case)) {
        next[is_run(glob.tokens[i]) ? i : i + 1] = true;
      }
    }
    close(next);
    now = std::move(next);
  }
  return now.back();
}

}  // namespace

bool Language::contains(std::string_view text) const {
  const std::u32string points = code_points(text);
  return std::ranges::any_of(globs, [&](const Glob& glob) {
    return glob.tokens.size() < kBits ? matches_short(glob, points) : matches_long(glob, points);
  });
}

FoundText find_text(std::span<const Side> sides, std::string_view allowed, Budget& budget) {
  return TextSearch(sides, allowed).run(budget);
}

bool find_atoms(std::span<const Glob> globs,
                std::string_view allowed,
                Budget& budget,
                std::vector<Atom>& out) {
  std::vector<const Glob*> pointers;
  for (const Glob& glob : globs) {
    pointers.push_back(&glob);
  }
  const Automaton automaton(pointers, allowed);
  Reached reached(automaton.words());
  std::vector<Word> next(automaton.words());
  std::vector<std::size_t> symbols;
  automaton.start(next.data());
  reached.add(next.data(), 0, 0);
  // What a state is inside of, as bits.
  RowTable known((globs.size() + kBits - 1) / kBits);
  std::vector<Word> row((globs.size() + kBits - 1) / kBits);
  for (std::size_t at = 0; at < reached.size(); ++at) {
    automaton.find_symbols(reached.state(at), symbols);
    if (!budget.spend(cost_of_state(automaton, symbols.size()) + 2 * globs.size()) ||
        reached.is_full() || known.size() > kMaxAtoms) {
      return false;
    }
    std::ranges::fill(row, 0);
    for (std::size_t g = 0; g < globs.size(); ++g) {
      if (Automaton::has(reached.state(at), automaton.end_of(g))) {
        Automaton::set(row.data(), g);
      }
    }
    if (known.add(row.data())) {
      Atom& atom = out.emplace_back();
      for (std::size_t g = 0; g < globs.size(); ++g) {
        atom.inside.push_back(Automaton::has(row.data(), g));
      }
      atom.text = reached.text_to(at);
    }
    for (const std::size_t symbol : symbols) {
      automaton.step(reached.state(at), symbol, next.data());
      reached.add(next.data(), at, automaton.alphabet()[symbol]);
    }
  }
  return true;
}

}  // namespace signet::policy::prove
