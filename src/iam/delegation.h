#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "identity/snapshot.h"
#include "identity/transaction.h"
#include "model/caller.h"

namespace signet::iam {

// The life of delegation requests (new-in-2026 3), whichever operation moves it on.

// Of the account that the request is for; before that is known, of the account that looks.
[[nodiscard]] std::string delegation_arn(std::string_view account, std::string_view id);

// UNASSIGNED and so on.
[[nodiscard]] std::string_view name_of(identity::DelegationState state);

// The state at `now`: one whose time is over is EXPIRED, whether or not that was written down yet.
[[nodiscard]] identity::DelegationState state_at(const identity::DelegationRequest& request,
                                                 Instant now);

// The request of that id if the account may know of it: of its own, and, with `unowned`, one that
// is for nobody in particular. Null otherwise.
enum class Unowned : std::uint8_t { Hidden, Shown };
[[nodiscard]] const identity::DelegationRequest* find_delegation(const identity::Snapshot& snapshot,
                                                                 std::string_view account,
                                                                 std::string_view id,
                                                                 Unowned unowned);

// The caller is the very identity that took the request up.
[[nodiscard]] bool is_owner(const identity::DelegationRequest& request,
                            const model::Caller& caller);

// Moves a request into a state, sets the time at which that ends, and tells the partner.
void enter_state(identity::DelegationRequest& request,
                 identity::DelegationState state,
                 Instant now,
                 Random& random,
                 identity::Transaction& transaction);

// Tells the partner the exchange token of a request that was just released.
void tell_exchange_token(const identity::DelegationRequest& request,
                         std::string_view token,
                         Instant expires,
                         Random& random,
                         identity::Transaction& transaction);

// At most `limit` requests whose state ended before `now`: they expire, and those that had expired
// are erased. So are notifications that nobody fetched in the same time. True if there was any.
bool end_delegations(const identity::Snapshot& snapshot,
                     Instant now,
                     std::size_t limit,
                     Random& random,
                     identity::Transaction& transaction);

}  // namespace signet::iam
