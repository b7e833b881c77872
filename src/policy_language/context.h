#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "facts/condition_key_ids.h"
#include "model/caller.h"
#include "policy_language/values.h"

namespace signet::policy {

using facts::KeyId;
using facts::TagFamily;

// A context key after its name was looked up once: a fixed slot, a member of a tag family, or any
// other key.
struct KeyRef {
  enum class Kind : std::uint8_t { Fixed, Tag, Other };
  Kind kind = Kind::Other;
  std::uint8_t id = 0;    // KeyId or TagFamily
  bool is_list = false;   // multivalued by declaration
  std::string_view rest;  // Tag: the tag key as written; Other: the whole name
};

// Looks a key name up, ASCII case ignored. The result views `name`.
[[nodiscard]] KeyRef resolve_key(std::string_view name);

// What a request says about one key. Absent, empty text and empty list are three different things
//
struct Value {
  enum class Kind : std::uint8_t { Absent, Text, List, Number, Instant };
  Kind kind = Kind::Absent;
  std::string_view text;                   // Text
  std::span<const std::string_view> list;  // List
  std::int64_t number = 0;                 // Number; Instant in milliseconds since 1970

  [[nodiscard]] bool is_absent() const { return kind == Kind::Absent; }
};

// Decimal or ISO-8601 text of a Number or Instant value, written into a caller's buffer.
using ValueBuffer = std::array<char, 40>;
[[nodiscard]] std::string_view value_text(const Value& value, ValueBuffer& buffer);

// The context keys of one request. Lives on the stack; holds views, so everything given must
// outlive it. Filling it allocates nothing while at most kInlineExtras keys have no fixed slot. A
// key that was never set is absent: never set a key to "" or false to "have a value". Not
// thread-safe while being filled; safe to read from many threads.
class RequestContext {
 public:
  static constexpr std::size_t kInlineExtras = 24;

  // Leaves the slots unset on purpose: 2 KiB of stores that `= default` with `{}` would make.
  // NOLINTNEXTLINE(modernize-use-equals-default): see above
  RequestContext() {}

  // The text of an address (aws:SourceIp, aws:VpcSourceIp) is read here, once for all decisions.
  void set(KeyId key, std::string_view text);
  void set_bool(KeyId key, bool value);
  void set_number(KeyId key, std::int64_t value);
  void set_instant(KeyId key, Instant value);
  void set_list(KeyId key, std::span<const std::string_view> values);

  // Tags of one family. `over` hides a tag of `under` with the same key, ASCII case ignored (R-5.3:
  // session tags over the role's tags).
  void set_tags(TagFamily family,
                std::span<const model::Tag> over,
                std::span<const model::Tag> under = {});

  // Any key by name, for callers that do not know it at compile time (issuer claims, simulator,
  // batch). A name with a slot lands in the slot; one value in a list for a single-valued key
  // counts as that value.
  void add(std::string_view name, std::string_view value);
  void add_list(std::string_view name, std::span<const std::string_view> values);

  // The call creates its resource and passes tags for it.
  void set_creates_resource(bool creates) { creates_resource_ = creates; }

  [[nodiscard]] bool creates_resource() const { return creates_resource_; }

  [[nodiscard]] bool has(KeyId key) const {
    const auto i = static_cast<std::size_t>(key);
    return ((present_[i / 64] >> (i % 64)) & 1U) != 0;
  }

  // The value of a key; Absent if the request does not carry it. No allocation.
  [[nodiscard]] Value find(const KeyRef& key) const;
  [[nodiscard]] Value find(KeyId key) const;

  // What a key holds, without what a list holds: enough for most conditions, and cheap.
  struct Peek {
    Value::Kind kind = Value::Kind::Absent;
    std::string_view text;    // Text
    std::int64_t number = 0;  // Number, Instant
  };

  [[nodiscard]] Peek peek(KeyId key) const {
    Peek found;
    if (has(key)) {
      const Slot& slot = slots_[static_cast<std::size_t>(key)];
      found.kind = slot.kind;
      if (slot.kind == Value::Kind::Text) {
        found.text = std::string_view(slot.text, slot.size);
      } else if (slot.kind != Value::Kind::List) {
        found.number = slot.number;
      }
    }
    return found;
  }

  [[nodiscard]] Peek peek(TagFamily family, std::string_view tag_key) const;

  // The address that a key's text names. Null: it names none, or the key is of another kind.
  [[nodiscard]] const AddressBits* address(KeyId key) const {
    const auto i = address_slot(key);
    return i < addresses_.size() && ((has_address_ >> i) & 1U) != 0 ? &addresses_[i] : nullptr;
  }

  // Whether the texts of that key are addresses.
  [[nodiscard]] static bool is_address(KeyId key) { return address_slot(key) < kAddresses; }

 private:
  // What one key holds: 16 bytes, so that reading it touches one cache line.
  struct Slot {
    union {
      const char* text;
      const std::string_view* list;
      std::int64_t number;
    };

    std::uint32_t size;  // of the text or list
    Value::Kind kind;
  };

  struct Extra {
    std::string_view name;
    std::string_view text;
    std::span<const std::string_view> list;
    bool is_list = false;
  };

  static constexpr std::size_t kAddresses = 2;

  [[nodiscard]] static std::size_t address_slot(KeyId key) {
    return key == KeyId::AwsSourceIp ? 0 : (key == KeyId::AwsVpcSourceIp ? 1 : kAddresses);
  }

  struct TagLayers {
    std::span<const model::Tag> over;
    std::span<const model::Tag> under;
  };

  [[nodiscard]] const Extra& extra_at(std::size_t i) const {
    return i < kInlineExtras ? extras_[i] : more_extras_[i - kInlineExtras];
  }

  Slot& mark(KeyId key, Value::Kind kind, std::size_t size);
  void add_extra(const Extra& extra);
  [[nodiscard]] const model::Tag* find_tag(TagFamily family, std::string_view tag_key) const;
  [[nodiscard]] Value find_family(TagFamily family, std::string_view tag_key) const;
  [[nodiscard]] Value find_extra(std::string_view prefix, std::string_view rest) const;

  // What most look-ups read comes first, and the tags of the principal right behind it.
  std::array<std::uint64_t, 2> present_{};
  std::uint32_t families_ = 0;
  std::uint32_t extra_count_ = 0;
  bool creates_resource_ = false;
  std::uint8_t has_address_ = 0;                        // a bit per address
  std::array<AddressBits, kAddresses> addresses_;       // valid where has_address_
  std::array<TagLayers, facts::kTagFamilyCount> tags_;  // valid where families_
  std::array<Slot, facts::kKeyCount> slots_;            // valid where present_
  std::array<Extra, kInlineExtras> extras_;
  std::vector<Extra> more_extras_;
};

}  // namespace signet::policy
