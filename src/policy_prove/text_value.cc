#include "policy_prove/text_value.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "base/strings.h"
#include "policy_prove/intervals.h"

namespace signet::policy::prove {
namespace {

using Texts = std::vector<std::string>;

bool suits(const TextDomain& domain, std::string_view text) {
  return std::ranges::all_of(domain.within,
                             [&](const Language& within) { return within.contains(text); }) &&
         std::ranges::none_of(domain.outside,
                              [&](const Language& outside) { return outside.contains(text); });
}

// Looks for a value of a key, one kind of candidate after the other.
class ValueSearch {
 public:
  ValueSearch(const TextDomain& domain, std::span<const TextWish> wishes, Budget& budget)
      : domain_(domain), wishes_(wishes), budget_(budget) {}

  FoundValue run() {
    using facts::KeyType;
    if (domain_.fixed) {
      return among({*domain_.fixed}, true);
    }
    switch (domain_.type) {
      case KeyType::Bool:
        return among({"true", "false"}, true);
      case KeyType::Ip:
        return typed(Comparison::Kind::Address);
      case KeyType::Numeric:
        return typed(Comparison::Kind::Number);
      case KeyType::Date:
        return typed(Comparison::Kind::Date);
      case KeyType::Arn:
      case KeyType::String:
        break;
    }
    return text();
  }

 private:
  // Whether all wishes can be true of the text. One that depends on a variable can.
  [[nodiscard]] bool is_fine(std::string_view text) const {
    return suits(domain_, text) && std::ranges::all_of(wishes_, [&](const TextWish& wish) {
             return passes(*wish.test, text).value_or(wish.is_passed) == wish.is_passed;
           });
  }

  [[nodiscard]] FoundValue among(const Texts& candidates, bool is_complete) const {
    const auto found =
        std::ranges::find_if(candidates, [this](const std::string& text) { return is_fine(text); });
    if (found != candidates.end()) {
      return {.outcome = FoundValue::Outcome::Found, .text = *found, .is_needed = {}};
    }
    return {.outcome = is_complete ? FoundValue::Outcome::None : FoundValue::Outcome::Unknown,
            .text = {},
            .is_needed = std::vector<bool>(wishes_.size(), true)};
  }

  [[nodiscard]] bool are_all(Comparison::Kind kind) const {
    return std::ranges::all_of(wishes_,
                               [kind](const TextWish& wish) { return wish.test->kind == kind; });
  }

  [[nodiscard]] Texts candidates(Comparison::Kind kind, bool& is_complete) const {
    Texts texts;
    if (kind == Comparison::Kind::Address) {
      add_addresses(wishes_, texts);
    } else if (kind == Comparison::Kind::Date) {
      is_complete = add_dates(wishes_, domain_.is_epoch, texts) && is_complete;
    } else if (kind == Comparison::Kind::Number) {
      is_complete = add_numbers(wishes_, texts) && is_complete;
    }
    return texts;
  }

  // A key whose values are all of one type. Operators of that type see intervals only, so that a
  // candidate from each is enough. Operators of texts see more: what they name is tried too, and
  // nothing is proved.
  [[nodiscard]] FoundValue typed(Comparison::Kind kind) const {
    const bool is_date_of_seconds =
        domain_.is_epoch && std::ranges::all_of(wishes_, [](const TextWish& wish) {
          return wish.test->kind == Comparison::Kind::Date ||
                 wish.test->kind == Comparison::Kind::Number;
        });
    bool is_complete = is_date_of_seconds || are_all(kind);
    Texts texts = candidates(kind, is_complete);
    if (is_complete) {
      return among(texts, true);
    }
    for (std::string& text : texts_named()) {
      const bool is_of_type = (kind == Comparison::Kind::Address && parse_ip(text)) ||
                              (kind == Comparison::Kind::Number && parse_number(text)) ||
                              (kind == Comparison::Kind::Date && parse_date(text));
      if (is_of_type) {
        texts.push_back(std::move(text));
      }
    }
    FoundValue found = among(texts, false);
    if (found.outcome == FoundValue::Outcome::Unknown) {
      prove(found, kind);
    }
    return found;
  }

  // The literal texts of all operands.
  [[nodiscard]] Texts texts_named() const {
    Texts texts;
    for (const TextWish& wish : wishes_) {
      for (const Glob& glob : wish.test->possible.globs) {
        const Language language{.globs = {glob}};
        const std::array<Side, 1> sides{Side{.language = &language, .is_inside = true}};
        texts.push_back(find_text(sides, {}, budget_).text);
      }
      texts.insert(texts.end(), wish.test->binaries.begin(), wish.test->binaries.end());
    }
    return texts;
  }

  [[nodiscard]] bool is_text_key() const {
    return domain_.type == facts::KeyType::String || domain_.type == facts::KeyType::Arn;
  }

  // Some of the wishes alone may contradict each other for certain.
  void prove(FoundValue& found, Comparison::Kind kind) const {
    for (const Comparison::Kind part : {Comparison::Kind::Text, kind}) {
      std::vector<TextWish> some;
      std::ranges::copy_if(wishes_, std::back_inserter(some), [part](const TextWish& wish) {
        return wish.test->kind == part;
      });
      const bool is_same_question =
          some.size() == wishes_.size() && (part != Comparison::Kind::Text || is_text_key());
      if (some.empty() || is_same_question) {
        continue;
      }
      TextDomain domain = domain_;
      domain.type = part == Comparison::Kind::Text ? facts::KeyType::String : domain.type;
      const FoundValue alone = ValueSearch(domain, some, budget_).run();
      if (alone.outcome == FoundValue::Outcome::None) {
        found = {.outcome = FoundValue::Outcome::None,
                 .text = {},
                 .is_needed = std::vector<bool>(wishes_.size(), true)};
        return;
      }
    }
  }

