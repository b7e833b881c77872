#include "policy_prove/task.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/strings.h"
#include "facts/catalogue.h"
#include "policy_prove/limiting.h"

namespace signet::policy::prove {
namespace {

using Values = TaskSolver::Values;
// Of a text that nothing is asked of.
constexpr std::uint64_t kValueCost = 10'000'000;
const Values kNoValues;

// Whenever the statement applies, so does a forbidden one: part by part.
bool is_covered(const Literals& literals, const std::set<const Literals*>& forbidden) {
  return std::ranges::any_of(forbidden, [&literals](const Literals* other) {
    return std::ranges::includes(literals, *other);
  });
}

// The statements of a list that can apply and that no forbidden one covers. Nothing: one of them
// always does.
std::optional<std::vector<const Literals*>> open_of(const std::vector<AccessStatement>& list,
                                                    const std::set<const Literals*>& forbidden,
                                                    bool is_arn,
                                                    Lexicon& lexicon) {
  std::vector<const Literals*> open;
  std::set<const Literals*> seen;
  bool is_met = false;
  for (const AccessStatement& statement : list) {
    const Literals* literals = lexicon.literals_of(statement, is_arn);
    if (literals != nullptr && seen.insert(literals).second && !is_covered(*literals, forbidden)) {
      is_met = is_met || literals->empty();
      open.push_back(literals);
    }
  }
  return is_met ? std::nullopt : std::optional(std::move(open));
}

// Nothing: it is plain that there is no such request.
std::optional<Problem> problem_of(const Task& task, Literals base, Lexicon& lexicon) {
  const bool is_arn = task.resources->is_arn;
  Problem problem{.base = std::move(base), .required = {}, .forbidden = {}};
  std::set<const Literals*> forbidden;
  for (const AccessStatement& statement : task.forbidden) {
    const Literals* literals = lexicon.literals_of(statement, is_arn);
    if (literals != nullptr && literals->empty()) {
      return std::nullopt;
    }
    if (literals != nullptr && forbidden.insert(literals).second) {
      problem.forbidden.push_back(literals);
    }
  }
  for (const auto& list : task.required) {
    auto open = open_of(list, forbidden, is_arn, lexicon);
    if (open && open->empty()) {
      return std::nullopt;
    }
    if (open) {
      problem.required.push_back(*std::move(open));
    }
  }
  return problem;
}

DimensionDomain resource_domain() {
  DimensionDomain domain;
  domain.may_be_absent = false;
  domain.text.type = facts::KeyType::Arn;
  domain.text.within.push_back(arn_language("arn:aws*:?*:*:*:?*"));
  return domain;
}

DimensionDomain domain_with(const Caller& caller,
                            const Vocabulary& vocabulary,
                            DimensionId id,
                            const Values& values,
                            bool is_wordy) {
  if (id == kResource) {
    DimensionDomain resources = resource_domain();
    resources.text.is_wordy = is_wordy;
    return resources;
  }
  const KeyRef& key = vocabulary.dimensions()[id].key;
  DimensionDomain domain = caller.domain_of(key);
  domain.text.is_wordy = is_wordy;
  if (const auto known = values.find(folded_name(key)); known != values.end()) {
    domain.text.fixed = known->second;
    domain.may_be_absent = !known->second;
    domain.may_be_single = known->second.has_value();
    domain.may_be_list = false;
  }
  return domain;
}

void add_value(const Variable& variable,
               const Caller& caller,
               const Vocabulary& vocabulary,
               const Model* model,
               bool is_absent,
               Values& values) {
  if (variable.key.is_list) {
    return;
  }
  const std::string name = folded_name(variable.key);
  const DimensionDomain domain = caller.domain_of(variable.key);
  std::optional<std::string> value;
  const auto dimensions = vocabulary.dimensions();
  const auto known =
      std::ranges::find_if(dimensions.begin() + 1, dimensions.end(), [&](const auto& one) {
        return folded_name(one.key) == name;
      });
  const auto id = static_cast<std::size_t>(known - dimensions.begin());
  const bool is_in_model =
      model != nullptr && id < model->size() && (*model)[id].kind == DimensionValue::Kind::Single;
  if (is_in_model) {
    value = (*model)[id].texts.front();
  } else if (!(is_absent && domain.may_be_absent) && (domain.may_be_single || domain.may_be_list)) {
    Budget enough(kValueCost);
    FoundValue found = find_value(domain.text, {}, enough);
    value = found.outcome == FoundValue::Outcome::Found ? std::optional(std::move(found.text))
                                                        : std::nullopt;
  }
  values.emplace(name, std::move(value));
}

// The ARNs of each type of resource that AWS's catalogue has for an action. Nothing: it has none,
// the action is asked of
// "*".
std::optional<std::vector<Language>> resources_of(std::string_view action) {
  const std::size_t colon = action.find(':');
  const facts::CatalogueService* service = facts::find_service(action.substr(0, colon));
  const auto known = service == nullptr ? std::nullopt : service->action(action.substr(colon + 1));
  if (!known || known->resources.empty()) {
    return std::nullopt;
  }
  std::vector<Language> languages;
  facts::NameList names(known->resources);
  for (auto name = names.next(); name; name = names.next()) {
    const std::string_view plain = name->ends_with('!') ? name->substr(0, name->size() - 1) : *name;
    const auto resource = service->resource(plain);
    if (resource && std::ranges::count(resource->arn, ':') >= 5) {
      languages.push_back(arn_language(resource->arn));
    }
  }
  return languages;
}

// A name of its own for a language of the catalogue.
std::string name_of(const Language& language) {
  std::string name = "catalogue ";
  for (const Glob& glob : language.globs) {
    for (const GlobToken& token : glob.tokens) {
      name += token.kind == GlobToken::Kind::Char ? static_cast<char>(token.character) : '*';
    }
  }
  return name;
}

}  // namespace

Bindings TaskSolver::bindings_of(const Caller& caller, Values values) {
  return [&caller, values = std::move(values)](
             const Variable& variable) -> std::optional<std::optional<std::string>> {
    const auto resolved = [&variable](std::optional<std::string> value) {
      const bool has_value = value && !value->empty();
      return std::optional(has_value ? std::move(value)
                                     : (variable.has_default
                                            ? std::optional(std::string(variable.default_value))
                                            : std::nullopt));
    };
    if (variable.key.is_list) {
      return resolved(std::nullopt);
    }
    if (const auto known = values.find(folded_name(variable.key)); known != values.end()) {
      return resolved(known->second);
    }
    const DimensionDomain domain = caller.domain_of(variable.key);
    if (!domain.may_be_single && !domain.may_be_list) {
      return resolved(std::nullopt);
    }
    if (!domain.may_be_absent && domain.text.fixed) {
      return resolved(domain.text.fixed);
    }
    return std::nullopt;
  };
}

// The literals that limit a task to its kind of resources, and strangers to values that nobody is
// known by.
Literals TaskSolver::base_of(const Attempt& attempt) const {
  Literals base;
  Vocabulary& vocabulary = attempt.lexicon.vocabulary();
  if (attempt.task.resources->is_arn) {
    for (const ResourceCase::Limit& limit : attempt.task.resources->limits) {
      base.push_back(
          {.predicate = vocabulary.resource_in(limit.pattern, arn_language(limit.pattern)),
           .is_true = limit.is_inside});
    }
  }
  if (attempt.resources != nullptr) {
    base.push_back(
        {.predicate = vocabulary.resource_in(name_of(*attempt.resources), *attempt.resources),
         .is_true = true});
    // The free part of an object's ARN takes slashes, that of a bucket's does not.
    if (name_of(*attempt.resources).find('/') == std::string::npos) {
      constexpr std::string_view kPath = "*:*:*:*:*:*/*";
      base.push_back(
          {.predicate = vocabulary.resource_in(kPath, arn_language(kPath)), .is_true = false});
    }
  }
  if (context_.limiting != nullptr) {
    for (const AccessStatement& statement : *context_.limiting) {
      add_limiting(statement, vocabulary, base);
    }
  }
  return base;
}

SearchOutcome TaskSolver::run(const Attempt& attempt) {
  const auto problem = problem_of(attempt.task, base_of(attempt), attempt.lexicon);
  if (!problem) {
    return SearchOutcome::None;
  }
  Vocabulary& vocabulary = attempt.lexicon.vocabulary();
  for (const auto& [name, value] : attempt.values) {
    (void)vocabulary.dimension_of(resolve_key(name), name);
  }
  DimensionCache cache(
      vocabulary,
      [&](DimensionId id) {
        return domain_with(attempt.caller, vocabulary, id, attempt.values, attempt.is_wordy);
      },
      budget_);
  const Accept accept = [&](const Model& model) {
    if (attempt.last != nullptr) {
      *attempt.last = model;
    }
    witness_ = replay({.caller = attempt.caller,
                       .action = attempt.action,
                       .is_arn = attempt.task.resources->is_arn,
                       .resource_account = context_.resource_account,
                       .vocabulary = vocabulary,
                       .model = model},
                      context_.sides,
                      cache_);
    return witness_.has_value();
  };
  return search(cache, *problem, accept);
}

TaskAnswer TaskSolver::solve(const Caller& caller, const Task& task, Lexicon& lexicon) {
  Model last;
  witness_.reset();
  is_natural_ = false;
  const SearchOutcome outcome = run({.caller = caller,
                                     .task = task,
                                     .lexicon = lexicon,
                                     .values = kNoValues,
                                     .action = task.group->action,
                                     .resources = nullptr,
                                     .last = &last});
  if (outcome == SearchOutcome::Found) {
    std::optional<Witness> plain = std::move(witness_);
    if (!prefer_natural(caller, task, lexicon, kNoValues)) {
      witness_ = std::move(plain);
    }
  } else if (outcome == SearchOutcome::Unknown) {
    witness_ = try_values(caller, task, last, lexicon);
  }
  return {.outcome = witness_ ? SearchOutcome::Found : outcome,
          .witness = std::move(witness_),
          .is_natural = is_natural_};
}

// A request was found: one whose action and resource go together tells more, and so does one with a
// text for every wildcard.
bool TaskSolver::prefer_natural(const Caller& caller,
                                const Task& task,
                                Lexicon& lexicon,
                                const Values& values) {
  Attempt attempt{.caller = caller,
                  .task = task,
                  .lexicon = lexicon,
                  .values = values,
                  .action = task.group->action,
                  .resources = nullptr,
                  .last = nullptr};
  attempt.is_wordy = true;
  for (const std::string& action : task.group->known) {
    const auto resources = resources_of(action);
    if (resources.has_value() != task.resources->is_arn) {
      continue;
    }
    attempt.action = action;
    attempt.resources = nullptr;
    is_natural_ = !resources && run(attempt) == SearchOutcome::Found;
    for (std::size_t i = 0; resources && i < resources->size(); ++i) {
      const Language& resource = (*resources)[i];
      attempt.resources = &resource;
      is_natural_ = is_natural_ || run(attempt) == SearchOutcome::Found;
    }
    if (is_natural_) {
      return true;
    }
  }
  attempt.action = task.group->action;
  attempt.resources = nullptr;
  return run(attempt) == SearchOutcome::Found;
}

// Statements with variables: chooses values for them, under which the search is exact.
std::optional<Witness> TaskSolver::try_values(const Caller& caller,
                                              const Task& task,
                                              const Model& last,
                                              Lexicon& lexicon) {
  std::vector<const Variable*> variables;
  const auto collect = [&variables](const AccessStatement& statement) {
    collect_variables(*member_of(statement).policy, compiled_of(statement), variables);
  };
  std::ranges::for_each(task.forbidden, collect);
  for (const auto& list : task.required) {
    std::ranges::for_each(list, collect);
  }
  if (variables.empty()) {
    return std::nullopt;
  }
  for (const Model* model : {&last, static_cast<const Model*>(nullptr)}) {
    for (const bool is_absent : {false, true}) {
      Values values;
      for (const Variable* variable : variables) {
        add_value(*variable, caller, lexicon.vocabulary(), model, is_absent, values);
      }
      if (auto witness = run_with(caller, task, values)) {
        return witness;
      }
    }
  }
  return std::nullopt;
}

std::optional<Witness> TaskSolver::run_with(const Caller& caller,
                                            const Task& task,
                                            const Values& values) {
  Lexicon lexicon(bindings_of(caller, values));
  const SearchOutcome outcome = run({.caller = caller,
                                     .task = task,
                                     .lexicon = lexicon,
                                     .values = values,
                                     .action = task.group->action,
                                     .resources = nullptr,
                                     .last = nullptr});
  if (outcome != SearchOutcome::Found) {
    return std::nullopt;
  }
  std::optional<Witness> plain = std::move(witness_);
  return prefer_natural(caller, task, lexicon, values) ? std::move(witness_) : std::move(plain);
}

}  // namespace signet::policy::prove
