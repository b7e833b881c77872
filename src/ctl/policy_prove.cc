#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "policy_prove/ability.h"
#include "policy_prove/documents.h"
#include "policy_prove/prove.h"

// `signet policy prove`: proofs over policy documents and whole questions in files.
namespace signet::ctl {
namespace {

namespace prove = policy::prove;
using prove::DocumentKind;
using prove::NamedDocument;
using prove::Proof;
using prove::ProofResult;

DocumentKind kind_of(std::string_view profile) {
  if (profile == "boundary") {
    return DocumentKind::Boundary;
  }
  if (profile == "session") {
    return DocumentKind::Session;
  }
  if (profile == "trust") {
    return DocumentKind::Trust;
  }
  if (profile == "bucket") {
    return DocumentKind::Resource;
  }
  if (profile == "scp") {
    return DocumentKind::Scp;
  }
  return profile == "rcp" ? DocumentKind::Rcp : DocumentKind::Identity;
}

Result<std::vector<NamedDocument>> documents_of(const std::vector<std::string>& files) {
  std::vector<NamedDocument> documents;
  for (const std::string& file : files) {
    documents.push_back({.name = file, .text = TRY(read_text(file))});
  }
  return documents;
}

bool is_question(const std::vector<NamedDocument>& documents) {
  return documents.size() == 1 && prove::is_question(documents.front().text);
}

std::string_view name_of(ProofResult result) {
  switch (result) {
    case ProofResult::Pass:
      return "PASS";
    case ProofResult::Fail:
      return "FAIL";
    case ProofResult::Unknown:
      break;
  }
  return "UNKNOWN";
}

int code_of(ProofResult result) {
  switch (result) {
    case ProofResult::Pass:
      return kOk;
    case ProofResult::Fail:
      return kFindings;
    case ProofResult::Unknown:
      break;
  }
  return kUndecided;
}

std::string shown(const prove::DimensionValue& value) {
  if (value.kind == prove::DimensionValue::Kind::Single) {
    return value.texts.front().empty() ? std::string("\"\"") : value.texts.front();
  }
  std::string out = "[";
  for (const std::string& text : value.texts) {
    out += concat(out.size() > 1 ? ", " : "", text);
  }
  return out + "]";
}

std::string name_of(const prove::GrantingStatement& statement) {
  return concat(statement.policy,
                ", statement ",
                std::to_string(statement.statement + 1),
                statement.sid.empty() ? "" : concat(" (", statement.sid, ")"));
}

void print_witness(const prove::Witness& witness) {
  const auto line = [](std::string_view name, std::string_view value) {
    std::printf("  %-11s %s\n", std::string(name).c_str(), std::string(value).c_str());
  };
  line("principal", witness.principal.empty() ? "anonymous" : witness.principal);
  line("action", witness.action);
  line("resource", witness.resource);
  for (const auto& [name, value] : witness.context) {
    line("context", concat(name, " = ", shown(value)));
  }
  for (const prove::GrantingStatement& statement : witness.granted_by) {
    line("allowed by", name_of(statement));
  }
  line("question", witness.question);
}

void write_witness(codec::JsonWriter& json, const prove::Witness& witness) {
  json.key("witness");
  json.begin_object();
  json.member("principal", witness.principal);
  json.member("action", witness.action);
  json.member("resource", witness.resource);
  json.key("context");
  json.begin_object();
  for (const auto& [name, value] : witness.context) {
    json.key(name);
    if (value.kind == prove::DimensionValue::Kind::Single) {
      json.string(value.texts.front());
      continue;
    }
    json.begin_array();
    for (const std::string& text : value.texts) {
      json.string(text);
    }
    json.end_array();
  }
  json.end_object();
  json.key("allowed_by");
  json.begin_array();
  for (const prove::GrantingStatement& statement : witness.granted_by) {
    json.begin_object();
    json.member("policy", statement.policy);
    json.member("sid", statement.sid);
    json.key("statement");
    json.integer(statement.statement);
    json.end_object();
  }
  json.end_array();
  json.member("question", witness.question);
  json.member("question_before", witness.before);
  json.end_object();
}

// What a result means, in the words of the question.
struct Words {
  std::string_view pass;
  std::string_view fail;
};

int print_proof(const Proof& proof, const Words& words, const std::string& output) {
  const std::string_view told =
      proof.result == ProofResult::Pass
          ? words.pass
          : (proof.result == ProofResult::Fail ? words.fail : std::string_view(proof.reason));
  if (output == "json") {
    std::string out;
    codec::JsonWriter json(out);
    json.begin_object();
    json.member("result", name_of(proof.result));
    json.member("message", told);
    if (proof.witness) {
      write_witness(json, *proof.witness);
    }
    json.end_object();
    std::printf("%s\n", out.c_str());
  } else {
    std::printf("%s: %s\n", std::string(name_of(proof.result)).c_str(), std::string(told).c_str());
    if (proof.witness) {
      print_witness(*proof.witness);
    }
  }
  return code_of(proof.result);
}

Result<Proof> checked(std::expected<Proof, std::string> proof) {
  if (!proof) {
    return fail(ErrorCode::InvalidInput, std::move(proof).error());
  }
  return *std::move(proof);
}

// Nothing is allowed by `now` that `before` does not allow.
Result<Proof> compare(const PolicyProveOptions& options,
                      const std::vector<NamedDocument>& now,
                      const std::vector<NamedDocument>& before) {
  const bool are_questions = is_question(now);
  if (are_questions != is_question(before)) {
    return fail(ErrorCode::InvalidInput,
                "--old and --new: either both are policy documents or both are whole questions");
  }
  const DocumentKind kind = kind_of(options.profile);
  prove::ProofQuestion question;
  question.only_known_actions = options.only_known_actions;
  if (are_questions) {
    question.now = prove::compact(now.front().text);
    question.before = prove::compact(before.front().text);
  } else {
    question.now = prove::question_of(kind, now);
    question.before = prove::question_of(kind, before);
    question.within = prove::within_of(kind);
    question.callers = prove::callers_of(kind);
  }
  return checked(prove::find_new_access(question));
}

Result<int> no_new_access(const PolicyProveOptions& options) {
  const auto now = TRY(documents_of(options.now));
  const auto before = TRY(documents_of(options.before));
  return print_proof(TRY(compare(options, now, before)),
                     {.pass = "the new policies allow nothing that the old ones do not",
                      .fail = "the new policies allow what the old ones do not"},
                     options.output);
}

Result<int> equivalent(const PolicyProveOptions& options) {
  const auto now = TRY(documents_of(options.now));
  const auto before = TRY(documents_of(options.before));
  Proof more = TRY(compare(options, now, before));
  if (more.result == ProofResult::Fail) {
    return print_proof(more,
                       {.pass = {}, .fail = "the new policies allow what the old ones do not"},
                       options.output);
  }
  Proof less = TRY(compare(options, before, now));
  const Proof& told = less.result == ProofResult::Pass ? more : less;
  return print_proof(
      told,
      {.pass = "both allow the same", .fail = "the old policies allow what the new ones do not"},
      options.output);
}

// KEY=VALUE pairs as a Condition block; a repeated key may have any of its values.
Result<std::string> condition_of(const std::vector<std::string>& pairs) {
  if (pairs.empty()) {
    return std::string();
  }
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.key("StringEquals");
  json.begin_object();
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::InvalidInput, concat("--if ", pair, ": expected KEY=VALUE"));
    }
    json.member(pair.substr(0, equals), pair.substr(equals + 1));
  }
  json.end_object();
  json.end_object();
  return out;
}

