#include "policy/check.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "facts/condition_keys.h"
#include "policy/compiled.h"
#include "policy/pattern.h"

namespace signet::policy {
namespace {

// Looks at one document that parses.
class Checker {
 public:
  Checker(const CompiledPolicy& policy, const ValidateOptions& options, std::vector<Finding>& out)
      : policy_(policy),
        document_(*policy.document),
        json_(document_.json()),
        options_(options),
        out_(out) {}

  void run() {
    if (!document_.has_version()) {
      add(Severity::Suggestion,
          "MissingVersion",
          "without \"Version\": \"2012-10-17\" variables are literal text",
          0);
    } else if (document_.version() == Version::V2008) {
      add(Severity::Warning,
          "OldVersion",
          "version 2008-10-17 knows no variables",
          json_.member(0, "Version"));
    }
    for (std::size_t i = 0; i < policy_.statements.size(); ++i) {
      statement(document_.statements()[i], policy_.statements[i]);
    }
  }

 private:
  void add(Severity severity, std::string_view code, std::string message, NodeId node) {
    const Span span = json_[node].span;
    out_.push_back(Finding{.severity = severity,
                           .code = std::string(code),
                           .message = std::move(message),
                           .begin = position_of(document_.text(), span.begin),
                           .end = position_of(document_.text(), span.end)});
  }

  // Calls visit(text, node) for each string of a value.
  template <class Visit>
  void each(NodeId node, Visit visit) {
    if (node == kNoNode) {
      return;
    }
    if (!json_.is(node, JsonKind::Array)) {
      visit(json_[node].content, node);
      return;
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      visit(json_[element].content, element);
    }
  }

  void statement(const Statement& written, const CompiledStatement& compiled) {
    const bool is_allow = written.effect == Effect::Allow;
    if (is_allow && written.is_not_action) {
      add(Severity::SecurityWarning,
          "AllowWithNotAction",
          "Allow with NotAction grants every other action, new ones too",
          written.action);
    }
    if (is_allow && written.is_not_resource) {
      add(Severity::SecurityWarning,
          "AllowWithNotResource",
          "Allow with NotResource grants access to everything else",
          written.resource);
    }
    actions(written, compiled);
    resources(written);
    principals(written, compiled);
    if (written.condition != kNoNode) {
      conditions(written);
    }
  }

  void actions(const Statement& written, const CompiledStatement& compiled) {
    const bool is_allow = written.effect == Effect::Allow && !written.is_not_action;
    const bool is_unconditional = compiled.conditions.count == 0;
    each(written.action, [&](std::string_view text, NodeId node) {
      if (text.find_first_of(" \t\r\n") != std::string_view::npos || text.ends_with(':')) {
        add(Severity::Warning,
            "ActionNeverMatches",
            concat("the action \"", text, "\" matches nothing"),
            node);
      }
      if (text.find("${") != std::string_view::npos) {
        add(Severity::Warning, "VariableInAction", "variables are literal text in actions", node);
      }
      if (is_allow && compiled.has_only_all_resources && is_unconditional &&
          (text == "*" || text == "*:*")) {
        add(Severity::SecurityWarning, "FullAccess", "grants every action on every resource", node);
      }
      const bool passes = match_glob_ignore_case(text, "iam:PassRole");
      if (is_allow && passes && compiled.has_only_all_resources && is_unconditional &&
          text != "*" && text != "*:*") {
        add(Severity::SecurityWarning,
            "PassRoleWithStar",
            "lets every role be passed to every service",
            node);
      }
    });
    redundant(written.action);
  }

  void redundant(NodeId list) {
    if (!json_.is(list, JsonKind::Array) || json_[list].count > kMostCompared) {
      return;
    }
    each(list, [&](std::string_view text, NodeId node) {
      each(list, [&](std::string_view other, NodeId other_node) {
        const bool is_covered = node != other_node && match_glob_ignore_case(other, text) &&
                                (other_node < node || !match_glob_ignore_case(text, other));
        if (is_covered) {
          add(Severity::Suggestion,
              "RedundantAction",
              concat("\"", text, "\" is covered by \"", other, "\""),
              node);
        }
      });
    });
  }

  void resources(const Statement& written) {
    each(written.resource, [&](std::string_view text, NodeId node) {
      if (text == "*") {
        return;
      }
      std::array<std::string_view, 6> parts;
      const bool is_whole = split_at_colons(text, parts);
      if (!is_whole) {
        add(Severity::Warning, "ShortResource", "missing parts of an ARN count as \"*\"", node);
        return;
      }
      const std::size_t head = text.size() - parts[5].size();
      if (text.substr(0, head).find("${") != std::string_view::npos) {
        add(Severity::Warning,
            "VariableInArnHead",
            "variables are literal text before the last part of an ARN",
            node);
      }
      variables(text, node);
    });
  }

