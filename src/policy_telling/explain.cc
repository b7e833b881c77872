#include "policy_telling/explain.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "policy_engine/evaluate.h"
#include "policy_telling/sets_of.h"

namespace signet::policy {
namespace {

std::string shown(const Value& value) {
  if (value.is_absent()) {
    return "(absent)";
  }
  if (value.kind != Value::Kind::List) {
    ValueBuffer buffer;
    return std::string(value_text(value, buffer));
  }
  std::string out = "[";
  for (const std::string_view text : value.list) {
    out += concat(out.size() > 1 ? ", " : "", text);
  }
  return out + "]";
}

template <class T, class Text>
std::string joined(std::span<const T> items, Text text) {
  std::string out;
  for (const T& item : items) {
    out += concat(out.empty() ? "" : ", ", text(item));
  }
  return out;
}

void add_key(std::vector<std::string>& keys, std::string_view name) {
  const bool is_known = std::any_of(keys.begin(), keys.end(), [name](const std::string& known) {
    return equals_ignore_case(known, name);
  });
  if (!is_known) {
    keys.emplace_back(name);
  }
}

// Asks every statement of every policy, without index.
class Explainer {
 public:
  Explainer(const Request& request,
            const Principal& principal,
            const RequestContext& context,
            const PolicyInputs& policies,
            const Settings& settings,
            const Decision& decision)
      : policies_(policies),
        parts_(request),
        evaluation_(parts_,
                    principal,
                    context,
                    settings,
                    policies.boundary != nullptr && principal.is_entity()) {
    trace_.principal =
        principal.arn.empty()
            ? (principal.service.empty() ? principal.federated_provider : principal.service)
            : principal.arn;
    trace_.action = request.action.text();
    trace_.resource = parts_.resource().text();
    trace_.decision = decision;
  }

  Trace run() {
    rails(policies_.scps, PolicyType::Scp);
    rails(policies_.rcps, PolicyType::Rcp);
    set(policies_.endpoint, PolicyType::Endpoint, 0);
    const PolicyType resource =
        trace_.decision.type == PolicyType::Trust ? PolicyType::Trust : PolicyType::Resource;
    set(policies_.resource, resource, 0);
    set(policies_.identity, PolicyType::Identity, 0);
    set(policies_.boundary, PolicyType::Boundary, 0);
    set(policies_.session, PolicyType::Session, 0);
    rails(policies_.scopes, PolicyType::Scope);
    return std::move(trace_);
  }

  // What nearest_statements() answers.
  std::vector<StatementTrace> nearest(std::size_t limit) {
    const std::vector<const PolicySet*> sets = sets_of(trace_.decision.type, policies_);
    for (std::size_t level = 0; level < sets.size(); ++level) {
      if (sets[level] != nullptr && !sets[level]->is_broken()) {
        add_near(*sets[level], level);
      }
    }
    std::vector<StatementTrace>& found = trace_.statements;
    std::ranges::stable_sort(found, {}, [](const StatementTrace& s) { return s.parts.size(); });
    found.resize(std::min(found.size(), limit));
    return std::move(found);
  }

 private:
  // Traced at most, however many name the action.
  static constexpr std::size_t kTraced = 64;

  void add_near(const PolicySet& set, std::size_t level) {
    for (std::size_t i = 0; i < set.members().size(); ++i) {
      const PolicyMember& member = set.members()[i];
      for (std::size_t k = 0; k < member.policy->statements.size(); ++k) {
        const CompiledStatement& compiled = member.policy->statements[k];
        if (trace_.statements.size() >= kTraced) {
          return;
        }
        if (compiled.effect != Effect::Allow ||
            !evaluation_.action_applies(*member.policy, compiled)) {
          continue;
        }
        StatementTrace out =
            trace_of({.set = &set, .type = trace_.decision.type, .level = level}, i, k);
        std::erase_if(out.parts, [](const PartTrace& part) { return part.matched; });
        if (!out.applies) {
          trace_.statements.push_back(std::move(out));
        }
      }
    }
  }

