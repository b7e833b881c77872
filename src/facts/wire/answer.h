#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/json_writer.h"
#include "codec/xml_writer.h"
#include "facts/operations.h"

namespace signet::facts {

// The form of a Query answer: JSON when the request says Accept: application/json (aws-wire 1.12).
enum class Format : std::uint8_t { Xml, Json };

[[nodiscard]] std::string_view content_type(Format format);

// Members of an answer as XML (aws-wire 1.3). Generated code calls it; absent optionals write
// nothing, an empty list or structure writes an empty element.
class XmlSink {
 public:
  explicit XmlSink(std::string& out) : writer_(out) {}

  void begin(const OperationRow& operation);
  void end(const OperationRow& operation, std::string_view request_id);

  void field(std::string_view name, const std::string& text) { writer_.element(name, text); }

  void field(std::string_view name, const Secret& secret);

  void field(std::string_view name, std::int64_t value) { writer_.element(name, value); }

  void field(std::string_view name, bool value) {
    writer_.element(name, std::string_view(value ? "true" : "false"));
  }

  void field(std::string_view name, Instant time);
  void blob(std::string_view name, std::string_view bytes);
  void blob(std::string_view name, const Secret& bytes);
  // A policy document, percent-encoded after RFC 3986.
  void document(std::string_view name, std::string_view text);

  [[nodiscard]] std::size_t open(std::string_view name) {
    writer_.open(name);
    return writer_.out().size();
  }

  // Turns <a></a> into <a/>.
  void close(std::string_view name, std::size_t opened);

  [[nodiscard]] std::size_t open_list(std::string_view name) { return open(name); }

  void close_list(std::string_view name, std::size_t opened) { close(name, opened); }

  void item(const std::string& text) { writer_.element("member", text); }

  [[nodiscard]] std::size_t open_item() { return open("member"); }

  void close_item(std::size_t opened) { close("member", opened); }

  void entry(std::string_view key, const std::string& value);
  void entry(std::string_view key, std::int64_t value);
  void entry(std::string_view key, const Secret& value);

 private:
  codec::XmlWriter writer_;
};

// The same as JSON: lists are arrays, maps objects, timestamps seconds since 1970.
class JsonSink {
 public:
  explicit JsonSink(std::string& out) : writer_(out) {}

  void begin(const OperationRow& operation);
  void end(const OperationRow& operation, std::string_view request_id);

  void field(std::string_view name, const std::string& text) { writer_.member(name, text); }

  void field(std::string_view name, const Secret& secret);

  void field(std::string_view name, std::int64_t value);
  void field(std::string_view name, bool value);

  void field(std::string_view name, Instant time) { field(name, time.seconds()); }

  void blob(std::string_view name, std::string_view bytes);
  void blob(std::string_view name, const Secret& bytes);
  void document(std::string_view name, std::string_view text);

  [[nodiscard]] std::size_t open(std::string_view name);

  void close(std::string_view, std::size_t) { writer_.end_object(); }

  [[nodiscard]] std::size_t open_list(std::string_view name);

  void close_list(std::string_view, std::size_t) { writer_.end_array(); }

  void item(const std::string& text) { writer_.string(text); }

  [[nodiscard]] std::size_t open_item();

  void close_item(std::size_t) { writer_.end_object(); }

  void entry(std::string_view key, const std::string& value) { field(key, value); }

  void entry(std::string_view key, std::int64_t value) { field(key, value); }

  void entry(std::string_view key, const Secret& value) { field(key, value); }

 protected:
  [[nodiscard]] codec::JsonWriter& writer() { return writer_; }

 private:
  codec::JsonWriter writer_;
};

// What generated code writes members with; S is XmlSink or JsonSink.
template <class S, class T>
void put(S& sink, std::string_view name, const T& value) {
  sink.field(name, value);
}

template <class S, class T>
void put(S& sink, std::string_view name, const std::optional<T>& value) {
  if (value) {
    sink.field(name, *value);
  }
}

template <class S, class T, class Write>
void put_structure(S& sink, std::string_view name, const T& value, Write write) {
  const std::size_t opened = sink.open(name);
  write(sink, value);
  sink.close(name, opened);
}

template <class S, class T, class Write>
void put_structure(S& sink, std::string_view name, const std::optional<T>& value, Write write) {
  if (value) {
    put_structure(sink, name, *value, write);
  }
}

template <class S>
void put_strings(S& sink, std::string_view name, const std::vector<std::string>& values) {
  const std::size_t opened = sink.open_list(name);
  for (const std::string& value : values) {
    sink.item(value);
  }
  sink.close_list(name, opened);
}

template <class S, class T, class Write>
void put_structures(S& sink, std::string_view name, const std::vector<T>& values, Write write) {
  const std::size_t opened = sink.open_list(name);
  for (const T& value : values) {
    const std::size_t item = sink.open_item();
    write(sink, value);
    sink.close_item(item);
  }
  sink.close_list(name, opened);
}

template <class S, class V>
void put_map(S& sink, std::string_view name, const std::vector<std::pair<std::string, V>>& entries);

// A value of a map: a text, a number, a list of texts or another map.
template <class S, class V>
void put_entry(S& sink, std::string_view key, const V& value) {
  sink.entry(key, value);
}

template <class S>
void put_entry(S& sink, std::string_view key, const std::vector<std::string>& values) {
  put_strings(sink, key, values);
}

template <class S, class V>
void put_entry(S& sink,
               std::string_view key,
               const std::vector<std::pair<std::string, V>>& entries) {
  put_map(sink, key, entries);
}

template <class S, class V>
void put_map(S& sink,
             std::string_view name,
             const std::vector<std::pair<std::string, V>>& entries) {
  const std::size_t opened = sink.open(name);
  for (const auto& [key, value] : entries) {
    put_entry(sink, key, value);
  }
  sink.close(name, opened);
}

// The same for structures, in requests told as JSON: no answer has such a map.
template <class S, class V, class Write>
void put_structure_map(S& sink,
                       std::string_view name,
                       const std::vector<std::pair<std::string, V>>& entries,
                       Write write) {
  const std::size_t opened = sink.open(name);
  for (const auto& [key, value] : entries) {
    put_structure(sink, key, value, write);
  }
  sink.close(name, opened);
}

// The whole document of a successful call. Finds the generated encode(Sink&, const Response&) by
// its argument.
template <class Response>
void append_answer(std::string& out,
                   Format format,
                   const OperationRow& operation,
                   std::string_view request_id,
                   const Response& response) {
  const auto write = [&](auto sink) {
    sink.begin(operation);
    encode(sink, response);
    sink.end(operation, request_id);
  };
  format == Format::Xml ? write(XmlSink(out)) : write(JsonSink(out));
}

// The error document of IAM and STS (aws-wire 1.5, 1.6, 1.12): Type from the error's row, no
// Message when it is empty, and the framework's namespace for InvalidAction.
void append_error(std::string& out,
                  Format format,
                  Service service,
                  const Error& error,
                  std::string_view request_id);

}  // namespace signet::facts
