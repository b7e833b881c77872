#include "policy_language/policy_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/assertion.h"
#include "base/strings.h"
#include "policy_language/bytes.h"

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
// The text ends in a NUL that is not part of it (std::string), so looking at the next byte needs no
// test for the end.
class JsonReader {
 public:
  explicit JsonReader(PolicyJson& json)
      : json_(json),
        begin_(json.text_->c_str()),
        end_(begin_ + json.text_->size()),
        at_(begin_),
        room_(json.text_->size() / 2 + PolicyJson::kMaxDepth + 2),
        nodes_(std::make_unique_for_overwrite<PolicyJson::Node[]>(room_)) {}

  bool read() {
    skip_space();
    if (!value(1)) {
      return false;
    }
    skip_space();
    if (at_ != end_) {
      return error("text after the document");
    }
    json_.nodes_.assign(nodes_.get(), nodes_.get() + count_);
    return true;
  }

  JsonError take_error() { return std::move(error_); }

 private:
  bool error(std::string_view message, const char* where) {
    if (error_.message.empty()) {
      error_ = JsonError{.message = std::string(message),
                         .offset = static_cast<std::size_t>(where - begin_)};
    }
    return false;
  }

  bool error(std::string_view message) { return error(message, at_); }

  void skip_space() {
    while (is_space(*at_)) {
      ++at_;
    }
  }

  [[nodiscard]] bool at(char c) const { return *at_ == c; }

  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }

  [[nodiscard]] NodeId next() const { return count_; }

  PolicyJson::Node& fresh() {
    SIGNET_ASSERT(count_ < room_);
    return nodes_[count_++];
  }

  NodeId open(JsonKind kind) {
    PolicyJson::Node& node = fresh();
    node.begin = offset();
    node.kind = kind;
    return count_ - 1;
  }

  bool close(NodeId id, std::uint32_t count) {
    PolicyJson::Node& node = nodes_[id];
    node.end = offset();
    node.next = next();
    node.count = count & PolicyJson::kPlainString;
    return true;
  }

  // A value without others inside, which began at `begin` and ends here.
  bool leaf(JsonKind kind, const char* begin, std::uint32_t count) {
    PolicyJson::Node& node = fresh();
    node.begin = static_cast<std::uint32_t>(begin - begin_);
    node.end = offset();
    node.next = count_;
    node.kind = kind;
    node.count = count & PolicyJson::kPlainString;
    return true;
  }

  bool value(int depth) {
    switch (*at_) {
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
        return at_ == end_ ? error("unexpected end of the document") : number();
    }
  }

  bool word(std::string_view expected, JsonKind kind) {
    if (std::string_view(at_, left()).substr(0, expected.size()) != expected) {
      return error("unknown word");
    }
    const char* begin = at_;
    at_ += expected.size();
    return leaf(kind, begin, 0);
  }

  bool digits() {
    const char* begin = at_;
    while (is_digit(*at_)) {
      ++at_;
    }
    return at_ > begin;
  }

  // RFC 8259 6: -? int frac? exp?, no leading zeros.
  bool number() {
    const char* begin = at_;
    if (at('-')) {
      ++at_;
    }
    if (at('0')) {
      ++at_;
    } else if (!digits()) {
      return error("unexpected character", begin);
    }
    if (at('.')) {
      ++at_;
      if (!digits()) {
        return error("a number without digits after its point");
      }
    }
    if (at('e') || at('E')) {
      ++at_;
      if (at('+') || at('-')) {
        ++at_;
      }
      if (!digits()) {
        return error("a number without digits in its exponent");
      }
    }
    return leaf(JsonKind::Number, begin, 0);
  }

  // Moves to the next byte of a string that means something: a quote, a backslash, a control
  // character (the NUL at the end is one).
  void skip_plain() {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1F);
    for (; left() >= 16; at_ += 16) {
      __m128i block;
      std::memcpy(&block, at_, sizeof block);
      const __m128i special =
          _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                       _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
      if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special)); mask != 0) {
        at_ += static_cast<std::size_t>(std::countr_zero(mask));
        return;
      }
    }
