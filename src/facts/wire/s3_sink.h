#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "codec/xml_writer.h"

namespace signet::facts {

// Takes an answer of S3 from generated code: headers by themselves, the document as text without
// its declaration. What is absent is left out.
class S3Sink {
 public:
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string document;

  template <class T>
  void header(std::string_view name, const std::optional<T>& value) {
    if (value) {
      header(name, *value);
    }
  }

  void header(std::string_view name, const std::string& text) { headers.emplace_back(name, text); }

  void header(std::string_view name, bool value) { header(name, std::string(word(value))); }

  void header(std::string_view name, std::int64_t value) { header(name, std::to_string(value)); }

  void header(std::string_view name, Instant time);

  // The document: the element `name`, whose content `write` makes of a value.
  template <class T, class Write>
  void root(std::string_view name, const std::optional<T>& value, Write write) {
    if (value) {
      root(name, *value, write);
    }
  }

  template <class T, class Write>
  void root(std::string_view name, const T& value, Write write) {
    open_root(name);
    write(value);
    writer_.close(name);
  }

  // The xsi:type of the element that was just opened, the only attribute that answers have.
  void type(const std::optional<std::string>& name);

  template <class T>
  void field(std::string_view name, const std::optional<T>& value) {
    if (value) {
      field(name, *value);
    }
  }

  void field(std::string_view name, const std::string& text) { writer_.element(name, text); }

  void field(std::string_view name, std::int64_t value) { writer_.element(name, value); }

  void field(std::string_view name, bool value) { writer_.element(name, word(value)); }

  void field(std::string_view name, Instant time);

  template <class T, class Write>
  void structure(std::string_view name, const std::optional<T>& value, Write write) {
    if (value) {
      structure(name, *value, write);
    }
  }

  template <class T, class Write>
  void structure(std::string_view name, const T& value, Write write) {
    writer_.open(name);
    write(value);
    writer_.close(name);
  }

  // `name` empty: the items stand in the place of the list.
  template <class T, class Write>
  void list(std::string_view name,
            std::string_view item,
            const std::optional<std::vector<T>>& values,
            Write write) {
    if (values) {
      list(name, item, *values, write);
    }
  }

  template <class T, class Write>
  void list(std::string_view name,
            std::string_view item,
            const std::vector<T>& values,
            Write write) {
    if (!name.empty()) {
      writer_.open(name);
    }
    for (const T& value : values) {
      structure(item, value, write);
    }
    if (!name.empty()) {
      writer_.close(name);
    }
  }

  void text(std::string_view text) { writer_.text(text); }

 private:
  [[nodiscard]] static std::string_view word(bool value) { return value ? "true" : "false"; }

  void open_root(std::string_view name);

  codec::XmlWriter writer_{document, codec::Controls::Reference};
};

}  // namespace signet::facts
