#include "http/message.h"

#include <algorithm>

#include "base/strings.h"
#include "http/impl/chars.h"

namespace signet::http {

std::optional<std::string_view> RequestHead::find(std::string_view name) const {
  for (const HeaderView& header : headers) {
    if (header.name.size() == name.size() && equals_ignore_case(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

std::size_t RequestHead::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [name](const HeaderView& header) {
        return equals_ignore_case(header.name, name);
      }));
}

namespace {

// Most answers have few headers: room for them from the start.
constexpr std::size_t kFirstWireSize = 192;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

void tidy_name(char* begin, char* end) {
  std::replace_if(begin, end, [](char c) { return is_control(c) || c == ' ' || c == ':'; }, '-');
}

void tidy_value(char* begin, char* end) {
  std::replace_if(begin, end, [](char c) { return is_control(c) && c != '\t'; }, ' ');
}

}  // namespace

void ResponseHeaders::add(std::string_view name, std::string_view value) {
  const std::size_t start = wire_.size();
  const std::size_t size = start + name.size() + value.size() + 4;
  if (wire_.capacity() < size) {
    wire_.reserve(std::max(size, kFirstWireSize));
  }
  wire_.append(name).append(": ").append(value);
  char* const bytes = wire_.data() + start;
  if (!chars::all_in(chars::kToken, name)) {
    tidy_name(bytes, bytes + name.size());
  }
  if (chars::find_control(value, 0) != value.size()) {
    tidy_value(bytes + name.size() + 2, wire_.data() + wire_.size());
  }
  wire_.append("\r\n");
}

std::optional<std::string_view> ResponseHeaders::find(std::string_view name) const {
  std::string_view rest = wire_;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const std::size_t colon = line.find(": ");
    if (equals_ignore_case(line.substr(0, colon), name)) {
      return line.substr(colon + 2);
    }
  }
  return std::nullopt;
}

std::string_view reason_phrase(int status) {
  struct Row {
    int status;
    std::string_view phrase;
  };

  // IANA HTTP Status Code Registry.
  static constexpr Row kRows[] = {
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  const auto* row = std::find_if(
      std::begin(kRows), std::end(kRows), [status](const Row& r) { return r.status == status; });
  return row == std::end(kRows) ? std::string_view("Unknown") : row->phrase;
}

std::string_view unmapped_address(std::string_view address) {
  constexpr std::string_view kMapped = "::ffff:";
  if (address.size() > kMapped.size() &&
      equals_ignore_case(address.substr(0, kMapped.size()), kMapped) &&
      address.find('.') != std::string_view::npos) {
    return address.substr(kMapped.size());
  }
  return address;
}

}  // namespace signet::http
