#include "facts/wire/answer.h"

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/uri.h"
#include "facts/errors.h"

namespace signet::facts {
namespace {

constexpr std::string_view kFrameworkNamespace =
    "http://webservices.amazon.com/AWSFault/2005-15-09";

std::string_view fault_type(const ErrorRow& row) {
  return row.is_receiver ? "Receiver" : "Sender";
}

void append_xml_error(std::string& out,
                      Service service,
                      const Error& error,
                      std::string_view request_id) {
  const ErrorRow& row = error_row(error.code);
  codec::XmlWriter writer(out);
  writer.open("ErrorResponse",
              error.code == ErrorCode::InvalidAction ? kFrameworkNamespace
                                                     : service_row(service).xml_namespace);
  writer.open("Error");
  writer.element("Type", fault_type(row));
  writer.element("Code", row.wire_code);
  if (!error.message.empty()) {
    writer.element("Message", error.message);
  }
  writer.close("Error");
  writer.element("RequestId", request_id);
  writer.close("ErrorResponse");
  out += '\n';
}

void append_json_error(std::string& out, const Error& error, std::string_view request_id) {
  const ErrorRow& row = error_row(error.code);
  codec::JsonWriter writer(out);
  writer.begin_object();
  writer.key("Error");
  writer.begin_object();
  writer.member("Code", row.wire_code);
  if (!error.message.empty()) {
    writer.member("Message", error.message);
  }
  writer.member("Type", fault_type(row));
  writer.end_object();
  writer.member("RequestId", request_id);
  writer.end_object();
}

}  // namespace

std::string_view content_type(Format format) {
  return format == Format::Xml ? "text/xml" : "application/json";
}

void XmlSink::begin(const OperationRow& operation) {
  std::string& out = writer_.out();
  out.append("<").append(operation.name).append("Response xmlns=\"");
  out.append(service_row(operation.service).xml_namespace).append("\">");
  if (operation.result != ResultRule::None) {
    out.append("<").append(operation.name).append("Result>");
  }
}

void XmlSink::end(const OperationRow& operation, std::string_view request_id) {
  std::string& out = writer_.out();
  if (operation.result != ResultRule::None) {
    out.append("</").append(operation.name).append("Result>");
  }
  writer_.open("ResponseMetadata");
  writer_.element("RequestId", request_id);
  writer_.close("ResponseMetadata");
  out.append("</").append(operation.name).append("Response>\n");
}

void XmlSink::field(std::string_view name, const Secret& secret) {
  writer_.element(name, secret.reveal(secret_access()));
}

void XmlSink::field(std::string_view name, Instant time) {
  writer_.open(name);
  codec::append_iso8601(writer_.out(), time);
  writer_.close(name);
}

void XmlSink::blob(std::string_view name, std::string_view bytes) {
  writer_.open(name);
  codec::append_base64(writer_.out(), bytes);
  writer_.close(name);
}

void XmlSink::blob(std::string_view name, const Secret& bytes) {
  blob(name, bytes.reveal(secret_access()));
}

void XmlSink::document(std::string_view name, std::string_view text) {
  writer_.open(name);
  codec::append_percent_encoded(writer_.out(), text);
  writer_.close(name);
}

void XmlSink::close(std::string_view name, std::size_t opened) {
  std::string& out = writer_.out();
  if (out.size() == opened) {
    out.back() = '/';
    out += '>';
  } else {
    writer_.close(name);
  }
}

void XmlSink::entry(std::string_view key, const std::string& value) {
  writer_.open("entry");
  writer_.element("key", key);
  writer_.element("value", value);
  writer_.close("entry");
}

void XmlSink::entry(std::string_view key, std::int64_t value) {
  entry(key, std::to_string(value));
}

void XmlSink::entry(std::string_view key, const Secret& value) {
  writer_.open("entry");
  writer_.element("key", key);
  writer_.element("value", value.reveal(secret_access()));
  writer_.close("entry");
}

void JsonSink::begin(const OperationRow& operation) {
  writer_.begin_object();
  writer_.key(concat(operation.name, "Response"));
  writer_.begin_object();
  if (operation.result != ResultRule::None) {
    writer_.key(concat(operation.name, "Result"));
    writer_.begin_object();
  }
}

void JsonSink::end(const OperationRow& operation, std::string_view request_id) {
  if (operation.result != ResultRule::None) {
    writer_.end_object();
  }
  writer_.key("ResponseMetadata");
  writer_.begin_object();
  writer_.member("RequestId", request_id);
  writer_.end_object();
  writer_.end_object();
  writer_.end_object();
}

void JsonSink::field(std::string_view name, std::int64_t value) {
  writer_.key(name);
  writer_.integer(value);
}

void JsonSink::field(std::string_view name, const Secret& secret) {
  writer_.member(name, secret.reveal(secret_access()));
}

void JsonSink::field(std::string_view name, bool value) {
  writer_.key(name);
  writer_.boolean(value);
}

void JsonSink::blob(std::string_view name, std::string_view bytes) {
  writer_.member(name, codec::encode_base64(bytes));
}

void JsonSink::blob(std::string_view name, const Secret& bytes) {
  blob(name, bytes.reveal(secret_access()));
}

void JsonSink::document(std::string_view name, std::string_view text) {
  writer_.member(name, codec::percent_encode(text));
}

std::size_t JsonSink::open(std::string_view name) {
  writer_.key(name);
  writer_.begin_object();
  return 0;
}

std::size_t JsonSink::open_list(std::string_view name) {
  writer_.key(name);
  writer_.begin_array();
  return 0;
}

std::size_t JsonSink::open_item() {
  writer_.begin_object();
  return 0;
}

void append_error(std::string& out,
                  Format format,
                  Service service,
                  const Error& error,
                  std::string_view request_id) {
  if (format == Format::Xml) {
    append_xml_error(out, service, error, request_id);
  } else {
    append_json_error(out, error, request_id);
  }
}

}  // namespace signet::facts
