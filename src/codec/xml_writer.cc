#include "codec/xml_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "codec/impl/escape_scan.h"
#include "codec/utf8.h"

namespace signet::codec {
namespace {

struct Stop {
  auto operator()(impl::Block b) const {
    return (b < 0x20) | (b == '&') | (b == '<') | (b == '>') | (b == '"') | (b > 0x7F);
  }

  bool operator()(std::uint8_t b) const {
    return b < 0x20 || b == '&' || b == '<' || b == '>' || b == '"' || b > 0x7F;
  }
};

// What stands for a byte below 0x80 that plain_prefix stopped at.
std::string_view ascii_escape(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#xD;";
    case '\t':
      return "\t";
    case '\n':
      return "\n";
    default:
      return impl::kReplacement;
  }
}

// &#x1; to &#x1F;
void append_reference(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(c);
  out += "&#x";
  if (value > 0xF) {
    out += kDigits[value >> 4U];
  }
  out += kDigits[value & 0xFU];
  out += ';';
}

}  // namespace

void append_xml_escaped(std::string& out, std::string_view text, Controls controls) {
  while (true) {
    const std::size_t plain = impl::plain_prefix(text, Stop{});
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) {
      return;
    }
    std::uint32_t point = 0;
    const std::size_t size = utf8_sequence(text, point);
    const std::string_view escape = size == 1 ? ascii_escape(text.front()) : std::string_view();
    if (size == 1 && controls == Controls::Reference && escape == impl::kReplacement) {
      append_reference(out, text.front());
    } else if (size == 1) {
      out += escape;
    } else if (size == 0 || point == 0xFFFE || point == 0xFFFF) {
      out += impl::kReplacement;
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

void XmlWriter::open(std::string_view name, std::string_view xml_namespace) {
  out_ += '<';
  out_ += name;
  out_ += " xmlns=\"";
  append_xml_escaped(out_, xml_namespace);
  out_ += "\">";
}

void XmlWriter::type(std::string_view type) {
  out_.pop_back();  // the ">" of the element
  out_ += " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"";
  append_xml_escaped(out_, type);
  out_ += "\">";
}

// One growth of the string for the usual element, whose text needs no escape.
void XmlWriter::element(std::string_view name, std::string_view text) {
  if (impl::plain_prefix(text, Stop{}) != text.size()) {
    open(name);
    append_xml_escaped(out_, text, controls_);
    close(name);
    return;
  }
  const std::size_t before = out_.size();
  const std::size_t total = before + 2 * name.size() + text.size() + 5;
  // The size that libstdc++ 12 hands to the callback may be larger than asked for.
  out_.resize_and_overwrite(total, [&](char* bytes, std::size_t) {
    char* at = bytes + before;
    *at++ = '<';
    at = std::copy(name.begin(), name.end(), at);
    *at++ = '>';
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '<';
    *at++ = '/';
    at = std::copy(name.begin(), name.end(), at);
    *at = '>';
    return total;
  });
}

void XmlWriter::element(std::string_view name, std::int64_t value) {
  std::array<char, 24> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  open(name);
  out_.append(digits.data(), end);
  close(name);
}

}  // namespace signet::codec
