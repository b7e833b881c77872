#include "http/request_parser.h"

#include <algorithm>

#include "base/strings.h"
#include "http/impl/chars.h"

namespace signet::http {
namespace {

constexpr std::size_t kMethodMax = 32;

constexpr Refusal kBadRequestLine{400, "The request line is malformed."};
constexpr Refusal kBadTarget{400, "The request target is malformed."};
constexpr Refusal kBadVersion{505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
constexpr Refusal kBadField{400, "A header field is malformed."};
constexpr Refusal kTooManyFields{431, "The request has too many header fields."};
constexpr Refusal kHeadTooLong{431, "The request line and headers are too long."};
constexpr Refusal kTargetTooLong{414, "The request target is too long."};
constexpr Refusal kNoHost{400, "An HTTP/1.1 request needs a Host header."};
constexpr Refusal kBadHost{400,
                           "The Host header is malformed, repeated, or differs from the target."};
constexpr Refusal kBadLength{400, "The Content-Length is malformed or repeated."};
constexpr Refusal kBadCoding{400, "The Transfer-Encoding is repeated or not allowed here."};
constexpr Refusal kUnknownCoding{501, "The only transfer coding known here is chunked."};
constexpr Refusal kBadExpect{417, "The only expectation known here is 100-continue."};
constexpr Refusal kNoTunnels{501, "CONNECT is not supported."};

// Recipients should skip a stray CR LF before the request line (RFC 9112 2.2); one is enough.
constexpr std::size_t kUsualFields = 32;

std::size_t leading_blank_line(std::string_view input) {
  return input.starts_with("\r\n") ? 2 : 0;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && chars::all_in(chars::kToken, text);
}

RequestParser::RequestParser(const Limits& limits) : limits_(limits) {}

void RequestParser::reset() {
  size_ = 0;
  searched_ = 0;
  refusal_ = {};
}

RequestParser::Outcome RequestParser::refuse(Refusal why) {
  refusal_ = why;
  return Outcome::Refused;
}

RequestParser::Line RequestParser::bad(Refusal why) {
  refusal_ = why;
  return Line::Refused;
}

RequestParser::Outcome RequestParser::too_long(std::string_view input) {
  const std::size_t line_end = input.find("\r\n", leading_blank_line(input));
  const bool is_line_too_long = line_end == std::string_view::npos || line_end > limits_.head_bytes;
  return refuse(is_line_too_long ? kTargetTooLong : kHeadTooLong);
}

RequestParser::Outcome RequestParser::parse(std::string_view input) {
  // After a first incomplete try, wait for the end of the head before trying again: a client that
  // sends byte by byte must not cost quadratic time.
  if (searched_ != 0) {
    const std::size_t from = searched_ > 3 ? searched_ - 3 : 0;
    if (input.find("\r\n\r\n", from) == std::string_view::npos) {
      searched_ = input.size();
      return input.size() > limits_.head_bytes ? too_long(input) : Outcome::NeedMore;
    }
  }

  head_ = RequestHead{};
  headers_.clear();
  headers_.reserve(kUsualFields);
  authority_ = {};
  hosts_ = 0;
  transfer_encodings_ = 0;
  is_kept_alive_ = false;
  std::size_t at = leading_blank_line(input);
  Line line = request_line(input, at);
  while (line == Line::Ok && !input.substr(at).starts_with("\r\n")) {
    line = field_line(input, at);
  }
  if (line == Line::Refused) {
    return Outcome::Refused;
  }
  if (line == Line::NeedMore) {
    searched_ = input.size();
    return input.size() > limits_.head_bytes ? too_long(input) : Outcome::NeedMore;
  }
  size_ = at + 2;
  if (size_ > limits_.head_bytes) {
    return too_long(input);
  }
  return complete() ? Outcome::Complete : Outcome::Refused;
}

RequestParser::Line RequestParser::request_line(std::string_view input, std::size_t& at) {
  std::size_t end = at;
  while (end < input.size() && chars::in(chars::kToken, input[end])) {
    ++end;
  }
  if (end - at > kMethodMax) {
    return bad(kBadRequestLine);
  }
  if (end == input.size()) {
    // A lone CR may still become the stray blank line.
    return Line::NeedMore;
  }
  if (end == at && input.substr(at) == "\r") {
    return Line::NeedMore;
  }
  if (end == at || input[end] != ' ') {
    return bad(kBadRequestLine);
  }
  head_.method = input.substr(at, end - at);

  const std::size_t target_at = end + 1;
  end = target_at;
  while (end < input.size() && chars::in(chars::kTarget, input[end])) {
    ++end;
  }
  if (end == input.size()) {
    return Line::NeedMore;
  }
  if (input[end] != ' ' || end == target_at) {
    return bad(kBadTarget);
  }
  const std::string_view target = input.substr(target_at, end - target_at);

  constexpr std::string_view kVersion = "HTTP/1.";
  const std::string_view rest = input.substr(end + 1);
  if (rest.size() < kVersion.size() + 3) {
    return Line::NeedMore;
  }
  if (!rest.starts_with("HTTP/") || !is_digit(rest[5]) || rest[6] != '.' || !is_digit(rest[7]) ||
      rest[8] != '\r' || rest[9] != '\n') {
    return bad(kBadRequestLine);
  }
  if (rest[5] != '1' || rest[7] > '1') {
    return bad(kBadVersion);
  }
  head_.minor_version = rest[7] - '0';
  at = end + 1 + kVersion.size() + 3;
  return split_target(target) ? Line::Ok : Line::Refused;
}

// Origin, absolute and asterisk form (RFC 9112 3.2).
bool RequestParser::split_target(std::string_view target) {
  if (head_.method == "CONNECT") {
    refusal_ = kNoTunnels;
    return false;
  }
  if (target.front() == '/' || (target == "*" && head_.method == "OPTIONS")) {
    head_.target = target;
    return true;
  }
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  std::size_t scheme = 0;
  if (equals_ignore_case(target.substr(0, kHttp.size()), kHttp)) {
    scheme = kHttp.size();
  } else if (equals_ignore_case(target.substr(0, kHttps.size()), kHttps)) {
    scheme = kHttps.size();
  }
  const std::string_view rest = target.substr(scheme);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  authority_ = rest.substr(0, end);
  if (scheme == 0 || authority_.empty() || !chars::all_in(chars::kAuthority, authority_) ||
      (end < rest.size() && rest[end] == '?')) {
    refusal_ = kBadTarget;
    return false;
  }
  head_.target = end == rest.size() ? std::string_view("/") : rest.substr(end);
  return true;
}

RequestParser::Line RequestParser::field_line(std::string_view input, std::size_t& at) {
  std::size_t colon = at;
  while (colon < input.size() && chars::in(chars::kToken, input[colon])) {
    ++colon;
  }
  if (colon == input.size() || (colon == at && input.substr(at) == "\r")) {
    return Line::NeedMore;
  }
  if (colon == at || input[colon] != ':') {
    return bad(kBadField);
  }
  std::size_t end = chars::find_control(input, colon + 1);
  while (end < input.size() && input[end] == '\t') {
    end = chars::find_control(input, end + 1);
  }
  if (end == input.size() || (end + 1 == input.size() && input[end] == '\r')) {
    return Line::NeedMore;
  }
  if (input[end] != '\r' || input[end + 1] != '\n') {
    return bad(kBadField);
  }
  if (headers_.size() == limits_.header_count) {
    return bad(kTooManyFields);
  }
  const std::string_view name = input.substr(at, colon - at);
  const std::string_view value = trimmed(input.substr(colon + 1, end - colon - 1));
  headers_.push_back(HeaderView{.name = name, .value = value});
  at = end + 2;
  return interpret(name, value) ? Line::Ok : Line::Refused;
}

bool RequestParser::interpret(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      return !equals_ignore_case(name, "host") || interpret_host(value);
    case 6:
      if (equals_ignore_case(name, "expect")) {
        head_.expects_continue = equals_ignore_case(value, "100-continue");
        if (!head_.expects_continue) {
          refusal_ = kBadExpect;
          return false;
        }
      }
      return true;
    case 10:
      if (equals_ignore_case(name, "connection")) {
        interpret_connection(value);
      }
      return true;
    case 14:
      return !equals_ignore_case(name, "content-length") || interpret_content_length(value);
    case 17:
      return !equals_ignore_case(name, "transfer-encoding") || interpret_transfer_encoding(value);
    default:
      return true;
  }
}

bool RequestParser::interpret_host(std::string_view value) {
  head_.host = value;
  ++hosts_;
  if (hosts_ > 1 || !chars::all_in(chars::kAuthority, value)) {
    refusal_ = kBadHost;
    return false;
  }
  return true;
}

bool RequestParser::interpret_content_length(std::string_view value) {
  const std::optional<std::int64_t> length = parse_decimal(value);
  if (head_.content_length.has_value() || !length.has_value()) {
    refusal_ = kBadLength;
    return false;
  }
  head_.content_length = static_cast<std::uint64_t>(*length);
  return true;
}

bool RequestParser::interpret_transfer_encoding(std::string_view value) {
  ++transfer_encodings_;
  head_.chunked = equals_ignore_case(value, "chunked");
  if (transfer_encodings_ > 1) {
    refusal_ = kBadCoding;
    return false;
  }
  if (!head_.chunked) {
    refusal_ = kUnknownCoding;
    return false;
  }
  return true;
}

void RequestParser::interpret_connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trimmed(value.substr(0, comma));
    head_.wants_close = head_.wants_close || equals_ignore_case(option, "close");
    is_kept_alive_ = is_kept_alive_ || equals_ignore_case(option, "keep-alive");
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
  }
}

// What can only be judged with all fields seen.
bool RequestParser::complete() {
  const bool is_1_0 = head_.minor_version == 0;
  if (!is_1_0 && hosts_ == 0) {
    refusal_ = kNoHost;
    return false;
  }
  if (!authority_.empty()) {
    if (hosts_ == 1 && !equals_ignore_case(head_.host, authority_)) {
      refusal_ = kBadHost;
      return false;
    }
    head_.host = authority_;
  }
  if (head_.chunked && (head_.content_length.has_value() || is_1_0)) {
    refusal_ = kBadCoding;
    return false;
  }
  if (is_1_0) {
    head_.expects_continue = false;  // RFC 9110 10.1.1
    head_.wants_close = head_.wants_close || !is_kept_alive_;
  }
  head_.headers = headers_;
  return true;
}

}  // namespace signet::http
