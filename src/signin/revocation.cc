#include "signin/revocation.h"

#include <utility>
#include <vector>

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

void revoke_session_and_its_own(const identity::Ticket& session,
                                identity::Transaction& transaction) {
  std::vector<identity::Ticket> ending{session};
  if (session.session) {
    for (const identity::Ticket* own : transaction.view().sessions_from(session.session->id)) {
      ending.push_back(*own);
    }
  }
  for (const identity::Ticket& one : ending) {
    if (one.kind == identity::TicketKind::ConsoleSession) {
      revoke_session(one, transaction);
    }
  }
}

}  // namespace signet::signin
