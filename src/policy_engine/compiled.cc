#include "policy_engine/compiled.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/strings.h"
#include "model/arn.h"

namespace signet::policy {
namespace {

// What a character can mean in an action or in the first parts of an ARN. A table: patterns are
// short, and find_first_of() asks memchr about every character.
enum Meaning : std::uint8_t { kNothing = 0, kWildcard = 1, kSpace = 2, kColon = 4 };

constexpr auto kMeanings = [] {
  std::array<std::uint8_t, 256> table{};
  table['*'] = table['?'] = kWildcard;
  table[' '] = table['\t'] = table['\r'] = table['\n'] = kSpace;
  table[':'] = kColon;
  return table;
}();

std::uint8_t meaning(char c) {
  return kMeanings[static_cast<unsigned char>(c)];
}

ActionPattern make_action(std::string_view text) {
  ActionPattern action{.kind = ActionPattern::Kind::Never, .text = text, .vendor = {}, .name = {}};
  if (text == "*") {
    action.kind = ActionPattern::Kind::All;
    return action;
  }
  std::uint8_t seen = kNothing;
  const char* colon = nullptr;
  for (const char& c : text) {
    const std::uint8_t means = meaning(c);
    colon = means == kColon && (seen & kColon) == 0 ? &c : colon;
    seen |= means;
  }
  const auto size = colon == nullptr ? 0 : static_cast<std::size_t>(colon - text.data());
  if (colon == nullptr || size + 1 == text.size() || (seen & kSpace) != 0) {
    return action;
  }
  action.vendor = text.substr(0, size);
  action.name = text.substr(size + 1);
  if (action.vendor == "*" && action.name == "*") {
    action.kind = ActionPattern::Kind::All;
    return action;
  }
  action.kind = (seen & kWildcard) != 0 ? ActionPattern::Kind::Glob : ActionPattern::Kind::Exact;
  return action;
}

ResourcePattern::Head head_kind(std::string_view head, bool has_wildcard) {
  if (!has_wildcard) {
    return ResourcePattern::Head::Literal;
  }
  const bool is_any = std::all_of(head.begin(), head.end(), [](char c) { return c == '*'; });
  return is_any ? ResourcePattern::Head::Any : ResourcePattern::Head::Glob;
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
    reserve(statements);
    for (const Statement& statement : statements) {
      add(statement);
    }
    out_.store.tokens.shrink_to_fit();
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

  [[nodiscard]] std::size_t texts(NodeId node) const {
    return node == kNoNode ? 0 : json_.is(node, JsonKind::Array) ? json_[node].count : 1;
  }

  // Exact room for what a statement holds many of: no growing, and no spare room kept.
  void reserve(std::span<const Statement> statements) {
    std::size_t actions = 0;
    std::size_t resources = 0;
    std::size_t conditions = 0;
    std::size_t operands = 0;
    for (const Statement& statement : statements) {
      actions += texts(statement.action);
      resources += texts(statement.resource);
      const NodeId node = statement.condition;
      for (NodeId name = node + 1; node != kNoNode && name < json_[node].next;) {
        const NodeId body = name + 1;
        conditions += json_[body].count;
        name = json_[body].next;
        for (NodeId key = body + 1; key < name; key = json_[key + 1].next) {
          operands += texts(key + 1);
        }
      }
    }
    out_.actions.reserve(actions);
    out_.resources.reserve(resources);
    out_.conditions.reserve(conditions);
    out_.operands.reserve(operands);
    out_.store.tokens.reserve(2 * resources + operands);
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
      resource(text, out_.resources.emplace_back());
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

  void resource(std::string_view text, ResourcePattern& pattern) {
    pattern.text = text;
    pattern.ends_in_star = text.ends_with('*');
    const PatternRules rules{.wildcards = true, .variables = has_variables_};
    if (text == "*") {
      pattern.has_star = true;
      pattern.kind = ResourcePattern::Kind::All;
      return;
    }
    pattern.has_star = pattern.ends_in_star || text.find('*') != std::string_view::npos;
    if (!out_.settings.match_resources_per_part) {
      pattern.kind = ResourcePattern::Kind::Whole;
      pattern.tail = make_pattern(out_.store, text, rules);
      return;
    }
    const std::string_view tail = heads(text, pattern);
    pattern.tail = make_pattern(out_.store, pattern.is_short ? std::string_view("*") : tail, rules);
  }

  // Splits the first five parts off; what a short pattern lacks becomes "*".
  static std::string_view heads(std::string_view text, ResourcePattern& pattern) {
    std::size_t begin = 0;
    std::size_t part = 0;
    std::uint8_t seen = kNothing;
    const auto take = [&](std::size_t end) {
      pattern.heads[part] = text.substr(begin, end - begin);
      pattern.head_kinds[part] = head_kind(pattern.heads[part], (seen & kWildcard) != 0);
      ++part;
      begin = end + 1;
      seen = kNothing;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::uint8_t means = kMeanings[static_cast<unsigned char>(text.data()[at])];
      seen |= means;
      if (means == kColon) {
        take(at);
        if (part == pattern.heads.size()) {
          return text.substr(begin);
        }
      }
    }
    take(text.size());
    pattern.is_short = true;
    for (; part < pattern.heads.size(); ++part) {
      pattern.heads[part] = "*";
      pattern.head_kinds[part] = ResourcePattern::Head::Any;
    }
    return {};
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
  const PolicyJson& json_;
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