  [[nodiscard]] FoundValue text() const {
    if (are_all(Comparison::Kind::Text)) {
      return by_automaton();
    }
    bool is_complete = true;
    Texts texts;
    std::vector<TextWish> of_text;
    for (const TextWish& wish : wishes_) {
      if (wish.test->kind == Comparison::Kind::Text) {
        of_text.push_back(wish);
      }
    }
    for (const auto kind :
         {Comparison::Kind::Number, Comparison::Kind::Date, Comparison::Kind::Address}) {
      const bool occurs = std::ranges::any_of(
          wishes_, [kind](const TextWish& wish) { return wish.test->kind == kind; });
      if (occurs) {
        Texts more = candidates(kind, is_complete);
        texts.insert(texts.end(), more.begin(), more.end());
      }
    }
    Texts named = texts_named();
    texts.insert(texts.end(), named.begin(), named.end());
    if (const FoundValue found = ValueSearch(domain_, of_text, budget_).run();
        found.outcome == FoundValue::Outcome::Found) {
      texts.push_back(found.text);
    }
    FoundValue found = among(texts, false);
    for (const auto kind :
         {Comparison::Kind::Number, Comparison::Kind::Date, Comparison::Kind::Address}) {
      if (found.outcome == FoundValue::Outcome::Unknown) {
        prove(found, kind);
      }
    }
    if (found.outcome == FoundValue::Outcome::Unknown && is_complete && is_one_interval_kind()) {
      found.outcome = FoundValue::Outcome::None;
    }
    return found;
  }

  // All wishes are of one type of intervals, and a text that is of none was among the candidates.
  [[nodiscard]] bool is_one_interval_kind() const {
    return suits(domain_, "x") && !wishes_.empty() &&
           (are_all(Comparison::Kind::Number) || are_all(Comparison::Kind::Date) ||
            are_all(Comparison::Kind::Address)) &&
           domain_.within.empty() && domain_.outside.empty() && !is_fine("x");
  }

  // The same without texts for which a `*` stands for nothing.
  static Language wordy(const Language& language) {
    Language out;
    for (const Glob& glob : language.globs) {
      Glob& longer = out.globs.emplace_back();
      longer.ignore_case = glob.ignore_case;
      for (const GlobToken& token : glob.tokens) {
        if (token.kind == GlobToken::Kind::Run) {
          longer.add(GlobToken::Kind::Any);
        }
        longer.tokens.push_back(token);
      }
    }
    return out;
  }

  [[nodiscard]] FoundValue by_automaton() const {
    std::vector<Side> sides;
    std::deque<Language> longer;
    for (const TextWish& wish : wishes_) {
      const Language* language = wish.is_passed ? &wish.test->possible : &wish.test->certain;
      if (wish.is_passed && domain_.is_wordy) {
        language = &longer.emplace_back(wordy(*language));
      }
      sides.push_back({.language = language, .is_inside = wish.is_passed});
    }
    for (const Language& within : domain_.within) {
      sides.push_back({.language = &within, .is_inside = true});
    }
    for (const Language& outside : domain_.outside) {
      sides.push_back({.language = &outside, .is_inside = false});
    }
    // A text that is not empty reads better.
    static const Language kSomething{.globs = {make_glob("?*")}};
    sides.push_back({.language = &kSomething, .is_inside = true});
    FoundText found = find_text(sides, domain_.allowed, budget_);
    if (found.outcome == FoundText::Outcome::Found) {
      return {
          .outcome = FoundValue::Outcome::Found, .text = std::move(found.text), .is_needed = {}};
    }
    if (is_fine("")) {
      return {.outcome = FoundValue::Outcome::Found, .text = {}, .is_needed = {}};
    }
    if (found.outcome == FoundText::Outcome::TooLarge) {
      return {.outcome = FoundValue::Outcome::Unknown, .text = {}, .is_needed = {}};
    }
    if (found.is_needed.back()) {
      found.is_needed.assign(found.is_needed.size(), true);  // the empty text was refused, too
    }
    found.is_needed.resize(wishes_.size());
    return {
        .outcome = FoundValue::Outcome::None, .text = {}, .is_needed = std::move(found.is_needed)};
  }

  const TextDomain& domain_;
  std::span<const TextWish> wishes_;
  Budget& budget_;
};

// Whole seconds, of a year that is written with four digits.
bool is_epoch_time(std::string_view text) {
  const auto seconds = parse_decimal(text);
  return seconds && *seconds >= kFirstEpochSecond && *seconds < kLastEpochSecond;
}

}  // namespace

bool is_of_domain(const TextDomain& domain, std::string_view text) {
  bool is_of_type = true;
  switch (domain.type) {
    case facts::KeyType::Bool:
      is_of_type = text == "true" || text == "false";
      break;
    case facts::KeyType::Ip:
      is_of_type = parse_ip(text).has_value();
      break;
    case facts::KeyType::Numeric:
      is_of_type = parse_number(text).has_value();
      break;
    case facts::KeyType::Date:
      is_of_type = domain.is_epoch ? is_epoch_time(text) : parse_date(text).has_value();
      break;
    case facts::KeyType::Arn:
    case facts::KeyType::String:
      break;
  }
  const bool is_allowed =
      domain.allowed.empty() || text.find_first_not_of(domain.allowed) == std::string_view::npos;
  return is_of_type && is_allowed && (!domain.fixed || *domain.fixed == text) &&
         suits(domain, text);
}

FoundValue find_value(const TextDomain& domain, std::span<const TextWish> wishes, Budget& budget) {
  return ValueSearch(domain, wishes, budget).run();
}

}  // namespace signet::policy::prove
