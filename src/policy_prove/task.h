#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy_prove/lexicon.h"
#include "policy_prove/request_kinds.h"
#include "policy_prove/search.h"
#include "policy_prove/witness.h"

namespace signet::policy::prove {

// Actions that all statements speak of alike.
struct ActionGroup {
  std::string action;
  std::vector<std::string> known;  // of AWS's catalogue
  ActionTraits traits;
  std::vector<bool> mentioned;  // by number of statement
};

// One part of a proof, in statements: requests of a group of actions on a kind of resources under
// which one statement of each list applies, and none of the forbidden ones.
struct Task {
  const ActionGroup* group = nullptr;
  const ResourceCase* resources = nullptr;
  std::vector<std::vector<AccessStatement>> required;
  std::vector<AccessStatement> forbidden;
};

// What all tasks of a proof share.
struct TaskContext {
  Sides sides;
  std::string_view resource_account;
  const std::vector<AccessStatement>* limiting =
      nullptr;  // statements whose fixed values nobody has; null: none
};

struct TaskAnswer {
  SearchOutcome outcome = SearchOutcome::None;
  std::optional<Witness> witness;  // Found
  bool is_natural = false;         // action and resource go together in AWS's catalogue
};

class TaskSolver {
 public:
  TaskSolver(const TaskContext& context, PolicyCache& cache, Budget& budget)
      : context_(context), cache_(cache), budget_(budget) {}

  // `lexicon`: of bindings_of(caller). It may have variables left: they match anything while that
  // is in favour of a request, and get values when one is found.
  [[nodiscard]] TaskAnswer solve(const Caller& caller, const Task& task, Lexicon& lexicon);

  // Values by key, in lower case; nothing: the key is absent.
  using Values = std::map<std::string, std::optional<std::string>>;

  // What variables stand for: values that the caller's requests cannot vary, and those given. The
  // caller outlives it.
  [[nodiscard]] static Bindings bindings_of(const Caller& caller, Values values = {});

 private:
  // One search.
  struct Attempt {
    const Caller& caller;
    const Task& task;
    Lexicon& lexicon;
    const Values& values;  // that variables stand for
    std::string_view action;
    const Language* resources;  // the request names one of these; null: any
    Model* last;                // the request that was offered last; null: not wanted
    bool is_wordy = false;
  };

  SearchOutcome run(const Attempt& attempt);
  Literals base_of(const Attempt& attempt) const;
  std::optional<Witness> try_values(const Caller& caller,
                                    const Task& task,
                                    const Model& last,
                                    Lexicon& lexicon);
  std::optional<Witness> run_with(const Caller& caller, const Task& task, const Values& values);
  bool prefer_natural(const Caller& caller,
                      const Task& task,
                      Lexicon& lexicon,
                      const Values& values);

  const TaskContext& context_;
  PolicyCache& cache_;
  Budget& budget_;
  std::optional<Witness> witness_;
  bool is_natural_ = false;
};

}  // namespace signet::policy::prove