  // A set, and whose it is.
  struct Place {
    const PolicySet* set = nullptr;
    PolicyType type = PolicyType::Identity;
    std::size_t level = 0;
  };

  StatementTrace trace_of(const Place& place, std::size_t policy, std::size_t index) {
    const PolicyMember& member = place.set->members()[policy];
    StatementTrace out;
    out.type = place.type;
    out.level = place.level;
    out.policy_id = member.id;
    out.policy = policy;
    out.statement = index;
    const StatementRef& deciding = trace_.decision.statement;
    out.is_deciding =
        deciding.set == place.set && deciding.policy == policy && deciding.statement == index;
    statement(*place.set, member, index, out);
    return out;
  }

  void rails(const GuardRails* rails, PolicyType type) {
    for (std::size_t i = 0; rails != nullptr && i < rails->levels().size(); ++i) {
      set(rails->levels()[i].get(), type, i);
    }
  }

  void set(const PolicySet* set, PolicyType type, std::size_t level) {
    if (set == nullptr) {
      return;
    }
    for (std::size_t i = 0; i < set->members().size(); ++i) {
      const PolicyMember& member = set->members()[i];
      if (member.policy == nullptr) {
        trace_.unreadable.push_back(concat(name_of(type), ": ", member.id));
        continue;
      }
      for (std::size_t k = 0; k < member.policy->statements.size(); ++k) {
        trace_.statements.push_back(trace_of({.set = set, .type = type, .level = level}, i, k));
      }
    }
  }

  void statement(const PolicySet& set,
                 const PolicyMember& member,
                 std::size_t index,
                 StatementTrace& out) {
    const CompiledPolicy& policy = *member.policy;
    const CompiledStatement& statement = policy.statements[index];
    const Document& document = *policy.document;
    const Statement& written = document.statements()[index];
    out.sid = document.sid(written);
    out.effect = statement.effect;
    out.begin = position_of(document.text(), written.span.begin);
    out.end = position_of(document.text(), written.span.end - 1);
    principal(member, statement, set.kind(), out);
    const bool action = evaluation_.action_applies(policy, statement);
    out.parts.push_back({.part = statement.is_not_action ? "NotAction" : "Action",
                         .matched = action,
                         .wanted = joined(CompiledPolicy::slice(policy.actions, statement.actions),
                                          [](const auto& a) { return a.text; }),
                         .given = std::string(parts_.action().text())});
    const bool resource = evaluation_.resource_applies(policy, statement, set.kind());
    if (statement.has_resource) {
      out.parts.push_back(
          {.part = statement.is_not_resource ? "NotResource" : "Resource",
           .matched = resource,
           .wanted = joined(CompiledPolicy::slice(policy.resources, statement.resources),
                            [](const auto& r) { return r.text; }),
           .given = std::string(parts_.resource().text())});
    }
    for (const Condition& condition :
         CompiledPolicy::slice(policy.conditions, statement.conditions)) {
      const Value value = evaluation_.find(condition.key);
      out.parts.push_back(
          {.part = concat("Condition ", condition.operator_text, " ", condition.key_text),
           .matched = evaluation_.holds(policy, condition),
           .wanted = joined(CompiledPolicy::slice(policy.operands, condition.operands),
                            [](const auto& o) { return o.text; }),
           .given = shown(value)});
      if (action && resource && value.is_absent()) {
        add_key(trace_.missing_keys, condition.key_text);
      }
    }
    if (action && document.version() == Version::V2012) {
      missing_variables(policy, statement);
    }
    out.applies = std::all_of(
        out.parts.begin(), out.parts.end(), [](const PartTrace& part) { return part.matched; });
  }

