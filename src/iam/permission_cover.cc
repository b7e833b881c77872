#include "iam/permission_cover.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "authz/policy_sources.h"
#include "base/strings.h"
#include "facts/catalogue.h"
#include "policy_engine/policy_member.h"
#include "policy_language/document.h"
#include "policy_language/pattern.h"

namespace signet::iam {
namespace {

using policy::Document;
using policy::Effect;
using policy::NodeId;
using policy::Statement;

// Longer pairs of patterns are taken to meet.
constexpr std::size_t kMostCompared = 1'000'000;

// What one statement of a policy is about.
struct Reach {
  Effect effect = Effect::Deny;
  std::vector<std::string> actions;    // in lower case
  std::vector<std::string> resources;  // a policy variable is a wildcard here
  bool is_not_action = false;
  bool is_not_resource = false;
  bool is_conditional = false;  // a condition, or a variable in a resource
};

// One policy that must allow, or several of which one must: null documents cannot be read.
struct Layer {
  std::vector<Reach> reaches;
  bool is_broken = false;
  bool is_for_resource_controls = false;  // RCPs reach some services only
};

// A single wish: what an Allow statement of the demanded policy asks for.
struct Wish {
  std::string_view action;
  std::string_view resource;
  bool is_conditional = false;  // less is wished for than action and resource say
};

std::vector<std::string> texts_of(const Document& document, NodeId id) {
  std::vector<std::string> texts;
  policy::each_text(document.json(), id, [&](std::string_view text) { texts.emplace_back(text); });
  return texts;
}

// With every policy variable replaced by `*`; true if there was one.
bool widen_variables(std::string& text) {
  bool has_variable = false;
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string::npos) {
      break;
    }
    text.replace(at, end - at + 1, "*");
    has_variable = true;
  }
  return has_variable;
}

Reach reach_of(const Document& document, const Statement& statement) {
  Reach reach;
  reach.effect = statement.effect;
  for (std::string& action : texts_of(document, statement.action)) {
    reach.actions.push_back(to_lower(action));
  }
  reach.resources = texts_of(document, statement.resource);
  reach.is_not_action = statement.is_not_action;
  reach.is_not_resource = statement.is_not_resource;
  reach.is_conditional = statement.condition != policy::kNoNode;
  for (std::string& resource : reach.resources) {
    reach.is_conditional = widen_variables(resource) || reach.is_conditional;
  }
  return reach;
}

void add_document(Layer& layer, const policy::PolicyRef& compiled) {
  if (compiled == nullptr) {
    layer.is_broken = true;
    return;
  }
  const Document& document = policy::document_of(*compiled);
  for (const Statement& statement : document.statements()) {
    layer.reaches.push_back(reach_of(document, statement));
  }
}

Layer layer_of(const policy::PolicySet& set) {
  Layer layer;
  for (const policy::PolicyMember& member : set.members()) {
    add_document(layer, member.policy);
  }
  return layer;
}

void add_levels(std::vector<Layer>& layers,
                const policy::GuardRailsRef& rails,
                bool is_for_resource_controls) {
  if (rails == nullptr) {
    return;
  }
  for (const policy::PolicySetRef& level : rails->levels()) {
    layers.push_back(layer_of(*level));
    layers.back().is_for_resource_controls = is_for_resource_controls;
  }
}

// What limits a caller, as layers of which each must allow.
std::vector<Layer> layers_of(const authz::AuthzContext& context) {
  authz::PolicySources sources;
  const authz::CallerSets& sets = sources.of_caller(context);
  std::vector<Layer> layers;
  if (context.caller.kind != model::CallerKind::Root) {
    layers.push_back(sets.identity ? layer_of(*sets.identity) : Layer());  // none: allows nothing
  }
  for (const policy::PolicySetRef& set : {sets.boundary, sets.session}) {
    if (set) {
      layers.push_back(layer_of(*set));
    }
  }
  add_levels(layers, sets.scopes, false);
  if (sets.guards) {
    add_levels(layers, sets.guards->scps, false);
    add_levels(layers, sets.guards->rcps, true);
  }
  return layers;
}

