#include "policy/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/strings.h"

namespace signet::policy {
namespace {

// Bytes that may stand in a JSON string as they are, apart from the UTF-8 check of the whole text.
constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) {
    out.push_back(static_cast<char>(byte));
  };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool has_high_bytes(std::string_view s) {
  std::size_t i = 0;
  std::uint64_t seen = 0;
  for (; i + 8 <= s.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, s.data() + i, 8);
    seen |= word;
  }
  for (; i < s.size(); ++i) {
    seen |= static_cast<unsigned char>(s[i]);
  }
  return (seen & 0x8080808080808080ULL) != 0;
}

}  // namespace

// Recursive descent over the text; depth is bounded by kMaxDepth. Errors keep the first message.
class JsonReader {
 public:
  explicit JsonReader(Json& json) : json_(json), text_(*json.text_) {}

  bool read() {
    skip_space();
    if (!value(1)) {
      return false;
    }
    skip_space();
    return pos_ == text_.size() || error("text after the document");
  }

  JsonError take_error() { return std::move(error_); }

 private:
  bool error(std::string_view message, std::size_t offset) {
    if (error_.message.empty()) {
      error_ = JsonError{.message = std::string(message), .offset = offset};
    }
    return false;
  }

  bool error(std::string_view message) { return error(message, pos_); }

  void skip_space() {
    while (pos_ < text_.size() && is_space(text_[pos_])) {
      ++pos_;
    }
  }

  [[nodiscard]] bool at(char c) const { return pos_ < text_.size() && text_[pos_] == c; }

  NodeId open(JsonKind kind) {
    const auto id = static_cast<NodeId>(json_.nodes_.size());
    JsonNode node;
    node.kind = kind;
    node.span.begin = static_cast<std::uint32_t>(pos_);
    json_.nodes_.push_back(node);
    return id;
  }

  void close(NodeId id) {
    json_.nodes_[id].span.end = static_cast<std::uint32_t>(pos_);
    json_.nodes_[id].next = static_cast<NodeId>(json_.nodes_.size());
  }

  bool value(int depth) {
    if (pos_ >= text_.size()) {
      return error("unexpected end of the document");
    }
    switch (text_[pos_]) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word("true", JsonKind::Bool);
      case 'f':
        return word("false", JsonKind::Bool);
      case 'n':
        return word("null", JsonKind::Null);
      default:
        return number();
    }
  }

  bool word(std::string_view expected, JsonKind kind) {
    if (text_.substr(pos_, expected.size()) != expected) {
      return error("unknown word");
    }
    const NodeId id = open(kind);
    json_.nodes_[id].content = text_.substr(pos_, expected.size());
    pos_ += expected.size();
    close(id);
    return true;
  }

  bool digits() {
    const std::size_t begin = pos_;
    while (pos_ < text_.size() && is_digit(text_[pos_])) {
      ++pos_;
    }
    return pos_ > begin;
  }

  // RFC 8259 6: -? int frac? exp?, no leading zeros.
  bool number() {
    const NodeId id = open(JsonKind::Number);
    const std::size_t begin = pos_;
    if (at('-')) {
      ++pos_;
    }
    if (at('0')) {
      ++pos_;
    } else if (!digits()) {
      return error("unexpected character", begin);
    }
    if (at('.')) {
      ++pos_;
      if (!digits()) {
        return error("a number without digits after its point");
      }
    }
    if (at('e') || at('E')) {
      ++pos_;
      if (at('+') || at('-')) {
        ++pos_;
      }
      if (!digits()) {
        return error("a number without digits in its exponent");
      }
    }
    json_.nodes_[id].content = text_.substr(begin, pos_ - begin);
    close(id);
    return true;
  }

  // Moves to the next byte of a string that means something: a quote, a backslash, a control
  // character.
  void skip_plain() {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1F);
    for (; pos_ + 16 <= text_.size(); pos_ += 16) {
      __m128i block;
      std::memcpy(&block, text_.data() + pos_, sizeof block);
      const __m128i special =
          _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                       _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
      if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special)); mask != 0) {
        pos_ += static_cast<std::size_t>(std::countr_zero(mask));
        return;
      }
    }