  // Keys of variables without value and without default, by their name in the text.
  void missing_variables(const CompiledPolicy& policy, const CompiledStatement& statement) {
    const auto texts = [this](std::string_view text) {
      for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
        const VariableSyntax syntax = scan_variable(text, at);
        const bool is_key = syntax.end > at && syntax.key.size() > 1 && !syntax.has_default;
        if (is_key && evaluation_.find(resolve_key(syntax.key)).is_absent()) {
          add_key(trace_.missing_keys, syntax.key);
        }
        at = syntax.end > at ? syntax.end : at + 1;
      }
    };
    for (const ResourcePattern& pattern :
         CompiledPolicy::slice(policy.resources, statement.resources)) {
      texts(pattern.text);
    }
    for (const Condition& condition :
         CompiledPolicy::slice(policy.conditions, statement.conditions)) {
      for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
        texts(operand.text);
      }
    }
  }

  void principal(const PolicyMember& member,
                 const CompiledStatement& statement,
                 SetKind kind,
                 StatementTrace& out) {
    if (names_nobody(kind)) {
      return;
    }
    const auto entries = CompiledPolicy::slice(member.policy->principals, statement.principals);
    out.parts.push_back(
        {.part = statement.is_not_principal ? "NotPrincipal" : "Principal",
         .matched = evaluation_.principal_strength(member, statement, kind) != Strength::None,
         .wanted = statement.has_principal
                       ? joined(entries, [](const PrincipalEntry& entry) { return entry.text; })
                       : std::string("(none)"),
         .given = concat(trace_.principal.empty() ? std::string_view("anonymous")
                                                  : std::string_view(trace_.principal),
                         missing_layers(member, statement))});
  }

  // Words about a Deny with NotPrincipal that lists a part of what the caller is made of.
  [[nodiscard]] std::string missing_layers(const PolicyMember& member,
                                           const CompiledStatement& statement) const {
    const bool is_exception = statement.is_not_principal && statement.effect == Effect::Deny;
    const Layers missing = is_exception ? evaluation_.unlisted_layers(member, statement) : 0;
    std::string out;
    const auto add = [&](Layer layer, std::string_view name) {
      if (has_layer(missing, layer)) {
        out += concat(out.empty() ? " (not listed: " : ", ", name);
      }
    };
    add(Layer::Account, "account");
    add(Layer::Role, "role");
    add(Layer::Own, "the principal itself");
    return out.empty() ? out : out + ")";
  }

  const PolicyInputs& policies_;
  RequestParts parts_;
  Evaluation evaluation_;
  Trace trace_;
};

void append_field(std::string& out, std::string_view name, std::string_view text) {
  out += out.back() == '{' ? "" : ",";
  append_json_string(out, name);
  out += ":";
  append_json_string(out, text);
}

void append_raw(std::string& out, std::string_view name, std::string_view raw) {
  out += out.back() == '{' ? "" : ",";
  append_json_string(out, name);
  out += concat(":", raw);
}

std::string position_json(const Position& at) {
  return concat(
      "{\"line\":", std::to_string(at.line), ",\"column\":", std::to_string(at.column), "}");
}

std::string_view boolean(bool value) {
  return value ? "true" : "false";
}

std::string statement_json(const StatementTrace& statement) {
  std::string out = "{";
  append_field(out, "type", name_of(statement.type));
  append_raw(out, "level", std::to_string(statement.level));
  append_field(out, "policy", statement.policy_id);
  append_raw(out, "statement", std::to_string(statement.statement));
  append_field(out, "sid", statement.sid);
  append_field(out, "effect", statement.effect == Effect::Allow ? "Allow" : "Deny");
  append_raw(out, "begin", position_json(statement.begin));
  append_raw(out, "end", position_json(statement.end));
  append_raw(out, "applies", boolean(statement.applies));
  append_raw(out, "deciding", boolean(statement.is_deciding));
  std::string parts = "[";
  for (const PartTrace& part : statement.parts) {
    std::string one = "{";
    append_field(one, "part", part.part);
    append_raw(one, "matched", boolean(part.matched));
    append_field(one, "wanted", part.wanted);
    append_field(one, "given", part.given);
    parts += concat(parts.size() > 1 ? "," : "", one, "}");
  }
  append_raw(out, "parts", parts + "]");
  return out + "}";
}

