#include "policy_prove/witness.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"
#include "policy_engine/decide.h"
#include "policy_engine/evaluate.h"
#include "policy_language/policy_json.h"
#include "policy_telling/explain.h"

namespace signet::policy::prove {
namespace {

using Kind = DimensionValue::Kind;
using Context = std::vector<std::pair<std::string, DimensionValue>>;

std::string last_segment(std::string_view text, char separator = '/') {
  return std::string(text.substr(text.rfind(separator) + 1));
}

DimensionValue single(std::string text) {
  return {.kind = Kind::Single, .texts = {std::move(text)}};
}

// The context of a request while it is made.
class Draft {
 public:
  explicit Draft(const Candidate& candidate) : caller(candidate.caller) {
    const auto dimensions = candidate.vocabulary.dimensions();
    for (DimensionId id = 1; id < dimensions.size(); ++id) {
      const DimensionValue& value = candidate.model[id];
      names_.emplace(folded_name(dimensions[id].key), dimensions[id].name);
      if (value.kind != Kind::Absent) {
        values_.emplace(folded_name(dimensions[id].key), value);
      }
    }
  }

  // Some policy asks for the key.
  [[nodiscard]] bool is_asked(std::string_view name) const {
    return names_.contains(to_lower(name));
  }

  [[nodiscard]] std::string text(std::string_view name) const {
    const auto it = values_.find(to_lower(name));
    return it == values_.end() || it->second.kind != Kind::Single ? std::string()
                                                                  : it->second.texts.front();
  }

  [[nodiscard]] const DimensionValue* find(std::string_view name) const {
    const auto it = values_.find(to_lower(name));
    return it == values_.end() ? nullptr : &it->second;
  }

  void set(std::string_view name, DimensionValue value) {
    names_.emplace(to_lower(name), name);
    values_.insert_or_assign(to_lower(name), std::move(value));
  }

  [[nodiscard]] const std::map<std::string, DimensionValue>& values() const { return values_; }

  [[nodiscard]] Context context() const {
    Context context;
    for (const auto& [name, value] : values_) {
      context.emplace_back(names_.at(name), value);
    }
    return context;
  }

  Caller caller;

