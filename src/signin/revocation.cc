#include "signin/revocation.h"

#include <utility>

namespace signet::signin {

void revoke_session(const identity::Ticket& session, identity::Transaction& transaction) {
  identity::Ticket revoked = session;
  revoked.kind = identity::TicketKind::RevokedSession;
  revoked.data = identity::make_shared_secret("");
  transaction.erase<identity::Ticket>({session.kind, session.id_hash});
  if (revoked.session) {
    transaction.put(std::move(revoked));
  }
}

}  // namespace signet::signin
