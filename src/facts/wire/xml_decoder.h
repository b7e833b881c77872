#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/xml_reader.h"
#include "facts/wire/rules.h"

namespace signet::facts {

// What is known of a typed operation of S3 (facts/s3_typed.tsv).
struct TypedS3 {
  bool has_body = false;      // its request has a document
  bool needs_digest = false;  // which must come with a checksum
  bool has_answer = false;    // its answer is a document
};

// A request of S3, taken apart. Everything is borrowed.
struct S3Input {
  using Find = std::function<std::optional<std::string_view>(std::string_view)>;

  std::string_view bucket;
  std::string_view key;
  Find header;  // the value of a header, by its name in any case
  Find param;   // of a query parameter, decoded
  std::string_view body;
};

// A list in XML.
struct XmlListRule {
  std::string_view item;  // element of each item; empty: items stand in the list's place
};

// Reads a request of S3 into its typed form, as Decoder does for forms (generated code calls either
// alike). A document that has not the form that S3's model gives it (an element that is unknown,
// missing or repeated, a value that is none) is MalformedXML; a header or parameter with such a
// value is InvalidArgument, which names it. The first fault is told.
class XmlDecoder {
 public:
  explicit XmlDecoder(const S3Input& input) : input_(input) {}

  XmlDecoder(const XmlDecoder&) = delete;
  XmlDecoder& operator=(const XmlDecoder&) = delete;
  XmlDecoder(XmlDecoder&&) = delete;
  XmlDecoder& operator=(XmlDecoder&&) = delete;
  ~XmlDecoder() = default;

  void string(const MemberRule& member, const StringRule& rule, std::string& out);
  void string(const MemberRule& member, const StringRule& rule, std::optional<std::string>& out);

  // Keys of the customer's: nothing that a typed operation uses, and not to be copied.
  void string(const MemberRule&, const StringRule&, std::optional<Secret>&) {}

  // The attribute xsi:type of the element that is read. It need not be there.
  void type(const StringRule& rule, std::optional<std::string>& out);

  void integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out);
  void integer(const MemberRule& member, const BoundsRule& rule, std::optional<std::int64_t>& out);
  void boolean(const MemberRule& member, bool& out);
  void boolean(const MemberRule& member, std::optional<bool>& out);
  // ISO 8601, of elements.
  void timestamp(const MemberRule& member, std::optional<Instant>& out);
  // Of a header: divided by commas.
  void strings(const MemberRule& member,
               const XmlListRule& list,
               const StringRule& rule,
               std::vector<std::string>& out);

  template <class T>
  void structures(const MemberRule& member,
                  const XmlListRule& list,
                  std::vector<T>& out,
                  void (*read)(XmlDecoder&, T&)) {
    each_item(member, list, [&](const codec::XmlElement& item) {
      read_element(item, out.emplace_back(), read);
    });
  }

  template <class T>
  void structure(const MemberRule& member, T& out, void (*read)(XmlDecoder&, T&)) {
    if (const codec::XmlElement* const element = find(member)) {
      read_element(*element, out, read);
    }
  }

  template <class T>
  void structure(const MemberRule& member, std::optional<T>& out, void (*read)(XmlDecoder&, T&)) {
    if (const codec::XmlElement* const element = find(member)) {
      read_element(*element, out.emplace(), read);
    }
  }

  // The verdict.
  [[nodiscard]] Status finish() { return std::move(verdict_); }

 private:
  template <class T>
  void read_element(const codec::XmlElement& element, T& out, void (*read)(XmlDecoder&, T&)) {
    const auto outer = std::exchange(current_, &element);
    const std::size_t taken = std::exchange(taken_, 0);
    read(*this, out);
    check_whole(element);
    current_ = outer;
    taken_ = taken;
  }

  // A child of the current element, or the document; null: it is absent, which is told if it must
  // be there.
  [[nodiscard]] const codec::XmlElement* find(const MemberRule& member);
  [[nodiscard]] const codec::XmlElement* read_document(const MemberRule& member);
  void each_item(const MemberRule& member,
                 const XmlListRule& list,
                 const std::function<void(const codec::XmlElement&)>& take);
  [[nodiscard]] std::optional<std::string_view> text_of(const MemberRule& member);
  [[nodiscard]] std::optional<std::int64_t> number_of(const MemberRule& member,
                                                      const BoundsRule& rule);
  [[nodiscard]] std::optional<bool> truth_of(const MemberRule& member);
  [[nodiscard]] bool fits(const StringRule& rule, std::string_view text) const;
  // All children were read, each as often as it may stand, and there is no text between them.
  void check_whole(const codec::XmlElement& element);
  void malformed();
  void refuse(const MemberRule& member, std::unexpected<Error> refusal, std::string_view text);

  const S3Input& input_;
  std::optional<codec::XmlElement> document_;
  const codec::XmlElement* current_ = nullptr;  // the structure being read
  std::size_t taken_ = 0;                       // of its children
  Status verdict_;
};

}  // namespace signet::facts
