#pragma once

#include <string>
#include <string_view>

#include "ctl/tool_run.h"

namespace signet::ctl {

// `signet env --check`: says of each AWS tool on the PATH whether it is new enough to read the
// variables, and, with credentials, tries it. `variables` are those that `signet env` prints. A
// tool that is too old is not tried: it would go to Amazon. kFindings: one is too old, or failed.
int env_check(const std::string& endpoint, const Variables& variables);

// Whether a version such as "2.9.19" is at least another; what is no number counts as 0.
[[nodiscard]] bool is_at_least(std::string_view version, std::string_view least);

}  // namespace signet::ctl
