#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signet::codec {

// Appends a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD; '/' and non-ASCII
// stay as they are.
void append_json_string(std::string& out, std::string_view text);

// Appends compact JSON to a string; puts the commas. The caller closes what it opens, and writes
// key() before each value inside an object.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { begin('{'); }

  void end_object() { end('}'); }

  void begin_array() { begin('['); }

  void end_array() { end(']'); }

  void key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    needs_comma_ = false;
  }

  void string(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }

  void integer(std::int64_t value);

  void boolean(bool value) { literal(value ? "true" : "false"); }

  void null() { literal("null"); }

  // A value that is JSON already.
  void literal(std::string_view json) {
    separate();
    out_ += json;
  }

  // key() and string() in one.
  void member(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }

 private:
  void separate() {
    if (needs_comma_) {
      out_ += ',';
    }
    needs_comma_ = true;
  }

  void begin(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
  }

  void end(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace signet::codec
