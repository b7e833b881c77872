#include "signin/service.h"

#include <utility>

#include "base/strings.h"
#include "signin/console_session.h"
#include "signin/federation.h"
#include "signin/note.h"
#include "signin/origin.h"
#include "signin/pages.h"

namespace signet::signin {
namespace {

bool has_action(std::string_view raw_query) {
  return raw_query.starts_with("Action=") || raw_query.find("&Action=") != std::string_view::npos;
}

// What the session may see of the account's buckets.
http::Response show_landing(const SignedIn& session,
                            const identity::Snapshot& snapshot,
                            const api::WebContext& context) {
  LandingPage page{.caller = session.caller,
                   .expires = session.expires,
                   .now = context.request.now,
                   .buckets = {},
                   .denied = {}};
  const authz::CheckList checks{{.action = "s3:ListAllMyBuckets", .resource = "arn:aws:s3:::*"}};
  const auto allowed =
      context.authorizer.authorize({snapshot, session.caller, context.request}, checks);
  if (allowed) {
    auto& names = page.buckets.emplace();
    for (const auto& [name, bucket] : snapshot.buckets(session.caller.account)) {
      names.push_back(name);
    }
  } else {
    page.denied = allowed.error().message;
  }
  return landing_page(page);
}

http::Response sign_out(const api::WebRequest& request,
                        const api::WebContext& context,
                        const authn::KeyRings& rings) {
  const auto snapshot = context.directory.current();
  if (const auto session = signed_in(request, *snapshot, rings, context.request.now); session) {
    note_caller(context, session->caller);
    // A failed write leaves the session to its expiry; the cookie goes in any case.
    [[maybe_unused]] const auto erased = context.directory.apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          transaction.erase_ticket(identity::TicketKind::ConsoleSession, session->id_hash);
          return {};
        });
  }
  http::Response response = signed_out_page(true);
  response.headers.add("Set-Cookie", session_cookie({}, request.head->tls));
  return response;
}

using SignInStep = http::Response (*)(const api::WebRequest&,
                                      const api::WebContext&,
                                      const authn::KeyRings&);

// Takes the step, and tells the audit trail what came of it.
http::Response noted(const api::WebContext& context,
                     std::string_view event,
                     SignInStep step,
                     const api::WebRequest& request,
                     const authn::KeyRings& rings) {
  note_event(context, event, true);
  http::Response response = step(request, context, rings);
  note_outcome(context, response);
  return response;
}

http::Response refuse_sign_out(const api::WebRequest& /*request*/,
                               const api::WebContext& /*context*/,
                               const authn::KeyRings& /*rings*/) {
  return error_page(403, "Not allowed", "Use the sign-out button of the console.", {});
}

http::Response serve_federation(const api::WebRequest& request,
                                const api::WebContext& context,
                                const authn::KeyRings& rings,
                                const TicketLimits& limits) {
  const std::string_view action = request.param("Action");
  if (action == "getSigninToken") {
    note_event(context, "GetSigninToken", true);
    http::Response response = get_signin_token(request, context, rings, limits);
    note_outcome(context, response);
    return response;
  }
  if (action == "login") {
    return noted(context, "ConsoleLogin", login, request, rings);
  }
  if (action == "logout") {
    if (is_led_here_by_others(*request.head)) {
      note_event(context, "Logout", false);
      return confirm_sign_out_page();
    }
    return noted(context, "Logout", sign_out, request, rings);
  }
  return error_page(
      400, "Unknown Action", "The federation endpoint knows getSigninToken, login and logout.", {});
}

}  // namespace

SigninService::SigninService(const authn::KeyRings& rings, const TicketLimits& limits)
    : rings_(rings), limits_(limits) {}

bool SigninService::handles(std::string_view method,
                            std::string_view path,
                            std::string_view raw_query) const {
  if (path.starts_with("/_console/") || path == "/_console") {
    return true;
  }
  // A bucket may be called federation or oauth: the pages are there only with an Action, or for a
  // form post.
  const bool is_endpoint = path == "/federation" || path == "/oauth";
  return is_endpoint && (has_action(raw_query) || method == "POST");
}

http::Response SigninService::serve(const api::WebRequest& request,
                                    const api::WebContext& context) {
  const std::string_view path = request.path;
  note_event(context, "GetConsolePage", false);
  if (path == "/federation" || path == "/oauth") {
    return serve_federation(request, context, rings_, limits_);
  }
  if (path == "/_console/style.css") {
    return stylesheet();
  }
  if (path == "/_console/signout") {
    // Posts that change something must come from a page of this very server.
    const bool is_allowed = request.method == "POST" && is_own_origin(*request.head);
    return noted(context, "Logout", is_allowed ? sign_out : refuse_sign_out, request, rings_);
  }
  if (path != "/_console/" && path != "/_console") {
    return error_page(404, "No such page", "The console has no page of that name.", {});
  }
  const auto snapshot = context.directory.current();
  const auto session = signed_in(request, *snapshot, rings_, context.request.now);
  if (session) {
    note_caller(context, session->caller);
  }
  return session ? show_landing(*session, *snapshot, context) : signed_out_page(false);
}

}  // namespace signet::signin
