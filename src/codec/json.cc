#include "codec/json.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <simdjson.h>

#include "base/strings.h"
#include "codec/json_writer.h"

namespace signet::codec {

struct JsonBuilder {
  static constexpr int kMaxDepth = 64;

  static bool build(simdjson::dom::element element, Json& out, int depth, std::string& error) {
    using simdjson::dom::element_type;
    if (depth > kMaxDepth) {
      error = "nested too deeply";
      return false;
    }
    switch (element.type()) {
      case element_type::ARRAY:
        return build_array(element.get_array().value_unsafe(), out, depth, error);
      case element_type::OBJECT:
        return build_object(element.get_object().value_unsafe(), out, depth, error);
      case element_type::STRING:
        out.type_ = Json::Type::String;
        out.text_ = std::string(element.get_string().value_unsafe());
        return true;
      case element_type::BOOL:
        out.type_ = Json::Type::Bool;
        out.text_ = element.get_bool().value_unsafe() ? "true" : "false";
        return true;
      case element_type::NULL_VALUE:
        out.type_ = Json::Type::Null;
        return true;
      case element_type::INT64:
      case element_type::UINT64:
      case element_type::DOUBLE:
        out.type_ = Json::Type::Number;
        out.text_ = simdjson::minify(element);
        return true;
    }
    error = "unknown element";
    return false;
  }

  static bool build_array(simdjson::dom::array array, Json& out, int depth, std::string& error) {
    out.type_ = Json::Type::Array;
    out.items_.reserve(array.size());
    for (const simdjson::dom::element item : array) {
      if (!build(item, out.items_.emplace_back(), depth + 1, error)) {
        return false;
      }
    }
    return true;
  }

  static bool build_object(simdjson::dom::object object, Json& out, int depth, std::string& error) {
    out.type_ = Json::Type::Object;
    out.members_.reserve(object.size());
    for (const simdjson::dom::key_value_pair member : object) {
      auto& slot = out.members_.emplace_back(std::string(member.key), Json());
      if (!build(member.value, slot.second, depth + 1, error)) {
        return false;
      }
    }
    return has_each_once(out.members_, error);
  }

  // Sorted for that: a hostile document has members without end.
  static bool has_each_once(const std::vector<std::pair<std::string, Json>>& members,
                            std::string& error) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& [name, value] : members) {
      names.emplace_back(name);
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) {
      error = concat("duplicate member \"", *twice, "\"");
      return false;
    }
    return true;
  }
};

std::optional<Json> Json::parse(std::string_view text, std::string* error) {
  // One parser a thread keeps its buffers between calls.
  static thread_local simdjson::dom::parser parser;
  std::string reason;
  std::string& why = error != nullptr ? *error : reason;
  const auto parsed = parser.parse(text.data(), text.size());
  if (parsed.error() != simdjson::SUCCESS) {
    why = simdjson::error_message(parsed.error());
    return std::nullopt;
  }
  Json value;
  if (!JsonBuilder::build(parsed.value_unsafe(), value, 0, why)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> Json::as_int() const {
  if (type_ != Type::Number) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (status != std::errc() || end != text_.data() + text_.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> Json::as_double() const {
  if (type_ != Type::Number) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (status != std::errc() || end != text_.data() + text_.size()) {
    return std::nullopt;
  }
  return value;
}

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

std::string_view Json::string_at(std::string_view name) const {
  const Json* member = find(name);
  return member != nullptr && member->is_string() ? std::string_view(member->text_)
                                                  : std::string_view();
}

void append_json(std::string& out, const Json& value) {
  using Type = Json::Type;
  switch (value.type()) {
    case Type::Null:
      out += "null";
      return;
    case Type::Bool:
    case Type::Number:
      out += value.text();
      return;
    case Type::String:
      append_json_string(out, value.text());
      return;
    case Type::Array: {
      out += '[';
      const char* separator = "";
      for (const Json& item : value.items()) {
        out += std::exchange(separator, ",");
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case Type::Object: {
      out += '{';
      const char* separator = "";
      for (const auto& [name, member] : value.members()) {
        out += std::exchange(separator, ",");
        append_json_string(out, name);
        out += ':';
        append_json(out, member);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace signet::codec
