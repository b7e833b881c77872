#include "facts/wire/json_decoder.h"

#include "base/strings.h"
#include "codec/base64.h"
#include "facts/errors.h"

namespace signet::facts {
namespace {

using codec::Json;

// How AWS's parser calls what it found.
std::string_view token_of(const Json& value) {
  switch (value.type()) {
    case Json::Type::Number:
      return "NUMBER_VALUE";
    case Json::Type::String:
      return "STRING_VALUE";
    case Json::Type::Bool:
      return value.as_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
    case Json::Type::Null:
    case Json::Type::Array:
    case Json::Type::Object:
      break;
  }
  return "NULL_VALUE";
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto magnitude = parse_decimal(text.substr(is_negative ? 1 : 0));
  return magnitude ? std::optional(is_negative ? -*magnitude : *magnitude) : std::nullopt;
}

}  // namespace

JsonDecoder::JsonDecoder(const JsonInput& input) : input_(input) {}

void JsonDecoder::fault(std::string text) {
  if (fault_.empty()) {
    fault_ = std::move(text);
  }
}

void JsonDecoder::mismatch(const Json& value, std::string_view wanted) {
  if (value.is_array()) {
    fault("Start of list found where not expected");
  } else if (value.is_object()) {
    fault("Start of structure or map found where not expected.");
  } else {
    fault(concat(token_of(value), " can not be converted to ", wanted));
  }
}

// Only operations with members of the body look at it.
void JsonDecoder::read_body() {
  if (has_read_body_) {
    return;
  }
  has_read_body_ = true;
  if (input_.body.empty()) {
    return;
  }
  std::string error;
  body_ = Json::parse(input_.body, &error);
  if (!body_) {
    fault(concat("Could not parse request body into json: ", error));
  } else if (is_structure(*body_)) {
    object_ = &*body_;
  }
}

// A member of the structure being read; null: it is not there, or null.
const Json* JsonDecoder::find(const MemberRule& member) {
  read_body();
  const Json* value = object_;
  if (value != nullptr && member.location != Location::WholeBody && !is_entry_) {
    value = value->find(member.wire);
  }
  const bool is_there = value != nullptr && !value->is_null();
  if (!is_there && member.is_required) {
    violations_.missing(member);
  }
  return is_there ? value : nullptr;
}

std::optional<std::string_view> JsonDecoder::sent_elsewhere(const MemberRule& member) const {
  if (member.location == Location::Header) {
    return input_.header(member.wire);
  }
  for (const auto& [name, value] : member.location == Location::Path ? input_.path : input_.query) {
    if (name == member.wire) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> JsonDecoder::text_of(const MemberRule& member) {
  if (member.location != Location::Body) {
    const auto text = sent_elsewhere(member);
    if (!text && member.location != Location::QueryOrBody && member.is_required) {
      violations_.missing(member);
    }
    if (text || member.location != Location::QueryOrBody) {
      return text;
    }
  }
  const Json* const value = find(member);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    mismatch(*value, "a String");
    return std::nullopt;
  }
  return value->text();
}

void JsonDecoder::string(const MemberRule& member, const StringRule& rule, std::string& out) {
  if (const auto text = text_of(member)) {
    violations_.check_string(member, rule, *text);
    out = *text;
  }
}

void JsonDecoder::string(const MemberRule& member,
                         const StringRule& rule,
                         std::optional<std::string>& out) {
  if (const auto text = text_of(member)) {
    violations_.check_string(member, rule, *text);
    out.emplace(*text);
  }
}

void JsonDecoder::string(const MemberRule& member, const StringRule& rule, Secret& out) {
  if (const auto text = text_of(member)) {
    violations_.check_string(member, rule, *text);
    out = Secret(std::string(*text));
  }
}

void JsonDecoder::string(const MemberRule& member,
                         const StringRule& rule,
                         std::optional<Secret>& out) {
  if (const auto text = text_of(member)) {
    violations_.check_string(member, rule, *text);
    out.emplace(std::string(*text));
  }
}

std::optional<std::int64_t> JsonDecoder::number_of(const MemberRule& member,
                                                   const BoundsRule& rule) {
  std::optional<std::int64_t> number;
  std::string_view text;
  if (member.location != Location::Body) {
    const auto sent = text_of(member);
    if (!sent) {
      return std::nullopt;
    }
    text = *sent;
    number = whole_number(text);
    if (!number) {
      fault("STRING_VALUE can not be converted to an Integer");
    }
  } else if (const Json* const value = find(member)) {
    text = value->text();
    number = value->as_int();
    if (!number) {
      mismatch(*value, "an Integer");
    }
  }
  if (number) {
    violations_.check_integer(member, rule, *number, text);
  }
  return number;
}

void JsonDecoder::integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out) {
  out = number_of(member, rule).value_or(0);
}

void JsonDecoder::integer(const MemberRule& member,
                          const BoundsRule& rule,
                          std::optional<std::int64_t>& out) {
  out = number_of(member, rule);
}

void JsonDecoder::timestamp(const MemberRule& member, std::optional<Instant>& out) {
  const Json* const value = find(member);
  if (value == nullptr) {
    return;
  }
  // The calendar that texts can show ends with the year 9999.
  constexpr double kLatest = 253'402'300'799.0;
  const std::optional<double> seconds = value->as_double();
  if (!seconds || !(*seconds >= 0 && *seconds <= kLatest)) {
    mismatch(*value, "a Timestamp");
    return;
  }
  out = Instant{static_cast<std::int64_t>(*seconds * 1000)};
}

std::optional<bool> JsonDecoder::truth_of(const MemberRule& member) {
  if (member.location != Location::Body) {
    const auto sent = text_of(member);
    if (sent && *sent != "true" && *sent != "false") {
      fault("STRING_VALUE can not be converted to a Boolean");
    }
    return sent ? std::optional(*sent == "true") : std::nullopt;
  }
  const Json* const value = find(member);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->type() != Json::Type::Bool) {
    mismatch(*value, "a Boolean");
  }
  return value->as_bool();
}

