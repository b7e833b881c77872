#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::codec {

// A JSON value as plain data, for small documents read once: bootstrap files, request bodies of our
// own endpoints, batch lines. (Policy documents have their own reader, which keeps positions.)
class Json {
 public:
  enum class Type : std::uint8_t { Null, Bool, Number, String, Array, Object };

  // Strict RFC 8259 text in UTF-8, at most 64 levels deep; duplicate members are refused. Nothing
  // if malformed; `error`, if given, then says what was wrong.
  [[nodiscard]] static std::optional<Json> parse(std::string_view text,
                                                 std::string* error = nullptr);

  [[nodiscard]] Type type() const { return type_; }

  [[nodiscard]] bool is_object() const { return type_ == Type::Object; }

  [[nodiscard]] bool is_array() const { return type_ == Type::Array; }

  [[nodiscard]] bool is_string() const { return type_ == Type::String; }

  [[nodiscard]] bool is_null() const { return type_ == Type::Null; }

  // Text of a string; of a number as it can be printed; "true"/"false". Empty for the rest.
  [[nodiscard]] const std::string& text() const { return text_; }

  [[nodiscard]] bool as_bool() const { return type_ == Type::Bool && text_ == "true"; }

  // Value of a whole number; nothing for anything else.
  [[nodiscard]] std::optional<std::int64_t> as_int() const;
  [[nodiscard]] std::optional<double> as_double() const;

  [[nodiscard]] const std::vector<Json>& items() const { return items_; }

  [[nodiscard]] const std::vector<std::pair<std::string, Json>>& members() const {
    return members_;
  }

  // Member of an object; null if absent or this is no object.
  [[nodiscard]] const Json* find(std::string_view name) const;

  // Text of a string member; empty if absent or not a string.
  [[nodiscard]] std::string_view string_at(std::string_view name) const;

 private:
  friend struct JsonBuilder;

  Type type_ = Type::Null;
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::pair<std::string, Json>> members_;
};

// Appends a value as compact JSON text: members in their order, numbers as they were written.
void append_json(std::string& out, const Json& value);

}  // namespace signet::codec