#endif
    while (is_plain(*at_)) {
      ++at_;
    }
  }

  bool string() {
    const char* begin = at_;
    ++at_;
    skip_plain();
    if (at('"')) {
      ++at_;
      return leaf(JsonKind::String, begin, PolicyJson::kPlainString);
    }
    auto decoded = std::make_unique<std::string>(begin + 1, at_);
    if (!escaped_rest(*decoded)) {
      return false;
    }
    json_.unescaped_.push_back(std::move(decoded));
    return leaf(JsonKind::String, begin, static_cast<std::uint32_t>(json_.unescaped_.size() - 1));
  }

  bool escaped_rest(std::string& out) {
    while (at_ != end_) {
      const char c = *at_;
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) {
          return false;
        }
      } else if (is_plain(c)) {
        out.push_back(c);
        ++at_;
      } else {
        return error("control character in a string");
      }
    }
    return error("string without end");
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (left() < 2) {
      return error("string without end");
    }
    const char c = at_[1];
    if (c == 'u') {
      return unicode_escape(out);
    }
    const std::size_t index = kFrom.find(c);
    if (index == std::string_view::npos) {
      return error("unknown escape");
    }
    out.push_back(kTo[index]);
    at_ += 2;
    return true;
  }

  // Reads \uXXXX here; negative when it is none.
  std::int32_t code_unit() {
    if (left() < 6 || at_[0] != '\\' || at_[1] != 'u') {
      return -1;
    }
    std::int32_t unit = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      const int digit = hex_value(at_[i]);
      if (digit < 0) {
        return -1;
      }
      unit = unit * 16 + digit;
    }
    at_ += 6;
    return unit;
  }

  bool unicode_escape(std::string& out) {
    const char* begin = at_;
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
    if (depth > PolicyJson::kMaxDepth) {
      return error("nested too deeply");
    }
    const NodeId id = open(JsonKind::Array);
    ++at_;
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
    ++at_;
    return close(id, count);
  }

  bool comma() {
    if (!at(',')) {
      return error(at_ != end_ ? "expected a comma" : "unexpected end of the document");
    }
    ++at_;
    skip_space();
    return true;
  }

  bool object(int depth) {
    if (depth > PolicyJson::kMaxDepth) {
      return error("nested too deeply");
    }
    const NodeId id = open(JsonKind::Object);
    ++at_;
    skip_space();
    std::array<NodeId, kFew> names;  // of the first members
    std::uint32_t count = 0;
    while (!at('}')) {
      if (count > 0 && !comma()) {
        return false;
      }
      if (count < kFew) {
        names[count] = next();
      }
      if (!member(depth)) {
        return false;
      }
      ++count;
      skip_space();
    }
    ++at_;
    close(id, count);
    return count <= kFew ? check_duplicates({names.data(), count}) : check_many_duplicates(id);
  }

  bool member(int depth) {
    if (!at('"')) {
      return error(at_ != end_ ? "expected a member name" : "unexpected end of the document");
    }
    if (!string()) {
      return false;
    }
    skip_space();
    if (!at(':')) {
      return error("expected a colon");
    }
    ++at_;
    skip_space();
    return value(depth + 1);
  }

  [[nodiscard]] std::string_view content(NodeId name) const {
    return json_.content_of(nodes_[name]);
  }

  bool duplicate(NodeId name) { return error("repeated member name", begin_ + nodes_[name].begin); }

  bool check_duplicates(std::span<const NodeId> names) {
    std::array<std::string_view, kFew> texts;
    for (std::size_t n = 0; n < names.size(); ++n) {
      texts[n] = content(names[n]);
      for (std::size_t i = 0; i < n; ++i) {
        if (same_bytes(texts[i], texts[n])) {
          return duplicate(names[n]);
        }
      }
    }
    return true;
  }

  bool check_many_duplicates(NodeId object) {
    std::vector<NodeId> names;
    names.reserve(nodes_[object].count);
    for (NodeId name = object + 1; name < nodes_[object].next; name = nodes_[name + 1].next) {
      names.push_back(name);
    }
    std::sort(names.begin(), names.end(), [this](NodeId a, NodeId b) {
      const int order = content(a).compare(content(b));
      return order != 0 ? order < 0 : a < b;
    });
    const auto same = std::adjacent_find(names.begin(), names.end(), [this](NodeId a, NodeId b) {
      return content(a) == content(b);
    });
    return same == names.end() || duplicate(*(same + 1));
  }

  static constexpr std::size_t kFew = 12;

  PolicyJson& json_;
  const char* begin_;
  const char* end_;
  const char* at_;
  // A value and what parts it from the next, or the two brackets of an empty list, are two bytes;
  // at most kMaxDepth lists and objects are still open. So there are never more values than this.
  std::size_t room_;
  std::unique_ptr<PolicyJson::Node[]> nodes_;
  NodeId count_ = 0;
  JsonError error_;
};

std::expected<PolicyJson, JsonError> PolicyJson::parse(std::string text) {
  if (text.size() > kMaxBytes) {
    return std::unexpected(JsonError{.message = "document too large", .offset = 0});
  }
  if (has_high_bytes(text) && !is_utf8(text)) {
    return std::unexpected(JsonError{.message = "not UTF-8", .offset = 0});
  }
  PolicyJson json;
  json.text_ = std::make_unique<const std::string>(std::move(text));
  JsonReader reader(json);
  if (!reader.read()) {
    return std::unexpected(reader.take_error());
  }
  return json;
}

NodeId PolicyJson::member(NodeId object, std::string_view name) const {
  if (!is(object, JsonKind::Object)) {
    return kNoNode;
  }
  for (NodeId node = object + 1; node < nodes_[object].next; node = nodes_[node + 1].next) {
    if (content_of(nodes_[node]) == name) {
      return node + 1;
    }
  }
  return kNoNode;
}

std::string_view PolicyJson::raw(NodeId id) const {
  const Node& node = nodes_[id];
  return text().substr(node.begin, node.end - node.begin);
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
