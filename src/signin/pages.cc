#include "signin/pages.h"

#include <utility>

#include "base/strings.h"
#include "codec/time.h"
#include "facts/signin_sentences.h"
#include "signin/console_files.h"
#include "signin/page_parts.h"
#include "signin/session_number.h"

namespace signet::signin {
namespace {

constexpr std::string_view kStyle =
    ":root{color-scheme:light "
    "dark;--ink:#16191f;--muted:#5f6b7a;--line:#d5dbe1;--paper:#fff;--ground:#f4f6f8;"
    "--accent:#0b63ce;--bad:#b3261e}"
    "@media "
    "(prefers-color-scheme:dark){:root{--ink:#e8eaed;--muted:#9aa5b1;--line:#3a434d;--paper:#"
    "1b2129;"
    "--ground:#11161c;--accent:#6aa9ff;--bad:#ff8a80}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}"
    "header{background:var(--paper);border-bottom:1px solid var(--line);padding:12px "
    "24px;display:flex;"
    "align-items:center;justify-content:space-between}"
    ".brand{font-weight:700;letter-spacing:.02em}main{max-width:760px;margin:32px auto;padding:0 "
    "24px}"
    "section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:20px "
    "24px;margin-bottom:20px}"
    "h1{font-size:22px;margin:0 0 12px}h2{font-size:17px;margin:0 0 12px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:6px "
    "20px;margin:0}dt{color:var(--muted)}dd{margin:0}"
    "code{font:14px/1.4 "
    "ui-monospace,monospace;overflow-wrap:anywhere}ul{margin:0;padding-left:20px}"
    ".muted{color:var(--muted)}.bad{color:var(--bad)}"
    "button,.button{font:inherit;padding:6px 14px;border:1px solid "
    "var(--accent);border-radius:6px;background:var(--paper);"
    "color:var(--accent);cursor:pointer;text-decoration:none}button.primary{background:var(--"
    "accent);color:var(--paper)}"
    "form{display:inline}a{color:var(--accent)}"
    "form.steps{display:grid;gap:14px;max-width:380px}form.steps label{display:grid;gap:4px}"
    "input{font:inherit;color:inherit;background:var(--ground);border:1px solid "
    "var(--line);border-radius:6px;padding:7px 10px;width:100%}"
    "input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);"
    "outline-offset:1px}";

// What the console's application needs besides: its own files and the API, and the pictures and
// fonts that come inside of them. Markup is parsed only as the one policy of its own lets it
// (console/src/trusted.ts).
constexpr std::string_view kApplicationPolicy =
    "script-src 'self'; font-src 'self' data:; img-src 'self' blob: data:; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types default; ";

void add_security_headers(http::Response& response,
                          std::string_view form_targets,
                          std::string_view more) {
  response.headers.add("Content-Security-Policy",
                       concat("default-src 'none'; style-src 'self'; ",
                              more,
                              "form-action ",
                              form_targets,
                              "; base-uri 'none'; frame-ancestors 'none'"));
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Permissions-Policy",
                       "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.add("Cache-Control", "no-store");
}

std::string_view kind_text(model::CallerKind kind) {
  switch (kind) {
    case model::CallerKind::AssumedRole:
      return "Assumed role";
    case model::CallerKind::FederatedUser:
      return "Federated user";
    case model::CallerKind::User:
      return "IAM user";
    case model::CallerKind::Root:
      return "Root user";
    default:
      return "Principal";
  }
}

std::string row(std::string_view name, std::string_view value, std::string_view id) {
  return concat(
      "<dt>", name, "</dt><dd><code id=\"", id, "\">", escape_html(value), "</code></dd>");
}

// "11 h 59 min"
std::string remaining(Instant from, Instant to) {
  const std::int64_t minutes = (to.seconds() - from.seconds()) / 60;
  return minutes >= 60
             ? concat(std::to_string(minutes / 60), " h ", std::to_string(minutes % 60), " min")
             : concat(std::to_string(minutes), " min");
}

// What is acted as, and the way back. A mark of its color is an image: pages have no styles of
// their own.
std::string role_bar(const RoleBar& bar, std::size_t session) {
  const std::string mark =
      bar.color.empty()
          ? std::string()
          : concat(
                "<svg width=\"12\" height=\"12\" role=\"img\" aria-label=\"color\"><circle "
                "cx=\"6\" cy=\"6\" r=\"6\" fill=\"#",
                bar.color,
                "\"/></svg> ");
  return concat(mark,
                "<strong id=\"role\">",
                escape_html(bar.name),
                "</strong> <form method=\"post\" action=\"",
                with_session("/_console/exitrole", session),
                "\"><button type=\"submit\" id=\"exit\">Back to ",
                escape_html(bar.original),
                "</button></form> ");
}

std::string bucket_section(const LandingPage& landing) {
  std::string out = "<section><h2>Buckets</h2>";
  if (!landing.buckets) {
    return out + concat("<p class=\"bad\" id=\"buckets-denied\">",
                        escape_html(landing.denied),
                        "</p></section>");
  }
  if (landing.buckets->empty()) {
    return out +
           "<p class=\"muted\" id=\"buckets-empty\">This account has no buckets.</p></section>";
  }
  out += "<ul id=\"buckets\">";
  for (const std::string& bucket : *landing.buckets) {
    out += concat("<li><code>", escape_html(bucket), "</code></li>");
  }
  return out + "</ul></section>";
}

constexpr std::string_view kStyleLink = "<link rel=\"stylesheet\" href=\"/_console/style.css\">";

std::string content(std::string_view head_extra, std::string_view body) {
  return concat("<header><span class=\"brand\">Signet</span>",
                head_extra,
                "</header><main>",
                body,
                "</main>");
}

std::string document(std::string_view title, std::string_view links, std::string_view body) {
  return concat("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>",
                escape_html(title),
                " - Signet</title><meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\">",
                links,
                "</head><body>",
                body,
                "</body></html>\n");
}

// Of the application's files; their names are ours.
std::string links_of(const http::WebBundle& console) {
  std::string links;
  for (const std::string_view style : console.styles) {
    links += concat("<link rel=\"stylesheet\" href=\"", kConsoleFiles, style, "\">");
  }
  for (const std::string_view module : console.preload) {
    links += concat("<link rel=\"modulepreload\" href=\"", kConsoleFiles, module, "\">");
  }
  return concat(links,
                "<script type=\"module\" src=\"",
                kConsoleFiles,
                console.script,
                "\"></script><noscript>",
                kStyleLink,
                "</noscript>");
}

// The console's page. A browser without script shows `plain`.
http::Response application_page(const http::WebBundle& console, std::string_view plain) {
  http::Response response;
  response.body = document("Console",
                           links_of(console),
                           concat("<div id=\"app\"></div><noscript>", plain, "</noscript>"));
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  add_security_headers(response, "'self'", kApplicationPolicy);
  return response;
}

}  // namespace

http::Response page(int status,
                    std::string_view title,
                    std::string_view head_extra,
                    std::string_view body,
                    std::string_view form_targets) {
  http::Response response{.status = status};
  response.body = document(title, kStyleLink, content(head_extra, body));
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  add_security_headers(response, form_targets, "");
  return response;
}

http::Response page_with_script(int status,
                                std::string_view title,
                                std::string_view body,
                                std::string_view script) {
  http::Response response{.status = status};
  response.body = document(
      title, concat(kStyleLink, "<script src=\"", script, "\" defer></script>"), content("", body));
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  add_security_headers(
      response, "'self'", "script-src 'self'; require-trusted-types-for 'script'; ");
  return response;
}

std::string hidden(std::string_view name, std::string_view value) {
  return concat("<input type=\"hidden\" name=\"", name, "\" value=\"", escape_html(value), "\">");
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

http::Response landing_page(const LandingPage& landing, const http::WebBundle& console) {
  const model::Caller& caller = landing.caller;
  std::string body = concat(
      "<section><h1>You are signed in</h1><dl>",
      row(kind_text(caller.kind), caller.name.empty() ? caller.account : caller.name, "principal"),
      row("ARN", caller.arn, "arn"),
      row("Account", caller.account, "account"));
  if (caller.session && !caller.session->session_name.empty() &&
      caller.kind == model::CallerKind::AssumedRole) {
    body += row("Session", caller.session->session_name, "session");
  }
  body += concat(row("Signed in until",
                     concat(codec::format_iso8601(landing.expires),
                            " (",
                            remaining(landing.now, landing.expires),
                            " left)"),
                     "expires"),
                 "</dl></section>",
                 bucket_section(landing));
  const std::string sign_out = concat("<form method=\"post\" action=\"",
                                      with_session("/_console/signout", landing.session),
                                      "\"><button type=\"submit\" id=\"signout\">Sign "
                                      "out</button></form>");
  const std::string other = landing.can_switch
                                ? concat("<a class=\"button\" href=\"",
                                         with_session("/_console/switchrole", landing.session),
                                         "\" id=\"switch\">Switch role</a> ")
                                : std::string();
  const std::string buttons =
      concat("<span>",
             landing.role ? role_bar(*landing.role, landing.session) : std::string(),
             other,
             sign_out,
             "</span>");
  return console.script.empty() ? page(200, "Console", buttons, body)
                                : application_page(console, content(buttons, body));
}

http::Response welcome_page() {
  return page(
      200,
      "Signet",
      "",
      "<section><h1>This is a Signet server</h1><p>It speaks AWS's STS, IAM and S3 to programs. "
      "People sign in at the <a href=\"/_console/\">console</a>.</p></section>"
      "<section><h2>Point a program at it</h2><p><code>signet env --endpoint</code> with the "
      "address "
      "above prints the variables that the AWS CLI and SDKs read.</p></section>"
      "<section><h2>Is it well?</h2><p><a href=\"/_signet/health\">health</a>, "
      "<a href=\"/_signet/ready\">readiness</a></p></section>");
}

http::Response signed_out_page(std::size_t session) {
  return page(200,
              "Signed out",
              "",
              concat("<section><h1>Signed out</h1><p>This session has ended.</p><p><a "
                     "class=\"button\" href=\"",
                     sign_in_place(session),
                     "\">Sign in again</a></p></section>"));
}

http::Response not_signed_in_page(std::string_view elsewhere) {
  std::string body =
      "<section><h1>You are not signed in</h1><p><a class=\"button\" id=\"signin\" "
      "href=\"/_console/signin\">Sign in</a></p><p>With temporary credentials of a role you need "
      "no "
      "password: request a sign-in link with <code>getSigninToken</code> from the federation "
      "endpoint of this server, <code>/federation</code>.</p>";
  if (!elsewhere.empty()) {
    const std::string address = escape_html(elsewhere);
    body += concat(
        "<p>A browser keeps a session for one host name. If your link had another, the "
        "console is at <a href=\"",
        address,
        "\">",
        address,
        "</a>.</p>");
  }
  return page(401, "Not signed in", "", body + "</section>");
}

http::Response error_page(int status,
                          std::string_view title,
                          std::string_view message,
                          std::string_view issuer) {
  std::string body =
      concat("<section><h1>", escape_html(title), "</h1><p>", escape_html(message), "</p>");
  // Anybody can name an issuer in a link to this page: it is shown, never a way to go.
  if (!issuer.empty()) {
    body += concat("<p>To sign in again, return to <code>", escape_html(issuer), "</code>.</p>");
  }
  body += "<p><a class=\"button\" href=\"/_console/\">Console</a></p></section>";
  return page(status, title, "", body);
}

http::Response no_place_page(std::string_view issuer) {
  return error_page(409,
                    "There is no place for this session",
                    "A browser has five sessions at most: sign out of one of them and try again.",
                    issuer);
}

http::Response too_many_sessions_page() {
  return error_page(
      429,
      "Too many sessions",
      "Your account has as many sessions as may be. Try again when some have expired.",
      {});
}

http::Response not_from_here_page() {
  return error_page(403, "You cannot sign in from here", not_from_here().error().message, {});
}

http::Response confirm_sign_out_page(std::string_view session) {
  return page(
      200,
      "Sign out",
      "",
      concat("<section><h1>Sign out?</h1><p>The link you followed ends the session in this "
             "browser.</p><form method=\"post\" action=\"/_console/signout\">",
             session.empty() ? std::string() : hidden("session", session),
             "<button class=\"primary\" type=\"submit\" id=\"signout\">Sign "
             "out</button></form> <a class=\"button\" href=\"/_console/\">Stay</a></section>"));
}

http::Response confirm_page(const ConfirmPage& confirm) {
  const std::string body =
      concat("<section><h1>Switch to another session?</h1><dl>",
             row("Signed in as", confirm.current_arn, "current"),
             row("The link is for", confirm.new_arn, "new"),
             "</dl><p>The link you opened signs you in as somebody else.</p>"
             "<form method=\"post\" action=\"/federation\">",
             hidden("Action", "login"),
             hidden("SigninToken", confirm.signin_token),
             hidden("Destination", confirm.destination),
             hidden("Issuer", confirm.issuer),
             hidden("Confirm", "yes"),
             "<button class=\"primary\" type=\"submit\" id=\"continue\">Continue as the new "
             "session</button></form> <form method=\"post\" action=\"/federation\">",
             hidden("Action", "login"),
             hidden("SigninToken", confirm.signin_token),
             hidden("Destination", "/_console/?session=new"),
             hidden("Issuer", confirm.issuer),
             hidden("Confirm", "yes"),
             "<button type=\"submit\" id=\"beside\">Open it beside this one</button></form> <a "
             "class=\"button\" href=\"/_console/\">Stay</a></section>");
  return page(200, "Switch session", "", body);
}

http::Response redirect(int status, std::string_view location) {
  http::Response response{.status = status};
  response.headers.add("Location", location);
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

http::Response stylesheet() {
  http::Response response{.body = std::string(kStyle)};
  response.headers.add("Content-Type", "text/css; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "max-age=3600");
  return response;
}

}  // namespace signet::signin
