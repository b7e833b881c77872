// Reads lines and answers each with one line, so that tests/facts/test_wire.py can hold our wire
// format against botocore's:
//   decode <service> <operation> <form>   -> {"ok": request} or {"error": {"code": ..., "message":
//   ...}} answer <service> <operation>          -> the XML document of an answer whose members all
//   have a value
#include <iostream>
#include <string>
#include <string_view>

#include "codec/form.h"
#include "codec/json_writer.h"
#include "facts/errors.h"
#include "facts/iam_wire.h"
#include "facts/operations.h"
#include "facts/sts_wire.h"

namespace signet {
namespace {

// Text that needs escaping and is not all ASCII.
std::string text(std::string_view name) {
  return std::string(name) + " <&>\"' \xC3\xA9";
}

std::string blob_bytes() {
  return std::string("\0\xFF blob", 7);
}

std::string policy_text() {
  return R"({"a": "b c+d%20/"})";
}

template <class Request, class Write>
std::string dump(const codec::FormParams& form, Write write) {
  Request request;
  const Status status = decode(form, request);
  std::string out;
  codec::JsonWriter writer(out);
  if (!status) {
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.member("code", facts::error_row(status.error().code).wire_code);
    writer.member("message", status.error().message);
    writer.end_object();
    writer.end_object();
    return out;
  }
  out = "{\"ok\":{";
  facts::JsonSink sink(out);
  write(sink, request);
  return out += "}}";
}

template <class Response>
std::string answer(facts::Operation id, const Response& response) {
  std::string out;
  facts::append_answer(out, facts::Format::Xml, facts::operation_row(id), "request-id", response);
  out.pop_back();  // the newline
  return out;
}

}  // namespace

namespace iam {
#include "tests/iam_probe.inc"
}  // namespace iam

namespace sts {
#include "tests/sts_probe.inc"
}  // namespace sts

namespace {

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::string reply(std::string_view line) {
  const std::string_view verb = next_word(line);
  const auto service = next_word(line) == "iam" ? facts::Service::Iam : facts::Service::Sts;
  const facts::OperationRow* const row = facts::find_operation(service, next_word(line));
  if (row == nullptr) {
    return "unknown operation";
  }
  const auto run = [&](const codec::FormParams* form) {
    return service == facts::Service::Iam ? iam::probe(row->id, form) : sts::probe(row->id, form);
  };
  if (verb == "answer") {
    return run(nullptr);
  }
  const auto form = codec::FormParams::parse(line);
  return form ? run(&*form) : "malformed form";
}

}  // namespace
}  // namespace signet

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << signet::reply(line) << '\n' << std::flush;
  }
}
