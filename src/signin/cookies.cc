#include "signin/cookies.h"

#include <array>
#include <cstdint>
#include <span>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "token/opaque.h"

namespace signet::signin {
namespace {

struct Names {
  std::string_view secure;
  std::string_view plain;
  std::string_view same_site;
};

// In the order of Cookie.
constexpr std::array<Names, 4> kNames{{{"__Host-signet-sid", "signet-sid", "Lax"},
                                       {"__Host-signet-form", "signet-form", "Strict"},
                                       {"__Host-signet-known", "signet-known", "Strict"},
                                       {"__Host-signet-roles", "signet-roles", "Lax"}}};

const Names& names_of(Cookie cookie) {
  return kNames.at(static_cast<std::size_t>(cookie));
}

std::string name_of(Cookie cookie, bool is_secure, std::size_t number) {
  const std::string_view name = is_secure ? names_of(cookie).secure : names_of(cookie).plain;
  return number == 0 ? std::string(name) : concat(name, "-", std::to_string(number));
}

std::string hex_of(std::string_view bytes) {
  std::string hex;
  codec::append_hex(hex,
                    std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  return hex;
}

}  // namespace

std::string_view cookie_of(const http::RequestHead& head, Cookie cookie, std::size_t number) {
  const std::string name = name_of(cookie, head.tls, number);
  std::optional<std::string_view> found;
  for (const http::HeaderView& header : head.headers) {
    if (!equals_ignore_case(header.name, "cookie")) {
      continue;
    }
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (!pair.starts_with(name) || pair.size() <= name.size() || pair[name.size()] != '=') {
        continue;
      }
      if (found) {
        return {};
      }
      found = pair.substr(name.size() + 1);
    }
  }
  return found.value_or(std::string_view());
}

std::string set_cookie(Cookie cookie, std::string_view value, bool is_secure, std::size_t number) {
  std::string text = concat(name_of(cookie, is_secure, number),
                            "=",
                            value,
                            "; Path=/; HttpOnly; SameSite=",
                            names_of(cookie).same_site);
  if (is_secure) {
    text += "; Secure";
  }
  if (value.empty()) {
    text += "; Max-Age=0";
  } else if (cookie == Cookie::Known || cookie == Cookie::Roles) {
    text += "; Max-Age=7776000";
  }
  return text;
}

FormBrowser form_browser(const http::RequestHead& head, Random& random) {
  if (auto id = ticket_id(cookie_of(head, Cookie::Form))) {
    return {.id = *std::move(id), .cookie = {}};
  }
  const token::OpaqueToken made = token::make_opaque_token(random);
  const std::string_view value = made.text.reveal(secret_access());
  return {.id = ticket_id(made), .cookie = set_cookie(Cookie::Form, value, head.tls)};
}

std::optional<std::string> ticket_id(std::string_view value) {
  return token::opaque_token_hash(value).transform(hex_of);
}

std::string ticket_id(const token::OpaqueToken& made) {
  return hex_of(made.hash);
}

}  // namespace signet::signin
