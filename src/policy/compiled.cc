#include "policy/compiled.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "model/arn.h"

namespace signet::policy {
namespace {

// Plain loops: patterns are short, and find_first_of() asks memchr about every character.
bool has_space(std::string_view s) {
  return std::any_of(
      s.begin(), s.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

bool has_wildcard(std::string_view s) {
  return std::any_of(s.begin(), s.end(), [](char c) { return c == '*' || c == '?'; });
}

ActionPattern make_action(std::string_view text) {
  ActionPattern action{.kind = ActionPattern::Kind::Never, .text = text, .vendor = {}, .name = {}};
  if (text == "*") {
    action.kind = ActionPattern::Kind::All;
    return action;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size() || has_space(text)) {
    return action;
  }
  action.vendor = text.substr(0, colon);
  action.name = text.substr(colon + 1);
  if (action.vendor == "*" && action.name == "*") {
    action.kind = ActionPattern::Kind::All;
    return action;
  }
  action.kind = has_wildcard(text) ? ActionPattern::Kind::Glob : ActionPattern::Kind::Exact;
  return action;
}

ResourcePattern::Head head_kind(std::string_view head) {
  const bool is_any =
      !head.empty() && std::all_of(head.begin(), head.end(), [](char c) { return c == '*'; });
  if (is_any) {
    return ResourcePattern::Head::Any;
  }
  return has_wildcard(head) ? ResourcePattern::Head::Glob : ResourcePattern::Head::Literal;
}

bool is_aws_id(std::string_view text) {
  return text.size() >= 16 && (text.starts_with("AIDA") || text.starts_with("AROA")) &&
         text.find(':') == std::string_view::npos;
}

// Builds one CompiledPolicy; the document's grammar has been checked.
class Compiler {
 public:
  explicit Compiler(CompiledPolicy& out)
      : out_(out),
        json_(out.document->json()),
        has_variables_(out.document->version() == Version::V2012) {}

  void run() {
    const auto statements = out_.document->statements();
    out_.statements.reserve(statements.size());
    out_.actions.reserve(statements.size() * 2);
    out_.resources.reserve(statements.size() * 2);
    out_.store.tokens.reserve(statements.size() * 4);
    for (const Statement& statement : statements) {
      add(statement);
    }
  }

 private:
  template <class Visit>
  void each(NodeId node, Visit visit) {
    if (node == kNoNode) {
      return;
    }
    if (!json_.is(node, JsonKind::Array)) {
      visit(json_[node].content);
      return;
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      visit(json_[element].content);
    }
  }

  template <class T>
  static std::uint32_t next(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  void add(const Statement& in) {
    CompiledStatement statement{.effect = in.effect,
                                .is_not_action = in.is_not_action,
                                .is_not_resource = in.is_not_resource,
                                .has_resource = in.resource != kNoNode,
                                .is_not_principal = in.is_not_principal,
                                .has_principal = in.has_principal()};
    statement.actions.first = next(out_.actions);
    each(in.action, [this](std::string_view text) { out_.actions.push_back(make_action(text)); });
    statement.actions.count = next(out_.actions) - statement.actions.first;
    statement.resources.first = next(out_.resources);
    each(in.resource, [this, &statement](std::string_view text) {
      out_.resources.push_back(resource(text));
      statement.has_only_all_resources |= text == "*";
    });
    statement.has_only_all_resources &= !in.is_not_resource;
    statement.resources.count = next(out_.resources) - statement.resources.first;
    statement.conditions.first = next(out_.conditions);
    if (in.condition != kNoNode) {
      conditions(in.condition);
    }
    statement.conditions.count = next(out_.conditions) - statement.conditions.first;
    statement.principals.first = next(out_.principals);
    if (in.has_principal()) {
      principals(in.principal);
    }
    statement.principals.count = next(out_.principals) - statement.principals.first;
    out_.lacks_resources |= !statement.has_resource;
    out_.names_principals |= statement.has_principal;
    out_.statements.push_back(statement);
  }

  ResourcePattern resource(std::string_view text) {
    ResourcePattern pattern;
    pattern.text = text;
    pattern.has_star = text.find('*') != std::string_view::npos;
    pattern.ends_in_star = text.ends_with('*');
    const PatternRules rules{.wildcards = true, .variables = has_variables_};
    if (text == "*") {
      pattern.kind = ResourcePattern::Kind::All;
      return pattern;
    }
    if (!out_.settings.match_resources_per_part) {
      pattern.kind = ResourcePattern::Kind::Whole;
      pattern.tail = make_pattern(out_.store, text, rules);
      return pattern;
    }
    std::string_view rest = text;
    for (std::size_t part = 0; part < 5; ++part) {
      const std::size_t colon = rest.find(':');
      pattern.heads[part] = pattern.is_short ? std::string_view("*") : rest.substr(0, colon);
      pattern.head_kinds[part] = head_kind(pattern.heads[part]);
      pattern.is_short |= colon == std::string_view::npos;
      rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
    pattern.tail = make_pattern(out_.store, pattern.is_short ? std::string_view("*") : rest, rules);
    return pattern;
  }

  void conditions(NodeId node) {
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const auto op = parse_operator(json_[name].content);
      const NodeId body = name + 1;
      for (NodeId key = body + 1; op && key < json_[body].next; key = json_[key + 1].next) {
        Condition condition{.op = *op,
                            .key = resolve_key(json_[key].content),
                            .operator_text = json_[name].content,
                            .key_text = json_[key].content,
                            .operands = {.first = next(out_.operands), .count = 0},
                            .node = key};
        each(key + 1, [this, &op](std::string_view text) {
          out_.operands.push_back(operand(op->compare, text));
        });
        condition.operands.count = next(out_.operands) - condition.operands.first;
        out_.conditions.push_back(condition);
      }
    }
  }

  template <class T>
  static std::uint32_t keep(std::vector<T>& table, std::optional<T> value) {
    if (!value) {
      return Operand::kUnreadable;
    }
    table.push_back(*std::move(value));
    return next(table) - 1;
  }

  Operand operand(Compare compare, std::string_view text) {
    Operand result{
        .text = text, .pattern = {}, .extra = Operand::kUnreadable, .boolean = std::nullopt};
    if (is_string_compare(compare)) {
      result.pattern =
          make_pattern(out_.store,
                       text,
                       {.wildcards = compare == Compare::StringLike, .variables = has_variables_});
    } else if (is_numeric_compare(compare)) {
      result.extra = keep(out_.numbers, parse_number(text));
    } else if (is_date_compare(compare)) {
      result.extra = keep(out_.dates, parse_date(text, out_.settings.four_digits_are_a_year));
    } else if (compare == Compare::IpAddress) {
      result.extra = keep(out_.blocks, parse_ip_block(text));
    } else if (compare == Compare::BinaryEquals) {
      result.extra = keep(out_.binaries, decode_base64(text));
    } else if (compare == Compare::ArnLike) {
      result.extra = arn_operand(text);
    } else {
      const bool variables =
          compare == Compare::Bool && has_variables_ && out_.settings.variables_in_bool;
      result.boolean = parse_bool(text);
      result.pattern = make_pattern(out_.store, text, {.wildcards = false, .variables = variables});
    }
    return result;
  }

  // Six parts split at the first five colons outside variables; fewer: never matches.
  std::uint32_t arn_operand(std::string_view text) {
    ArnOperand arn{};
    const PatternRules rules{.wildcards = true, .variables = has_variables_};
    std::size_t begin = 0;
    std::size_t part = 0;
    for (std::size_t at = 0; at < text.size() && part < 5;) {
      if (has_variables_ && text[at] == '$') {
        const VariableSyntax syntax = scan_variable(text, at);
        at = syntax.end > at ? syntax.end : at + 1;
        continue;
      }
      if (text[at] == ':') {
        arn[part++] = make_pattern(out_.store, text.substr(begin, at - begin), rules);
        begin = at + 1;
      }
      ++at;
    }
    if (part < 5) {
      return Operand::kUnreadable;
    }
    arn[5] = make_pattern(out_.store, text.substr(begin), rules);
    out_.arns.push_back(arn);
    return next(out_.arns) - 1;
  }

  void principals(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      out_.principals.push_back(classify_aws_principal(json_[node].content));
      return;
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const std::string_view type = json_[name].content;
      each(name + 1, [this, type](std::string_view text) {
        out_.principals.push_back(principal(type, text));
      });
    }
  }

  static PrincipalEntry principal(std::string_view type, std::string_view text) {
    if (type == "AWS") {
      return classify_aws_principal(text);
    }
    PrincipalEntry entry;
    entry.text = text;
    if (text == "*") {
      return entry;  // {"Service": "*"} and {"Federated": "*"} match nothing
    }
    using enum PrincipalEntry::Kind;
    entry.kind = type == "Service" ? Service : (type == "Federated" ? Federated : CanonicalUser);
    return entry;
  }

  CompiledPolicy& out_;
  const Json& json_;
  bool has_variables_;
};

}  // namespace

PrincipalEntry classify_aws_principal(std::string_view text) {
  using enum PrincipalEntry::Kind;
  PrincipalEntry entry;
  entry.text = text;
  if (text == "*") {
    entry.kind = Everyone;
    return entry;
  }
  if (model::is_account_id(text)) {
    entry.kind = Account;
    entry.account = text;
    return entry;
  }
  if (is_aws_id(text)) {
    entry.kind = UniqueId;
    return entry;
  }
  const auto arn = model::split_arn(text);
  if (!arn || text.find('*') != std::string_view::npos) {
    return entry;  // never a glob
  }
  entry.account = arn->account;
  entry.partition = arn->partition;
  if (arn->service == "iam" && arn->resource == "root") {
    entry.kind = Account;
  } else if (arn->service == "iam" && arn->resource.starts_with("user/")) {
    entry.kind = User;
  } else if (arn->service == "iam" && arn->resource.starts_with("role/")) {
    entry.kind = Role;
  } else if (arn->service == "sts" && arn->resource.starts_with("federated-user/")) {
    entry.kind = FederatedUser;
  } else if (arn->service == "sts" && arn->resource.starts_with("assumed-role/")) {
    entry.kind = RoleSession;
    entry.session = arn->resource.substr(arn->resource.rfind('/') + 1);
  }
  return entry;
}

CompiledPolicy::CompiledPolicy(DocumentRef document_in, const Settings& settings_in)
    : document(std::move(document_in)), settings(settings_in) {
  Compiler(*this).run();
}

PolicyRef compile(DocumentRef document, const Settings& settings) {
  return std::make_shared<const CompiledPolicy>(std::move(document), settings);
}

PolicyRef compile_text(std::string text, const Settings& settings) {
  auto document = Document::parse(std::move(text));
  return document ? compile(*std::move(document), settings) : nullptr;
}

const Document& document_of(const CompiledPolicy& policy) {
  return *policy.document;
}

}  // namespace signet::policy
