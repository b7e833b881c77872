#pragma once

#include <string>

namespace signet {

// What the system says about an errno value. Unlike std::strerror, for any thread.
[[nodiscard]] std::string errno_text(int number);

}  // namespace signet
