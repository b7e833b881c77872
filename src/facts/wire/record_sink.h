#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/secret.h"
#include "codec/json_writer.h"

namespace signet::facts {

// Members of a request or an answer as an audit record tells them, in CloudTrail's shape
// (aws-wire 7.1). Generated code calls it as it calls XmlSink and JsonSink. Secrets write nothing,
// and a text is cut at kLongestText bytes.
class RecordSink {
 public:
  // As long as a policy document may be.
  static constexpr std::size_t kLongestText = 131'072;

  explicit RecordSink(std::string& out) : writer_(out) { writer_.begin_object(); }

  // Closes the object.
  void end() { writer_.end_object(); }

  void field(std::string_view name, const std::string& text);

  void field(std::string_view /*name*/, const Secret& /*secret*/) {}

  void field(std::string_view name, std::int64_t value);
  void field(std::string_view name, bool value);
  // Jul 18, 2023, 4:07:39 PM
  void field(std::string_view name, Instant time);

  void blob(std::string_view /*name*/, std::string_view /*bytes*/) {}

  void blob(std::string_view /*name*/, const Secret& /*bytes*/) {}

  void document(std::string_view name, std::string_view text);

  [[nodiscard]] std::size_t open(std::string_view name);

  void close(std::string_view, std::size_t) { writer_.end_object(); }

  [[nodiscard]] std::size_t open_list(std::string_view name);

  void close_list(std::string_view, std::size_t) { writer_.end_array(); }

  void item(const std::string& text);

  [[nodiscard]] std::size_t open_item();

  void close_item(std::size_t) { writer_.end_object(); }

  void entry(std::string_view key, const std::string& value) { field(key, value); }

  void entry(std::string_view key, std::int64_t value) { field(key, value); }

  void entry(std::string_view /*key*/, const Secret& /*value*/) {}

 private:
  codec::JsonWriter writer_;
};

}  // namespace signet::facts