// Whether a list of patterns holds one that the text lies in, or that it meets.
bool any_covers(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(
      patterns, [text](const std::string& pattern) { return pattern_covers(pattern, text); });
}

bool any_meets(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(
      patterns, [text](const std::string& pattern) { return patterns_meet(pattern, text); });
}

// All of the text is in the list, or in what the list leaves.
bool all_inside(const std::vector<std::string>& patterns, bool is_negated, std::string_view text) {
  return is_negated ? !any_meets(patterns, text) : any_covers(patterns, text);
}

// Some of it is, or may be.
bool some_inside(const std::vector<std::string>& patterns, bool is_negated, std::string_view text) {
  return is_negated ? !any_covers(patterns, text) : any_meets(patterns, text);
}

bool reaches_all(const Reach& reach, const Wish& wish) {
  return all_inside(reach.actions, reach.is_not_action, wish.action) &&
         all_inside(reach.resources, reach.is_not_resource, wish.resource);
}

bool reaches_some(const Reach& reach, const Wish& wish) {
  return some_inside(reach.actions, reach.is_not_action, wish.action) &&
         some_inside(reach.resources, reach.is_not_resource, wish.resource);
}

// A text that the pattern matches, unlikely to be one that somebody wrote down.
std::string witness_of(std::string_view pattern) {
  std::string text;
  for (const char c : pattern) {
    text += c == '*' ? "0a1b2c3d4e" : std::string(1, c == '?' ? '0' : c);
  }
  return text;
}

// Whether the statement may have a say on everything that is wished for: without condition it must
// also reach one resource that stands for all of them.
bool may_reach(const Reach& reach, const Wish& wish, const std::string& witness) {
  return reaches_some(reach, wish) &&
         (wish.is_conditional || some_inside(reach.resources, reach.is_not_resource, witness));
}

// Certainly denies something of what is wished for.
bool denies_some(const Reach& reach, const Wish& wish) {
  return !reach.is_conditional && !wish.is_conditional && !reach.is_not_action &&
         !reach.is_not_resource && reaches_some(reach, wish);
}

// What one layer says to one wish.
Cover answer_of(const Layer& layer, const Wish& wish) {
  if (layer.is_broken) {
    return Cover::No;
  }
  const std::string witness = witness_of(wish.resource);
  bool is_denied_perhaps = false;
  bool is_allowed = false;
  bool is_allowed_perhaps = false;
  for (const Reach& reach : layer.reaches) {
    if (reach.effect == Effect::Allow) {
      is_allowed = is_allowed || (!reach.is_conditional && reaches_all(reach, wish));
      is_allowed_perhaps = is_allowed_perhaps || may_reach(reach, wish, witness);
    } else if (denies_some(reach, wish) || (!reach.is_conditional && reaches_all(reach, wish))) {
      return Cover::No;
    } else {
      is_denied_perhaps = is_denied_perhaps || reaches_some(reach, wish);
    }
  }
  if (!is_allowed_perhaps) {
    return Cover::No;
  }
  return is_allowed && !is_denied_perhaps ? Cover::Yes : Cover::Unsure;
}

Cover worse(Cover a, Cover b) {
  if (a == Cover::No || b == Cover::No) {
    return Cover::No;
  }
  return a == Cover::Unsure || b == Cover::Unsure ? Cover::Unsure : Cover::Yes;
}

Cover answer_of(const std::vector<Layer>& layers, const Wish& wish) {
  Cover answer = Cover::Yes;
  for (const Layer& layer : layers) {
    if (layer.is_for_resource_controls && !authz::has_resource_controls(wish.action)) {
      continue;
    }
    answer = worse(answer, answer_of(layer, wish));
  }
  return answer;
}

