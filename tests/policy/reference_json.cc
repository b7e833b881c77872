#include <stdexcept>

#include "reference.h"

namespace signet::ref {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json document() {
    Json json = value();
    space();
    if (at_ != text_.size()) {
      throw std::runtime_error("trailing text");
    }
    return json;
  }

 private:
  void space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  char next() {
    if (at_ >= text_.size()) {
      throw std::runtime_error("unexpected end");
    }
    return text_[at_++];
  }

  bool eat(char c) {
    space();
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  void need(char c) {
    if (!eat(c)) {
      throw std::runtime_error(std::string("expected ") + c);
    }
  }

  Json value() {
    space();
    Json json;
    if (at_ >= text_.size()) {
      throw std::runtime_error("unexpected end");
    }
    const char c = text_[at_];
    if (c == '{') {
      json.kind = Json::Kind::Object;
      ++at_;
      while (!eat('}')) {
        if (!json.members.empty()) {
          need(',');
          space();
        }
        std::string name = string();
        if (json.find(name) != nullptr) {
          throw std::runtime_error("repeated member");
        }
        need(':');
        json.members.emplace_back(std::move(name), value());
      }
    } else if (c == '[') {
      json.kind = Json::Kind::Array;
      ++at_;
      while (!eat(']')) {
        if (!json.items.empty()) {
          need(',');
        }
        json.items.push_back(value());
      }
    } else if (c == '"') {
      json.kind = Json::Kind::String;
      json.text = string();
    } else {
      const std::size_t begin = at_;
      while (at_ < text_.size() &&
             std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) {
        ++at_;
      }
      json.text = text_.substr(begin, at_ - begin);
      json.kind = json.text == "null"
                      ? Json::Kind::Null
                      : (json.text == "true" || json.text == "false" ? Json::Kind::Bool
                                                                     : Json::Kind::Number);
    }
    return json;
  }

  unsigned unit() {
    unsigned result = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = next();
      const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
      if (digit == std::string_view::npos) {
        throw std::runtime_error("bad escape");
      }
      result = result * 16 + static_cast<unsigned>(digit < 16 ? digit : digit - 6);
    }
    return result;
  }

  static void encode(unsigned point, std::string& out) {
    const auto put = [&out](unsigned byte) {
      out += static_cast<char>(byte);
    };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0 | (point >> 6));
      put(0x80 | (point & 63));
    } else if (point < 0x10000) {
      put(0xE0 | (point >> 12));
      put(0x80 | ((point >> 6) & 63));
      put(0x80 | (point & 63));
    } else {
      put(0xF0 | (point >> 18));
      put(0x80 | ((point >> 12) & 63));
      put(0x80 | ((point >> 6) & 63));
      put(0x80 | (point & 63));
    }
  }

  std::string string() {
    if (next() != '"') {
      throw std::runtime_error("expected a string");
    }
    std::string out;
    for (char c = next(); c != '"'; c = next()) {
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escape = next();
      const std::size_t known = std::string_view("bfnrt").find(escape);
      if (escape == 'u') {
        unsigned point = unit();
        if (point >= 0xD800 && point < 0xDC00) {
          next();
          next();
          point = 0x10000 + ((point - 0xD800) << 10) + (unit() - 0xDC00);
        }
        encode(point, out);
      } else {
        out += known == std::string_view::npos ? escape : "\b\f\n\r\t"[known];
      }
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string text_of(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr || value->kind == Json::Kind::Null ? std::string() : value->text;
}

Policy policy_of(const Json& json) {
  Policy policy;
  const Json* inner = json.find("document");
  const Json& document = inner != nullptr ? *inner : json;
  policy.document = document.kind == Json::Kind::String ? parse_json(document.text) : document;
  if (const Json* pins = json.find("pins")) {
    for (const auto& [arn, id] : pins->members) {
      policy.pins[arn] = id.text;
    }
  }
  return policy;
}

std::optional<PolicyList> list_of(const Json& json, std::string_view name, bool empty_is_none) {
  const Json* value = json.find(name);
  if (value == nullptr || value->kind == Json::Kind::Null) {
    return std::nullopt;
  }
  PolicyList list;
  if (value->kind != Json::Kind::Array) {
    list.push_back(policy_of(*value));
  }
  for (const Json& item : value->items) {
    list.push_back(policy_of(item));
  }
  if (list.empty() && empty_is_none) {
    return std::nullopt;
  }
  return list;
}

std::vector<PolicyList> levels_of(const Json& json, std::string_view name) {
  std::vector<PolicyList> levels;
  if (const Json* value = json.find(name)) {
    for (const Json& level : value->items) {
      PolicyList list;
      for (const Json& item : level.items) {
        list.push_back(policy_of(item));
      }
      levels.push_back(std::move(list));
    }
  }
  return levels;
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [known, value] : members) {
    if (known == name) {
      return &value;
    }
  }
  return nullptr;
}

Json parse_json(std::string_view text) {
  return Reader(text).document();
}

std::vector<std::string> texts(const Json* value) {
  if (value == nullptr) {
    return {};
  }
  if (value->kind != Json::Kind::Array) {
    return {value->text};
  }
  std::vector<std::string> out;
  for (const Json& item : value->items) {
    out.push_back(item.text);
  }
  return out;
}

Question read_question(const Json& json) {
  Question q;
  const Json* principal = json.find("principal");
  if (principal != nullptr && principal->kind != Json::Kind::Null) {
    q.principal = principal->text;
  }
  q.principal_id = text_of(json, "principal_id");
  q.canonical_user_id = text_of(json, "canonical_user_id");
  q.issuer = text_of(json, "issuer");
  q.action = text_of(json, "action");
  const std::string resource = text_of(json, "resource");
  q.resource = resource.empty() ? "*" : resource;
  q.resource_account = text_of(json, "resource_account");
  q.wildcard_only = text_of(json, "wildcard_only") == "true";
  q.creates_resource = text_of(json, "creates_resource") == "true";
  if (const Json* context = json.find("context")) {
    for (const auto& [name, value] : context->members) {
      q.context[name] =
          ContextValue{.is_list = value.kind == Json::Kind::Array, .values = texts(&value)};
    }
  }
  q.identity = list_of(json, "identity_policies", true);
  q.boundary = list_of(json, "boundary", false);
  q.session = list_of(json, "session_policy", false);
  q.resource_policy = list_of(json, "resource_policy", true);
  q.endpoint = list_of(json, "endpoint_policies", true);
  q.scps = levels_of(json, "scps");
  q.rcps = levels_of(json, "rcps");
  q.scopes = levels_of(json, "scopes");
  return q;
}

}  // namespace signet::ref
