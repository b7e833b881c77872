#pragma once

#include "identity/entities.h"
#include "identity/transaction.h"

namespace signet::signin {

// Ends a sign-in session at once, with the credentials that were made from it: nothing finds it as
// a console session any more, and until it would have expired it is listed as revoked.
void revoke_session(const identity::Ticket& session, identity::Transaction& transaction);

// The same, with the sessions that came from it.
void revoke_session_and_its_own(const identity::Ticket& session,
                                identity::Transaction& transaction);

}  // namespace signet::signin
