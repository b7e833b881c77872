#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy_language/policy_json.h"

namespace signet::server {

// A JSON file that a person wrote, and a value in it with its place, so that every complaint begins
// with file, line, column and member: "accounts.json:12:7: accounts[0].roles[1]: ...".
// The file outlives its places.
struct JsonFile {
  std::string name;
  policy::PolicyJson json;

  // InvalidInput names the place of the fault; comments and a byte-order mark, which people use and
  // JSON does not have, are named as such.
  [[nodiscard]] static Result<JsonFile> parse(std::string name, std::string text);
};

class JsonPlace {
 public:
  // The whole document.
  explicit JsonPlace(const JsonFile& file) : JsonPlace(file, file.json.root(), {}) {}

  // File, line, column and member path of this value.
  [[nodiscard]] std::string where() const;

  // InvalidInput at this place.
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view what) const;

  // Text of a string, digits of a number, "true" or "false"; empty for the rest.
  [[nodiscard]] std::string_view content() const { return file_->json[id_].content; }

  [[nodiscard]] bool is(policy::JsonKind kind) const { return file_->json.is(id_, kind); }

  // The value as it stands in the file.
  [[nodiscard]] std::string_view raw() const { return file_->json.raw(id_); }

  // This is an object and has no other members than these: a misspelt one is not lost silently.
  [[nodiscard]] Status expect_members(std::span<const std::string_view> known) const;

  [[nodiscard]] Status expect_members(std::initializer_list<std::string_view> known) const {
    return expect_members(std::span(known.begin(), known.size()));
  }

  // Member of an object; nothing if it is absent or null.
  [[nodiscard]] std::optional<JsonPlace> find(std::string_view name) const;

  [[nodiscard]] Result<std::string> as_text() const;

  // Text of a member; empty if it is absent.
  [[nodiscard]] Result<std::string> text_at(std::string_view name) const;
  // The same where there must be one.
  [[nodiscard]] Result<std::string> required_text_at(std::string_view name) const;
  // false if it is absent.
  [[nodiscard]] Result<bool> flag_at(std::string_view name) const;

  // Items of a list member; none if it is absent.
  [[nodiscard]] Result<std::vector<JsonPlace>> list_at(std::string_view name) const;

  // Members of an object whose names are free.
  [[nodiscard]] Result<std::vector<std::pair<std::string, JsonPlace>>> named_values() const;

 private:
  JsonPlace(const JsonFile& file, policy::NodeId id, std::string path)
      : file_(&file), id_(id), path_(std::move(path)) {}

  [[nodiscard]] std::string path_of_member(std::string_view name) const;
  [[nodiscard]] std::unexpected<Error> refuse_member(policy::NodeId name,
                                                     std::span<const std::string_view> known) const;

  const JsonFile* file_;
  policy::NodeId id_;
  std::string path_;
};

}  // namespace signet::server
