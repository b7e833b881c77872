#include "policy_prove/prove.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "base/strings.h"
#include "policy_language/policy_json.h"
#include "policy_prove/access.h"
#include "policy_prove/actions.h"
#include "policy_prove/lexicon.h"
#include "policy_prove/limiting.h"
#include "policy_prove/request_kinds.h"
#include "policy_prove/search.h"

namespace signet::policy::prove {
namespace {

// Of all searches of one proof together.
constexpr std::uint64_t kMaxProblems = 200'000;

// One side of the comparison, read.
struct ReadSide {
  bool is_asked = false;
  Question question;
  std::string resource_account;
  std::vector<AccessStatement> statements;
  std::uint32_t first_id = 0;
};

// A side's members as a question that the batch's reader takes: an action is the only thing it
// cannot do without.
std::string as_question(std::string_view side) {
  const auto json = PolicyJson::parse(std::string(side));
  const bool is_complete =
      !json || !json->is(0, JsonKind::Object) || json->member(0, "action") != kNoNode;
  if (is_complete) {
    return std::string(side);
  }
  const std::string_view rest = side.substr(side.find('{') + 1);
  return concat("{\"action\":\"x:x\"", (*json)[0].count == 0 ? "" : ",", rest);
}

std::expected<void, std::string> read_side(std::string_view text,
                                           PolicyCache& cache,
                                           ReadSide& side) {
  if (text.empty()) {
    return {};
  }
  side.is_asked = true;
  if (auto read = read_question(as_question(text), cache, side.question); !read) {
    return read;
  }
  side.resource_account = side.question.request.resource_account;
  side.statements = statements_of(side.question.inputs);
  return {};
}

// Actions that all statements speak of alike.
struct ActionGroup {
  std::string action;
  bool is_in_catalogue = false;
  ActionTraits traits;
  std::vector<bool> mentioned;
};

// What one search is about, in statements; a lexicon makes a problem of it.
struct Task {
  const ActionGroup* group = nullptr;
  const ResourceCase* resources = nullptr;
  std::vector<std::vector<AccessStatement>> required;
  std::vector<AccessStatement> forbidden;
};

class Prover {
 public:
  explicit Prover(const ProofQuestion& question) : question_(question), cache_(kDefaultSettings) {}

  std::expected<Proof, std::string> run() {
    for (const auto& [text, side] : {std::pair(std::string_view(question_.now), &now_),
                                     std::pair(std::string_view(question_.before), &before_)}) {
      if (auto read = read_side(text, cache_, *side); !read) {
        return std::unexpected(std::move(read).error());
      }
    }
    if (auto read = read_within(); !read) {
      return std::unexpected(std::move(read).error());
    }
    number();
    if (!group_actions()) {
      return unknown("too many actions are told apart");
    }
    for (const Caller& caller : callers()) {
      ask(caller);
      if (proof_.witness) {
        proof_.result = ProofResult::Fail;
        return std::move(proof_);
      }
      if (problems_ > kMaxProblems) {
        return unknown("too many cases");
      }
    }
    if (!doubt_.empty()) {
      return unknown(doubt_);
    }
    proof_.result = ProofResult::Pass;
    return std::move(proof_);
  }

 private:
  static Proof unknown(std::string reason) {
    return {.result = ProofResult::Unknown, .witness = std::nullopt, .reason = std::move(reason)};
  }

  std::expected<void, std::string> read_within() {
    if (question_.within.empty()) {
      return {};
    }
    auto document = Document::parse(question_.within);
    if (!document) {
      return std::unexpected(concat("within: ", document.error().message));
    }
    within_ = PolicySet::make(SetKind::Identity,
                              {{.policy = compile(*document), .id = "within", .pins = {}}});
    PolicyInputs inputs;
    inputs.identity = within_.get();
    within_statements_ = statements_of(inputs);
    return {};
  }

  // All statements in one row: of now, of before, of within.
  void number() {
    for (auto* list : {&now_.statements, &before_.statements, &within_statements_}) {
      for (AccessStatement& statement : *list) {
        statement.id = static_cast<std::uint32_t>(all_.size());
        all_.push_back(
            {.policy = member_of(statement).policy.get(), .statement = &compiled_of(statement)});
      }
    }
  }

