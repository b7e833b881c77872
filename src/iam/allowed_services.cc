#include "iam/allowed_services.h"

#include <algorithm>
#include <optional>

#include "policy_language/pattern.h"

namespace signet::iam {
namespace {

using Texts = std::vector<std::string_view>;

// The strings of an Action or NotAction: one, or a list.
Texts texts_of(const policy::PolicyJson& json, policy::NodeId id) {
  Texts texts;
  policy::each_text(json, id, [&](std::string_view text) { texts.push_back(text); });
  return texts;
}

// The part of an action pattern behind the service, if the pattern is for that service.
std::optional<std::string_view> names_in(std::string_view pattern, std::string_view prefix) {
  const std::size_t colon = pattern.find(':');
  if (colon == std::string_view::npos) {
    return pattern == "*" ? std::optional(pattern) : std::nullopt;
  }
  return policy::match_glob_ignore_case(pattern.substr(0, colon), prefix)
             ? std::optional(pattern.substr(colon + 1))
             : std::nullopt;
}

// What the patterns say of the actions of one service.
Texts names_in(const Texts& patterns, std::string_view prefix) {
  Texts names;
  for (const std::string_view pattern : patterns) {
    if (const auto name = names_in(pattern, prefix)) {
      names.push_back(*name);
    }
  }
  return names;
}

bool matches_any(const Texts& names, std::string_view action) {
  return std::ranges::any_of(names, [action](std::string_view name) {
    return policy::match_glob_ignore_case(name, action);
  });
}

bool is_everything(const Texts& names) {
  return std::ranges::find(names, "*") != names.end();
}

// Whether any action of the service is among those names, or, for NotAction, is not.
bool has_action(const facts::CatalogueService& service, const Texts& names, bool is_not) {
  std::string_view rest = service.actions;
  for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
    if (matches_any(names, action->name) != is_not) {
      return true;
    }
  }
  return false;
}

bool allows_service(const policy::PolicyJson& json,
                    const policy::Statement& statement,
                    std::string_view prefix,
                    const facts::CatalogueService* service) {
  if (statement.effect != policy::Effect::Allow) {
    return false;
  }
  const bool is_not = statement.is_not_action;
  const Texts names = names_in(texts_of(json, statement.action), prefix);
  if (names.empty() || is_everything(names)) {
    return names.empty() == is_not;
  }
  return service == nullptr || has_action(*service, names, is_not);
}

bool allows_service(const policy::Document& document,
                    std::string_view prefix,
                    const facts::CatalogueService* service) {
  return std::ranges::any_of(document.statements(), [&](const policy::Statement& statement) {
    return allows_service(document.json(), statement, prefix, service);
  });
}

}  // namespace

bool allows_service(const policy::Document& document, std::string_view prefix) {
  return allows_service(document, prefix, facts::find_service(prefix));
}

bool allows_action(const policy::Document& document,
                   std::string_view prefix,
                   std::string_view action) {
  return std::ranges::any_of(document.statements(), [&](const policy::Statement& statement) {
    const Texts names = names_in(texts_of(document.json(), statement.action), prefix);
    return statement.effect == policy::Effect::Allow &&
           matches_any(names, action) != statement.is_not_action;
  });
}

bool denies_service(const policy::Document& document, std::string_view prefix) {
  const policy::PolicyJson& json = document.json();
  return std::ranges::any_of(document.statements(), [&](const policy::Statement& statement) {
    if (statement.effect != policy::Effect::Deny || statement.condition != policy::kNoNode ||
        statement.is_not_resource || statement.is_not_principal) {
      return false;
    }
    const Texts resources = texts_of(json, statement.resource);
    const Texts names = names_in(texts_of(json, statement.action), prefix);
    return is_everything(resources) &&
           (statement.is_not_action ? names.empty() : is_everything(names));
  });
}

std::vector<std::string_view> allowed_actions(const std::vector<const policy::Document*>& documents,
                                              const facts::CatalogueService& service) {
  std::vector<std::string_view> allowed;
  std::string_view rest = service.actions;
  for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
    const bool is_allowed = std::ranges::any_of(documents, [&](const policy::Document* document) {
      return allows_action(*document, service.prefix, action->name);
    });
    if (is_allowed) {
      allowed.push_back(action->name);
    }
  }
  return allowed;
}

std::vector<const facts::CatalogueService*> allowed_services(
    const std::vector<const policy::Document*>& documents) {
  std::vector<const facts::CatalogueService*> allowed;
  for (const facts::CatalogueService& service : facts::services()) {
    const bool is_allowed = std::ranges::any_of(documents, [&](const policy::Document* document) {
      return allows_service(*document, service.prefix, &service);
    });
    if (is_allowed) {
      allowed.push_back(&service);
    }
  }
  return allowed;
}

}  // namespace signet::iam