#endif
    while (pos_ < text_.size() && is_plain(text_[pos_])) {
      ++pos_;
    }
  }

  bool string() {
    const NodeId id = open(JsonKind::String);
    ++pos_;
    const std::size_t begin = pos_;
    skip_plain();
    if (at('"')) {
      json_.nodes_[id].content = text_.substr(begin, pos_ - begin);
      ++pos_;
      close(id);
      return true;
    }
    auto decoded = std::make_unique<std::string>(text_.substr(begin, pos_ - begin));
    if (!escaped_rest(*decoded)) {
      return false;
    }
    json_.nodes_[id].content = *decoded;
    json_.unescaped_.push_back(std::move(decoded));
    close(id);
    return true;
  }

  bool escaped_rest(std::string& out) {
    while (pos_ < text_.size()) {
      const char c = text_[pos_];
      if (c == '"') {
        ++pos_;
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) {
          return false;
        }
      } else if (is_plain(c)) {
        out.push_back(c);
        ++pos_;
      } else {
        return error("control character in a string");
      }
    }
    return error("string without end");
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (pos_ + 1 >= text_.size()) {
      return error("string without end");
    }
    const char c = text_[pos_ + 1];
    if (c == 'u') {
      return unicode_escape(out);
    }
    const std::size_t index = kFrom.find(c);
    if (index == std::string_view::npos) {
      return error("unknown escape");
    }
    out.push_back(kTo[index]);
    pos_ += 2;
    return true;
  }

  // Reads \uXXXX at pos_; negative when it is none.
  std::int32_t code_unit() {
    if (text_.size() - pos_ < 6 || text_[pos_] != '\\' || text_[pos_ + 1] != 'u') {
      return -1;
    }
    std::int32_t unit = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      const int digit = hex_value(text_[pos_ + i]);
      if (digit < 0) {
        return -1;
      }
      unit = unit * 16 + digit;
    }
    pos_ += 6;
    return unit;
  }

  bool unicode_escape(std::string& out) {
    const std::size_t begin = pos_;
    const std::int32_t first = code_unit();
    if (first < 0) {
      return error("escape without four hexadecimal digits", begin);
    }
    auto point = static_cast<std::uint32_t>(first);
    if (first >= 0xDC00 && first <= 0xDFFF) {
      return error("lone surrogate", begin);
    }
    if (first >= 0xD800 && first <= 0xDBFF) {
      const std::int32_t second = code_unit();
      if (second < 0xDC00 || second > 0xDFFF) {
        return error("lone surrogate", begin);
      }
      point =
          0x10000U + ((point - 0xD800U) << 10U) + (static_cast<std::uint32_t>(second) - 0xDC00U);
    }
    append_utf8(out, point);
    return true;
  }

  bool array(int depth) {
    if (depth > Json::kMaxDepth) {
      return error("nested too deeply");
    }
    const NodeId id = open(JsonKind::Array);
    ++pos_;
    skip_space();
    std::uint32_t count = 0;
    while (!at(']')) {
      if (count > 0 && !comma()) {
        return false;
      }
      if (!value(depth + 1)) {
        return false;
      }
      ++count;
      skip_space();
    }
    ++pos_;
    json_.nodes_[id].count = count;
    close(id);
    return true;
  }

  bool comma() {
    if (!at(',')) {
      return error(pos_ < text_.size() ? "expected a comma" : "unexpected end of the document");
    }
    ++pos_;
    skip_space();
    return true;
  }

  bool object(int depth) {
    if (depth > Json::kMaxDepth) {
      return error("nested too deeply");
    }
    const NodeId id = open(JsonKind::Object);
    ++pos_;
    skip_space();
    std::uint32_t count = 0;
    while (!at('}')) {
      if (count > 0 && !comma()) {
        return false;
      }
      if (!member(depth)) {
        return false;
      }
      ++count;
      skip_space();
    }
    ++pos_;
    json_.nodes_[id].count = count;
    close(id);
    return check_duplicates(id);
  }

  bool member(int depth) {
    if (!at('"')) {
      return error(pos_ < text_.size() ? "expected a member name"
                                       : "unexpected end of the document");
    }
    if (!string()) {
      return false;
    }
    skip_space();
    if (!at(':')) {
      return error("expected a colon");
    }
    ++pos_;
    skip_space();
    return value(depth + 1);
  }

  bool duplicate(NodeId name) {
    return error("repeated member name", json_.nodes_[name].span.begin);
  }

  bool check_duplicates(NodeId object) {
    static constexpr std::size_t kFew = 12;
    std::array<NodeId, kFew> few{};
    const std::vector<JsonNode>& nodes = json_.nodes_;
    if (nodes[object].count > kFew) {
      return check_many_duplicates(object);
    }
    std::size_t n = 0;
    for (NodeId name = object + 1; name < nodes[object].next; name = nodes[name + 1].next) {
      for (std::size_t i = 0; i < n; ++i) {
        if (nodes[few[i]].content == nodes[name].content) {
          return duplicate(name);
        }
      }
      few[n++] = name;
    }
    return true;
  }

  bool check_many_duplicates(NodeId object) {
    const std::vector<JsonNode>& nodes = json_.nodes_;
    std::vector<NodeId> names;
    names.reserve(nodes[object].count);
    for (NodeId name = object + 1; name < nodes[object].next; name = nodes[name + 1].next) {
      names.push_back(name);
    }
    std::sort(names.begin(), names.end(), [&nodes](NodeId a, NodeId b) {
      const int order = nodes[a].content.compare(nodes[b].content);
      return order != 0 ? order < 0 : a < b;
    });
    const auto same = std::adjacent_find(names.begin(), names.end(), [&nodes](NodeId a, NodeId b) {
      return nodes[a].content == nodes[b].content;
    });
    return same == names.end() || duplicate(*(same + 1));
  }

  Json& json_;
  std::string_view text_;
  std::size_t pos_ = 0;
  JsonError error_;
};