  static bool split_at_colons(std::string_view text, std::array<std::string_view, 6>& parts) {
    for (std::size_t i = 0; i < 5; ++i) {
      const std::size_t colon = text.find(':');
      if (colon == std::string_view::npos) {
        return false;
      }
      parts[i] = text.substr(0, colon);
      text.remove_prefix(colon + 1);
    }
    parts[5] = text;
    return true;
  }

  void variables(std::string_view text, NodeId node) {
    for (std::size_t at = text.find("${"); at != std::string_view::npos;
         at = text.find("${", at + 2)) {
      if (document_.version() == Version::V2008) {
        add(Severity::Warning,
            "VariableInOldVersion",
            "variables are literal text in version 2008-10-17",
            node);
        return;
      }
      if (scan_variable(text, at).end == at) {
        add(Severity::Warning,
            "MalformedVariable",
            "no closing brace or no name: literal text",
            node);
        return;
      }
    }
  }

  void principals(const Statement& written, const CompiledStatement& compiled) {
    if (!written.has_principal()) {
      return;
    }
    const bool is_allow = written.effect == Effect::Allow;
    if (written.is_not_principal) {
      add(Severity::SecurityWarning,
          is_allow ? "AllowWithNotPrincipal" : "DenyWithNotPrincipal",
          is_allow ? "grants access to everyone else, anonymous callers included"
                   : "denies every principal with a permissions boundary, the listed ones too",
          written.principal);
      return;
    }
    for (const PrincipalEntry& entry :
         CompiledPolicy::slice(policy_.principals, compiled.principals)) {
      const bool is_public = is_allow && entry.kind == PrincipalEntry::Kind::Everyone &&
                             compiled.conditions.count == 0;
      if (is_public && options_.profile != Profile::Rcp && options_.profile != Profile::Endpoint) {
        add(Severity::SecurityWarning,
            "PublicAccess",
            "grants access to everyone, anonymous callers included",
            written.principal);
      }
      if (entry.kind == PrincipalEntry::Kind::Never) {
        add(Severity::Warning,
            "PrincipalNeverMatches",
            concat("\"", entry.text, "\" matches nobody"),
            written.principal);
      }
      if (is_allow && entry.text.ends_with("oidc-provider/token.actions.githubusercontent.com")) {
        shared_issuer(written);
      }
    }
  }

  // A multi-tenant issuer without a tenant condition trusts every tenant (aws-wire 3.3).
  void shared_issuer(const Statement& written) {
    const bool names_subject =
        written.condition != kNoNode &&
        json_.raw(written.condition).find("token.actions.githubusercontent.com:sub") !=
            std::string_view::npos;
    if (!names_subject) {
      add(Severity::SecurityWarning,
          "SharedIssuerWithoutSubject",
          "without a condition on token.actions.githubusercontent.com:sub every repository is "
          "trusted",
          written.principal);
    }
  }

  void conditions(const Statement& written) {
    for (NodeId name = written.condition + 1; name < json_[written.condition].next;
         name = json_[name + 1].next) {
      const auto op = parse_operator(json_[name].content);
      const NodeId body = name + 1;
      if (!op) {
        continue;
      }
      if (!parse_operator(json_[name].content, true)) {
        add(Severity::Warning, "OperatorCase", "AWS spells this operator otherwise", name);
      }
      for (NodeId key = body + 1; key < json_[body].next; key = json_[key + 1].next) {
        condition(written, *op, key);
        repeated_key(body, key);
      }
    }
  }

  void repeated_key(NodeId body, NodeId key) {
    for (NodeId other = body + 1; other < key; other = json_[other + 1].next) {
      if (equals_ignore_case(json_[other].content, json_[key].content)) {
        add(Severity::Error,
            "RepeatedConditionKey",
            "the key differs from another one by case only",
            key);
      }
    }
  }

