#include "sigv4/request.h"

namespace signet::sigv4 {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
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
