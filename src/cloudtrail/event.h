#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "facts/cloudtrail_types.h"

namespace signet::cloudtrail {

// A record of the audit trail as the event of an account; nothing if the line is none that
// LookupEvents tells the account in that region: an event of others, a data event, or no event at
// all. Of what the record tells the operator alone (why a call was refused, the place in the chain)
// nothing is in the event.
[[nodiscard]] std::optional<Event> event_of(std::string_view line,
                                            std::string_view account,
                                            std::string_view region);

// Whether an event has that value under a name of LookupAttributes, exactly.
[[nodiscard]] bool has_attribute(const Event& event, const LookupAttribute& attribute);

}  // namespace signet::cloudtrail
