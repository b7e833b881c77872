#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "facts/operations.h"
#include "facts/wire/answer.h"

namespace signet::facts {

// The members of an answer of REST with JSON: the body is the object itself, and times are texts
// of ISO 8601.
class BodySink : public JsonSink {
 public:
  explicit BodySink(std::string& out) : JsonSink(out) { writer().begin_object(); }

  using JsonSink::field;

  void field(std::string_view name, Instant time);

  // Closes the body.
  void finish() { writer().end_object(); }
};

// The body of a successful call. Finds the generated encode(BodySink&, const Response&) by its
// argument.
template <class Response>
void append_body(std::string& out, const Response& response) {
  BodySink sink(out);
  encode(sink, response);
  sink.finish();
}

// How services of REST with JSON tell an error: facts/json_errors.tsv, and facts/errors.tsv for
// those that it does not name.
struct JsonErrorRow {
  std::string_view type;  // the header x-amzn-ErrorType
  std::uint16_t status;
  std::string_view error;  // the member `error` of the body; empty: there is none
};

[[nodiscard]] JsonErrorRow json_error_row(Service service, ErrorCode code);

// The body of a refusal.
void append_error_body(std::string& out, const JsonErrorRow& row, const Error& error);

}  // namespace signet::facts
