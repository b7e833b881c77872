#include <algorithm>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

// What could be left out.

namespace signet::policy::lint {
namespace {

// Comparing everything with everything has an end.
constexpr std::size_t kMostCompared = 200;

bool covers_action(std::string_view wide, std::string_view narrow) {
  return match_glob_ignore_case(wide, narrow);
}

bool covers_resource(std::string_view wide, std::string_view narrow) {
  return has_variable(wide) ? wide == narrow : match_glob(wide, narrow);
}

template <class Covers>
bool covers_all(const std::vector<Text>& wide, const std::vector<Text>& narrow, Covers covers) {
  return std::all_of(narrow.begin(), narrow.end(), [&](const Text& text) {
    return std::any_of(
        wide.begin(), wide.end(), [&](const Text& other) { return covers(other.text, text.text); });
  });
}

class RedundancyCheck {
 public:
  RedundancyCheck(const Written& policy, Findings& findings)
      : policy_(policy), json_(policy.json), findings_(findings) {}

  void run() {
    for (const WrittenStatement& statement : policy_.statements) {
      entries(statement.actions, FindingId::RedundantAction, covers_action);
      entries(statement.resources, FindingId::RedundantResource, covers_resource);
    }
    if (policy_.statements.size() <= kMostCompared) {
      statements();
    }
  }

 private:
  template <class Covers>
  void entries(const std::vector<Text>& texts, FindingId id, Covers covers) {
    if (texts.size() > kMostCompared) {
      return;
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      for (std::size_t j = 0; j < texts.size(); ++j) {
        const bool is_covered = i != j && covers(texts[j].text, texts[i].text) &&
                                (j < i || !covers(texts[i].text, texts[j].text));
        if (is_covered) {
          findings_.add(
              id,
              texts[i].node,
              concat("\"", texts[i].text, "\" is covered by \"", texts[j].text, "\": remove it"));
          break;
        }
      }
    }
  }

  void statements() {
    for (std::size_t i = 0; i < policy_.statements.size(); ++i) {
      for (std::size_t j = 0; j < policy_.statements.size(); ++j) {
        const WrittenStatement& narrow = policy_.statements[i];
        const WrittenStatement& wide = policy_.statements[j];
        if (i != j && is_covered(narrow, wide) && (j < i || !is_covered(wide, narrow))) {
          findings_.add(
              FindingId::RedundantStatement,
              narrow.node,
              concat(
                  "statement ", std::to_string(j + 1), " says the same or more: remove this one"));
          break;
        }
      }
    }
  }

  [[nodiscard]] std::string_view raw(NodeId node) const {
    return node == kNoNode ? std::string_view() : json_.raw(node);
  }

  // Everything the narrow statement says, the wide one says too, under the same condition.
  [[nodiscard]] bool is_covered(const WrittenStatement& narrow,
                                const WrittenStatement& wide) const {
    const bool is_alike = narrow.is_allow == wide.is_allow && narrow.is_deny == wide.is_deny &&
                          (narrow.is_allow || narrow.is_deny) && !narrow.actions.empty() &&
                          narrow.is_not_principal == wide.is_not_principal &&
                          narrow.is_not_action == wide.is_not_action &&
                          narrow.is_not_resource == wide.is_not_resource;
    if (!is_alike || raw(narrow.principal) != raw(wide.principal) ||
        raw(narrow.condition) != raw(wide.condition)) {
      return false;
    }
    // A negated list says less the longer it is.
    const auto& actions = narrow.is_not_action ? narrow.actions : wide.actions;
    const auto& fewer_actions = narrow.is_not_action ? wide.actions : narrow.actions;
    const auto& resources = narrow.is_not_resource ? narrow.resources : wide.resources;
    const auto& fewer_resources = narrow.is_not_resource ? wide.resources : narrow.resources;
    return actions.size() <= kMostCompared && resources.size() <= kMostCompared &&
           covers_all(actions, fewer_actions, covers_action) &&
           covers_all(resources, fewer_resources, covers_resource);
  }

  const Written& policy_;
  const PolicyJson& json_;
  Findings& findings_;
};

}  // namespace

void check_redundancy(const Written& policy, Findings& findings) {
  RedundancyCheck(policy, findings).run();
}

}  // namespace signet::policy::lint
