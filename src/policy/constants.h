#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/caller.h"
#include "policy/bind.h"
#include "policy/compiled.h"

// What a bound set knows beforehand. Private to this room.

namespace signet::policy {

// What a variable stands for under constants.
enum class KnownVariable : std::uint8_t {
  Unknown,  // depends on the request
  Text,
  Nothing,  // has no value: its pattern matches nothing
};

enum class KnownTruth : std::uint8_t { Unknown, True, False };

struct Constants {
  RequestContext values;
  std::array<std::uint64_t, 2> keys{};  // by KeyId
  std::uint32_t families = 0;           // by TagFamily
  Settings settings;
  std::deque<std::string> texts;  // what `values` views
  std::deque<std::vector<std::string_view>> lists;
  std::deque<std::vector<model::Tag>> tags;

  [[nodiscard]] bool covers(const KeyRef& key) const;
  // `out` lives as long as this.
  [[nodiscard]] KnownVariable value_of(const Variable& variable, std::string_view& out) const;
  [[nodiscard]] KnownTruth truth_of(const CompiledPolicy& policy, const Condition& condition) const;
};

}  // namespace signet::policy
