#include "identity/kinds/ticket.h"

#include <span>

#include "base/strings.h"
#include "codec/hex.h"

namespace signet::identity {

std::string sign_in_session_arn(std::string_view account, const SignInSession& session) {
  return concat("arn:aws:signin:", session.region, ":", account, ":session/", session.id);
}

std::string ticket_key(TicketId id) {
  const char letter = static_cast<char>('0' + static_cast<int>(id.kind));
  return concat(std::string_view(&letter, 1), id.hash);
}

std::string ticket_expiry_key(const Ticket& ticket) {
  return age_key(ticket.expires, ticket_key({ticket.kind, ticket.id_hash}));
}

std::array<std::string, 2> ticket_count_keys(std::string_view account, std::string_view holder) {
  return {std::string(account), concat(account, std::string_view("\0", 1), holder)};
}

std::string Kind<Ticket>::record_key(const Ticket& v) {
  std::string key = concat("g/ticket/", std::to_string(static_cast<int>(v.kind)), "/");
  codec::append_hex(
      key, std::span(reinterpret_cast<const std::uint8_t*>(v.id_hash.data()), v.id_hash.size()));
  return key;
}

}  // namespace signet::identity
