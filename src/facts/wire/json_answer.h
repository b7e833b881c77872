#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "facts/operations.h"
#include "facts/wire/answer.h"

namespace signet::facts {

// Times are texts of ISO 8601 in services of REST with JSON, and seconds since 1970 where
// X-Amz-Target names the operation.
enum class TimeForm : std::uint8_t { Iso8601, Seconds };

// The members of an answer of JSON: the body is the object itself.
class BodySink : public JsonSink {
 public:
  explicit BodySink(std::string& out, TimeForm times = TimeForm::Iso8601)
      : JsonSink(out), times_(times) {
    writer().begin_object();
  }

  using JsonSink::field;

  void field(std::string_view name, Instant time);

  // Closes the body.
  void finish() { writer().end_object(); }

 private:
  TimeForm times_;
};

// The body of a successful call. Finds the generated encode(BodySink&, const Response&) by its
// argument.
template <class Response>
void append_body(std::string& out, const Response& response, TimeForm times = TimeForm::Iso8601) {
  BodySink sink(out, times);
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

// The same where X-Amz-Target names the operation: the type stands in the body.
void append_typed_error_body(std::string& out, const JsonErrorRow& row, const Error& error);

}  // namespace signet::facts
