#include "policy_prove/actions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/strings.h"
#include "facts/catalogue.h"
#include "policy_prove/glob.h"

namespace signet::policy::prove {
namespace {

constexpr std::string_view kServiceCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::uint64_t kMatchCost = 20;

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

Glob folded_glob(std::string_view pattern) {
  return make_glob(to_lower(pattern));
}

// Some patterns over one part of an action, and all sets of them that one text can lie in.
class PartPatterns {
 public:
  // Returns the pattern's number.
  std::size_t add(std::string_view pattern) {
    const auto [it, is_new] = numbers_.emplace(to_lower(pattern), patterns_.size());
    if (is_new) {
      patterns_.emplace_back(pattern);
    }
    return it->second;
  }

  [[nodiscard]] std::size_t size() const { return patterns_.size(); }

  // The patterns that a text lies in.
  [[nodiscard]] std::vector<bool> inside(std::string_view text) const {
    std::vector<bool> result(patterns_.size());
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      result[i] = match_glob_ignore_case(patterns_[i], text);
    }
    return result;
  }

  struct Found {
    std::vector<bool> inside;
    std::string text;
  };

  // Exact names stand for themselves; the rest is told apart by the patterns with wildcards alone,
  // each set of which gets a text that no exact name is. False: too many.
  bool find(std::string_view allowed, Budget& budget, std::vector<Found>& out) const {
    std::vector<Glob> globs;
    std::vector<std::size_t> numbers;
    Language exact;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (has_wildcard(patterns_[i])) {
        globs.push_back(folded_glob(patterns_[i]));
        numbers.push_back(i);
      } else if (!budget.spend(kMatchCost * patterns_.size())) {
        return false;
      } else {
        out.push_back({.inside = inside(patterns_[i]), .text = patterns_[i]});
        exact.globs.push_back(make_literal(to_lower(patterns_[i])));
      }
    }
    std::vector<Atom> atoms;
    if (!find_atoms(globs, allowed, budget, atoms)) {
      return false;
    }
    for (const Atom& atom : atoms) {
      std::string text = atom.text;
      if (text.empty() || exact.contains(text)) {
        FoundText other = other_text(globs, atom, exact, allowed, budget);
        if (other.outcome == FoundText::Outcome::TooLarge) {
          return false;
        }
        if (other.outcome == FoundText::Outcome::None) {
          continue;  // exact names are all there is
        }
        text = std::move(other.text);
      }
      Found found{.inside = std::vector<bool>(patterns_.size()), .text = std::move(text)};
      for (std::size_t g = 0; g < globs.size(); ++g) {
        found.inside[numbers[g]] = atom.inside[g];
      }
      out.push_back(std::move(found));
    }
    return true;
  }

 private:
  // A text of that set, neither empty nor an exact name.
  static FoundText other_text(const std::vector<Glob>& globs,
                              const Atom& atom,
                              const Language& exact,
                              std::string_view allowed,
                              Budget& budget) {
    std::vector<Language> languages;
    for (const Glob& glob : globs) {
      languages.push_back({.globs = {glob}});
    }
    const Language something{.globs = {make_glob("?*")}};
    std::vector<Side> sides{{.language = &something, .is_inside = true},
                            {.language = &exact, .is_inside = false}};
    for (std::size_t g = 0; g < globs.size(); ++g) {
      sides.push_back({.language = &languages[g], .is_inside = atom.inside[g]});
    }
    return find_text(sides, allowed, budget);
  }

  std::vector<std::string> patterns_;
  std::map<std::string, std::size_t> numbers_;
};

// One pattern of Action or NotAction, split.
struct Use {
  std::size_t statement = 0;
  std::size_t service = 0;  // number of the service pattern
  std::string_view name;
};

// Two patterns that no text fits both of, as far as their beginnings and ends tell.
bool are_apart(std::string_view a, std::string_view b) {
  const auto differ = [](auto x, auto x_end, auto y, auto y_end) {
    for (; x != x_end && y != y_end; ++x, ++y) {
      if (*x == '*' || *x == '?' || *y == '*' || *y == '?') {
        return false;
      }
      if (to_lower(*x) != to_lower(*y)) {
        return true;
      }
    }
    // One is a beginning of the other, which has at least one character more.
    return x == x_end ? y != y_end && *y != '*' : *x != '*';
  };
  return a != b && (differ(a.begin(), a.end(), b.begin(), b.end()) ||
                    differ(a.rbegin(), a.rend(), b.rbegin(), b.rend()));
}

class Classifier {
 public:
  Classifier(const ActionQuestion& question, Budget& budget)
      : statements_(question.statements),
        apart_(question.apart),
        about_(question.about),
        budget_(budget) {}

  bool run(std::vector<ActionClass>& out) {
    read();
    std::vector<PartPatterns::Found> services;
    if (!services_.find(kServiceCharacters, budget_, services)) {
      return false;
    }
    for (const PartPatterns::Found& service : services) {
      if (!add_service(service, out)) {
        return false;
      }
    }
    std::erase_if(out, [this](const ActionClass& one) { return !is_asked_for(one.mentioned); });
    return true;
  }