  bool group_actions() {
    std::vector<ActionClass> classes;
    if (!find_action_classes(all_, known_by_name(), classes)) {
      return false;
    }
    std::map<std::pair<std::vector<bool>, std::string>, std::size_t> places;
    for (ActionClass& one : classes) {
      if (question_.only_known_actions && !one.is_in_catalogue) {
        continue;
      }
      const ActionTraits traits = traits_of(one.action);
      // Actions that decide() knows by name stay apart from the others.
      std::string kind;
      for (const bool trait : {traits.is_trust,
                               traits.is_key,
                               traits.is_bucket_policy,
                               traits.is_assume_role,
                               traits.needs_no_permission,
                               traits.is_of_sts}) {
        kind += trait ? '1' : '0';
      }
      if (traits.is_trust) {
        kind += one.action;
      }
      const auto [it, is_new] = places.emplace(std::pair(one.mentioned, kind), groups_.size());
      if (is_new) {
        groups_.push_back({.action = std::move(one.action),
                           .is_in_catalogue = one.is_in_catalogue,
                           .traits = traits,
                           .mentioned = std::move(one.mentioned)});
      } else if (one.is_in_catalogue && !groups_[it->second].is_in_catalogue) {
        groups_[it->second].action = std::move(one.action);
        groups_[it->second].is_in_catalogue = true;
      }
    }
    std::ranges::stable_partition(groups_, &ActionGroup::is_in_catalogue);
    return true;
  }

  [[nodiscard]] std::vector<const PolicySet*> sets_naming_principals() const {
    std::vector<const PolicySet*> sets;
    for (const ReadSide* side : {&now_, &before_}) {
      const PolicyInputs& inputs = side->question.inputs;
      sets.push_back(inputs.resource);
      sets.push_back(inputs.endpoint);
      if (inputs.rcps != nullptr) {
        for (const PolicySetRef& level : inputs.rcps->levels()) {
          sets.push_back(level.get());
        }
      }
    }
    return sets;
  }

  [[nodiscard]] const ReadSide& main_side() const { return now_.is_asked ? now_ : before_; }

  [[nodiscard]] std::vector<Caller> callers() const {
    const std::string& owner = main_side().resource_account;
    switch (question_.callers) {
      case Callers::Given:
        return {caller_of(main_side().question.principal)};
      case Callers::Identities:
        return identities(owner.empty() ? std::string_view("111122223333") : owner);
      case Callers::Everybody:
        return everybody(sets_naming_principals(), owner);
      case Callers::Strangers:
        break;
    }
    return strangers(sets_naming_principals(), owner);
  }

  void ask(const Caller& caller) {
    const Principal principal = caller.principal();
    Lexicon lexicon(bindings_of(caller, {}));
    const auto prepare = [this, &lexicon](const std::vector<AccessStatement>& statements) {
      for (const AccessStatement& statement : statements) {
        (void)lexicon.literals_of(statement, true);
        (void)lexicon.literals_of(statement, false);
      }
    };
    prepare(now_.statements);
    prepare(before_.statements);
    prepare(within_statements_);
    for (const ActionGroup& group : groups_) {
      const bool is_left_out =
          (group.traits.needs_no_permission && caller.kind != PrincipalKind::Anonymous) ||
          ((caller.kind == PrincipalKind::WebIdentity || caller.kind == PrincipalKind::Saml) &&
           !group.traits.is_trust);
      if (is_left_out) {
        continue;
      }
      for (const ResourceCase& resources :
           resource_cases(caller, group.traits, main_side().resource_account)) {
        ask(caller, principal, group, resources, lexicon);
        if (proof_.witness || problems_ > kMaxProblems) {
          return;
        }
      }
    }
  }

  // Those of a list that speak of the group's actions.
  static std::vector<AccessStatement> of_group(const std::vector<AccessStatement>& statements,
                                               const ActionGroup& group) {
    std::vector<AccessStatement> some;
    std::ranges::copy_if(statements, std::back_inserter(some), [&group](const auto& statement) {
      return group.mentioned[statement.id];
    });
    return some;
  }

