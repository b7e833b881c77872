#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/caller.h"

// Settings of an account or a bucket: values by names, in the order of the names.
namespace signet::identity {

// The value of that name; null: there is none.
[[nodiscard]] const std::string* find_setting(const std::vector<model::Tag>& settings,
                                              std::string_view name);

// Replaces it; nothing takes it away.
void set_setting(std::vector<model::Tag>& settings,
                 std::string_view name,
                 std::optional<std::string> value);

}  // namespace signet::identity
