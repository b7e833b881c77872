#include "iam/template_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/iam_sentences.h"
#include "facts/quotas.h"
#include "model/arn.h"
#include "policy_language/policy_json.h"

namespace signet::iam {
namespace {

using policy::JsonKind;
using policy::JsonNode;
using policy::NodeId;
using policy::PolicyJson;

constexpr std::string_view kOpen = "@{";

// What comes next in a text: characters that stand for themselves, or a placeholder.
struct Piece {
  std::string_view literal;
  std::string_view name;  // of a placeholder; empty: none
};

// Takes the next piece off `rest`, which is not empty. Nothing for a placeholder without name or
// end.
std::optional<Piece> next_piece(std::string_view& rest) {
  const std::size_t open = rest.find(kOpen);
  if (open != 0) {
    const std::string_view literal = rest.substr(0, open);
    rest.remove_prefix(literal.size());
    return Piece{.literal = literal, .name = {}};
  }
  const std::size_t close = rest.find('}');
  if (close == std::string_view::npos || close == kOpen.size()) {
    return std::nullopt;
  }
  const std::string_view name = rest.substr(kOpen.size(), close - kOpen.size());
  rest.remove_prefix(close + 1);
  return Piece{.literal = {}, .name = name};
}

const TemplateValue* find_value(const TemplateValues& values, std::string_view name) {
  const auto found = std::ranges::find(values, name, &TemplateValue::name);
  return found != values.end() ? &*found : nullptr;
}

std::unexpected<Error> malformed_template() {
  return std::unexpected(facts::service_failure("a template holds a malformed placeholder"));
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  const auto are_digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_digit);
  };
  return are_digits(text.substr(0, point)) &&
         (point == std::string_view::npos || are_digits(text.substr(point + 1)));
}

bool is_arn(std::string_view text) {
  const auto parts = model::split_arn(text);
  return parts && !parts->partition.empty() && !parts->service.empty() && !parts->resource.empty();
}

bool has_form(identity::ParameterType type, std::string_view value) {
  using identity::ParameterType;
  switch (type) {
    case ParameterType::Number:
    case ParameterType::NumberList:
      return is_number(value);
    case ParameterType::Arn:
    case ParameterType::ArnList:
      return is_arn(value);
    case ParameterType::String:
    case ParameterType::StringList:
      break;
  }
  return !value.empty();
}

// Nothing in it has a meaning in a policy.
bool is_literal_in_policies(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    return c >= ' ' && c != '*' && c != '?' && c != '$' && c != '{' && c != '}';
  });
}

// Copies a document, with values in the place of placeholders.
class DocumentFiller {
 public:
  DocumentFiller(const PolicyJson& json, const TemplateValues& values)
      : json_(json), values_(values) {}

