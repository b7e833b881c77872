#include "policy_writing/check_parts.h"

#include <algorithm>
#include <cstddef>

#include "base/strings.h"
#include "policy_language/pattern.h"

namespace signet::policy::lint {
namespace {

// Who has so many begins with these; finding positions takes time.
constexpr std::size_t kMostFindings = 5'000;

// A step of a pattern: one character, or a run of any.
struct Step {
  char character = 0;
  bool is_any_run = false;
  bool is_any_one = false;
};

std::vector<Step> steps_of(std::string_view pattern) {
  std::vector<Step> steps;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const std::size_t end = pattern[at] == '$' ? scan_variable(pattern, at).end : at;
    if (end > at) {
      steps.push_back({.is_any_run = true});
      at = end - 1;
    } else {
      steps.push_back({.character = pattern[at],
                       .is_any_run = pattern[at] == '*',
                       .is_any_one = pattern[at] == '?'});
    }
  }
  return steps;
}

bool can_meet(const Step& a, const Step& b, bool ignore_case) {
  return a.is_any_one || b.is_any_one || a.character == b.character ||
         (ignore_case && to_lower(a.character) == to_lower(b.character));
}

// `*` of the catalogue stands for one or more characters, also for a colon.
bool fits(std::string_view catalogue_key, std::string_view key) {
  const std::size_t star = catalogue_key.find('*');
  if (star == std::string_view::npos) {
    return equals_ignore_case(catalogue_key, key);
  }
  return key.size() > star && match_glob_ignore_case(catalogue_key, key);
}

}  // namespace

const Test* WrittenStatement::find(std::string_view key) const {
  for (const Test& test : tests) {
    if (equals_ignore_case(test.key, key)) {
      return &test;
    }
  }
  return nullptr;
}

bool Written::is_identity() const {
  return profile() == Profile::Identity || profile() == Profile::Boundary ||
         profile() == Profile::Session;
}

void Findings::add(FindingId id, NodeId node, std::string message) {
  add_as(facts::policy_finding(id).type, id, node, std::move(message));
}

bool Findings::add_if_retired(std::string_view prefix, NodeId node, std::string_view consequence) {
  const facts::RetiredService* retired = facts::find_retired_service(prefix);
  if (retired != nullptr) {
    add(FindingId::RetiredService,
        node,
        concat(retired->name, " has ended: ", consequence, ", remove it"));
  }
  return retired != nullptr;
}

void Findings::add_as(Severity severity, FindingId id, NodeId node, std::string message) {
  if (out_.size() >= kMostFindings) {
    return;
  }
  const Span span = json_[node].span;
  out_.push_back(Finding{.id = id,
                         .severity = severity,
                         .message = std::move(message),
                         .begin = position_of(json_.text(), span.begin),
                         .end = position_of(json_.text(), span.end)});
}

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool has_variable(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

bool can_overlap(std::string_view a, std::string_view b, bool ignore_case) {
  const std::vector<Step> left = steps_of(a);
  const std::vector<Step> right = steps_of(b);
  // row[j]: the steps of `left` so far and the first j of `right` have a text in common.
  std::vector<bool> row(right.size() + 1);
  row[0] = true;
  for (std::size_t j = 0; j < right.size() && right[j].is_any_run; ++j) {
    row[j + 1] = true;
  }
  for (const Step& step : left) {
    bool diagonal = row[0];
    row[0] = row[0] && step.is_any_run;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const bool above = row[j + 1];
      row[j + 1] = step.is_any_run || right[j].is_any_run
                       ? above || row[j]
                       : diagonal && can_meet(step, right[j], ignore_case);
      diagonal = above;
    }
  }
  return row[right.size()];
}

std::optional<KeyFacts> find_key(std::string_view name) {
  if (const facts::ConditionKeyRow* row = facts::find_condition_key(name); row != nullptr) {
    return KeyFacts{.type = row->type,
                    .is_list = row->shape == facts::KeyShape::List,
                    .is_either = false,
                    .is_of_caller = starts_with_ignore_case(name, "aws:")};
  }
  if (const auto key = facts::find_catalogue_key(name)) {
    return KeyFacts{.type = key->type,
                    .is_list = key->is_list,
                    .is_either = key->is_either,
                    .is_of_caller = key->is_of_caller || starts_with_ignore_case(name, "aws:")};
  }
  return std::nullopt;
}

bool lists_key(std::string_view keys, std::string_view key) {
  facts::NameList list(keys);
  for (auto name = list.next(); name; name = list.next()) {
    if (fits(*name, key)) {
      return true;
    }
  }
  return false;
}

bool takes_key(const facts::CatalogueService& service,
               const facts::CatalogueAction& action,
               std::string_view key) {
  if (lists_key(action.keys, key)) {
    return true;
  }
  // The reference lists what creating calls may pass with the types of what they create.
  if (starts_with_ignore_case(key, "aws:RequestTag/") || equals_ignore_case(key, "aws:TagKeys")) {
    return false;
  }
  facts::NameList list(action.resources);
  for (auto name = list.next(); name; name = list.next()) {
    const bool is_required = name->ends_with('!');
    const auto type = service.resource(name->substr(0, name->size() - (is_required ? 1 : 0)));
    if (type && lists_key(type->keys, key)) {
      return true;
    }
  }
  return false;
}

std::pair<std::string_view, std::string_view> split_action(std::string_view action) {
  const std::size_t colon = action.find(':');
  return colon == std::string_view::npos
             ? std::pair{action, std::string_view()}
             : std::pair{action.substr(0, colon), action.substr(colon + 1)};
}

bool is_documented(const facts::CatalogueService& service) {
  std::string_view rest = service.actions;
  for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
    if (action->level != facts::AccessLevel::Unknown) {
      return true;
    }
  }
  return false;
}

bool needs_its_key(const Test& test) {
  return !test.op.is_negated && !test.op.if_exists && test.op.compare != Compare::Null &&
         test.op.quantifier != Quantifier::ForAllValues;
}

bool has_value(const Test& test, std::string_view value) {
  return std::any_of(test.values.begin(), test.values.end(), [&](const Text& text) {
    return equals_ignore_case(text.text, value);
  });
}

}  // namespace signet::policy::lint
