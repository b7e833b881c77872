#pragma once

#include <string_view>

namespace signet::crypto {

// Whether the two are the same bytes, in time that depends on their lengths alone. Different
// lengths answer at once: give it values whose length is public.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace signet::crypto
