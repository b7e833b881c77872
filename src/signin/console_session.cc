#include "signin/console_session.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "signin/cookies.h"
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

// Whether the password that a session began with is no longer what its user has.
bool is_replaced(const PasswordSignIn& signed_in, const identity::Snapshot& snapshot) {
  const identity::LoginProfile* login =
      login_of(snapshot, signed_in.account, signed_in.principal_id);
  return login == nullptr || login->changed > signed_in.at;
}

// Whose it is, whatever role is switched to.
std::shared_ptr<const model::Session> own_session_of(const Grant& grant,
                                                     const identity::Ticket& ticket,
                                                     const identity::Snapshot& snapshot,
                                                     const authn::KeyRings& rings,
                                                     Instant now) {
  if (!grant.password) {
    auto opened = token::open_session(rings.current(), grant.session_token, now);
    return opened ? std::move(opened->session) : nullptr;
  }
  if (is_replaced(*grant.password, snapshot)) {
    return nullptr;
  }
  model::Session session;
  session.kind = model::SessionKind::Console;
  session.access_key_id = grant.password->access_key_id;
  session.account = grant.password->account;
  session.principal_id = grant.password->principal_id;
  session.issued = grant.password->at;
  session.expires = ticket.expires;
  session.mfa_time = grant.password->mfa_time;
  session.console_session_id = ticket.id_hash;
  return std::make_shared<const model::Session>(std::move(session));
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

std::shared_ptr<const model::Session> session_of(const Grant& grant,
                                                 const identity::Ticket& ticket,
                                                 const identity::Snapshot& snapshot,
                                                 const authn::KeyRings& rings,
                                                 Instant now) {
  auto own = own_session_of(grant, ticket, snapshot, rings, now);
  if (own == nullptr || !grant.role || !authn::caller_of_session(own, snapshot)) {
    return own;
  }
  auto role = grant.role->expires > now
                  ? token::open_session(rings.current(), grant.role->session_token, now)
                  : std::nullopt;
  if (role && authn::caller_of_session(role->session, snapshot)) {
    return std::move(role->session);
  }
  // A person is who they are again when the role is over; a program was given the role alone.
  return grant.login ? nullptr : own;
}

bool is_password_replaced(const Grant& grant, const identity::Snapshot& snapshot) {
  return grant.password && is_replaced(*grant.password, snapshot);
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

std::optional<model::Caller> original_of(const SignedIn& session,
                                         const identity::Snapshot& snapshot,
                                         const authn::KeyRings& rings,
                                         Instant now) {
  const identity::Ticket* ticket =
      snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, session.id_hash});
  auto own =
      ticket != nullptr ? own_session_of(session.grant, *ticket, snapshot, rings, now) : nullptr;
  return own != nullptr ? authn::caller_of_session(std::move(own), snapshot) : std::nullopt;
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
                                     const identity::Snapshot& snapshot) {
  auto id = ticket_id(cookie_of(head, Cookie::Session));
  const bool is_there =
      id && snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id}) != nullptr;
  return is_there ? std::move(id) : std::nullopt;
}

std::optional<SignedIn> signed_in(const api::WebRequest& request,
                                  const identity::Snapshot& snapshot,
                                  const authn::KeyRings& rings,
                                  Instant now) {
  const auto id = ticket_id(cookie_of(*request.head, Cookie::Session));
  if (!id) {
    return std::nullopt;
  }
  const identity::Ticket* ticket =
      snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id});
  if (ticket == nullptr || ticket->expires <= now) {
    return std::nullopt;
  }
  auto grant = decode_grant(*ticket->data);
  // What a program holds is no cookie, even if it is sent as one.
  auto session =
      grant && !grant->login ? session_of(*grant, *ticket, snapshot, rings, now) : nullptr;
  if (session == nullptr) {
    return std::nullopt;
  }
  auto caller = authn::caller_of_session(std::move(session), snapshot);
  if (!caller) {
    return std::nullopt;
  }
  return SignedIn{.caller = std::move(*caller),
                  .expires = ticket->expires,
                  .id_hash = *id,
                  .holder = ticket->holder,
                  .grant = *std::move(grant)};
}

}  // namespace signet::signin
