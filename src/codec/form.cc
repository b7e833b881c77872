#include "codec/form.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "base/strings.h"
#include "codec/impl/escape_scan.h"

namespace signet::codec {
namespace {

// What a byte of a form is.
enum Kind : std::uint8_t { Plain, Plus, Percent, Equals, Ampersand, NotAscii };

constexpr std::array<std::uint8_t, 256> kinds() {
  std::array<std::uint8_t, 256> table{};
  table['+'] = Plus;
  table['%'] = Percent;
  table['='] = Equals;
  table['&'] = Ampersand;
  for (std::size_t byte = 0x80; byte < table.size(); ++byte) {
    table[byte] = NotAscii;
  }
  return table;
}

struct IsNotPlain {
  auto operator()(impl::Block b) const {
    return (b == '+') | (b == '%') | (b == '=') | (b == '&') | (b > 0x7F);
  }
};

// Up to so many parameters, looking at each is faster than halving: most differ in length.
constexpr std::size_t kFewParams = 16;

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) {
    table['0' + i] = i;
  }
  for (std::uint8_t i = 0; i < 6; ++i) {
    table['a' + i] = static_cast<std::uint8_t>(10 + i);
    table['A' + i] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}

constexpr auto kKinds = kinds();
constexpr auto kHexValues = hex_values();

// Reads a form from front to back, decoding into a buffer that is large enough, since decoding
// never lengthens; a block more, because plain bytes are copied by whole blocks.
class Splitter {
 public:
  Splitter(std::string_view text, char* out)
      : at_(text.data()), end_(text.data() + text.size()), out_(out) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }

  [[nodiscard]] char* out() const { return out_; }

  // Decodes up to '&' or the end, a name also up to '='. Nothing, with fault(), when an escape is
  // broken or the result is not UTF-8.
  std::optional<std::string_view> piece(bool is_name) {
    char* const begin = out_;
    std::uint8_t seen = 0;
    while (copy_plain()) {
      auto byte = static_cast<std::uint8_t>(*at_);
      const std::uint8_t kind = kKinds[byte];
      if (kind == Ampersand || (kind == Equals && is_name)) {
        break;
      }
      if (kind == Plus) {
        byte = ' ';
      } else if (kind == Percent && !escape(byte)) {
        return std::nullopt;
      }
      ++at_;
      seen |= byte;
      *out_++ = static_cast<char>(byte);
    }
    const std::string_view decoded(begin, static_cast<std::size_t>(out_ - begin));
    if (seen >= 0x80 && !is_utf8(decoded)) {
      fault_ = FormFault::NotUtf8;
      return std::nullopt;
    }
    return decoded;
  }

  bool take(char c) {
    const bool is_there = at_ != end_ && *at_ == c;
    at_ += is_there ? 1 : 0;
    return is_there;
  }

  void skip_piece() { at_ = std::find(at_, end_, '&'); }

  [[nodiscard]] FormFault fault() const { return fault_; }

 private:
  // Whether a byte that is not plain comes next.
  bool copy_plain() {
    while (static_cast<std::size_t>(end_ - at_) >= sizeof(impl::Block)) {
      impl::Block block;
      std::memcpy(&block, at_, sizeof(block));
      std::memcpy(out_, &block, sizeof(block));
      const std::size_t plain = impl::first_hit(IsNotPlain{}(block));
      at_ += plain;
      out_ += plain;
      if (plain != sizeof(block)) {
        return true;
      }
    }
    while (at_ != end_ && kKinds[static_cast<std::uint8_t>(*at_)] == Plain) {
      *out_++ = *at_++;
    }
    return at_ != end_;
  }

  // At '%': leaves at_ on the last digit.
  bool escape(std::uint8_t& byte) {
    if (end_ - at_ < 3) {
      return false;
    }
    const std::uint8_t high = kHexValues[static_cast<std::uint8_t>(at_[1])];
    const std::uint8_t low = kHexValues[static_cast<std::uint8_t>(at_[2])];
    at_ += 2;
    byte = static_cast<std::uint8_t>(high << 4U | low);
    return high != kNoDigit && low != kNoDigit;
  }

  const char* at_;
  const char* end_;
  char* out_;
  FormFault fault_ = FormFault::BadEscape;
};

std::optional<FormFault> split(Splitter& in, std::vector<FormParam>& params) {
  while (!in.at_end()) {
    if (in.take('&')) {
      continue;
    }
    if (in.take('=')) {
      in.skip_piece();
      continue;
    }
    if (params.size() == FormParams::kMaxParams) {
      return FormFault::TooMany;
    }
    const auto name = in.piece(true);
    if (!name) {
      return in.fault();
    }
    const auto value = in.take('=') ? in.piece(false) : std::string_view();
    if (!value) {
      return in.fault();
    }
    params.push_back({*name, *value});
  }
  return std::nullopt;
}

}  // namespace

std::expected<FormParams, FormFault> FormParams::parse(std::string_view text,
                                                       std::string_view more) {
  FormParams form;
  form.bytes_ =
      std::make_unique_for_overwrite<char[]>(text.size() + more.size() + sizeof(impl::Block));
  form.params_.reserve(16);
  Splitter first(text, form.bytes_.get());
  auto fault = split(first, form.params_);
  if (!fault) {
    Splitter second(more, first.out());
    fault = split(second, form.params_);
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
  if (params_.size() <= kFewParams) {
    const auto one = std::ranges::find(params_, name, &FormParam::name);
    return one != params_.end() ? &*one : nullptr;
  }
  const auto found = std::ranges::lower_bound(params_, name, std::ranges::less{}, &FormParam::name);
  return found != params_.end() && found->name == name ? &*found : nullptr;
}

std::string_view FormParams::get(std::string_view name) const {
  const FormParam* const found = find(name);
  return found != nullptr ? found->value : std::string_view();
}

std::span<const FormParam> FormParams::with_prefix(std::string_view prefix) const {
  const auto has_prefix = [&](const FormParam& p) {
    return p.name.starts_with(prefix);
  };
  const auto first =
      params_.size() <= kFewParams
          ? std::ranges::find_if(params_, has_prefix)
          : std::ranges::lower_bound(params_, prefix, std::ranges::less{}, &FormParam::name);
  const auto last = std::find_if_not(first, params_.end(), has_prefix);
  return {first, last};
}

std::optional<std::string_view> FormParams::duplicate() const {
  const auto found = std::ranges::adjacent_find(params_, std::ranges::equal_to{}, &FormParam::name);
  return found != params_.end() ? std::optional(found->name) : std::nullopt;
}

}  // namespace signet::codec
