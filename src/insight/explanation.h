#pragma once

#include <string_view>

#include "authz/check.h"
#include "facts/insight_types.h"
#include "policy_telling/offline.h"

namespace signet::insight {

// Why the question is decided as it is: every kind of policy that counts, and of each the
// statements that apply or are about the action. Texts of policies are told, but not those of an
// organization, nor those that guard a resource of another account than `account`.
[[nodiscard]] Explanation explanation_of(const policy::Question& question,
                                         const authz::Check& check,
                                         std::string_view account);

}  // namespace signet::insight