Result<int> access_not_granted(const PolicyProveOptions& options) {
  const auto documents = TRY(documents_of(options.now));
  prove::NamedAccess access{.actions = options.actions,
                            .resources = options.resources,
                            .condition = TRY(condition_of(options.conditions))};
  prove::ProofQuestion question{.now = {},
                                .before = {},
                                .within = prove::within_of(kind_of(options.profile), access),
                                .callers = prove::callers_of(kind_of(options.profile)),
                                .only_known_actions = options.only_known_actions};
  if (is_question(documents)) {
    question.now = prove::compact(documents.front().text);
    question.callers = prove::Callers::Given;
  } else {
    question.now = prove::question_of(kind_of(options.profile), documents);
  }
  return print_proof(
      TRY(checked(prove::find_new_access(question))),
      {.pass = "the policies never allow it", .fail = "the policies allow such a request"},
      options.output);
}

Result<int> no_public_access(const PolicyProveOptions& options) {
  const auto documents = TRY(documents_of(options.now));
  return print_proof(
      TRY(checked(prove::prove_no_public_access(kind_of(options.profile), documents))),
      {.pass = "the policy lets in nobody but those it means",
       .fail = "the policy lets in callers whom it does not name"},
      options.output);
}

Result<int> redundant(const PolicyProveOptions& options) {
  const auto documents = TRY(documents_of(options.now));
  const auto found = prove::find_redundant(kind_of(options.profile), documents);
  if (!found) {
    return fail(ErrorCode::InvalidInput, found.error());
  }
  ProofResult result = ProofResult::Pass;
  std::string out;
  codec::JsonWriter json(out);
  json.begin_array();
  for (const prove::RedundantStatement& statement : *found) {
    const bool is_proved = statement.result == ProofResult::Pass;
    result = is_proved ? ProofResult::Fail
                       : (result == ProofResult::Pass ? ProofResult::Unknown : result);
    json.begin_object();
    json.member("policy", statement.document);
    json.member("sid", statement.sid);
    json.key("statement");
    json.integer(statement.statement);
    json.member("result", is_proved ? "REDUNDANT" : "UNKNOWN");
    json.end_object();
    if (options.output != "json") {
      std::printf("%s: %s: without it the same is allowed\n",
                  is_proved ? "REDUNDANT" : "UNKNOWN",
                  name_of({.policy = statement.document,
                           .sid = statement.sid,
                           .statement = statement.statement})
                      .c_str());
    }
  }
  json.end_array();
  if (options.output == "json") {
    std::printf("%s\n", out.c_str());
  } else if (found->empty()) {
    std::printf("PASS: no statement can be left out\n");
  }
  return code_of(result);
}

