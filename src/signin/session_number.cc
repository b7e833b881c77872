#include "signin/session_number.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/uri.h"

namespace signet::signin {
namespace {

constexpr std::string_view kParameter = "session";
constexpr std::string_view kHeader = "x-signet-session";

// Where the parameter begins, and its length with the sign before it; npos: it is not there.
std::size_t parameter_at(std::string_view place, std::size_t& size) {
  const std::string_view path = place.substr(0, place.find('#'));
  for (std::size_t at = path.find('?'); at != std::string_view::npos; at = path.find('&', at + 1)) {
    const std::string_view pair = path.substr(at + 1, path.find('&', at + 1) - at - 1);
    if (pair.starts_with(kParameter) && pair.substr(kParameter.size()).starts_with('=')) {
      size = pair.size() + 1;
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::size_t> number_of_session(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const bool is_number = text.size() == 1 && is_digit(text[0]);
  const std::size_t number = is_number ? static_cast<std::size_t>(text[0] - '0') : kMostSessions;
  return number < kMostSessions ? std::optional(number) : std::nullopt;
}

std::optional<std::size_t> session_number(const api::WebRequest& request) {
  for (const http::HeaderView& header : request.head->headers) {
    if (equals_ignore_case(header.name, kHeader)) {
      return number_of_session(trimmed(header.value));
    }
  }
  return number_of_session(request.param(kParameter));
}

std::string_view session_in(std::string_view place) {
  std::size_t size = 0;
  const std::size_t at = parameter_at(place, size);
  return at == std::string_view::npos
             ? std::string_view()
             : place.substr(at + kParameter.size() + 2, size - kParameter.size() - 2);
}

std::string with_session(std::string_view place, std::size_t number) {
  std::string out(place);
  std::size_t size = 0;
  if (const std::size_t at = parameter_at(place, size); at != std::string_view::npos) {
    out.erase(at, size);
    if (place[at] == '?' && at < out.size() && out[at] == '&') {
      out[at] = '?';
    }
  }
  if (number == 0) {
    return out;
  }
  const std::size_t fragment = std::min(out.find('#'), out.size());
  const char sign = out.substr(0, fragment).find('?') == std::string::npos ? '?' : '&';
  out.insert(fragment, concat(std::string(1, sign), kParameter, "=", std::to_string(number)));
  return out;
}

std::string sign_in_place(std::size_t number) {
  constexpr std::string_view kSignIn = "/_console/signin";
  return number == 0
             ? std::string(kSignIn)
             : concat(kSignIn, "?to=", codec::percent_encode(with_session("/_console/", number)));
}

}  // namespace signet::signin
