#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/random.h"
#include "crypto/key_wrap.h"
#include "identity/document_pool.h"
#include "identity/kinds/parts.h"
#include "identity/text.h"

namespace signet::identity {

inline constexpr std::uint8_t kRecordFormat = 1;  // on disk

// Appends the fields of a record. Zero values are left out.
class RecordWriter {
 public:
  // `context` is the record's key; it is authenticated with every secret. All three outlive the
  // writer.
  RecordWriter(std::string_view context, const crypto::SecretBox& box, Random& random)
      : context_(context), box_(box), random_(random) {}

  // The head of a whole record; `kind` is Kind<T>::kRecord.
  void frame(std::uint8_t kind);

  void text(std::uint32_t field, std::string_view value);
  void texts(std::uint32_t field, const std::vector<std::string>& values);
  void number(std::uint32_t field, std::uint64_t value);
  void signed_number(std::uint32_t field, std::int64_t value);

  void flag(std::uint32_t field, bool value) { number(field, value ? 1 : 0); }

  void maybe_flag(std::uint32_t field, std::optional<bool> value) {
    number(field, value ? (*value ? 2 : 1) : 0);
  }

  void instant(std::uint32_t field, Instant value) { signed_number(field, value.unix_ms); }

  template <class E>
  void enumeration(std::uint32_t field, E value, E, E) {
    number(field, static_cast<std::uint64_t>(value));
  }

  void document(std::uint32_t field, const DocumentRef& value);
  void secret(std::uint32_t field, const SharedSecret& value);

  template <class T>
  void maybe(std::uint32_t field, const std::optional<T>& value) {
    if (value) {
      message(field, *value);
    }
  }

  template <class T>
  void list(std::uint32_t field, const std::vector<T>& values) {
    for (const T& value : values) {
      message(field, value);
    }
  }

  template <class T>
  void list(std::uint32_t field, const SharedList<T>& values) {
    list(field, *values);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // Unlike text(), also writes what is empty: an item of a list counts.
  void bytes(std::uint32_t field, std::string_view value);
  void varint(std::uint64_t value);

  template <class T>
  void message(std::uint32_t field, const T& value) {
    std::string outer = std::move(out_);
    out_.clear();
    Fields<T>::describe(*this, value);
    std::swap(out_, outer);
    bytes(field, outer);
  }

  std::string_view context_;
  const crypto::SecretBox& box_;
  Random& random_;
  std::string out_;
};

// Takes the fields of a record apart, strictly in the order they are described. After the first
// defect nothing more is read; failure() says what it was.
class RecordReader {
 public:
  RecordReader(std::string_view context, const crypto::SecretBox& box, DocumentPool& documents)
      : context_(context), box_(box), documents_(documents) {}

  // Reads the head of a whole record, its kind, and stands before its first field.
  [[nodiscard]] std::optional<std::uint8_t> open(std::string_view record);

  // To be called when all fields were described: whatever is left is unknown.
  void close();

  void text(std::uint32_t field, std::string& value);
  void text(std::uint32_t field, Text& value);
  void texts(std::uint32_t field, std::vector<std::string>& values);
  void texts(std::uint32_t field, SharedList<std::string>& values);
  void signed_number(std::uint32_t field, std::int64_t& value);
  void flag(std::uint32_t field, bool& value);
  void maybe_flag(std::uint32_t field, std::optional<bool>& value);
  void document(std::uint32_t field, DocumentRef& value);
  void secret(std::uint32_t field, SharedSecret& value);

  void instant(std::uint32_t field, Instant& value) { signed_number(field, value.unix_ms); }

  void number(std::uint32_t field, std::uint32_t& value) {
    value = static_cast<std::uint32_t>(bounded(field, UINT32_MAX));
  }

  template <class E>
  void enumeration(std::uint32_t field, E& value, E first, E last) {
    const std::uint64_t read = bounded(field, static_cast<std::uint64_t>(last));
    if (read < static_cast<std::uint64_t>(first)) {
      spoil(field, "unknown value");
    }
    value = static_cast<E>(read);
  }

  template <class T>
  void maybe(std::uint32_t field, std::optional<T>& value) {
    value.reset();
    if (at(field, Wire::Bytes)) {
      message(value.emplace());
    }
  }

  template <class T>
  void list(std::uint32_t field, std::vector<T>& values) {
    values.clear();
    while (at(field, Wire::Bytes)) {
      values.reserve(values.size() + 1 + values.size() / 2);
      message(values.emplace_back());
    }
  }

  template <class T>
  void list(std::uint32_t field, SharedList<T>& values) {
    std::vector<T> items;
    list(field, items);
    values = documents_.intern(SharedList<T>(std::move(items)));
  }

  // Empty: nothing is wrong.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  enum class Wire : std::uint8_t { Varint = 0, Bytes = 2 };

  // Whether the next field is this one; if so takes it into number_ or bytes_.
  bool at(std::uint32_t field, Wire wire);
  // Reads the next tag and value; no field is present at the end.
  void advance();
  [[nodiscard]] std::uint64_t bounded(std::uint32_t field, std::uint64_t max);
  [[nodiscard]] bool varint(std::uint64_t& value);
  void spoil(std::uint32_t field, std::string_view why);

  template <class T>
  void message(T& value) {
    const std::string_view outer_rest = rest_;
    const std::string_view inner = bytes_;
    const Next outer_next = next_;
    rest_ = inner;
    advance();
    Fields<T>::describe(*this, value);
    close();
    rest_ = outer_rest;
    next_ = outer_next;
  }

  struct Next {
    std::uint32_t field = 0;  // 0: the end
    Wire wire = Wire::Varint;
    std::uint64_t number = 0;
    std::string_view bytes;
  };

  std::string_view context_;
  const crypto::SecretBox& box_;
  DocumentPool& documents_;
  std::string_view rest_;
  Next next_;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
  std::string failure_;
};

}  // namespace signet::identity
