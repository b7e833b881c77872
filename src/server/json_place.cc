#include "server/json_place.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

using policy::JsonKind;
using policy::NodeId;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string position(const std::string& file, std::string_view text, std::size_t offset) {
  const policy::Position at = policy::position_of(text, offset);
  return concat(file, ":", std::to_string(at.line), ":", std::to_string(at.column));
}

// What people write that JSON does not have; the reader's own words otherwise.
std::string fault_of(std::string_view text, const policy::JsonError& error) {
  const std::string_view rest = text.substr(std::min(error.offset, text.size()));
  if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#")) {
    return "JSON has no comments; take this one out";
  }
  if (rest.starts_with("}") || rest.starts_with("]")) {
    return concat(error.message, " (is there a comma before this bracket?)");
  }
  if (rest.starts_with("'")) {
    return "JSON has double quotes only";
  }
  return error.message;
}

std::string list_of(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += out.empty() ? "" : ", ";
    out += name;
  }
  return out;
}

}  // namespace

Result<JsonFile> JsonFile::parse(std::string name, std::string text) {
  if (text.starts_with(kByteOrderMark)) {
    return fail(
        ErrorCode::InvalidInput,
        concat(name, ":1:1: the file begins with a byte-order mark; save it as UTF-8 without one"));
  }
  const std::string copy = text;  // the reader keeps nothing of a text that is none
  auto json = policy::PolicyJson::parse(std::move(text));
  if (!json) {
    return fail(
        ErrorCode::InvalidInput,
        concat(position(name, copy, json.error().offset), ": ", fault_of(copy, json.error())));
  }
  return JsonFile{.name = std::move(name), .json = *std::move(json)};
}

std::string JsonPlace::where() const {
  const std::string at = position(file_->name, file_->json.text(), file_->json[id_].span.begin);
  return path_.empty() ? at : concat(at, ": ", path_);
}

std::unexpected<Error> JsonPlace::refuse(std::string_view what) const {
  return fail(ErrorCode::InvalidInput, concat(where(), ": ", what));
}

std::unexpected<Error> JsonPlace::refuse_member(NodeId name,
                                                std::span<const std::string_view> known) const {
  const std::string_view word = file_->json[name].content;
  Nearest nearest(word);
  for (const std::string_view candidate : known) {
    nearest.offer(candidate);
  }
  const std::string hint =
      nearest.best().empty() ? concat("; known here: ", list_of(known)) : nearest.question("; ");
  return JsonPlace(*file_, name, path_).refuse(concat("unknown member \"", word, "\"", hint));
}

Status JsonPlace::expect_members(std::span<const std::string_view> known) const {
  if (!is(JsonKind::Object)) {
    return refuse("expected an object");
  }
  const policy::JsonNode object = file_->json[id_];
  NodeId name = id_ + 1;
  for (std::uint32_t i = 0; i < object.count; ++i) {
    if (std::ranges::find(known, file_->json[name].content) == known.end()) {
      return refuse_member(name, known);
    }
    name = file_->json[name + 1].next;
  }
  return {};
}

std::string JsonPlace::path_of_member(std::string_view name) const {
  return path_.empty() ? std::string(name) : concat(path_, ".", name);
}

std::optional<JsonPlace> JsonPlace::find(std::string_view name) const {
  const NodeId member = file_->json.member(id_, name);
  if (member == policy::kNoNode || file_->json.is(member, JsonKind::Null)) {
    return std::nullopt;
  }
  return JsonPlace(*file_, member, path_of_member(name));
}

Result<std::string> JsonPlace::as_text() const {
  if (!is(JsonKind::String)) {
    return refuse("expected a string");
  }
  return std::string(content());
}

Result<std::string> JsonPlace::text_at(std::string_view name) const {
  const auto member = find(name);
  return member ? member->as_text() : std::string();
}

Result<std::string> JsonPlace::required_text_at(std::string_view name) const {
  std::string text = TRY(text_at(name));
  if (text.empty()) {
    return refuse(concat("\"", name, "\" is missing"));
  }
  return text;
}

Result<bool> JsonPlace::flag_at(std::string_view name) const {
  const auto member = find(name);
  if (!member) {
    return false;
  }
  if (!member->is(JsonKind::Bool)) {
    return member->refuse("expected true or false");
  }
  return member->content() == "true";
}

Result<std::vector<JsonPlace>> JsonPlace::list_at(std::string_view name) const {
  std::vector<JsonPlace> items;
  const auto list = find(name);
  if (!list) {
    return items;
  }
  if (!list->is(JsonKind::Array)) {
    return list->refuse("expected a list");
  }
  NodeId item = list->id_ + 1;
  for (std::uint32_t i = 0; i < file_->json[list->id_].count; ++i) {
    items.push_back(JsonPlace(*file_, item, concat(list->path_, "[", std::to_string(i), "]")));
    item = file_->json[item].next;
  }
  return items;
}

Result<std::vector<std::pair<std::string, JsonPlace>>> JsonPlace::named_values() const {
  if (!is(JsonKind::Object)) {
    return refuse("expected an object");
  }
  std::vector<std::pair<std::string, JsonPlace>> values;
  NodeId name = id_ + 1;
  for (std::uint32_t i = 0; i < file_->json[id_].count; ++i) {
    std::string text(file_->json[name].content);
    JsonPlace value(*file_, name + 1, concat(path_, "[\"", text, "\"]"));
    values.emplace_back(std::move(text), std::move(value));
    name = file_->json[name + 1].next;
  }
  return values;
}

}  // namespace signet::server