  // One caller, one group of actions, one kind of resource: every way to be allowed now against
  // every way not to have been before.
  void ask(const Caller& caller,
           const Principal& principal,
           const ActionGroup& group,
           const ResourceCase& resources,
           Lexicon& lexicon) {
    Task task{.group = &group, .resources = &resources};
    if (now_.is_asked) {
      Access access = access_of(
          now_.question.inputs, of_group(now_.statements, group), principal, resources.kind);
      if (access.is_never) {
        return;
      }
      task.required = std::move(access.clauses);
      task.forbidden = std::move(access.denials);
    }
    if (within_ != nullptr) {
      std::vector<AccessStatement> fitting;
      for (const AccessStatement& statement : of_group(within_statements_, group)) {
        if (compiled_of(statement).effect == Effect::Allow) {
          fitting.push_back(statement);
        }
      }
      task.required.push_back(std::move(fitting));
    }
    const bool has_nothing =
        std::ranges::any_of(task.required, [](const auto& list) { return list.empty(); });
    if (has_nothing) {
      return;
    }
    Access before{.is_never = true};
    if (before_.is_asked) {
      before = access_of(
          before_.question.inputs, of_group(before_.statements, group), principal, resources.kind);
    }
    if (before.is_never) {
      solve(caller, task, lexicon);
      return;
    }
    for (const auto& clause : before.clauses) {
      Task failed = task;
      failed.forbidden.insert(failed.forbidden.end(), clause.begin(), clause.end());
      solve(caller, failed, lexicon);
      if (proof_.witness) {
        return;
      }
    }
    if (!before.denials.empty()) {
      Task denied = std::move(task);
      denied.required.push_back(std::move(before.denials));
      solve(caller, denied, lexicon);
    }
  }

  // The literals that limit a task to its kind of resources, and strangers to values that nobody is
  // known by.
  [[nodiscard]] Literals base_of(const Task& task, Lexicon& lexicon) const {
    Literals base;
    if (task.resources->is_arn) {
      for (const ResourceCase::Limit& limit : task.resources->limits) {
        base.push_back({.predicate = lexicon.vocabulary().resource_in(limit.pattern,
                                                                      arn_language(limit.pattern)),
                        .is_true = limit.is_inside});
      }
    }
    if (question_.callers == Callers::Strangers) {
      for (const AccessStatement& statement : now_.statements) {
        add_limiting(statement, lexicon.vocabulary(), base);
      }
    }
    return base;
  }

  // Nothing: it is plain that there is no such request.
  static std::optional<Problem> problem_of(const Task& task, Literals base, Lexicon& lexicon) {
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
      std::vector<const Literals*> fitting;
      bool is_met = false;
      std::set<const Literals*> seen;
      for (const AccessStatement& statement : list) {
        const Literals* literals = lexicon.literals_of(statement, is_arn);
        if (literals == nullptr || !seen.insert(literals).second ||
            is_covered(*literals, forbidden)) {
          continue;
        }
        is_met = is_met || literals->empty();
        fitting.push_back(literals);
      }
      if (fitting.empty()) {
        return std::nullopt;
      }
      if (!is_met) {
        problem.required.push_back(std::move(fitting));
      }
    }
    return problem;
  }

  // Whenever the statement applies, so does a forbidden one: part by part.
  static bool is_covered(const Literals& literals, const std::set<const Literals*>& forbidden) {
    return std::ranges::any_of(forbidden, [&literals](const Literals* other) {
      return std::ranges::includes(literals, *other);
    });
  }

  void solve(const Caller& caller, const Task& task, Lexicon& lexicon) {
    ++problems_;
    const Literals base = base_of(task, lexicon);
    const auto problem = problem_of(task, base, lexicon);
    if (!problem) {
      return;
    }
    Model last;
    const SearchOutcome outcome = search_with(caller, task, *problem, lexicon, last);
    if (outcome == SearchOutcome::Unknown && !try_values(caller, task, last, lexicon)) {
      doubt_ = doubt_of(caller, task, lexicon);
    }
  }

  SearchOutcome search_with(const Caller& caller,
                            const Task& task,
                            const Problem& problem,
                            Lexicon& lexicon,
                            Model& last) {
    const Vocabulary& vocabulary = lexicon.vocabulary();
    DimensionCache cache(vocabulary, [&](DimensionId id) {
      return id == kResource ? resource_domain()
                             : caller.domain_of(vocabulary.dimensions()[id].key);
    });
    const Accept accept = [&](const Model& model) {
      last = model;
      proof_.witness =
          replay({.caller = caller,
                  .action = task.group->action,
                  .is_arn = task.resources->is_arn,
                  .resource_account = main_side().resource_account,
                  .vocabulary = vocabulary,
                  .model = model},
                 {.now = question_.now, .before = question_.before, .within = question_.within},
                 cache_);
      return proof_.witness.has_value();
    };
    return search(cache, problem, accept);
  }

  static DimensionDomain resource_domain() {
    DimensionDomain domain;
    domain.may_be_absent = false;
    domain.text.type = facts::KeyType::Arn;
    domain.text.within.push_back(arn_language("arn:aws*:?*:*:*:?*"));
    return domain;
  }

  using Values = std::map<std::string, std::optional<std::string>>;

