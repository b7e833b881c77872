#include "signin/console_session.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/uuid.h"
#include "signin/cookies.h"
#include "signin/session_number.h"
#include "signin/session_owner.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

using codec::append_json_string;

void append_number(std::string& json, std::string_view name, std::int64_t value) {
  json += concat(",\"", name, "\":", std::to_string(value));
}

std::int64_t number_at(const codec::Json& json, std::string_view name) {
  const codec::Json* number = json.find(name);
  return number != nullptr ? number->as_int().value_or(0) : 0;
}

// Of the person who signed in, whatever role is switched to; null if it can no longer be opened.
std::shared_ptr<model::Session> own_session_of(const Grant& grant,
                                               const identity::Ticket& ticket,
                                               const authn::KeyRings& rings,
                                               Instant now) {
  model::Session session;
  if (grant.password) {
    session.kind = model::SessionKind::Console;
    session.access_key_id = grant.password->access_key_id;
    session.account = grant.password->account;
    session.principal_id = grant.password->principal_id;
    session.issued = grant.password->at;
    session.expires = ticket.expires;
    session.mfa_time = grant.password->mfa_time;
  } else if (const auto opened = token::open_session(rings.current(), grant.session_token, now)) {
    session = *opened->session;
  } else {
    return nullptr;
  }
  session.console_session_id = ticket.id_hash;
  return std::make_shared<model::Session>(std::move(session));
}

std::optional<model::Caller> role_of(const SwitchedRole& role,
                                     const identity::Ticket& ticket,
                                     const identity::Snapshot& snapshot,
                                     const authn::KeyRings& rings,
                                     Instant now) {
  if (role.expires <= now) {
    return std::nullopt;
  }
  const auto opened = token::open_session(rings.current(), role.session_token, now);
  if (!opened) {
    return std::nullopt;
  }
  auto session = std::make_shared<model::Session>(*opened->session);
  session->console_session_id = ticket.id_hash;
  return authn::caller_of_session(std::move(session), snapshot);
}

// What clients say of themselves may be any bytes; what is told of them is text.
std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

const identity::LoginProfile* login_of(const identity::Snapshot& snapshot,
                                       std::string_view account_id,
                                       std::string_view principal_id) {
  const std::optional<identity::LoginProfile>* login = nullptr;
  if (principal_id == account_id) {
    const identity::Account* account = snapshot.find<identity::Account>(account_id);
    login = account != nullptr ? &account->root_login : nullptr;
  } else {
    const identity::User* user = snapshot.find<identity::User>(principal_id);
    login = user != nullptr && user->account == account_id ? &user->login : nullptr;
  }
  return login != nullptr && *login ? &**login : nullptr;
}

std::expected<InForce, SessionEnd> in_force(const Grant& grant,
                                            const identity::Ticket& ticket,
                                            const identity::Snapshot& snapshot,
                                            const authn::KeyRings& rings,
                                            Instant now) {
  if (ticket.expires <= now || (ticket.session && ticket.session->is_idle(now))) {
    return std::unexpected(SessionEnd::Over);
  }
  const std::shared_ptr<const model::Session> own = own_session_of(grant, ticket, rings, now);
  auto original = own != nullptr ? authn::caller_of_session(own, snapshot) : std::nullopt;
  if (!original) {
    const bool is_replaced = own != nullptr && authn::is_password_replaced(*own, snapshot);
    return std::unexpected(is_replaced ? SessionEnd::PasswordReplaced : SessionEnd::Over);
  }
  InForce found{.caller = *original, .original = *original, .role = {}, .expires = ticket.expires};
  if (!grant.role) {
    return found;
  }
  if (auto role = role_of(*grant.role, ticket, snapshot, rings, now)) {
    found.caller = *std::move(role);
    found.role = grant.role;
    found.expires = std::min(ticket.expires, grant.role->expires);
  } else if (grant.login) {
    return std::unexpected(SessionEnd::Over);
  }
  return found;
}

identity::SignInSession new_session(const model::Caller& owner,
                                    const authz::RequestInfo& request,
                                    Random& random) {
  constexpr std::size_t kMaxUserAgent = 256;
  return {.id = crypto::uuid_v4(random),
          .owner = owner_id(owner),
          .issued = request.now,
          .last_used = request.now,
          .client_id = {},
          .origin = {},
          .origin_account = {},
          .user_agent = printable(request.user_agent.substr(0, kMaxUserAgent)),
          .region = std::string(request.region)};
}

void make_room_for(std::string_view account,
                   std::string_view holder,
                   std::size_t most,
                   identity::Transaction& transaction) {
  const std::size_t have = transaction.view().ticket_count(account, holder);
  if (have < most) {
    return;
  }
  std::vector<std::pair<identity::TicketKind, std::string>> ending;
  for (const identity::Ticket* ticket :
       transaction.view().tickets_of(account, holder, have - most + 1)) {
    ending.emplace_back(ticket->kind, ticket->id_hash);
  }
  for (const auto& [kind, id] : ending) {
    transaction.erase<identity::Ticket>({kind, id});
  }
}

