#pragma once

#include <string_view>

#include "api/web.h"
#include "model/caller.h"

namespace signet::signin {

// What the audit trail is told of a request, under AWS's names (aws-wire 7.4). Each does nothing
// where nobody keeps a record.

// The event that a request is; `changes`: a success changes something.
void note_event(const api::WebContext& context, std::string_view event, bool changes);

// Whose credentials, token or cookie were found good.
void note_caller(const api::WebContext& context, const model::Caller& caller);

// How a sign-in event ended: Success, Failure, or that the person has to confirm first.
void note_outcome(const api::WebContext& context, const http::Response& response);

// Where a login leads.
void note_destination(const api::WebContext& context, std::string_view destination);

}  // namespace signet::signin
