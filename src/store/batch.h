#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

// Refuses keys and values that no backend takes. Shared by the backends.
[[nodiscard]] Status check_batch(std::span<const Transaction> batch);

// What a batch comes to: the last word on every key, in their order; nothing: delete.
[[nodiscard]] std::map<std::string_view, std::optional<std::string_view>> net_changes(
    std::span<const Transaction> batch);

// The least key greater than every key that begins with `prefix`; empty if there is none.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace signet::store
