#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"

namespace signet::audit {

// Something that happened to the trail itself, or that an operator did to the server, in the shape
// of a service event.
struct Notice {
  Instant time;
  std::string_view event;
  std::string_view text;
  bool is_read_only = true;  // false: an operator changed something
  // Of lines that are stored with a change, by which those that the trail lacks are found again.
  std::string_view event_id = {};
};

// Appends the notice as one line of JSON, newline included.
void append_notice(std::string& out, const Notice& notice);

}  // namespace signet::audit
