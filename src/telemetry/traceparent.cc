#include "telemetry/traceparent.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/hex.h"

namespace signet::telemetry {
namespace {

constexpr std::size_t kLength = 55;  // of version 00; of later ones, more may follow

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, 2);
  const bool has_end =
      version == "00" ? text.size() == kLength : text.size() == kLength || text[kLength] == '-';
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !has_end || !is_id(trace) || !is_id(span) ||
      !is_hex(flags)) {
    return std::nullopt;
  }
  const std::optional<std::string> bits = codec::decode_hex(flags);
  return TraceParent{.trace_id = std::string(trace),
                     .span_id = std::string(span),
                     .is_sampled = bits && (bits->front() & 1) != 0};
}

}  // namespace signet::telemetry
