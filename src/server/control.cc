#include "server/control.h"

#include <optional>
#include <utility>

#include "audit/notice.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "server/revocation.h"

namespace signet::server {
namespace {

using Whose = Revocation::Whose;

std::optional<Whose> whose_of(std::string_view text) {
  if (text == "user") {
    return Whose::User;
  }
  if (text == "role") {
    return Whose::Role;
  }
  if (text == "root") {
    return Whose::Root;
  }
  if (text == "account") {
    return Whose::Account;
  }
  return text == "everyone" ? std::optional(Whose::Everyone) : std::nullopt;
}

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{
      .code = ErrorCode::InvalidInput, .message = std::move(message), .fields = {}, .cause = {}});
}

Result<Revocation> read_revocation(const codec::Json& request, Instant now) {
  const auto whose = whose_of(request.string_at("whose"));
  if (!whose) {
    return refuse("say whose sessions end: user, role, root, account or everyone");
  }
  // The end of this very millisecond: what was issued in it, but earlier, ends too.
  Revocation revocation{.whose = *whose,
                        .name = std::string(request.string_at("name")),
                        .before = Instant{now.unix_ms + 1}};
  if (const std::string_view text = request.string_at("before"); !text.empty()) {
    const auto before = codec::parse_iso8601(text);
    if (!before || *before > now) {
      return refuse(concat("expected a time that has passed, such as ",
                           codec::format_iso8601(now),
                           ", got: ",
                           text));
    }
    revocation.before = *before;
  }
  return revocation;
}

}  // namespace

std::string Control::answer(std::string_view request, std::string_view who) {
  const Result<std::string> done = run(request, who);
  std::string text = done ? "{\"done\":" : "{\"error\":";
  if (done) {
    codec::append_json_string(text, *done);
  } else {
    const Error& error = done.error();
    codec::append_json_string(text, error.cause.empty() ? error.message : error.cause);
  }
  return text + "}";
}

Result<std::string> Control::run(std::string_view request, std::string_view who) {
  const auto json = codec::Json::parse(request);
  const std::string_view command = json ? json->string_at("command") : std::string_view();
  if (command == "sessions revoke") {
    const Revocation revocation = TRY(read_revocation(*json, deps_.clock.now()));
    const std::size_t count = TRY(revoke_sessions(deps_.directory, revocation));
    std::string text = concat("sessions issued before ",
                              codec::format_iso8601_ms(revocation.before),
                              " have ended: ",
                              json->string_at("whose"),
                              revocation.name.empty() ? "" : " ",
                              revocation.name,
                              " (",
                              std::to_string(count),
                              count == 1 ? " principal)" : " principals)");
    TRY_STATUS(record("RevokeSessions", concat(who, ": ", text)));
    return text;
  }
  if (command == "keys retire") {
    TRY_STATUS(deps_.rings.retire_all(deps_.directory, deps_.random, deps_.clock.now()));
    std::string text =
        "every sealing key was replaced: all temporary credentials and console "
        "sessions have ended";
    TRY_STATUS(record("RetireSealingKeys", concat(who, ": ", text)));
    return text;
  }
  if (command == "accounts list") {
    std::string text;
    for (const identity::Account* account : deps_.directory.current()->accounts()) {
      text += concat(text.empty() ? "" : " ", account->id);
    }
    TRY_STATUS(record("ListAccounts", concat(who, ": names of the accounts"), true));
    return text;
  }
  return refuse("unknown command; there are: sessions revoke, keys retire, accounts list");
}

Status Control::record(std::string_view event, const std::string& text, bool is_read_only) {
  std::string line;
  audit::append_notice(
      line,
      {.time = deps_.clock.now(), .event = event, .text = text, .is_read_only = is_read_only});
  if (!deps_.audit.keep(line)) {
    return std::unexpected(
        facts::service_failure(concat("done, but the audit record could not be written: ", text)));
  }
  deps_.audit.flush();
  return {};
}

}  // namespace signet::server
