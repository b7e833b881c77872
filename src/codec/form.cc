#include "codec/form.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/strings.h"

namespace signet::codec {
namespace {

int digit_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Writes decoded text into a buffer that is large enough, since decoding never lengthens.
class Unescaper {
 public:
  explicit Unescaper(char* out) : out_(out) {}

  // Nothing when an escape is broken or the result is not UTF-8; then fault() says which.
  std::optional<std::string_view> decode(std::string_view text) {
    char* const begin = out_;
    bool is_ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == '+') {
        c = ' ';
      } else if (c == '%') {
        const int high = i + 2 < text.size() ? digit_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
          fault_ = FormFault::BadEscape;
          return std::nullopt;
        }
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
      is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
      *out_++ = c;
    }
    const std::string_view decoded(begin, static_cast<std::size_t>(out_ - begin));
    if (!is_ascii && !is_utf8(decoded)) {
      fault_ = FormFault::NotUtf8;
      return std::nullopt;
    }
    return decoded;
  }

  [[nodiscard]] FormFault fault() const { return fault_; }

 private:
  char* out_;
  FormFault fault_ = FormFault::BadEscape;
};

std::optional<FormFault> split(std::string_view text,
                               Unescaper& unescaper,
                               std::vector<FormParam>& params) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (piece.empty() || piece.front() == '=') {
      continue;
    }
    if (params.size() == FormParams::kMaxParams) {
      return FormFault::TooMany;
    }
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const auto name = unescaper.decode(piece.substr(0, equals));
    const auto value =
        name ? unescaper.decode(piece.substr(std::min(equals + 1, piece.size()))) : std::nullopt;
    if (!value) {
      return unescaper.fault();
    }
    params.push_back({*name, *value});
  }
  return std::nullopt;
}

}  // namespace

std::expected<FormParams, FormFault> FormParams::parse(std::string_view text,
                                                       std::string_view more) {
  FormParams form;
  form.bytes_ = std::make_unique_for_overwrite<char[]>(text.size() + more.size());
  form.params_.reserve(16);
  Unescaper unescaper(form.bytes_.get());
  auto fault = split(text, unescaper, form.params_);
  if (!fault) {
    fault = split(more, unescaper, form.params_);
  }
  if (fault) {
    return std::unexpected(*fault);
  }
  // Names are not empty and lie in the buffer in the order they came in, which keeps equal names in
  // that order.
  std::ranges::sort(form.params_, [](const FormParam& a, const FormParam& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : std::less<>{}(a.name.data(), b.name.data());
  });
  return form;
}

const FormParam* FormParams::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(params_, name, std::ranges::less{}, &FormParam::name);
  return found != params_.end() && found->name == name ? &*found : nullptr;
}

std::string_view FormParams::get(std::string_view name) const {
  const FormParam* const found = find(name);
  return found != nullptr ? found->value : std::string_view();
}

std::span<const FormParam> FormParams::with_prefix(std::string_view prefix) const {
  const auto first =
      std::ranges::lower_bound(params_, prefix, std::ranges::less{}, &FormParam::name);
  const auto last = std::find_if_not(
      first, params_.end(), [&](const FormParam& p) { return p.name.starts_with(prefix); });
  return {first, last};
}

std::optional<std::string_view> FormParams::duplicate() const {
  const auto found = std::ranges::adjacent_find(params_, std::ranges::equal_to{}, &FormParam::name);
  return found != params_.end() ? std::optional(found->name) : std::nullopt;
}

}  // namespace signet::codec
