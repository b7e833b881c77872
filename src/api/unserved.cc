#include "api/unserved.h"

#include <cstddef>

#include "api/route.h"
#include "base/strings.h"
#include "codec/form.h"
#include "codec/json_writer.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/signing_names.h"

namespace signet::api {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && equals_ignore_case(text.substr(0, start.size()), start);
}

// Text of the major type 3 (RFC 8949 3.1), of less than 2^16 bytes.
void append_cbor_text(std::string& out, std::string_view text) {
  constexpr unsigned kTextOfTwoByteLength = 0x79;
  out += static_cast<char>(kTextOfTwoByteLength);
  out += static_cast<char>(text.size() >> 8U);
  out += static_cast<char>(text.size() & 0xFFU);
  out += text;
}

std::string cbor_body(std::string_view code, std::string_view message) {
  constexpr unsigned kMapOfTwo = 0xA2;
  std::string body(1, static_cast<char>(kMapOfTwo));
  append_cbor_text(body, "__type");
  append_cbor_text(body, code);
  append_cbor_text(body, "message");
  append_cbor_text(body, message);
  return body;
}

std::string json_body(std::string_view code, std::string_view message) {
  std::string body = "{\"__type\":";
  codec::append_json_string(body, code);
  body += ",\"message\":";
  codec::append_json_string(body, message);
  return body + "}";
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out += concat("<", name, ">");
  codec::append_xml_escaped(out, text);
  out += concat("</", name, ">");
}

std::string ec2_body(std::string_view code, std::string_view message, std::string_view request_id) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>";
  append_element(body, "Code", code);
  append_element(body, "Message", message);
  body += "</Error></Errors>";
  append_element(body, "RequestID", request_id);
  return body + "</Response>";
}

// What the Query services and those with REST and XML have in common.
std::string xml_body(std::string_view code, std::string_view message, std::string_view request_id) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse><Error>";
  append_element(body, "Type", "Sender");
  append_element(body, "Code", code);
  append_element(body, "Message", message);
  body += "</Error>";
  append_element(body, "RequestId", request_id);
  return body + "</ErrorResponse>";
}

std::string body_of(ErrorForm form,
                    std::string_view code,
                    std::string_view message,
                    std::string_view request_id) {
  switch (form) {
    case ErrorForm::Ec2:
      return ec2_body(code, message, request_id);
    case ErrorForm::Json:
      return json_body(code, message);
    case ErrorForm::Cbor:
      return cbor_body(code, message);
    case ErrorForm::Query:
    case ErrorForm::RestXml:
      break;
  }
  return xml_body(code, message, request_id);
}

std::string_view content_type_of(ErrorForm form) {
  switch (form) {
    case ErrorForm::Json:
      return "application/json";
    case ErrorForm::Cbor:
      return "application/cbor";
    case ErrorForm::RestXml:
      return "application/xml";
    case ErrorForm::Ec2:
    case ErrorForm::Query:
      break;
  }
  return "text/xml";
}

}  // namespace

ErrorForm error_form(const http::RequestHead& head, std::string_view service) {
  if (head.find("smithy-protocol").value_or("") == "rpc-v2-cbor") {
    return ErrorForm::Cbor;
  }
  const std::string_view type = head.find("content-type").value_or("");
  const bool is_json = starts_with_ignoring_case(type, "application/x-amz-json") ||
                       starts_with_ignoring_case(type, "application/json");
  if (head.find("x-amz-target") || is_json) {
    return ErrorForm::Json;
  }
  const facts::SigningName* known = facts::find_signing_name(service);
  const auto speaks = [known](std::string_view protocol) {
    return known != nullptr && known->speaks(protocol);
  };
  const bool is_query = has_form_type(head) || !named_operation(head, {}).empty();
  if (is_query) {
    return speaks("ec2") ? ErrorForm::Ec2 : ErrorForm::Query;
  }
  if (speaks("rest-xml")) {
    return ErrorForm::RestXml;
  }
  return speaks("rest-json") || speaks("json") ? ErrorForm::Json : ErrorForm::Query;
}

std::string named_operation(const http::RequestHead& head, std::string_view body) {
  if (const auto target = head.find("x-amz-target")) {
    const std::size_t dot = target->rfind('.');
    return std::string(dot == std::string_view::npos ? *target : target->substr(dot + 1));
  }
  constexpr std::string_view kOperation = "/operation/";  // /service/NAME/operation/NAME
  const std::size_t at = head.path().find(kOperation);
  if (at != std::string_view::npos && head.path().starts_with("/service/")) {
    return std::string(head.path().substr(at + kOperation.size()));
  }
  const auto form = codec::FormParams::parse(head.query(), has_form_type(head) ? body : "");
  return form ? std::string(form->get("Action")) : std::string();
}

http::Response error_answer(ErrorForm form,
                            const Error& error,
                            std::string_view request_id,
                            bool is_head) {
  const facts::ErrorRow& row = facts::error_row(error.code);
  http::Response response{.status = row.status};
  response.headers.add("x-amzn-RequestId", request_id);
  if (form == ErrorForm::Json) {
    response.headers.add("x-amzn-ErrorType", row.wire_code);
  }
  if (form == ErrorForm::Cbor) {
    response.headers.add("smithy-protocol", "rpc-v2-cbor");
  }
  response.headers.add("Content-Type", content_type_of(form));
  if (!is_head) {
    response.body = body_of(form, row.wire_code, error.message, request_id);
  }
  return response;
}

}  // namespace signet::api