 private:
  std::map<std::string, std::string> names_;  // by name in lower case
  std::map<std::string, DimensionValue> values_;
};

// Which of two keys that say the same is believed.
struct Choice {
  bool prefers_account_key = false;  // aws:PrincipalAccount, not the account in aws:PrincipalArn
  bool prefers_name_key = false;     // aws:username or aws:userid, not the name in aws:PrincipalArn
};

bool is_account(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, is_digit);
}

std::string with_account(std::string_view arn, std::string_view account) {
  std::size_t begin = 0;
  for (int i = 0; i < 4; ++i) {
    begin = arn.find(':', begin) + 1;
  }
  return concat(arn.substr(0, begin), account, arn.substr(arn.find(':', begin)));
}

std::string account_in(std::string_view arn) {
  Colons colons{};
  return find_colons(arn, colons) ? std::string(part_at(arn, colons, 4)) : std::string();
}

// Gives a caller that stands for many the name and the account that the model asks for.
void settle_caller(Draft& draft, const Choice& choice) {
  Caller& caller = draft.caller;
  std::string arn = draft.text("aws:PrincipalArn");
  if (arn.empty()) {
    arn = caller.kind == PrincipalKind::User || caller.kind == PrincipalKind::AssumedRole
              ? caller.entity_arn
              : caller.name;
  }
  if (caller.is_any_account) {
    const std::string key = draft.text("aws:PrincipalAccount");
    const std::string in_arn = account_in(arn);
    const bool takes_key = is_account(key) && (choice.prefers_account_key || !is_account(in_arn));
    caller.account = takes_key ? key : (is_account(in_arn) ? in_arn : caller.account);
    arn = with_account(arn, caller.account);
  }
  const std::string user_name = draft.text("aws:username");
  const std::string user_id = draft.text("aws:userid");
  switch (caller.kind) {
    case PrincipalKind::User:
      if (caller.is_any_name && choice.prefers_name_key && !user_name.empty()) {
        arn = concat(arn.substr(0, arn.rfind('/') + 1), user_name);
      }
      caller.entity_arn = arn;
      caller.name = arn;
      draft.set("aws:username", single(last_segment(arn)));
      break;
    case PrincipalKind::AssumedRole:
      if ((caller.is_any_name || caller.is_any_session) && user_id.find(':') != std::string::npos) {
        caller.session = user_id.substr(user_id.find(':') + 1);
      }
      caller.entity_arn = arn;
      if (caller.is_any_name || caller.is_any_session) {
        caller.name = session_arn(caller);
      }
      break;
    case PrincipalKind::FederatedUser:
      if (caller.is_any_name && choice.prefers_name_key && !user_id.empty()) {
        arn = concat(arn.substr(0, arn.find('/') + 1), user_id.substr(user_id.find(':') + 1));
      }
      caller.name = arn;
      draft.set("aws:userid", single(concat(caller.account, ":", arn.substr(arn.find('/') + 1))));
      break;
    default:
      caller.name = arn.empty() ? caller.name : arn;
      break;
  }
  const bool has_arn =
      caller.kind != PrincipalKind::Anonymous && caller.kind != PrincipalKind::Service &&
      caller.kind != PrincipalKind::WebIdentity && caller.kind != PrincipalKind::Saml;
  if (has_arn && !arn.empty()) {
    draft.set("aws:PrincipalArn", single(arn));
    draft.set("aws:PrincipalAccount", single(caller.account));
  }
}

// What else hangs together: both spellings of the time; the keys of passed tags and the tags.
void settle_context(Draft& draft) {
  const auto now = parse_date(draft.text("aws:CurrentTime"));
  if (now && draft.is_asked("aws:EpochTime")) {
    draft.set("aws:EpochTime", single(std::to_string(*now / 1000)));
  }
  constexpr std::string_view kTag = "aws:requesttag/";
  const DimensionValue* given = draft.find("aws:TagKeys");
  DimensionValue keys = given == nullptr ? DimensionValue{.kind = Kind::List, .texts = {}} : *given;
  for (const auto& [name, value] : draft.context()) {
    if (to_lower(name).starts_with(kTag)) {
      const std::string key = name.substr(kTag.size());
      const bool is_there = std::ranges::any_of(
          keys.texts, [&key](const std::string& other) { return equals_ignore_case(key, other); });
      if (!is_there) {
        keys.texts.push_back(key);
      }
    }
  }
  if (!keys.texts.empty() && draft.is_asked("aws:TagKeys")) {
    draft.set("aws:TagKeys", std::move(keys));
  }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  }
}

void append_context(std::string& out, const Context& context) {
  out += ",\"context\":{";
  bool is_first = true;
  for (const auto& [name, value] : context) {
    out += is_first ? "" : ",";
    is_first = false;
    append_json_string(out, name);
    out += ':';
    if (value.kind == Kind::Single) {
      append_json_string(out, value.texts.front());
      continue;
    }
    out += '[';
    for (std::size_t i = 0; i < value.texts.size(); ++i) {
      out += i == 0 ? "" : ",";
      append_json_string(out, value.texts[i]);
    }
    out += ']';
  }
  out += '}';
}

// The members of a request as the batch takes them, without the closing brace.
std::string request_json(const Candidate& candidate,
                         const Caller& caller,
                         const std::string& resource,
                         const Context& context) {
  std::string out = "{";
  append_member(out, "principal", caller.name);
  append_member(out, "principal_id", caller.entity_id);
  append_member(out, "canonical_user_id", caller.canonical_user_id);
  append_member(out, "issuer", caller.issuer);
  append_member(out, "action", candidate.action);
  append_member(out, "resource", resource);
  append_member(out, "resource_account", candidate.resource_account);
  append_context(out, context);
  return out;
}

Decision decide(const Question& question, const PolicyInputs& inputs) {
  return policy::decide(question.request, question.principal, question.context, inputs);
}

void add_grants(const Question& question, const Decision& decision, Witness& witness) {
  for (const StatementRef& ref : matched_statements(decision,
                                                    question.request,
                                                    question.principal,
                                                    question.context,
                                                    question.inputs,
                                                    kDefaultSettings)) {
    const PolicyMember& member = ref.set->members()[ref.policy];
    const Document& document = document_of(*member.policy);
    witness.granted_by.push_back(
        {.policy = member.id,
         .sid = std::string(document.sid(document.statements()[ref.statement])),
         .statement = ref.statement});
  }
}

