#include "policy_prove/ability.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "policy_engine/compiled.h"
#include "policy_language/policy_json.h"
#include "policy_prove/formula.h"

namespace signet::policy::prove {
namespace {

// Proofs that making a formula shorter may cost.
constexpr int kMostAttempts = 64;

// An action and a resource that stand for all: what is drafted for them is proved for all.
std::string with_request(const AbilityQuestion& asked) {
  std::string out = "{\"action\":";
  append_json_string(out, asked.is_not_action ? std::string_view("x:x") : asked.actions.front());
  out += ",\"resource\":";
  append_json_string(out, asked.is_not_resource ? std::string_view("*") : asked.resources.front());
  const std::string_view rest =
      std::string_view(asked.question).substr(asked.question.find('{') + 1);
  const auto json = PolicyJson::parse(asked.question);
  const bool is_empty = json && json->is(0, JsonKind::Object) && (*json)[0].count == 0;
  return concat(out, is_empty ? "" : ",", rest);
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  out += concat("\"", name, "\":[");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, texts[i]);
  }
  out += ']';
}

// A document with an Allow statement for each Condition block.
std::string document_of(const std::vector<std::string>& blocks, const AbilityQuestion& asked) {
  std::string target;
  append_list(target, asked.is_not_action ? "NotAction" : "Action", asked.actions);
  target += ',';
  append_list(target, asked.is_not_resource ? "NotResource" : "Resource", asked.resources);
  std::string out = R"({"Version":"2012-10-17","Statement":[)";
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    out += concat(i == 0 ? "" : ",", R"({"Effect":"Allow",)", target);
    out += blocks[i] == "{}" ? std::string("}") : concat(",\"Condition\":", blocks[i], "}");
  }
  return out + "]}";
}

class Finder {
 public:
  explicit Finder(const AbilityQuestion& asked) : asked_(asked) {}

  std::expected<Ability, std::string> run() {
    const std::string within = document_of({"{}"}, asked_);
    auto allowed = prove(asked_.question, {}, within);
    if (!allowed) {
      return std::unexpected(std::move(allowed).error());
    }
    auto refused = prove({}, asked_.question, within);
    if (!refused) {
      return std::unexpected(std::move(refused).error());
    }
    Ability ability{.allowed = std::move(allowed->witness), .refused = std::move(refused->witness)};
    if (allowed->result == ProofResult::Pass) {
      ability.kind = AbilityKind::Never;
    } else if (refused->result == ProofResult::Pass) {
      ability.kind = AbilityKind::Always;
    } else if (find_formula(within)) {
      ability.kind = AbilityKind::If;
      ability.formula = std::move(blocks_);
    } else {
      ability.reason = allowed->result == ProofResult::Unknown   ? allowed->reason
                       : refused->result == ProofResult::Unknown ? refused->reason
                                                                 : std::move(reason_);
    }
    return ability;
  }

 private:
  std::expected<Proof, std::string> prove(std::string now,
                                          std::string before,
                                          std::string within) const {
    return find_new_access({.now = std::move(now),
                            .before = std::move(before),
                            .within = std::move(within),
                            .budget = asked_.budget});
  }

  // A formula that is proved in both directions, shortened as far as it stays so.
  bool find_formula(const std::string& within) {
    PolicyCache cache(kDefaultSettings);
    Question question;
    if (!read_question(with_request(asked_), cache, question)) {
      return false;
    }
    const auto drafted = draft_formula(question);
    if (!drafted || drafted->empty()) {
      reason_ =
          "the condition under which it is allowed cannot be told in one Condition block or a few";
      return false;
    }
    Formula formula = *drafted;
    if (!covers_all(formula, within) || !is_sufficient(formula)) {
      reason_ = "the condition under which it is allowed was found but not proved";
      return false;
    }
    drop_terms(formula, within);
    drop_entries(formula);
    drop_if_exists(formula, within);
    const auto blocks = blocks_of(formula);
    // Where it is told otherwise now, once more.
    const bool is_proved_so = formula == *drafted;
    if (!blocks || (!is_proved_so && (!covers_all(formula, within) || !is_sufficient(formula)))) {
      reason_ = "the condition under which it is allowed was found but not proved";
      return false;
    }
    blocks_ = *blocks;
    return true;
  }

  static std::optional<std::vector<std::string>> blocks_of(const Formula& formula) {
    std::vector<std::string> blocks;
    for (const FormulaTerm& term : formula) {
      auto block = condition_block(term);
      if (!block) {
        return std::nullopt;
      }
      blocks.push_back(*std::move(block));
    }
    return blocks;
  }

  // The same caller and resource, with the formula in the place of all policies.
  [[nodiscard]] std::string stand_in(const std::vector<std::string>& blocks) const {
    static constexpr auto kKept = std::to_array<std::string_view>(
        {"principal", "principal_id", "canonical_user_id", "resource_account", "context"});
    const auto json = PolicyJson::parse(asked_.question);
    std::string out = "{";
    for (const std::string_view name : kKept) {
      const NodeId node = json ? json->member(0, name) : kNoNode;
      if (node != kNoNode) {
        out += concat("\"", name, "\":", json->raw(node), ",");
      }
    }
    return concat(out,
                  "\"identity_policies\":[",
                  allowing(blocks, {}),
                  "],\"resource_policy\":",
                  allowing(blocks, R"("Principal":"*",)"),
                  "}");
  }

