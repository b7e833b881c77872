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
#include "policy_prove/changes.h"
#include "policy_prove/lexicon.h"
#include "policy_prove/request_kinds.h"
#include "policy_prove/search.h"
#include "policy_prove/task.h"

namespace signet::policy::prove {
namespace {

// Of a part of a proof, in units of Budget.
constexpr std::uint64_t kTaskCost = 2'000;
constexpr std::uint64_t kStatementCost = 100;

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

class Prover {
 public:
  explicit Prover(const ProofQuestion& question)
      : question_(question),
        budget_(question.budget),
        cache_(kDefaultSettings),
        solver_(context_, cache_, budget_) {}

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
    if (!is_one_caller()) {
      return std::unexpected("now and before are about different principals or owners");
    }
    number();
    if (!find_changes()) {
      proof_.result = ProofResult::Pass;
      return std::move(proof_);
    }
    context_ = {
        .sides = {.now = now_.is_asked ? side_of(now_.question) : AskedSide(),
                  .before = before_.is_asked ? side_of(before_.question) : AskedSide(),
                  .within = within_ == nullptr ? nullptr : within_->members().front().policy},
        .resource_account = main_side().resource_account,
        .limiting = question_.callers == Callers::Strangers ? &now_.statements : nullptr};
    note_wildcards();
    if (!group_actions()) {
      return beyond("too many actions are told apart");
    }
    for (const Caller& caller : callers()) {
      ask(caller);
      if (is_settled_ || budget_.is_spent()) {
        break;
      }
    }
    if (proof_.witness) {
      if (!confirm(*proof_.witness, context_.sides, cache_)) {
        proof_.witness.reset();
        return unknown("a request was found that is decided otherwise when it is asked again");
      }
      proof_.result = ProofResult::Fail;
      return std::move(proof_);
    }
    if (budget_.is_spent()) {
      return beyond("the policies are too large, or hang together in too many ways");
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

  static Proof beyond(std::string reason) {
    Proof proof = unknown(std::move(reason));
    proof.is_limit = true;
    return proof;
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

  // False: before allows whatever now does, statement by statement.
  bool find_changes() {
    if (!now_.is_asked || !before_.is_asked) {
      return true;
    }
    changed_ = changed_statements(
        now_.question.inputs, now_.statements, before_.question.inputs, before_.statements);
    return !changed_ || std::ranges::find(*changed_, true) != changed_->end();
  }

  // A wildcard within a principal names nobody here, where AWS's checks take it for
  // all whom it fits: nothing is proved of a statement that would give, or would have taken away.
  // In one document what both sides say makes no difference there either; among several kinds of
  // policies it may be what makes another change count.
  void note_wildcards() {
    const auto has_wildcard = [](const AccessStatement& statement) {
      const auto entries = CompiledPolicy::slice(member_of(statement).policy->principals,
                                                 compiled_of(statement).principals);
      return std::ranges::any_of(entries, [](const PrincipalEntry& entry) {
        return entry.kind == PrincipalEntry::Kind::Never &&
               entry.text.find('*') != std::string_view::npos;
      });
    };
    const bool counts_always = !changed_ || question_.callers == Callers::Given;
    const auto notes = [&](const ReadSide& side, Effect effect) {
      return std::ranges::any_of(side.statements, [&](const AccessStatement& statement) {
        return compiled_of(statement).effect == effect &&
               (counts_always || (*changed_)[statement.id]) && has_wildcard(statement);
      });
    };
    if (notes(now_, Effect::Allow) || notes(before_, Effect::Deny)) {
      doubt_ = "a principal holds a wildcard, which names nobody here and many on AWS";
    }
  }

  bool group_actions() {
    std::vector<ActionClass> classes;
    const ActionQuestion about{
        .statements = all_, .apart = known_by_name(), .about = changed_ ? &*changed_ : nullptr};
    if (!find_action_classes(about, budget_, classes)) {
      return false;
    }
    std::map<std::pair<std::vector<bool>, std::string>, std::size_t> places;
    for (ActionClass& one : classes) {
      if (question_.only_known_actions && !one.is_in_catalogue()) {
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
                           .known = std::move(one.known),
                           .traits = traits,
                           .mentioned = std::move(one.mentioned)});
      } else if (one.is_in_catalogue()) {
        ActionGroup& group = groups_[it->second];
        if (group.known.empty()) {
          group.action = std::move(one.action);
        }
        const std::size_t room = kMaxKnownActions - std::min(kMaxKnownActions, group.known.size());
        one.known.resize(std::min(one.known.size(), room));
        std::ranges::move(one.known, std::back_inserter(group.known));
      }
    }
    std::ranges::stable_partition(groups_,
                                  [](const ActionGroup& group) { return !group.known.empty(); });
    return true;
  }