std::string strings_json(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, item);
  }
  return out + "]";
}

}  // namespace

Trace explain(const Request& request,
              const Principal& principal,
              const RequestContext& context,
              const PolicyInputs& policies,
              const Settings& settings) {
  const Decision decision = decide(request, principal, context, policies, settings);
  return Explainer(request, principal, context, policies, settings, decision).run();
}

std::vector<StatementTrace> nearest_statements(const Decision& decision,
                                               const Request& request,
                                               const Principal& principal,
                                               const RequestContext& context,
                                               const PolicyInputs& policies,
                                               std::size_t limit,
                                               const Settings& settings) {
  if (decision.verdict != Verdict::ImplicitlyDenied || decision.is_error) {
    return {};
  }
  return Explainer(request, principal, context, policies, settings, decision).nearest(limit);
}

std::string render_text(const Trace& trace) {
  std::string out = concat(name_of(trace.decision.verdict),
                           " (",
                           name_of(trace.decision.type),
                           ")",
                           trace.decision.is_error ? ": a policy could not be read" : "",
                           "\n");
  out += concat("  principal ",
                trace.principal.empty() ? std::string_view("anonymous") : trace.principal,
                "\n");
  out += concat("  action    ", trace.action, "\n  resource  ", trace.resource, "\n");
  for (const std::string& policy : trace.unreadable) {
    out += concat("  unreadable ", policy, "\n");
  }
  for (const StatementTrace& statement : trace.statements) {
    const bool is_rail = statement.type == PolicyType::Scp || statement.type == PolicyType::Rcp;
    out += concat(statement.is_deciding ? "\n=> " : "\n   ",
                  name_of(statement.type),
                  is_rail ? concat(" level ", std::to_string(statement.level)) : std::string(),
                  " ",
                  statement.policy_id,
                  " line ",
                  std::to_string(statement.begin.line),
                  " column ",
                  std::to_string(statement.begin.column),
                  statement.sid.empty() ? std::string() : concat(" \"", statement.sid, "\""),
                  ": ",
                  statement.effect == Effect::Allow ? "Allow " : "Deny ",
                  statement.applies ? "applies" : "does not apply",
                  "\n");
    for (const PartTrace& part : statement.parts) {
      out += concat("      ",
                    part.matched ? "yes " : "no  ",
                    part.part,
                    ": ",
                    part.wanted,
                    "  <-  ",
                    part.given,
                    "\n");
    }
  }
  if (trace.statements.empty() && trace.unreadable.empty()) {
    out += "\n   no policy of any kind applies\n";
  }
  if (!trace.missing_keys.empty()) {
    out += "\n  keys the request does not carry:";
    for (const std::string& key : trace.missing_keys) {
      out += concat(" ", key);
    }
    out += "\n";
  }
  return out;
}

std::string render_json(const Trace& trace) {
  std::string out = "{";
  append_field(out, "verdict", name_of(trace.decision.verdict));
  append_field(out, "reason", name_of(trace.decision.type));
  append_raw(out, "error", boolean(trace.decision.is_error));
  append_field(out, "principal", trace.principal);
  append_field(out, "action", trace.action);
  append_field(out, "resource", trace.resource);
  std::string statements = "[";
  for (const StatementTrace& statement : trace.statements) {
    statements += concat(statements.size() > 1 ? "," : "", statement_json(statement));
  }
  append_raw(out, "statements", statements + "]");
  append_raw(out, "unreadable", strings_json(trace.unreadable));
  append_raw(out, "missing_keys", strings_json(trace.missing_keys));
  return out + "}";
}

}  // namespace signet::policy