// Some Allow statement of the policy fits the request.
bool is_within(const Question& question, const PolicyRef& policy) {
  const RequestParts parts(question.request);
  Evaluation evaluation(parts, question.principal, question.context, kDefaultSettings, false);
  return std::ranges::any_of(policy->statements, [&](const CompiledStatement& statement) {
    return statement.effect == Effect::Allow && evaluation.action_applies(*policy, statement) &&
           evaluation.resource_applies(*policy, statement, SetKind::Identity) &&
           evaluation.conditions_hold(*policy, statement);
  });
}

// The request holds before decide() itself, with the policies as they were read.
bool holds(const std::string& request, const Sides& sides, PolicyCache& cache) {
  Question now;
  if (!read_question(concat(request, sides.now.rest, "}"), cache, now)) {
    return false;
  }
  const bool is_new = (sides.within == nullptr || is_within(now, sides.within)) &&
                      (sides.now.inputs == nullptr || decide(now, *sides.now.inputs).is_allowed());
  if (!is_new || sides.before.inputs == nullptr) {
    return is_new;
  }
  Question before;
  return read_question(concat(request, sides.before.rest, "}"), cache, before).has_value() &&
         !decide(before, *sides.before.inputs).is_allowed();
}

}  // namespace

std::optional<Witness> replay(const Candidate& candidate, const Sides& sides, PolicyCache& cache) {
  const std::string resource =
      candidate.is_arn ? candidate.model[kResource].texts.front() : std::string("*");
  for (const bool prefers_account_key : {false, true}) {
    for (const bool prefers_name_key : {false, true}) {
      Draft draft(candidate);
      settle_caller(
          draft,
          {.prefers_account_key = prefers_account_key, .prefers_name_key = prefers_name_key});
      settle_context(draft);
      for (const auto& [name, value] : draft.caller.fixed) {
        draft.set(name, value);
      }
      Witness witness{.principal = draft.caller.name,
                      .action = std::string(candidate.action),
                      .resource = resource,
                      .context = draft.context()};
      witness.question = request_json(candidate, draft.caller, resource, witness.context);
      if (holds(witness.question, sides, cache)) {
        return witness;
      }
    }
  }
  return std::nullopt;
}

AskedSide side_of(const Question& question) {
  AskedSide side{.inputs = &question.inputs, .policies = {}, .rest = {}};
  const PolicyJson& json = question.json;
  static constexpr auto kOfRequest = std::to_array<std::string_view>({"id",
                                                                      "principal",
                                                                      "principal_id",
                                                                      "canonical_user_id",
                                                                      "issuer",
                                                                      "action",
                                                                      "resource",
                                                                      "resource_account",
                                                                      "context"});
  static constexpr auto kPolicies = std::to_array<std::string_view>({"identity_policies",
                                                                     "boundary",
                                                                     "session_policy",
                                                                     "resource_policy",
                                                                     "endpoint_policies",
                                                                     "scps",
                                                                     "rcps",
                                                                     "scopes"});
  for (NodeId name = 1; name < json[0].next; name = json[name + 1].next) {
    const std::string_view member = json[name].content;
    if (std::ranges::find(kOfRequest, member) != kOfRequest.end()) {
      continue;
    }
    std::string& out =
        std::ranges::find(kPolicies, member) != kPolicies.end() ? side.policies : side.rest;
    out += ',';
    append_json_string(out, member);
    out += ':';
    out += json.raw(name + 1);
  }
  return side;
}

bool confirm(Witness& witness, const Sides& sides, PolicyCache& cache) {
  cache.trim();
  const std::string request = std::move(witness.question);
  witness.question = concat(request, sides.now.rest, sides.now.policies, "}");
  Question now;
  if (!read_question(witness.question, cache, now)) {
    return false;
  }
  if (sides.now.inputs != nullptr) {
    const Decision decision = decide(now, now.inputs);
    if (!decision.is_allowed()) {
      return false;
    }
    add_grants(now, decision, witness);
  }
  if (sides.before.inputs == nullptr) {
    return true;
  }
  witness.before = concat(request, sides.before.rest, sides.before.policies, "}");
  Question before;
  return read_question(witness.before, cache, before).has_value() &&
         !decide(before, before.inputs).is_allowed();
}

}  // namespace signet::policy::prove