  [[nodiscard]] std::vector<const PolicySet*> sets_naming_principals() const {
    std::vector<const PolicySet*> sets = naming_sets(now_.question.inputs);
    const std::vector<const PolicySet*> before = naming_sets(before_.question.inputs);
    sets.insert(sets.end(), before.begin(), before.end());
    return sets;
  }

  // Both sides, where there are two, name the same caller and the same owner of the resource, or
  // none.
  [[nodiscard]] bool is_one_caller() const {
    const Principal& a = now_.question.principal;
    const Principal& b = before_.question.principal;
    return !now_.is_asked || !before_.is_asked ||
           (a.kind == b.kind && a.arn == b.arn && a.entity_arn == b.entity_arn &&
            a.entity_id == b.entity_id && a.service == b.service &&
            a.federated_provider == b.federated_provider &&
            now_.resource_account == before_.resource_account);
  }

  [[nodiscard]] const ReadSide& main_side() const { return now_.is_asked ? now_ : before_; }

  [[nodiscard]] std::vector<Caller> callers() const {
    const std::string& owner = main_side().resource_account;
    switch (question_.callers) {
      case Callers::Given:
        return callers_of(main_side().question, sets_naming_principals());
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
    Lexicon lexicon(TaskSolver::bindings_of(caller));
    const auto prepare = [this, &lexicon](const std::vector<AccessStatement>& statements) {
      for (const AccessStatement& statement : statements) {
        const bool plays_a_part = std::ranges::any_of(
            groups_,
            [&statement](const ActionGroup& group) { return group.mentioned[statement.id]; });
        if (plays_a_part) {
          (void)lexicon.literals_of(statement, true);
          (void)lexicon.literals_of(statement, false);
        }
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
        if (is_settled_ || budget_.is_spent()) {
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
      if (is_settled_) {
        return;
      }
    }
    if (!before.denials.empty()) {
      Task denied = std::move(task);
      denied.required.push_back(std::move(before.denials));
      solve(caller, denied, lexicon);
    }
  }

  void solve(const Caller& caller, const Task& task, Lexicon& lexicon) {
    std::uint64_t required = now_.statements.size();
    for (const auto& list : task.required) {
      required += list.size();
    }
    budget_.spend(kTaskCost + kStatementCost * (task.forbidden.size() + required) +
                  task.forbidden.size() * required);
    TaskAnswer answer = solver_.solve(caller, task, lexicon);
    if (answer.outcome == SearchOutcome::Unknown) {
      doubt_ = doubt_of(caller, task, lexicon);
    }
    if (answer.outcome != SearchOutcome::Found) {
      return;
    }
    // The first will do, if none comes soon that reads better.
    constexpr int kMostOdd = 12;
    is_settled_ = answer.is_natural || ++odd_ >= kMostOdd;
    if (is_settled_ || !proof_.witness) {
      proof_.witness = std::move(answer.witness);
    }
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
  Budget budget_;
  PolicyCache cache_;
  TaskContext context_;
  TaskSolver solver_;
  ReadSide now_;
  ReadSide before_;
  PolicySetRef within_;
  std::vector<AccessStatement> within_statements_;
  std::vector<ActionStatement> all_;
  std::optional<std::vector<bool>> changed_;  // nothing: any request may be decided otherwise
  std::vector<ActionGroup> groups_;
  int odd_ = 0;
  bool is_settled_ = false;
  std::string doubt_;
  Proof proof_;
};

}  // namespace

std::expected<Proof, std::string> find_new_access(const ProofQuestion& question) {
  return Prover(question).run();
}

}  // namespace signet::policy::prove
