#include "policy_language/document.h"

#include <utility>

#include "base/strings.h"
#include "policy_language/operators.h"
#include "policy_language/pattern.h"

namespace signet::policy {

bool is_principal_type(std::string_view name) {
  return name == "AWS" || name == "Service" || name == "Federated" || name == "CanonicalUser";
}

// Turns JSON into a Document, refusing what the grammar does not know.
class DocumentReader {
 public:
  DocumentReader(Document& document, bool is_lenient)
      : document_(document), json_(document.json_), is_lenient_(is_lenient) {}

  bool read() {
    const NodeId root = json_.root();
    if (!json_.is(root, JsonKind::Object)) {
      return error("a policy document is a JSON object", root);
    }
    NodeId statement = kNoNode;
    for (NodeId name = root + 1; name < json_[root].next; name = json_[name + 1].next) {
      const std::string_view key = json_[name].content;
      if (key == "Statement") {
        statement = name + 1;
      } else if (key == "Version") {
        if (!version(name + 1)) {
          return false;
        }
      } else if (key == "Id") {
        document_.id_ = name + 1;
        if (!json_.is(name + 1, JsonKind::String)) {
          return error("Id must be a string", name + 1);
        }
      } else {
        return error("unknown element", name);
      }
    }
    return statement == kNoNode ? error("no Statement", root) : statements(statement);
  }

  SyntaxError take_error() { return std::move(error_); }

 private:
  bool error(std::string_view message, NodeId node) {
    error_ = SyntaxError{
        .message = std::string(message), .offset = json_[node].span.begin, .is_json = true};
    return false;
  }

  bool version(NodeId node) {
    document_.has_version_ = true;
    if (json_.is(node, JsonKind::String) && json_[node].content == "2012-10-17") {
      document_.version_ = Version::V2012;
      return true;
    }
    return (json_.is(node, JsonKind::String) && json_[node].content == "2008-10-17") ||
           error("Version must be 2012-10-17 or 2008-10-17", node);
  }

  bool statements(NodeId node) {
    if (json_.is(node, JsonKind::Object)) {
      return statement(node);
    }
    if (!json_.is(node, JsonKind::Array) || json_[node].count == 0) {
      return error("Statement must be an object or a list of objects", node);
    }
    if (json_[node].count > Document::kMaxStatements) {
      return error("too many statements", node);
    }
    document_.statements_.reserve(json_[node].count);
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (!statement(element)) {
        return false;
      }
    }
    return true;
  }

  bool statement(NodeId node) {
    if (!json_.is(node, JsonKind::Object)) {
      return error("a statement is an object", node);
    }
    Statement statement;
    statement.span = json_[node].span;
    bool has_effect = false;
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      if (!element(statement, has_effect, name)) {
        return false;
      }
    }
    if (!has_effect) {
      return error("a statement needs an Effect", node);
    }
    if (statement.action == kNoNode && !is_lenient_) {
      return error("a statement needs Action or NotAction", node);
    }
    document_.statements_.push_back(statement);
    return true;
  }

  bool element(Statement& statement, bool& has_effect, NodeId name) {
    const std::string_view key = json_[name].content;
    const NodeId value = name + 1;
    if (key == "Effect") {
      has_effect = true;
      return effect(statement, value);
    }
    if (key == "Sid") {
      statement.sid = value;
      return json_.is(value, JsonKind::String) || error("Sid must be a string", value);
    }
    if (key == "Action" || key == "NotAction") {
      return one_of(statement.action, statement.is_not_action, key, name) && strings(value);
    }
    if (key == "Resource" || key == "NotResource") {
      return one_of(statement.resource, statement.is_not_resource, key, name) && strings(value);
    }
    if (key == "Principal" || key == "NotPrincipal") {
      return one_of(statement.principal, statement.is_not_principal, key, name) && principal(value);
    }
    if (key == "Condition") {
      statement.condition = value;
      return condition(value);
    }
    return error("unknown element", name);
  }

  bool one_of(NodeId& slot, bool& is_not, std::string_view key, NodeId name) {
    if (slot != kNoNode) {
      return error("an element together with its Not form", name);
    }
    slot = name + 1;
    is_not = key.starts_with("Not");
    return true;
  }

  bool effect(Statement& statement, NodeId value) {
    if (!json_.is(value, JsonKind::String)) {
      return error("Effect must be a string", value);
    }
    if (json_[value].content == "Allow") {
      statement.effect = Effect::Allow;
      return true;
    }
    if (json_[value].content == "Deny") {
      return true;
    }
    statement.has_exact_effect = false;
    const bool differs_by_case = equals_ignore_case(json_[value].content, "Allow") ||
                                 equals_ignore_case(json_[value].content, "Deny");
    return (is_lenient_ && differs_by_case) || error("Effect must be Allow or Deny", value);
  }

  bool strings(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      return true;
    }
    if (!json_.is(node, JsonKind::Array)) {
      return error("expected a string or a list of strings", node);
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (!json_.is(element, JsonKind::String)) {
        return error("expected a string", element);
      }
    }
    return true;
  }

  bool principal(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      return json_[node].content == "*" || error("a principal is \"*\" or an object", node);
    }
    if (!json_.is(node, JsonKind::Object)) {
      return error("a principal is \"*\" or an object", node);
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      if (!is_principal_type(json_[name].content)) {
        return error("unknown type of principal", name);
      }
      if (!strings(name + 1)) {
        return false;
      }
    }
    return true;
  }

  bool condition(NodeId node) {
    if (!json_.is(node, JsonKind::Object)) {
      return error("Condition must be an object", node);
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const NodeId body = name + 1;
      if (!json_.is(body, JsonKind::Object)) {
        return error("an operator needs an object of keys and values", body);
      }
      if (json_[body].count > 0 && !parse_operator(json_[name].content)) {
        return error("unknown condition operator", name);
      }
      for (NodeId key = body + 1; key < json_[body].next; key = json_[key + 1].next) {
        if (!operands(key + 1)) {
          return false;
        }
      }
    }
    return true;
  }

  [[nodiscard]] bool is_operand(NodeId node) const {
    return json_.is(node, JsonKind::String) || json_.is(node, JsonKind::Number) ||
           json_.is(node, JsonKind::Bool);
  }

  bool operands(NodeId node) {
    if (is_operand(node)) {
      return true;
    }
    if (!json_.is(node, JsonKind::Array)) {
      return error("a condition value is a string, a number or a boolean", node);
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (!is_operand(element)) {
        return error("a condition value is a string, a number or a boolean", element);
      }
    }
    return true;
  }

  Document& document_;
  const PolicyJson& json_;
  bool is_lenient_;
  SyntaxError error_;
};

