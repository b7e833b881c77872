#include "sigv4/request.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view RequestView::header(std::string_view lower_name) const {
  for (const HeaderView& field : headers) {
    if (has_name(field, lower_name)) {
      return trim_blanks(field.value);
    }
  }
  return {};
}

bool RequestView::has_header(std::string_view lower_name) const {
  for (const HeaderView& field : headers) {
    if (has_name(field, lower_name)) {
      return true;
    }
  }
  return false;
}

}  // namespace signet::sigv4
