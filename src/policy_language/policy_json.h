#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::policy {

// Half-open range of bytes of a text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// 1-based position; the column counts code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

[[nodiscard]] Position position_of(std::string_view text, std::size_t offset);

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xFFFF'FFFF;

enum class JsonKind : std::uint8_t { Null, Bool, Number, String, Array, Object };

// One JSON value, as PolicyJson tells it. Members of an object follow it as alternating name (a
// String) and value; elements of an array follow it likewise. `next` is the node after the whole
// value, so siblings are walked without recursion.
struct JsonNode {
  JsonKind kind = JsonKind::Null;
  Span span;  // with quotes or brackets
  NodeId next = 0;
  std::uint32_t count = 0;   // elements, or members
  std::string_view content;  // String: unescaped; Bool, Number, Null: the token text
};

struct JsonError {
  std::string message;
  std::size_t offset = 0;
};

// A strict JSON text and its values. Strict: valid UTF-8, no duplicate member names in one object
// no lone surrogates, nothing before or after the one root, at most kMaxDepth levels.
// Numbers and booleans keep their text. Immutable; moving keeps all views valid.
class PolicyJson {
 public:
  static constexpr int kMaxDepth = 16;
  static constexpr std::size_t kMaxBytes = 0x0FFF'FFFE;

  // Complexity: linear in the text, plus a sort for objects with many members.
  [[nodiscard]] static std::expected<PolicyJson, JsonError> parse(std::string text);

  [[nodiscard]] std::string_view text() const { return *text_; }

  [[nodiscard]] NodeId root() const { return 0; }

  [[nodiscard]] JsonNode operator[](NodeId id) const {
    const Node& node = nodes_[id];
    return {.kind = node.kind,
            .span = {.begin = node.begin, .end = node.end},
            .next = node.next,
            .count = node.kind == JsonKind::String ? 0U : std::uint32_t{node.count},
            .content = content_of(node)};
  }

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  // Value of the member of that exact name; kNoNode when there is none or the node is no object.
  [[nodiscard]] NodeId member(NodeId object, std::string_view name) const;

  [[nodiscard]] bool is(NodeId id, JsonKind kind) const {
    return id != kNoNode && nodes_[id].kind == kind;
  }

  // The text of a value as it stands in the document.
  [[nodiscard]] std::string_view raw(NodeId id) const;

 private:
  friend class JsonReader;

  // A value as it is kept: policies live as long as the server, and there are many.
  struct Node {
    std::uint32_t begin;
    std::uint32_t end;
    NodeId next;
    JsonKind kind : 4;
    std::uint32_t count : 28;  // String: index into unescaped_, or kPlainString
  };

  static constexpr std::uint32_t kPlainString = 0x0FFF'FFFF;

  [[nodiscard]] std::string_view content_of(const Node& node) const {
    if (node.kind == JsonKind::String) {
      return node.count == kPlainString
                 ? std::string_view(text_->data() + node.begin + 1, node.end - node.begin - 2)
                 : std::string_view(*unescaped_[node.count]);
    }
    return node.kind >= JsonKind::Array
               ? std::string_view()
               : std::string_view(text_->data() + node.begin, node.end - node.begin);
  }

  std::unique_ptr<const std::string> text_;
  std::vector<Node> nodes_;
  std::vector<std::unique_ptr<std::string>> unescaped_;  // strings with escapes
};

// Calls visit(text) for a string, or for each string of a list; not at all without a node.
template <class Visit>
void each_text(const PolicyJson& json, NodeId node, Visit visit) {
  if (node == kNoNode) {
    return;
  }
  if (!json.is(node, JsonKind::Array)) {
    visit(json[node].content);
    return;
  }
  for (NodeId element = node + 1; element < json[node].next; element = json[element].next) {
    visit(json[element].content);
  }
}

// Appends text as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace signet::policy