  // A document that allows everything that meets the formula.
  static std::string allowing(const std::vector<std::string>& blocks, std::string_view principal) {
    std::string out = R"({"Version":"2012-10-17","Statement":[)";
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      out += concat(i == 0 ? "" : ",",
                    R"({"Effect":"Allow",)",
                    principal,
                    R"("Action":"*","Resource":"*")",
                    blocks[i] == "{}" ? "" : ",\"Condition\":");
      out += concat(blocks[i] == "{}" ? std::string_view() : std::string_view(blocks[i]), "}");
    }
    return out + "]}";
  }

  // Whatever is allowed meets the formula.
  bool covers_all(const Formula& formula, const std::string& within) {
    const auto blocks = blocks_of(formula);
    return blocks && !blocks->empty() && is_proved(asked_.question, stand_in(*blocks), within);
  }

  // Whatever meets the formula is allowed.
  bool is_sufficient(const Formula& formula) {
    const auto blocks = blocks_of(formula);
    return blocks && is_proved({}, asked_.question, document_of(*blocks, asked_));
  }

  bool is_proved(std::string now, std::string before, std::string within) const {
    const auto proof = prove(std::move(now), std::move(before), std::move(within));
    return proof && proof->result == ProofResult::Pass;
  }

  void drop_terms(Formula& formula, const std::string& within) {
    for (std::size_t i = 0; i < formula.size() && formula.size() > 1 && may_try();) {
      Formula fewer = formula;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (covers_all(fewer, within)) {
        formula = std::move(fewer);
      } else {
        ++i;
      }
    }
  }

  void drop_entries(Formula& formula) {
    for (FormulaTerm& term : formula) {
      for (std::size_t i = 0; i < term.size() && term.size() > 1 && may_try();) {
        FormulaTerm shorter = term;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        if (is_sufficient({shorter})) {
          term = std::move(shorter);
        } else {
          ++i;
        }
      }
    }
  }

  // Of keys that every request has.
  void drop_if_exists(Formula& formula, const std::string& within) {
    for (FormulaTerm& term : formula) {
      for (FormulaEntry& entry : term) {
        if (entry.op.if_exists && may_try()) {
          entry.op.if_exists = false;
          entry.op.if_exists = !covers_all(formula, within);
        }
      }
    }
  }

  bool may_try() { return ++attempts_ <= kMostAttempts; }

  const AbilityQuestion& asked_;
  int attempts_ = 0;
  std::vector<std::string> blocks_;
  std::string reason_;
};

// As a whole, or where that has no answer in parts.
std::expected<void, std::string> add_grants(Grant grant, std::vector<Grant>& out) {
  auto ability = find_ability(grant.asked);
  if (!ability) {
    return std::unexpected(std::move(ability).error());
  }
  const AbilityQuestion& asked = grant.asked;
  const bool has_actions = asked.actions.size() > 1 && !asked.is_not_action;
  const bool has_resources = asked.resources.size() > 1 && !asked.is_not_resource;
  if (ability->kind != AbilityKind::Unknown || (!has_actions && !has_resources)) {
    grant.ability = *std::move(ability);
    out.push_back(std::move(grant));
    return {};
  }
  for (const std::string& part : has_actions ? asked.actions : asked.resources) {
    Grant one = grant;
    (has_actions ? one.asked.actions : one.asked.resources) = {part};
    if (auto told = add_grants(std::move(one), out); !told) {
      return told;
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(AbilityKind kind) {
  constexpr std::string_view kNames[] = {"always", "never", "if", "unknown"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::expected<Ability, std::string> find_ability(const AbilityQuestion& question) {
  return Finder(question).run();
}

std::expected<std::vector<Grant>, std::string> find_grants(const std::string& asked) {
  PolicyCache cache(kDefaultSettings);
  Question read;
  if (auto done = read_question(
          with_request({.question = asked, .actions = {"x:x"}, .resources = {"*"}}), cache, read);
      !done) {
    return std::unexpected(std::move(done).error());
  }
  // Elsewhere the resource's owner decides as well.
  std::string question = asked;
  constexpr std::string_view kNobodys = R"("resource_account":"")";
  if (const std::size_t at = question.find(kNobodys); at != std::string::npos) {
    question.insert(at + kNobodys.size() - 1, read.principal.account);
  }
  std::vector<Grant> grants;
  const PolicySet* set = read.inputs.identity;
  for (std::size_t m = 0; set != nullptr && m < set->members().size(); ++m) {
    const PolicyMember& member = set->members()[m];
    const CompiledPolicy& policy = *member.policy;
    for (std::uint32_t s = 0; s < policy.statements.size(); ++s) {
      const CompiledStatement& statement = policy.statements[s];
      if (statement.effect != Effect::Allow) {
        continue;
      }
      Grant grant{.policy = member.id, .statement = s};
      grant.sid = policy.document->sid(policy.document->statements()[s]);
      grant.asked = {.question = question,
                     .is_not_action = statement.is_not_action,
                     .is_not_resource = statement.is_not_resource};
      for (const ActionPattern& action : CompiledPolicy::slice(policy.actions, statement.actions)) {
        grant.asked.actions.emplace_back(action.text);
      }
      for (const ResourcePattern& resource :
           CompiledPolicy::slice(policy.resources, statement.resources)) {
        grant.asked.resources.emplace_back(resource.text);
      }
      if (auto told = add_grants(std::move(grant), grants); !told) {
        return std::unexpected(std::move(told).error());
      }
    }
  }
  return grants;
}

}  // namespace signet::policy::prove
