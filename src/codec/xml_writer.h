#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signet::codec {

// What becomes of control characters (below U+0020, but tab, LF and CR), which XML 1.0 cannot
// carry.
enum class Controls : std::uint8_t {
  Replace,    // U+FFFD
  Reference,  // &#x1;, as S3 sends them: XML 1.1, which many parsers read anyway
};

// Appends character data: & < > " and CR are escaped. What XML 1.0 cannot carry at all (U+FFFE,
// U+FFFF, bytes that are not UTF-8) becomes U+FFFD, so that no stored value can break a document.
void append_xml_escaped(std::string& out,
                        std::string_view text,
                        Controls controls = Controls::Replace);

// Appends elements to a string. Names are trusted (they come from facts); text is escaped. The
// caller closes what it opens, in order.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out, Controls controls = Controls::Replace)
      : out_(out), controls_(controls) {}

  void open(std::string_view name) {
    out_ += '<';
    out_ += name;
    out_ += '>';
  }

  // The root element, with its namespace.
  void open(std::string_view name, std::string_view xml_namespace);

  // Gives the element that was just opened an attribute xsi:type, and what declares that prefix.
  void type(std::string_view type);

  void close(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  void empty(std::string_view name) {
    out_ += '<';
    out_ += name;
    out_ += "/>";
  }

  void text(std::string_view text) { append_xml_escaped(out_, text, controls_); }

  // <name>text</name>
  void element(std::string_view name, std::string_view text);

  void element(std::string_view name, std::int64_t value);

  [[nodiscard]] std::string& out() { return out_; }

 private:
  std::string& out_;
  Controls controls_;
};

}  // namespace signet::codec
