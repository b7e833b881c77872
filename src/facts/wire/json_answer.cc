#include "facts/wire/json_answer.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"

namespace signet::facts {
namespace {

// A row of facts/json_errors.tsv: of one service, or of all.
struct ErrorName {
  ErrorCode code;
  bool is_of_all;
  Service service;
  JsonErrorRow row;
};

constexpr auto kErrorNames = std::to_array<ErrorName>({
#include "facts/json_errors_table.inc"
});

}  // namespace

void BodySink::field(std::string_view name, Instant time) {
  if (times_ == TimeForm::Seconds) {
    JsonSink::field(name, time);
    return;
  }
  std::string text;
  codec::append_iso8601(text, time);
  writer().member(name, text);
}

JsonErrorRow json_error_row(Service service, ErrorCode code) {
  const ErrorName* of_all = nullptr;
  for (const ErrorName& name : kErrorNames) {
    if (name.code == code && !name.is_of_all && name.service == service) {
      return name.row;
    }
    of_all = name.code == code && name.is_of_all ? &name : of_all;
  }
  if (of_all != nullptr) {
    return of_all->row;
  }
  const ErrorRow& row = error_row(code);
  return {.type = row.wire_code, .status = row.status, .error = {}};
}

void append_error_body(std::string& out, const JsonErrorRow& row, const Error& error) {
  codec::JsonWriter writer(out);
  writer.begin_object();
  if (!row.error.empty()) {
    writer.member("error", row.error);
  }
  writer.member("message", error.message);
  writer.end_object();
}

void append_typed_error_body(std::string& out, const JsonErrorRow& row, const Error& error) {
  codec::JsonWriter writer(out);
  writer.begin_object();
  writer.member("__type", row.type);
  writer.member("message", error.message);
  writer.end_object();
}

}  // namespace signet::facts