identity::SharedSecret encode_grant(const Grant& grant) {
  std::string json = "{\"session_token\":";
  append_json_string(json, grant.session_token);
  append_number(json, "session_seconds", grant.session_seconds);
  if (grant.password) {
    json += ",\"account\":";
    append_json_string(json, grant.password->account);
    json += ",\"principal_id\":";
    append_json_string(json, grant.password->principal_id);
    json += ",\"access_key_id\":";
    append_json_string(json, grant.password->access_key_id);
    append_number(json, "at_ms", grant.password->at.unix_ms);
    if (grant.password->mfa_time) {
      append_number(json, "mfa_ms", grant.password->mfa_time->unix_ms);
    }
  }
  if (grant.login) {
    json += ",\"client_id\":";
    append_json_string(json, grant.login->id);
    json += ",\"key_thumbprint\":";
    append_json_string(json, grant.login->key_thumbprint);
  }
  if (grant.role) {
    json += ",\"role_token\":";
    append_json_string(json, grant.role->session_token);
    append_number(json, "role_expires_ms", grant.role->expires.unix_ms);
    json += ",\"role_name\":";
    append_json_string(json, grant.role->display_name);
    json += ",\"role_color\":";
    append_json_string(json, grant.role->color);
  }
  return identity::make_shared_secret(json + "}");
}

std::optional<Grant> decode_grant(const Secret& data) {
  const auto json = codec::Json::parse(data.reveal(secret_access()));
  if (!json) {
    return std::nullopt;
  }
  Grant grant{.session_token = std::string(json->string_at("session_token")),
              .session_seconds = number_at(*json, "session_seconds"),
              .password = {},
              .login = {},
              .role = {}};
  if (json->find("role_token") != nullptr) {
    grant.role = SwitchedRole{.session_token = std::string(json->string_at("role_token")),
                              .expires = Instant{number_at(*json, "role_expires_ms")},
                              .display_name = std::string(json->string_at("role_name")),
                              .color = std::string(json->string_at("role_color"))};
  }
  if (json->find("client_id") != nullptr) {
    grant.login = LoginClient{.id = std::string(json->string_at("client_id")),
                              .key_thumbprint = std::string(json->string_at("key_thumbprint"))};
  }
  if (json->find("principal_id") != nullptr) {
    grant.password =
        PasswordSignIn{.account = std::string(json->string_at("account")),
                       .principal_id = std::string(json->string_at("principal_id")),
                       .access_key_id = std::string(json->string_at("access_key_id")),
                       .at = Instant{number_at(*json, "at_ms")},
                       .mfa_time = json->find("mfa_ms") != nullptr
                                       ? std::optional(Instant{number_at(*json, "mfa_ms")})
                                       : std::nullopt};
  }
  return grant;
}

std::optional<std::string> ticket_of(const http::RequestHead& head,
                                     std::size_t number,
                                     const identity::Snapshot& snapshot) {
  auto id = ticket_id(cookie_of(head, Cookie::Session, number));
  const bool is_there =
      id && snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id}) != nullptr;
  return is_there ? std::move(id) : std::nullopt;
}

void end_session_at(std::size_t number,
                    const http::RequestHead& head,
                    identity::Transaction& transaction) {
  if (const auto id = ticket_of(head, number, transaction.view())) {
    transaction.erase<identity::Ticket>({identity::TicketKind::ConsoleSession, *id});
  }
}

namespace {

std::optional<SignedIn> signed_in_as(const http::RequestHead& head,
                                     std::size_t number,
                                     const identity::Snapshot& snapshot,
                                     const authn::KeyRings& rings,
                                     Instant now) {
  const auto id = ticket_id(cookie_of(head, Cookie::Session, number));
  if (!id) {
    return std::nullopt;
  }
  const identity::Ticket* ticket =
      snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id});
  auto grant = ticket != nullptr ? decode_grant(*ticket->data) : std::nullopt;
  // What a program holds is no cookie, even if it is sent as one.
  if (!grant || grant->login) {
    return std::nullopt;
  }
  auto found = in_force(*grant, *ticket, snapshot, rings, now);
  if (!found) {
    return std::nullopt;
  }
  return SignedIn{
      *std::move(found), ticket->expires, *id, ticket->holder, *std::move(grant), number};
}

}  // namespace

std::optional<SignedIn> signed_in(const api::WebRequest& request,
                                  const identity::Snapshot& snapshot,
                                  const authn::KeyRings& rings,
                                  Instant now) {
  const auto number = session_number(request);
  return number ? signed_in_as(*request.head, *number, snapshot, rings, now) : std::nullopt;
}

std::vector<SignedIn> all_signed_in(const http::RequestHead& head,
                                    const identity::Snapshot& snapshot,
                                    const authn::KeyRings& rings,
                                    Instant now) {
  std::vector<SignedIn> all;
  for (std::size_t number = 0; number < kMostSessions; ++number) {
    if (auto session = signed_in_as(head, number, snapshot, rings, now)) {
      all.push_back(*std::move(session));
    }
  }
  return all;
}

std::vector<SignedIn> others_signed_in(std::size_t number,
                                       const http::RequestHead& head,
                                       const identity::Snapshot& snapshot,
                                       const authn::KeyRings& rings,
                                       Instant now) {
  std::vector<SignedIn> others = all_signed_in(head, snapshot, rings, now);
  std::erase_if(others, [number](const SignedIn& one) { return one.number == number; });
  return others;
}

std::optional<std::size_t> number_for(std::string_view place, const std::vector<SignedIn>& others) {
  const std::string_view said = session_in(place);
  if (said != kNewSession) {
    return number_of_session(said);
  }
  for (std::size_t number = 0; number < kMostSessions; ++number) {
    if (std::ranges::find(others, number, &SignedIn::number) == others.end()) {
      return number;
    }
  }
  return std::nullopt;
}

}  // namespace signet::signin
