#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "facts/condition_key_ids.h"
#include "policy_engine/question.h"
#include "policy_language/context.h"

namespace signet::policy {

// Which context keys a decision about one action can read, so that costly ones (tags of an object)
// are fetched only when some policy can ask for them. A superset: a key that is not demanded plays
// no part in the decision.
struct KeyDemand {
  std::array<std::uint64_t, 2> keys{};
  std::uint32_t families = 0;
  bool others = false;  // keys without a slot

  [[nodiscard]] bool wants(facts::KeyId key) const {
    const auto i = static_cast<std::size_t>(key);
    return ((keys[i / 64] >> (i % 64)) & 1U) != 0;
  }

  [[nodiscard]] bool wants(facts::TagFamily family) const {
    return ((families >> static_cast<unsigned>(family)) & 1U) != 0;
  }

  void add(const KeyRef& key);
};

// The demand of all given policies for one action. Thread-safe; allocates only when a set sees the
// action first.
[[nodiscard]] KeyDemand key_demand(std::string_view action,
                                   const PolicyInputs& policies,
                                   const Settings& settings = kDefaultSettings) noexcept;

}  // namespace signet::policy
