#pragma once

#include <cstdint>
#include <string_view>

#include "authz/authz_context.h"

namespace signet::iam {

// Whether permissions cover what a policy asks for. Unsure: it depends on conditions, or on several
// statements together that only cases could tell apart.
enum class Cover : std::uint8_t { Yes, No, Unsure };

// Whether a caller has every permission that `demanded` allows, as far as can be told without a
// request: all that limits the caller is looked at (identity policies, boundary, session policies,
// layers of scoped credentials, SCPs and RCPs). Yes means that each of them allows all of it
// without condition; No that something of it is certainly refused. Slow: actions with wildcards are
// compared with every action that AWS knows.
[[nodiscard]] Cover cover_of(const authz::AuthzContext& context,
                             const identity::StoredDocument& demanded);

// The part of the above that concerns texts with wildcards, for tests.

// Every text that `narrow` matches, `wide` matches too. May say no where it is so.
[[nodiscard]] bool pattern_covers(std::string_view wide, std::string_view narrow);
// Some text is matched by both. May say yes where there is none.
[[nodiscard]] bool patterns_meet(std::string_view a, std::string_view b);

}  // namespace signet::iam