std::expected<std::shared_ptr<const Document>, SyntaxError> Document::parse(std::string text) {
  return read(std::move(text), false);
}

std::expected<std::shared_ptr<const Document>, SyntaxError> Document::parse_for_validation(
    std::string text) {
  return read(std::move(text), true);
}

std::expected<std::shared_ptr<const Document>, SyntaxError> Document::read(std::string text,
                                                                           bool is_lenient) {
  if (text.size() > kMaxBytes) {
    return std::unexpected(
        SyntaxError{.message = "document too large", .offset = kMaxBytes, .is_json = false});
  }
  auto json = PolicyJson::parse(std::move(text));
  if (!json) {
    return std::unexpected(SyntaxError{.message = std::move(json.error().message),
                                       .offset = json.error().offset,
                                       .is_json = false});
  }
  auto document = std::make_shared<Document>(*std::move(json));
  DocumentReader reader(*document, is_lenient);
  if (!reader.read()) {
    return std::unexpected(reader.take_error());
  }
  return document;
}

std::string_view Document::id() const {
  return id_ == kNoNode ? std::string_view() : json_[id_].content;
}

std::string_view Document::sid(const Statement& statement) const {
  return statement.sid == kNoNode ? std::string_view() : json_[statement.sid].content;
}

namespace {

// Gathers names without repeating one that differs only by case.
class KeyNames {
 public:
  void add(std::string_view name) {
    for (const std::string& known : names_) {
      if (equals_ignore_case(known, name)) {
        return;
      }
    }
    names_.emplace_back(name);
  }

  void add_variables(std::string_view text) {
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
      const VariableSyntax syntax = scan_variable(text, at);
      const bool is_key = syntax.key.size() > 1;
      if (syntax.end > at && is_key) {
        add(syntax.key);
      }
      at = syntax.end > at ? syntax.end : at + 1;
    }
  }

  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

void condition_keys_of(const Document& document, NodeId condition, KeyNames& names) {
  const PolicyJson& json = document.json();
  const bool has_variables = document.version() == Version::V2012;
  for (NodeId name = condition + 1; name < json[condition].next; name = json[name + 1].next) {
    const auto op = parse_operator(json[name].content);
    const NodeId body = name + 1;
    for (NodeId key = body + 1; key < json[body].next; key = json[key + 1].next) {
      names.add(json[key].content);
      const bool takes_variables =
          op && (is_string_compare(op->compare) || op->compare == Compare::ArnLike ||
                 op->compare == Compare::Bool);
      if (has_variables && takes_variables) {
        each_text(json, key + 1, [&names](std::string_view text) { names.add_variables(text); });
      }
    }
  }
}

}  // namespace

std::vector<std::string> context_keys(const Document& document) {
  KeyNames names;
  for (const Statement& statement : document.statements()) {
    if (document.version() == Version::V2012) {
      each_text(document.json(), statement.resource, [&names](std::string_view text) {
        names.add_variables(text);
      });
    }
    if (statement.condition != kNoNode) {
      condition_keys_of(document, statement.condition, names);
    }
  }
  return names.take();
}

}  // namespace signet::policy