  Status write(NodeId id) {
    switch (json_[id].kind) {
      case JsonKind::Object:
        return write_object(id);
      case JsonKind::Array:
        return write_array(id);
      case JsonKind::String:
        return write_string(id);
      default:
        out_ += json_.raw(id);
        return {};
    }
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  Status write_object(NodeId id) {
    out_ += '{';
    NodeId name = id + 1;
    for (std::uint32_t i = 0; i < json_[id].count; ++i) {
      if (json_[name].content.find(kOpen) != std::string_view::npos) {
        return malformed_template();
      }
      out_ += i == 0 ? "" : ",";
      out_ += json_.raw(name);
      out_ += ':';
      TRY_STATUS(write(name + 1));
      name = json_[name + 1].next;
    }
    out_ += '}';
    return {};
  }

  Status write_array(NodeId id) {
    out_ += '[';
    NodeId item = id + 1;
    for (std::uint32_t i = 0; i < json_[id].count; ++i) {
      out_ += i == 0 ? "" : ",";
      if (const TemplateValue* list = list_of(item); list != nullptr) {
        TRY_STATUS(write_items(*list));
      } else {
        TRY_STATUS(write(item));
      }
      item = json_[item].next;
    }
    out_ += ']';
    return {};
  }

  Status write_string(NodeId id) {
    if (const TemplateValue* list = list_of(id); list != nullptr) {
      out_ += '[';
      TRY_STATUS(write_items(*list));
      out_ += ']';
      return {};
    }
    std::string_view rest = json_[id].content;
    std::string filled;
    while (!rest.empty()) {
      const std::optional<Piece> piece = next_piece(rest);
      if (!piece) {
        return malformed_template();
      }
      filled += piece->literal;
      if (!piece->name.empty()) {
        filled += TRY(single_value(piece->name));
      }
    }
    policy::append_json_string(out_, filled);
    return {};
  }

  // The list that a string stands for as a whole; null if it stands for none.
  [[nodiscard]] const TemplateValue* list_of(NodeId id) const {
    if (!json_.is(id, JsonKind::String)) {
      return nullptr;
    }
    std::string_view rest = json_[id].content;
    if (!rest.starts_with(kOpen)) {
      return nullptr;
    }
    const std::optional<Piece> piece = next_piece(rest);
    const TemplateValue* value = piece && rest.empty() ? find_value(values_, piece->name) : nullptr;
    return value != nullptr && value->is_list ? value : nullptr;
  }

  Status write_items(const TemplateValue& list) {
    for (std::size_t i = 0; i < list.values.size(); ++i) {
      out_ += i == 0 ? "" : ",";
      policy::append_json_string(out_, TRY(literal(list.name, list.values[i])));
    }
    return {};
  }

  [[nodiscard]] Result<std::string_view> single_value(std::string_view name) const {
    const TemplateValue* value = find_value(values_, name);
    if (value == nullptr) {
      return template_value_missing(name);
    }
    if (value->is_list || value->values.size() != 1) {
      return template_value_form_invalid(name);
    }
    return literal(name, value->values.front());
  }

  static Result<std::string_view> literal(std::string_view name, std::string_view value) {
    if (!is_literal_in_policies(value)) {
      return template_value_not_literal(name);
    }
    return value;
  }

  const PolicyJson& json_;
  const TemplateValues& values_;
  std::string out_;
};

std::string canonical(const PolicyJson& json, NodeId id);

std::string canonical_array(const PolicyJson& json, NodeId id) {
  std::vector<std::string> items;
  NodeId item = id + 1;
  for (std::uint32_t i = 0; i < json[id].count; ++i) {
    items.push_back(canonical(json, item));
    item = json[item].next;
  }
  if (items.size() == 1) {
    return items.front();
  }
  std::ranges::sort(items);
  std::string out = "[";
  for (const std::string& text : items) {
    out += concat(text, ",");
  }
  return out + "]";
}

std::string canonical_object(const PolicyJson& json, NodeId id) {
  std::vector<std::string> members;
  NodeId name = id + 1;
  for (std::uint32_t i = 0; i < json[id].count; ++i) {
    std::string member;
    policy::append_json_string(member, json[name].content);
    members.push_back(concat(member, ":", canonical(json, name + 1)));
    name = json[name + 1].next;
  }
  std::ranges::sort(members);
  std::string out = "{";
  for (const std::string& member : members) {
    out += concat(member, ",");
  }
  return out + "}";
}

std::string canonical(const PolicyJson& json, NodeId id) {
  const JsonNode node = json[id];
  if (node.kind == JsonKind::Array) {
    return canonical_array(json, id);
  }
  if (node.kind == JsonKind::Object) {
    return canonical_object(json, id);
  }
  std::string out;
  policy::append_json_string(out, node.content);
  return out;
}

}  // namespace

std::optional<std::vector<std::string>> placeholders_of(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::optional<Piece> piece = next_piece(text);
    if (!piece) {
      return std::nullopt;
    }
    if (!piece->name.empty()) {
      names.emplace_back(piece->name);
    }
  }
  return names;
}

Status check_values(const identity::TemplateParameter& parameter,
                    const std::vector<std::string>& values) {
  const std::size_t most =
      identity::is_list(parameter.type) ? std::size_t{facts::kTemplateParameterValues} : 1;
  const bool has_right_form = !values.empty() && values.size() <= most &&
                              std::ranges::all_of(values, [&](const std::string& value) {
                                return has_form(parameter.type, value);
                              });
  if (!has_right_form) {
    return template_value_form_invalid(parameter.name);
  }
  return {};
}

Result<std::string> fill_text(std::string_view pattern, const TemplateValues& values) {
  std::string out;
  while (!pattern.empty()) {
    const std::optional<Piece> piece = next_piece(pattern);
    if (!piece) {
      return malformed_template();
    }
    out += piece->literal;
    if (piece->name.empty()) {
      continue;
    }
    const TemplateValue* value = find_value(values, piece->name);
    if (value == nullptr) {
      return template_value_missing(piece->name);
    }
    if (value->is_list || value->values.size() != 1) {
      return template_value_form_invalid(piece->name);
    }
    out += value->values.front();
  }
  return out;
}

Result<std::string> fill_document(std::string_view document, const TemplateValues& values) {
  const auto json = PolicyJson::parse(std::string(document));
  if (!json) {
    return std::unexpected(facts::service_failure("a template holds a document that is no JSON"));
  }
  DocumentFiller filler(*json, values);
  TRY_STATUS(filler.write(json->root()));
  return filler.take();
}

std::optional<std::string> canonical_document(std::string_view document) {
  const auto json = PolicyJson::parse(std::string(document));
  if (!json) {
    return std::nullopt;
  }
  return canonical(*json, json->root());
}

}  // namespace signet::iam