// Everything that the folder knows about a principal's requests for this.
Result<std::string> question_about(const PolicyProveOptions& options,
                                   std::string_view principal,
                                   std::string_view action,
                                   std::string_view resource) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "policy question");
  json.member("principal", principal);
  json.member("action", action);
  json.member("resource", resource);
  if (!options.conditions.empty()) {
    json.key("context");
    json.literal(TRY(context_json("--if", options.conditions)));
  }
  json.end_object();
  std::vector<std::string> given;
  for (const std::string& pair : options.conditions) {
    given.push_back(pair.substr(0, pair.find('=')));
  }
  return prove::without_request(TRY(question_of_folder(options.data_folder, request)), given);
}

Result<prove::Ability> checked(std::expected<prove::Ability, std::string> ability) {
  if (!ability) {
    return fail(ErrorCode::InvalidInput, std::move(ability).error());
  }
  return *std::move(ability);
}

void write_ability(codec::JsonWriter& json, const prove::Ability& ability) {
  json.member("answer", prove::name_of(ability.kind));
  if (!ability.formula.empty()) {
    json.key("formula");
    json.begin_array();
    for (const std::string& block : ability.formula) {
      json.literal(block);
    }
    json.end_array();
  }
  if (!ability.reason.empty()) {
    json.member("reason", ability.reason);
  }
  if (ability.allowed) {
    write_witness(json, *ability.allowed);
  }
}

// The Condition blocks of which one has to be met; of what is unknown a request of either kind.
void print_condition(const prove::Ability& ability) {
  for (std::size_t i = 0; i < ability.formula.size(); ++i) {
    std::printf("         %s %s\n", i == 0 ? "if" : "or", ability.formula[i].c_str());
  }
  if (ability.kind != prove::AbilityKind::Unknown) {
    return;
  }
  std::printf("         %s\n", ability.reason.c_str());
  for (const auto& [word, witness] :
       {std::pair("allowed", &ability.allowed), std::pair("refused", &ability.refused)}) {
    if (!*witness) {
      continue;
    }
    std::string context;
    for (const auto& [name, value] : (*witness)->context) {
      context += concat(context.empty() ? " with " : ", ", name, " = ", shown(value));
    }
    std::printf("         %s for instance %s on %s%s\n",
                word,
                (*witness)->action.c_str(),
                (*witness)->resource.c_str(),
                context.c_str());
  }
}