void JsonDecoder::boolean(const MemberRule& member, bool& out) {
  out = truth_of(member).value_or(false);
}

void JsonDecoder::boolean(const MemberRule& member, std::optional<bool>& out) {
  out = truth_of(member);
}

std::optional<std::string> JsonDecoder::bytes_of(const MemberRule& member, const BoundsRule& size) {
  const auto text = text_of(member);
  if (!text) {
    return std::nullopt;
  }
  std::optional<std::string> bytes = codec::decode_base64(*text);
  if (!bytes) {
    fault("Invalid base64 encoding");
    return std::nullopt;
  }
  violations_.check_size(member, size, bytes->size());
  return bytes;
}

void JsonDecoder::blob(const MemberRule& member, const BoundsRule& size, std::string& out) {
  out = bytes_of(member, size).value_or(std::string());
}

void JsonDecoder::blob(const MemberRule& member,
                       const BoundsRule& size,
                       std::optional<std::string>& out) {
  out = bytes_of(member, size);
}

// The texts of a list, in the body or as a repeated parameter. False: there is none.
bool JsonDecoder::collect_texts(const MemberRule& member, std::vector<std::string_view>& out) {
  if (member.location == Location::Query) {
    for (const auto& [name, value] : input_.query) {
      if (name == member.wire) {
        out.push_back(value);
      }
    }
    if (out.empty() && member.is_required) {
      violations_.missing(member);
    }
    return !out.empty();
  }
  const Json* const value = find(member);
  if (value == nullptr) {
    return false;
  }
  if (!value->is_array()) {
    fault("Expected list or null");
    return false;
  }
  for (const Json& item : value->items()) {
    if (!item.is_string()) {
      mismatch(item, "a String");
      return false;
    }
    out.push_back(item.text());
  }
  return true;
}

bool JsonDecoder::texts_of(const MemberRule& member,
                           const ListRule& list,
                           const StringRule& rule,
                           std::vector<std::string>& out) {
  std::vector<std::string_view> texts;
  if (!collect_texts(member, texts)) {
    return false;
  }
  violations_.check_size(member, list.size, texts.size());
  violations_.check_items(member, list, rule, texts);
  out.assign(texts.begin(), texts.end());
  return true;
}

void JsonDecoder::strings(const MemberRule& member,
                          const ListRule& list,
                          const StringRule& rule,
                          std::vector<std::string>& out) {
  static_cast<void>(texts_of(member, list, rule, out));
}

void JsonDecoder::strings(const MemberRule& member,
                          const ListRule& list,
                          const StringRule& rule,
                          std::optional<std::vector<std::string>>& out) {
  std::vector<std::string> texts;
  if (texts_of(member, list, rule, texts)) {
    out = std::move(texts);
  }
}

const Json* JsonDecoder::begin_list(const MemberRule& member, const ListRule& list) {
  const Json* const value = find(member);
  if (value == nullptr) {
    return nullptr;
  }
  if (!value->is_array()) {
    fault("Expected list or null");
    return nullptr;
  }
  violations_.check_size(member, list.size, value->items().size());
  return value;
}

const Json* JsonDecoder::begin_map(const MemberRule& member, const BoundsRule& size) {
  const Json* const value = begin_structure(member);
  if (value != nullptr) {
    violations_.check_size(member, size, value->members().size());
  }
  return value;
}

const Json* JsonDecoder::begin_structure(const MemberRule& member) {
  const Json* const value = find(member);
  return value != nullptr && is_structure(*value) ? value : nullptr;
}

bool JsonDecoder::is_structure(const Json& value) {
  if (!value.is_object()) {
    value.is_array() ? mismatch(value, "") : fault("Expected structure or map or null");
  }
  return value.is_object();
}

JsonDecoder::Scope JsonDecoder::enter(const Json& object, std::string_view path) {
  const Scope scope{
      .object = object_, .is_entry = is_entry_, .prefix = violations_.prefix().size()};
  object_ = &object;
  is_entry_ = false;
  violations_.prefix().append(path).append(".");
  return scope;
}

JsonDecoder::Scope JsonDecoder::enter_element(const Json& object,
                                              const MemberRule& member,
                                              std::size_t number) {
  return enter(object, concat(member.path, ".", std::to_string(number), ".member"));
}

JsonDecoder::Scope JsonDecoder::enter_entry(const Json& value,
                                            const MemberRule& member,
                                            std::string_view key) {
  const Scope scope = enter(value, concat(member.path, ".", key));
  is_entry_ = true;
  return scope;
}

void JsonDecoder::leave(Scope scope) {
  object_ = scope.object;
  is_entry_ = scope.is_entry;
  violations_.prefix().resize(scope.prefix);
}

Status JsonDecoder::finish() const {
  return fault_.empty() ? violations_.finish() : fail(ErrorCode::SerializationException, fault_);
}

}  // namespace signet::facts
