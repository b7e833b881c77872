#include "signin/console_session.h"

#include <utility>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "token/opaque.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

constexpr std::string_view kSecureName = "__Host-signet-sid";
constexpr std::string_view kPlainName = "signet-sid";

std::string_view cookie_name(bool is_secure) {
  return is_secure ? kSecureName : kPlainName;
}

// Value of a cookie in the Cookie headers; empty if absent.
std::string_view cookie_value(const http::RequestHead& head, std::string_view name) {
  for (const http::HeaderView& header : head.headers) {
    if (!equals_ignore_case(header.name, "cookie")) {
      continue;
    }
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (pair.starts_with(' ')) {
        pair.remove_prefix(1);
      }
      if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return {};
}

}  // namespace

identity::SharedSecret encode_grant(const Grant& grant) {
  std::string json = "{\"session_token\":";
  codec::append_json_string(json, grant.session_token);
  json += ",\"session_seconds\":" + std::to_string(grant.session_seconds) + "}";
  return identity::make_shared_secret(std::move(json));
}

std::optional<Grant> decode_grant(const Secret& data) {
  const auto json = codec::Json::parse(data.reveal(secret_access()));
  if (!json) {
    return std::nullopt;
  }
  const codec::Json* seconds = json->find("session_seconds");
  return Grant{.session_token = std::string(json->string_at("session_token")),
               .session_seconds = seconds != nullptr ? seconds->as_int().value_or(0) : 0};
}

std::optional<std::string> ticket_id(std::string_view value) {
  const auto hash = token::opaque_token_hash(value);
  if (!hash) {
    return std::nullopt;
  }
  std::string hex;
  codec::append_hex(hex,
                    std::span(reinterpret_cast<const std::uint8_t*>(hash->data()), hash->size()));
  return hex;
}

std::optional<SignedIn> signed_in(const api::WebRequest& request,
                                  const identity::Snapshot& snapshot,
                                  const authn::KeyRings& rings,
                                  Instant now) {
  const auto id = ticket_id(cookie_value(*request.head, cookie_name(request.head->tls)));
  if (!id) {
    return std::nullopt;
  }
  const identity::Ticket* ticket =
      snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, *id});
  if (ticket == nullptr || ticket->expires <= now) {
    return std::nullopt;
  }
  const auto grant = decode_grant(*ticket->data);
  auto opened =
      grant ? token::open_session(rings.current(), grant->session_token, now) : std::nullopt;
  if (!opened) {
    return std::nullopt;
  }
  auto caller = authn::caller_of_session(std::move(opened->session), snapshot);
  if (!caller) {
    return std::nullopt;
  }
  return SignedIn{.caller = std::move(*caller), .expires = ticket->expires, .id_hash = *id};
}

std::string session_cookie(std::string_view value, bool is_secure) {
  std::string cookie =
      concat(cookie_name(is_secure), "=", value, "; Path=/; HttpOnly; SameSite=Lax");
  if (is_secure) {
    cookie += "; Secure";
  }
  if (value.empty()) {
    cookie += "; Max-Age=0";
  }
  return cookie;
}

}  // namespace signet::signin