 private:
  [[nodiscard]] bool is_about(std::size_t statement) const {
    return about_ == nullptr || (statement < about_->size() && (*about_)[statement]);
  }

  [[nodiscard]] bool is_asked_for(const std::vector<bool>& mentioned) const {
    for (std::size_t s = 0; about_ != nullptr && s < mentioned.size(); ++s) {
      if (mentioned[s] && is_about(s)) {
        return true;
      }
    }
    return about_ == nullptr;
  }

  // The names that statements asked for write of a service. Nothing: they may mention any.
  [[nodiscard]] std::optional<std::vector<std::string_view>> names_asked_for(
      const PartPatterns::Found& service) const {
    std::vector<std::string_view> names;
    for (std::size_t s = 0; s < statements_.size(); ++s) {
      if (is_about(s) && (about_ == nullptr || everywhere_.contains(s) ||
                          statements_[s].statement->is_not_action)) {
        return std::nullopt;
      }
    }
    for (const Use& use : uses_) {
      if (is_about(use.statement) && service.inside[use.service]) {
        names.push_back(use.name);
      }
    }
    return names;
  }

  void read() {
    for (std::size_t s = 0; s < statements_.size(); ++s) {
      const auto [policy, statement] = statements_[s];
      for (const ActionPattern& pattern :
           CompiledPolicy::slice(policy->actions, statement->actions)) {
        if (pattern.kind == ActionPattern::Kind::All) {
          everywhere_.insert(s);
        } else if (pattern.kind != ActionPattern::Kind::Never) {
          uses_.push_back(
              {.statement = s, .service = services_.add(pattern.vendor), .name = pattern.name});
        }
      }
    }
    for (const std::string_view action : apart_) {
      const std::size_t colon = action.find(':');
      uses_.push_back({.statement = statements_.size(),
                       .service = services_.add(action.substr(0, colon)),
                       .name = action.substr(colon + 1)});
    }
  }

  bool add_service(const PartPatterns::Found& service, std::vector<ActionClass>& out) {
    const auto asked = names_asked_for(service);
    if (asked && asked->empty()) {
      return true;
    }
    PartPatterns names;
    std::vector<std::pair<std::size_t, std::size_t>> of_name;  // statement, pattern
    for (const Use& use : uses_) {
      // A pattern that fits none of the actions asked for does not tell them apart.
      const bool plays_a_part =
          !asked || std::ranges::any_of(*asked, [&use](std::string_view name) {
            return !are_apart(name, use.name);
          });
      if (plays_a_part && service.inside[use.service]) {
        of_name.emplace_back(use.statement, names.add(use.name));
      }
    }
    std::vector<PartPatterns::Found> found;
    if (!names.find(kNameCharacters, budget_, found)) {
      return false;
    }
    std::map<std::vector<bool>, std::size_t> places;
    for (PartPatterns::Found& name : found) {
      if (!budget_.spend(of_name.size() + statements_.size())) {
        return false;
      }
      const auto [it, is_new] = places.emplace(name.inside, out.size());
      if (is_new) {
        out.push_back({.action = concat(service.text, ":", name.text),
                       .known = {},
                       .mentioned = mentioned(of_name, name.inside)});
      }
    }
    spell(service.text, names, places, out);
    return !budget_.is_spent();
  }

  // The names of AWS's catalogue in place of made-up ones.
  void spell(std::string_view service,
             const PartPatterns& names,
             const std::map<std::vector<bool>, std::size_t>& places,
             std::vector<ActionClass>& out) {
    const facts::CatalogueService* catalogue = facts::find_service(service);
    if (catalogue == nullptr) {
      return;
    }
    std::string_view rest = catalogue->actions;
    for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
      if (!budget_.spend(kMatchCost * names.size())) {
        return;
      }
      const auto place = places.find(names.inside(action->name));
      if (place == places.end()) {
        continue;
      }
      ActionClass& one = out[place->second];
      if (one.known.empty()) {
        one.action = concat(service, ":", action->name);
      }
      if (one.known.size() < kMaxKnownActions) {
        one.known.push_back(concat(service, ":", action->name));
      }
    }
  }

  [[nodiscard]] std::vector<bool> mentioned(
      const std::vector<std::pair<std::size_t, std::size_t>>& of_name,
      const std::vector<bool>& inside) const {
    std::vector<bool> any(statements_.size());
    for (const std::size_t statement : everywhere_) {
      any[statement] = true;
    }
    for (const auto& [statement, pattern] : of_name) {
      if (statement < any.size() && inside[pattern]) {
        any[statement] = true;
      }
    }
    for (std::size_t s = 0; s < any.size(); ++s) {
      any[s] = any[s] != statements_[s].statement->is_not_action;
    }
    return any;
  }

  std::span<const ActionStatement> statements_;
  std::span<const std::string_view> apart_;
  const std::vector<bool>* about_;
  Budget& budget_;
  PartPatterns services_;
  std::vector<Use> uses_;
  std::set<std::size_t> everywhere_;
};

}  // namespace

bool find_action_classes(const ActionQuestion& question,
                         Budget& budget,
                         std::vector<ActionClass>& out) {
  return Classifier(question, budget).run(out);
}

}  // namespace signet::policy::prove