Result<int> who_can(const PolicyProveOptions& options) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_array();
  int code = kOk;
  for (const std::string& principal : TRY(principals_of(options.data_folder))) {
    const std::string question =
        TRY(question_about(options, principal, options.actions.front(), options.resources.front()));
    const prove::Ability ability = TRY(checked(prove::find_ability(
        {.question = question, .actions = options.actions, .resources = options.resources})));
    code = ability.kind == prove::AbilityKind::Unknown ? int{kUndecided} : code;
    json.begin_object();
    json.member("principal", principal);
    write_ability(json, ability);
    json.end_object();
    if (options.output != "json") {
      std::printf(
          "%-8s %s\n", std::string(prove::name_of(ability.kind)).c_str(), principal.c_str());
      print_condition(ability);
    }
  }
  json.end_array();
  if (options.output == "json") {
    std::printf("%s\n", out.c_str());
  }
  return code;
}

std::string joined(const std::vector<std::string>& texts, bool is_not) {
  std::string out = is_not ? "all but " : "";
  for (const std::string& text : texts) {
    out += concat(&text == texts.data() ? "" : ", ", text);
  }
  return out;
}

// What the Allow statements of one principal come to.
Result<int> what_can(const PolicyProveOptions& options) {
  // An action that asks for no resource's policy, of a service that RCPs reach.
  const std::string question =
      TRY(question_about(options, options.principal, "s3:ListAllMyBuckets", "*"));
  const auto grants = prove::find_grants(question);
  if (!grants) {
    return fail(ErrorCode::InvalidInput, grants.error());
  }
  std::string out;
  codec::JsonWriter json(out);
  json.begin_array();
  int code = kOk;
  for (const prove::Grant& grant : *grants) {
    code = grant.ability.kind == prove::AbilityKind::Unknown ? int{kUndecided} : code;
    json.begin_object();
    json.member("policy", grant.policy);
    json.key("statement");
    json.integer(grant.statement);
    json.member("sid", grant.sid);
    const auto write = [&json](std::string_view name, const std::vector<std::string>& texts) {
      json.key(name);
      json.begin_array();
      for (const std::string& text : texts) {
        json.string(text);
      }
      json.end_array();
    };
    write(grant.asked.is_not_action ? "not_actions" : "actions", grant.asked.actions);
    write(grant.asked.is_not_resource ? "not_resources" : "resources", grant.asked.resources);
    write_ability(json, grant.ability);
    json.end_object();
    if (options.output != "json") {
      std::printf("%-8s %s on %s (%s)\n",
                  std::string(prove::name_of(grant.ability.kind)).c_str(),
                  joined(grant.asked.actions, grant.asked.is_not_action).c_str(),
                  joined(grant.asked.resources, grant.asked.is_not_resource).c_str(),
                  name_of({.policy = grant.policy, .sid = grant.sid, .statement = grant.statement})
                      .c_str());
      print_condition(grant.ability);
    }
  }
  json.end_array();
  if (options.output == "json") {
    std::printf("%s\n", out.c_str());
  }
  return code;
}

}  // namespace

int policy_prove(const PolicyProveOptions& options) {
  const auto prove = options.question == "no-new-access"        ? no_new_access
                     : options.question == "equivalent"         ? equivalent
                     : options.question == "access-not-granted" ? access_not_granted
                     : options.question == "no-public-access"   ? no_public_access
                     : options.question == "who-can"            ? who_can
                     : options.question == "what-can"           ? what_can
                                                                : redundant;
  const auto code = prove(options);
  return code ? *code : report(code.error());
}

}  // namespace signet::ctl
