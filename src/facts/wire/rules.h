#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "facts/wire/pattern.h"

// The constraints of the API models, as the generated decoders pass them.
namespace signet::facts {

// Constraints of a string shape; lengths count code points, -1 means no bound.
struct StringRule {
  std::int64_t min = -1;
  std::int64_t max = -1;
  const Pattern* pattern = nullptr;
  std::span<const std::string_view> values;  // of an enum; empty: any
  bool is_sensitive = false;                 // never echoed
};

// -1 means no bound, for numbers (none of the models' bounds is negative) and for lists.
struct BoundsRule {
  std::int64_t min = -1;
  std::int64_t max = -1;
};

struct ListRule {
  BoundsRule size;
  bool names_null = false;  // whether the bracketed list of the members' constraints ends in
                            // "Member must not be null"
};

// Where a member of a request of REST stands; those of forms and of structures are in the body.
enum class Location : std::uint8_t {
  Body,
  Path,
  Query,
  QueryOrBody,  // whichever there is, the query first
  Header,
  WholeBody,  // the body is that structure
};

// One member of a structure, as generated.
struct MemberRule {
  std::string_view wire;  // parameter name
  std::string_view path;  // lower-camel name in messages
  bool is_required = false;
  // A sentence that replaces the pattern's clause (aws-wire 1.9, the hand-written checks). Empty:
  // none.
  std::string_view sentence;
  // An empty value is no value (facts/shapes/empty_values.tsv).
  bool is_empty_absent = false;
  Location location = Location::Body;
};

// The value of a map's entry.
inline constexpr MemberRule kMapValue{.wire = "value", .path = "value", .is_required = true};

}  // namespace signet::facts