std::expected<Json, JsonError> Json::parse(std::string text) {
  if (text.size() >= kNoNode / 2) {
    return std::unexpected(JsonError{.message = "document too large", .offset = 0});
  }
  if (has_high_bytes(text) && !is_utf8(text)) {
    return std::unexpected(JsonError{.message = "not UTF-8", .offset = 0});
  }
  Json json;
  json.text_ = std::make_unique<const std::string>(std::move(text));
  json.nodes_.reserve(json.text_->size() / 16 + 4);
  JsonReader reader(json);
  if (!reader.read()) {
    return std::unexpected(reader.take_error());
  }
  return json;
}

NodeId Json::member(NodeId object, std::string_view name) const {
  if (!is(object, JsonKind::Object)) {
    return kNoNode;
  }
  for (NodeId node = object + 1; node < nodes_[object].next; node = nodes_[node + 1].next) {
    if (nodes_[node].content == name) {
      return node + 1;
    }
  }
  return kNoNode;
}

std::string_view Json::raw(NodeId id) const {
  const Span span = nodes_[id].span;
  return text().substr(span.begin, span.end - span.begin);
}

Position position_of(std::string_view text, std::size_t offset) {
  Position position;
  const std::size_t end = std::min(offset, text.size());
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] == '\n') {
      ++position.line;
      line_begin = i + 1;
    }
  }
  position.column =
      static_cast<std::uint32_t>(utf8_length(text.substr(line_begin, end - line_begin))) + 1;
  return position;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace signet::policy
