#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "facts/wire/rules.h"
#include "facts/wire/violations.h"

namespace signet::facts {

using NamedText = std::pair<std::string, std::string>;

// A request of REST with JSON, taken apart. Everything is borrowed.
struct JsonInput {
  std::span<const NamedText> path;   // what the labels of the path template stand for, decoded
  std::span<const NamedText> query;  // decoded, in order, repeats kept
  // The value of a header, by its name in any case.
  std::function<std::optional<std::string_view>(std::string_view)> header;
  std::string_view body;
};

// Reads a request of REST with JSON into its typed form, as Decoder does for forms (generated code
// calls either alike). What cannot be read at all is SerializationException, of which the first is
// told; after that every violated constraint is told, in AWS's words. Members that the operation
// does not know are ignored, and null is as good as absent.
class JsonDecoder {
 public:
  explicit JsonDecoder(const JsonInput& input);
  JsonDecoder(const JsonDecoder&) = delete;
  JsonDecoder& operator=(const JsonDecoder&) = delete;
  JsonDecoder(JsonDecoder&&) = delete;
  JsonDecoder& operator=(JsonDecoder&&) = delete;
  ~JsonDecoder() = default;

  void string(const MemberRule& member, const StringRule& rule, std::string& out);
  void string(const MemberRule& member, const StringRule& rule, std::optional<std::string>& out);
  void string(const MemberRule& member, const StringRule& rule, Secret& out);
  void string(const MemberRule& member, const StringRule& rule, std::optional<Secret>& out);
  void integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out);
  void integer(const MemberRule& member, const BoundsRule& rule, std::optional<std::int64_t>& out);
  void boolean(const MemberRule& member, bool& out);
  void boolean(const MemberRule& member, std::optional<bool>& out);
  // Seconds since 1970, with or without a fraction.
  void timestamp(const MemberRule& member, std::optional<Instant>& out);
  // Base64 in JSON; `size` bounds the bytes.
  void blob(const MemberRule& member, const BoundsRule& size, std::string& out);
  void blob(const MemberRule& member, const BoundsRule& size, std::optional<std::string>& out);
  void strings(const MemberRule& member,
               const ListRule& list,
               const StringRule& rule,
               std::vector<std::string>& out);
  void strings(const MemberRule& member,
               const ListRule& list,
               const StringRule& rule,
               std::optional<std::vector<std::string>>& out);

  template <class T>
  void structures(const MemberRule& member,
                  const ListRule& list,
                  std::vector<T>& out,
                  void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const items = begin_list(member, list)) {
      read_items(member, *items, out, read);
    }
  }

  template <class T>
  void structures(const MemberRule& member,
                  const ListRule& list,
                  std::optional<std::vector<T>>& out,
                  void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const items = begin_list(member, list)) {
      read_items(member, *items, out.emplace(), read);
    }
  }

  template <class T>
  void map(const MemberRule& member,
           const BoundsRule& size,
           const StringRule& rule,
           std::vector<std::pair<std::string, T>>& out,
           void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const entries = begin_map(member, size)) {
      read_entries(member, *entries, rule, out, read);
    }
  }

  template <class T>
  void map(const MemberRule& member,
           const BoundsRule& size,
           const StringRule& rule,
           std::optional<std::vector<std::pair<std::string, T>>>& out,
           void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const entries = begin_map(member, size)) {
      read_entries(member, *entries, rule, out.emplace(), read);
    }
  }

  template <class T>
  void structure(const MemberRule& member, T& out, void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const value = begin_structure(member)) {
      const Scope scope = enter(*value, member.path);
      read(*this, out);
      leave(scope);
    }
  }

  template <class T>
  void structure(const MemberRule& member, std::optional<T>& out, void (*read)(JsonDecoder&, T&)) {
    if (const codec::Json* const value = begin_structure(member)) {
      const Scope scope = enter(*value, member.path);
      read(*this, out.emplace());
      leave(scope);
    }
  }

  // The verdict.
  [[nodiscard]] Status finish() const;

 private:
  // Where the decoder was, and the size of the path, before a nested value was entered.
  struct Scope {
    const codec::Json* object;
    bool is_entry;
    std::size_t prefix;
  };

  template <class T>
  void read_items(const MemberRule& member,
                  const codec::Json& items,
                  std::vector<T>& out,
                  void (*read)(JsonDecoder&, T&)) {
    std::size_t number = 0;
    for (const codec::Json& item : items.items()) {
      if (!is_structure(item)) {
        return;
      }
      const Scope scope = enter_element(item, member, ++number);
      read(*this, out.emplace_back());
      leave(scope);
    }
  }

  // Of each entry `read` reads kMapValue.
  template <class T>
  void read_entries(const MemberRule& member,
                    const codec::Json& entries,
                    const StringRule& rule,
                    std::vector<std::pair<std::string, T>>& out,
                    void (*read)(JsonDecoder&, T&)) {
    for (const auto& [key, value] : entries.members()) {
      violations_.check_string({.wire = {}, .path = member.path}, rule, key);
      auto& entry = out.emplace_back();
      entry.first = key;
      const Scope scope = enter_entry(value, member, key);
      read(*this, entry.second);
      leave(scope);
    }
  }

  [[nodiscard]] const codec::Json* find(const MemberRule& member);
  [[nodiscard]] std::optional<std::string_view> sent_elsewhere(const MemberRule& member) const;
  [[nodiscard]] std::optional<std::string_view> text_of(const MemberRule& member);
  [[nodiscard]] std::optional<std::int64_t> number_of(const MemberRule& member,
                                                      const BoundsRule& rule);
  [[nodiscard]] std::optional<bool> truth_of(const MemberRule& member);
  [[nodiscard]] std::optional<std::string> bytes_of(const MemberRule& member,
                                                    const BoundsRule& size);
  // False: there is no such list.
  [[nodiscard]] bool texts_of(const MemberRule& member,
                              const ListRule& list,
                              const StringRule& rule,
                              std::vector<std::string>& out);
  [[nodiscard]] bool collect_texts(const MemberRule& member, std::vector<std::string_view>& out);
  [[nodiscard]] const codec::Json* begin_list(const MemberRule& member, const ListRule& list);
  [[nodiscard]] const codec::Json* begin_map(const MemberRule& member, const BoundsRule& size);
  [[nodiscard]] const codec::Json* begin_structure(const MemberRule& member);
  [[nodiscard]] bool is_structure(const codec::Json& value);
  [[nodiscard]] Scope enter(const codec::Json& object, std::string_view path);
  [[nodiscard]] Scope enter_element(const codec::Json& object,
                                    const MemberRule& member,
                                    std::size_t number);
  [[nodiscard]] Scope enter_entry(const codec::Json& value,
                                  const MemberRule& member,
                                  std::string_view key);
  void leave(Scope scope);
  void read_body();
  void mismatch(const codec::Json& value, std::string_view wanted);
  void fault(std::string text);

  const JsonInput& input_;
  bool has_read_body_ = false;
  std::optional<codec::Json> body_;
  const codec::Json* object_ = nullptr;  // the structure being read; null: there is no body
  bool is_entry_ = false;                // object_ is the value of a map's entry itself
  Violations violations_{true};
  std::string fault_;  // first thing that could not be read
};

}  // namespace signet::facts
