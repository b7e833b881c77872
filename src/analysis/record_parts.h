#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"

// What a record of an audit trail tells (docs/formats/audit.md). Private to this room.

namespace signet::analysis {

// Whose permissions a call used: of a role's session the role's. Views the record; empty: nobody's.
[[nodiscard]] std::string_view principal_of(const codec::Json& record);

// "iam:CreateUser": the service by its host name, and the event.
[[nodiscard]] std::string event_of(const codec::Json& record);

// The decisions that the call needed, each with "action" and "resource"; null: not told.
[[nodiscard]] const codec::Json* checked_actions(const codec::Json& record);

}  // namespace signet::analysis