// The same wish for every action that AWS knows of those that it names.
Cover answer_by_action(const std::vector<Layer>& layers, const Wish& wish) {
  const std::string_view prefix = wish.action.substr(0, wish.action.find(':'));
  Cover answer = Cover::Yes;
  bool has_any = false;
  for (const facts::CatalogueService& service : facts::services()) {
    if (wish.action != "*" && !patterns_meet(prefix, service.prefix)) {
      continue;
    }
    std::string_view rest = service.actions;
    for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
      const std::string name = to_lower(concat(service.prefix, ":", action->name));
      if (!policy::match_glob(wish.action, name)) {
        continue;
      }
      has_any = true;
      answer = worse(
          answer,
          answer_of(
              layers,
              {.action = name, .resource = wish.resource, .is_conditional = wish.is_conditional}));
      if (answer == Cover::No) {
        return answer;
      }
    }
  }
  return has_any ? answer : Cover::Unsure;
}

Cover answer_to(const std::vector<Layer>& layers, const Wish& wish) {
  const Cover answer = answer_of(layers, wish);
  const bool has_wildcard = wish.action.find_first_of("*?") != std::string_view::npos;
  return answer == Cover::Unsure && has_wildcard ? answer_by_action(layers, wish) : answer;
}

Cover answer_to(const std::vector<Layer>& layers, const Reach& demanded, bool has_own_denials) {
  // What is asked for by exception is too much to be told.
  if (demanded.is_not_action || demanded.is_not_resource) {
    const Wish everything{.action = "*", .resource = "*", .is_conditional = true};
    return answer_of(layers, everything) == Cover::Yes ? Cover::Yes : Cover::Unsure;
  }
  Cover answer = Cover::Yes;
  for (const std::string& action : demanded.actions) {
    for (const std::string& resource : demanded.resources) {
      answer = worse(answer,
                     answer_to(layers,
                               Wish{.action = action,
                                    .resource = resource,
                                    .is_conditional = demanded.is_conditional || has_own_denials}));
      if (answer == Cover::No) {
        return answer;
      }
    }
  }
  return answer;
}

}  // namespace

bool pattern_covers(std::string_view wide, std::string_view narrow) {
  // A `?` of the wide pattern would match the wildcards of the narrow one as if they were letters.
  if (wide.find('?') != std::string_view::npos) {
    return wide == narrow;
  }
  return policy::match_glob(wide, narrow);
}

bool patterns_meet(std::string_view a, std::string_view b) {
  if (a.size() * b.size() > kMostCompared) {
    return true;
  }
  // meets[j]: the rest of `a` and the rest of `b` from j on have a text in common.
  std::vector<bool> meets(b.size() + 1);
  std::vector<bool> next(b.size() + 1);
  for (std::size_t i = a.size() + 1; i-- > 0;) {
    std::swap(meets, next);
    for (std::size_t j = b.size() + 1; j-- > 0;) {
      const bool has_a = i < a.size();
      const bool has_b = j < b.size();
      bool is_met = !has_a && !has_b;
      if (has_a && a[i] == '*') {
        is_met = next[j] || (has_b && meets[j + 1]);
      } else if (has_b && b[j] == '*') {
        is_met = meets[j + 1] || (has_a && next[j]);
      } else if (has_a && has_b && (a[i] == b[j] || a[i] == '?' || b[j] == '?')) {
        is_met = next[j + 1];
      }
      meets[j] = is_met;
    }
  }
  return meets[0];
}

Cover cover_of(const authz::AuthzContext& context, const identity::StoredDocument& demanded) {
  const policy::PolicyRef& compiled = demanded.policy();
  if (compiled == nullptr) {
    return Cover::No;
  }
  const std::vector<Layer> layers = layers_of(context);
  const Document& document = policy::document_of(*compiled);
  const auto is_deny = [](const policy::Statement& statement) {
    return statement.effect == Effect::Deny;
  };
  const bool has_own_denials = std::ranges::any_of(document.statements(), is_deny);
  Cover answer = Cover::Yes;
  for (const policy::Statement& statement : document.statements()) {
    if (!is_deny(statement)) {
      answer = worse(answer, answer_to(layers, reach_of(document, statement), has_own_denials));
    }
  }
  return answer;
}

}  // namespace signet::iam
