#include "signin/refresh_token.h"

#include "base/secret_access.h"
#include "base/strings.h"
#include "signin/cookies.h"

namespace signet::signin {
namespace {

constexpr std::string_view kPrefix = "ASOR";

}  // namespace

bool is_refresh_token(std::string_view text) {
  return text.starts_with(kPrefix);
}

std::string refresh_token_text(const token::OpaqueToken& made) {
  return concat(kPrefix, made.text.reveal(secret_access()));
}

const identity::Ticket* find_refreshable(std::string_view text,
                                         const identity::Snapshot& snapshot) {
  if (!is_refresh_token(text)) {
    return nullptr;
  }
  const auto id = ticket_id(text.substr(kPrefix.size()));
  const auto* found =
      id ? snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id}) : nullptr;
  return found != nullptr && found->session && !found->session->client_id.empty() ? found : nullptr;
}

}  // namespace signet::signin