  // What variables stand for: values that the caller's requests cannot vary, and those given.
  static Bindings bindings_of(const Caller& caller, Values values) {
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

  // Statements with variables: chooses values for them, under which the search is exact. True: a
  // witness was found.
  bool try_values(const Caller& caller, const Task& task, const Model& last, Lexicon& lexicon) {
    std::vector<const Variable*> variables;
    const auto collect = [&variables](const AccessStatement& statement) {
      collect_variables(*member_of(statement).policy, compiled_of(statement), variables);
    };
    std::ranges::for_each(task.forbidden, collect);
    for (const auto& list : task.required) {
      std::ranges::for_each(list, collect);
    }
    if (variables.empty()) {
      return false;
    }
    for (const bool takes_model : {true, false}) {
      for (const bool is_absent : {false, true}) {
        Values values;
        for (const Variable* variable : variables) {
          add_value(*variable, caller, last, lexicon, takes_model, is_absent, values);
        }
        if (solve_with(caller, task, std::move(values))) {
          return true;
        }
      }
    }
    return false;
  }

  static void add_value(const Variable& variable,
                        const Caller& caller,
                        const Model& last,
                        Lexicon& lexicon,
                        bool takes_model,
                        bool is_absent,
                        Values& values) {
    if (variable.key.is_list) {
      return;
    }
    const DimensionDomain domain = caller.domain_of(variable.key);
    std::optional<std::string> value;
    const DimensionId id =
        lexicon.vocabulary().dimension_of(variable.key, spelled_name(variable.key));
    const bool is_in_model =
        takes_model && id < last.size() && last[id].kind == DimensionValue::Kind::Single;
    if (is_in_model) {
      value = last[id].texts.front();
    } else if (!(is_absent && domain.may_be_absent) &&
               (domain.may_be_single || domain.may_be_list)) {
      FoundValue found = find_value(domain.text, {});
      value = found.outcome == FoundValue::Outcome::Found ? std::optional(std::move(found.text))
                                                          : std::nullopt;
    }
    values.emplace(folded_name(variable.key), std::move(value));
  }

  bool solve_with(const Caller& caller, const Task& task, Values values) {
    Lexicon lexicon(bindings_of(caller, values));
    Literals base = base_of(task, lexicon);
    const auto problem = problem_of(task, std::move(base), lexicon);
    if (!problem) {
      return false;
    }
    Vocabulary& vocabulary = lexicon.vocabulary();
    for (const auto& [name, value] : values) {
      (void)vocabulary.dimension_of(resolve_key(name), name);
    }
    DimensionCache cache(
        vocabulary, [&](DimensionId id) { return domain_with(caller, vocabulary, id, values); });
    const Accept accept = [&](const Model& model) {
      proof_.witness =
          replay({.caller = caller,
                  .action = task.group->action,
                  .is_arn = task.resources->is_arn,
                  .resource_account = main_side().resource_account,
                  .vocabulary = vocabulary,
                  .model = model},
                 {.now = question_.now, .before = question_.before, .within = question_.within},
                 cache_);
      return proof_.witness.has_value();
    };
    return search(cache, *problem, accept) == SearchOutcome::Found;
  }

  static DimensionDomain domain_with(const Caller& caller,
                                     const Vocabulary& vocabulary,
                                     DimensionId id,
                                     const Values& values) {
    if (id == kResource) {
      return resource_domain();
    }
    const KeyRef& key = vocabulary.dimensions()[id].key;
    DimensionDomain domain = caller.domain_of(key);
    if (const auto known = values.find(folded_name(key)); known != values.end()) {
      domain.text.fixed = known->second;
      domain.may_be_absent = !known->second;
      domain.may_be_single = known->second.has_value();
      domain.may_be_list = false;
    }
    return domain;
  }

  static std::string doubt_of(const Caller& caller, const Task& task, Lexicon& lexicon) {
    return concat(lexicon.vocabulary().has_variables()
                      ? "variables or several keys hang together in a way that is not covered"
                      : "the search reached its limit",
                  ": ",
                  task.group->action,
                  caller.name.empty() ? "" : " by callers like ",
                  caller.name);
  }

  const ProofQuestion& question_;
  PolicyCache cache_;
  ReadSide now_;
  ReadSide before_;
  PolicySetRef within_;
  std::vector<AccessStatement> within_statements_;
  std::vector<ActionStatement> all_;
  std::vector<ActionGroup> groups_;
  std::uint64_t problems_ = 0;
  std::string doubt_;
  Proof proof_;
};

}  // namespace

std::expected<Proof, std::string> find_new_access(const ProofQuestion& question) {
  return Prover(question).run();
}

}  // namespace signet::policy::prove
