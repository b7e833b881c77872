#include "http/impl/answer_head.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "http/request_parser.h"

namespace signet::http {
namespace {

using Failure = std::unexpected<std::string>;

bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
  });
}

std::expected<ClientResponse, std::string> parse_fields(std::string_view head) {
  ClientResponse response;
  constexpr std::size_t kShortest = std::string_view("HTTP/1.1 200").size();
  if (!head.starts_with("HTTP/1.") || head.size() < kShortest) {
    return Failure("the answer is not HTTP/1.1");
  }
  const std::string_view digits = head.substr(9, 3);
  const bool is_status = head[8] == ' ' && std::ranges::all_of(digits, is_digit) &&
                         digits[0] >= '1' && digits[0] <= '5';
  const std::size_t end_of_status = head.find("\r\n");
  if (!is_status || end_of_status == std::string_view::npos ||
      !is_field_value(head.substr(0, end_of_status))) {
    return Failure("the status line of the answer is malformed");
  }
  response.status = static_cast<int>(*parse_decimal(digits));
  head.remove_prefix(end_of_status + 2);
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (end == std::string_view::npos || colon == std::string_view::npos ||
        !is_token(line.substr(0, colon)) || !is_field_value(line.substr(colon + 1))) {
      return Failure("a header field of the answer is malformed");
    }
    response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    head.remove_prefix(end + 2);
  }
  return response;
}

// The one value of a field; nothing if it is absent. Copies that say the same count once.
std::expected<std::optional<std::string_view>, std::string> one_value(
    const ClientResponse& response, std::string_view name) {
  std::optional<std::string_view> value;
  for (const auto& [field, text] : response.headers) {
    if (equals_ignore_case(field, name)) {
      if (value && *value != text) {
        return Failure(concat("the answer has several values of ", name));
      }
      value = text;
    }
  }
  return value;
}

}  // namespace

std::expected<AnswerHead, std::string> parse_answer_head(std::string_view head,
                                                         std::string_view method) {
  auto response = parse_fields(head);
  if (!response) {
    return Failure(response.error());
  }
  AnswerHead out{.response = std::move(*response)};
  const bool is_old = head.starts_with("HTTP/1.0");
  const std::string connection = to_lower(out.response.find("Connection").value_or(""));
  out.keeps_open = is_old ? connection == "keep-alive" : connection != "close";
  const auto coding = one_value(out.response, "Transfer-Encoding");
  const auto length = one_value(out.response, "Content-Length");
  if (!coding || !length) {
    return Failure(coding ? length.error() : coding.error());
  }
  const int status = out.response.status;
  const bool is_bodiless = method == "HEAD" || status < 200 || status == 204 || status == 304;
  if (*coding && *length) {
    return Failure("the answer has both Content-Length and Transfer-Encoding");
  }
  if (*coding) {
    if (!equals_ignore_case(**coding, "chunked")) {
      return Failure("the answer has a transfer coding that is not known");
    }
    out.end = BodyEnd::Chunked;
  } else if (*length) {
    const auto bytes = parse_decimal(**length);
    if (!bytes || *bytes < 0) {
      return Failure("the Content-Length of the answer is malformed");
    }
    out.end = BodyEnd::Counted;
    out.length = static_cast<std::uint64_t>(*bytes);
  } else if (!is_bodiless) {
    out.end = BodyEnd::Closed;
    out.keeps_open = false;
  }
  if (is_bodiless) {
    out.end = BodyEnd::None;
  }
  return out;
}

}  // namespace signet::http