  void condition(const Statement& written, const Operator& op, NodeId key) {
    const std::string_view name = json_[key].content;
    const KeyRef ref = resolve_key(name);
    const bool is_global = name.size() > 4 && equals_ignore_case(name.substr(0, 4), "aws:");
    if (is_global && ref.kind == KeyRef::Kind::Other) {
      add(Severity::Warning, "UnknownGlobalKey", concat("no global key is called ", name), key);
    }
    if (ref.is_list && op.quantifier == Quantifier::None && op.compare != Compare::Null) {
      add(op.is_negated && written.effect == Effect::Deny ? Severity::SecurityWarning
                                                          : Severity::Warning,
          "MissingQuantifier",
          concat(name, " is multivalued: without ForAllValues or ForAnyValue this never matches"),
          key);
    }
    const bool opens = op.quantifier == Quantifier::ForAllValues &&
                       written.effect == Effect::Allow && !has_null(written, name);
    if (opens && op.compare != Compare::Null) {
      add(Severity::SecurityWarning,
          "ForAllValuesWithoutNull",
          concat("ForAllValues is true when ",
                 name,
                 " is absent; add \"Null\": {\"",
                 name,
                 "\": \"false\"}"),
          key);
    }
    if (op.compare == Compare::Null && op.quantifier != Quantifier::None) {
      add(Severity::Warning,
          "ConstantCondition",
          "Null with a quantifier does not look at the request",
          key);
    }
    if (json_.is(key + 1, JsonKind::Array) && json_[key + 1].count == 0) {
      add(Severity::Warning, "EmptyValues", "an empty list of values", key);
    }
    each(key + 1, [&](std::string_view text, NodeId node) { operand(op, text, node); });
  }

  // A Null condition on the key stands in the same statement.
  bool has_null(const Statement& written, std::string_view key) {
    for (NodeId name = written.condition + 1; name < json_[written.condition].next;
         name = json_[name + 1].next) {
      const auto op = parse_operator(json_[name].content);
      const NodeId body = name + 1;
      for (NodeId other = body + 1; op && op->compare == Compare::Null && other < json_[body].next;
           other = json_[other + 1].next) {
        if (equals_ignore_case(json_[other].content, key)) {
          return true;
        }
      }
    }
    return false;
  }

  void operand(const Operator& op, std::string_view text, NodeId node) {
    const bool is_year = text.size() == 4 &&
                         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); });
    if (is_date_compare(op.compare) && is_year) {
      add(Severity::Warning,
          "AmbiguousDate",
          "four digits are read as a year, not as seconds",
          node);
    }
    const bool is_unreadable = (is_numeric_compare(op.compare) && !parse_number(text)) ||
                               (is_date_compare(op.compare) && !parse_date(text)) ||
                               (op.compare == Compare::IpAddress && !parse_ip_block(text)) ||
                               (op.compare == Compare::BinaryEquals && !decode_base64(text)) ||
                               (op.compare == Compare::Null && !parse_bool(text)) ||
                               (op.compare == Compare::Bool && !parse_bool(text) &&
                                text.find("${") == std::string_view::npos);
    if (is_unreadable) {
      add(Severity::Warning,
          "UnreadableValue",
          concat("\"", text, "\" cannot be read for this operator: it never matches"),
          node);
    }
    if (is_string_compare(op.compare) || op.compare == Compare::ArnLike) {
      variables(text, node);
    } else if (op.compare != Compare::Bool && text.find("${") != std::string_view::npos) {
      add(Severity::Warning,
          "VariableInValue",
          "variables are literal text for this operator",
          node);
    }
    const bool is_glob = text.find_first_of("*?") != std::string_view::npos &&
                         text.find("${") == std::string_view::npos;
    if (is_glob &&
        (op.compare == Compare::StringEquals || op.compare == Compare::StringEqualsIgnoreCase)) {
      add(Severity::Warning,
          "WildcardInEquals",
          "wildcards are literal text here; StringLike takes them",
          node);
    }
  }

  static constexpr std::uint32_t kMostCompared = 200;

  const CompiledPolicy& policy_;
  const Document& document_;
  const Json& json_;
  const ValidateOptions& options_;
  std::vector<Finding>& out_;
};

}  // namespace

std::vector<Finding> check_document(std::string_view text, const ValidateOptions& options) {
  std::vector<Finding> findings;
  const auto valid = validate(text, options);
  auto document = Document::parse(std::string(text));
  if (!valid) {
    const Position at = document ? Position{} : position_of(text, document.error().offset);
    std::string message = valid.error().message;
    if (!document) {
      message += concat(" (", document.error().message, ")");
    }
    findings.push_back({.severity = Severity::Error,
                        .code = "InvalidPolicy",
                        .message = std::move(message),
                        .begin = at,
                        .end = at});
  }
  if (document) {
    Checker(*compile(*document, options.settings), options, findings).run();
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tuple(a.severity, a.begin.line, a.begin.column) <
           std::tuple(b.severity, b.begin.line, b.begin.column);
  });
  return findings;
}

}  // namespace signet::policy
