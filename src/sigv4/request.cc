#include "sigv4/request.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::string_view RequestView::header(std::string_view lower_name) const {
  for (const HeaderView& field : headers) {
    if (has_name(field, lower_name)) {
      return trimmed(field.value);
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
