#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"

namespace signet::audit {

// Something that happened to the trail itself, in the shape of a service event.
struct Notice {
  Instant time;
  std::string_view event;
  std::string_view text;
};

// Appends the notice as one line of JSON, newline included.
void append_notice(std::string& out, const Notice& notice);

}  // namespace signet::audit
