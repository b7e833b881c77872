#include "signin/sign_in_pages.h"

#include "base/strings.h"
#include "codec/uri.h"
#include "signin/page_parts.h"
#include "signin/pages.h"
#include "signin/passkeys.h"
#include "signin/session_number.h"

namespace signet::signin {
namespace {

struct Field {
  std::string_view name;
  std::string_view label;
  std::string_view attributes;  // HTML
  std::string_view value = {};
};

std::string field(const Field& field) {
  return concat("<label for=\"",
                field.name,
                "\">",
                field.label,
                "<input id=\"",
                field.name,
                "\" name=\"",
                field.name,
                "\" required ",
                field.attributes,
                field.value.empty() ? "" : concat(" value=\"", escape_html(field.value), "\""),
                "></label>");
}

std::string problem(std::string_view text) {
  return text.empty()
             ? std::string()
             : concat("<p class=\"bad\" id=\"problem\" role=\"alert\">", escape_html(text), "</p>");
}

// A sign-in that leads there.
std::string start_link(std::string_view to, bool is_root, std::string_view text) {
  return concat("<p><a href=\"/_console/signin?",
                is_root ? "root=yes&amp;" : "",
                "to=",
                codec::percent_encode(to),
                "\">",
                text,
                "</a></p>");
}

std::string form(std::string_view action,
                 std::string_view step,
                 std::string_view to,
                 std::string_view fields,
                 std::string_view button) {
  return concat("<form class=\"steps\" method=\"post\" action=\"",
                action,
                "\">",
                hidden("step", step),
                hidden("to", to),
                fields,
                "<button class=\"primary\" type=\"submit\" id=\"submit\">",
                button,
                "</button></form>");
}

// A button for each role that was switched to before.
std::string recent_section(const std::vector<RecentRole>& roles, std::string_view action) {
  if (roles.empty()) {
    return {};
  }
  std::string out = "<section><h2>Role history</h2><ul id=\"recent\">";
  for (const RecentRole& role : roles) {
    out += concat("<li><form method=\"post\" action=\"",
                  action,
                  "\">",
                  hidden("account", role.account),
                  hidden("roleName", role.role),
                  hidden("displayName", role.display_name),
                  hidden("color", role.color),
                  "<button type=\"submit\">",
                  escape_html(role.display_name.empty() ? concat(role.role, " @ ", role.account)
                                                        : role.display_name),
                  "</button></form></li>");
  }
  return out + "</ul></section>";
}

constexpr std::string_view kPassword =
    R"(type="password" autocomplete="current-password" maxlength="128")";
constexpr std::string_view kNewPassword =
    R"(type="password" autocomplete="new-password" maxlength="128")";
constexpr std::string_view kCode =
    R"(inputmode="numeric" autocomplete="one-time-code" maxlength="9" autofocus)";
constexpr std::string_view kAccount = R"(autocomplete="organization" maxlength="320")";
constexpr std::string_view kUser = R"(autocomplete="username" maxlength="64")";

}  // namespace

http::Response sign_in_page(const SignInPage& data) {
  const std::string fields = data.is_root ? concat(hidden("root", "yes"),
                                                   field({.name = "account",
                                                          .label = "E-mail address or account ID",
                                                          .attributes = kAccount,
                                                          .value = data.account}))
                                          : concat(field({.name = "account",
                                                          .label = "Account ID or alias",
                                                          .attributes = kAccount,
                                                          .value = data.account}),
                                                   field({.name = "user",
                                                          .label = "IAM user name",
                                                          .attributes = kUser,
                                                          .value = data.user}));
  const std::string body = concat(
      "<section><h1>",
      data.is_root ? "Sign in as root user" : "Sign in as IAM user",
      "</h1>",
      problem(data.problem),
      form(
          "/_console/signin",
          data.step,
          data.to,
          concat(fields, field({.name = "password", .label = "Password", .attributes = kPassword})),
          "Sign in"),
      start_link(
          data.to, !data.is_root, data.is_root ? "Sign in as IAM user" : "Sign in as root user"),
      "</section>");
  return page(data.status, "Sign in", "", body);
}

namespace {

// Shown by its script alone; the form brings what the authenticator answered.
std::string passkey_form(const StepPage& data, const std::vector<std::string>& passkeys) {
  std::string ids;
  for (const std::string& id : passkeys) {
    ids += concat(ids.empty() ? "" : " ", id);
  }
  return concat(
      "<form class=\"steps\" id=\"passkey\" method=\"post\" action=\"/_console/signin/mfa\" "
      "data-credentials=\"",
      ids,
      "\" hidden>",
      hidden("step", data.step),
      hidden("to", data.to),
      hidden("credential", ""),
      hidden("clientData", ""),
      hidden("authenticatorData", ""),
      hidden("signature", ""),
      "<p class=\"bad\" id=\"passkey-problem\" role=\"alert\" hidden>The passkey did not answer. "
      "Try "
      "again.</p><button class=\"primary\" type=\"submit\">Use a passkey</button></form>"
      "<noscript><p>A passkey needs a browser with script.</p></noscript>");
}

}  // namespace

http::Response mfa_page(const StepPage& data, const MfaChoices& choices) {
  const bool has_passkeys = !choices.passkeys.empty();
  const std::string body = concat(
      "<section><h1>",
      choices.has_codes ? "MFA code" : "Passkey",
      "</h1><p>For <code>",
      escape_html(data.who),
      "</code></p>",
      problem(data.problem),
      has_passkeys ? passkey_form(data, choices.passkeys) : "",
      choices.has_codes
          ? form(
                "/_console/signin/mfa",
                data.step,
                data.to,
                field({.name = "code", .label = "Code of your authenticator", .attributes = kCode}),
                "Go on")
          : "",
      start_link(data.to, false, "Start again"),
      "</section>");
  return has_passkeys ? page_with_script(data.status, "MFA", body, kPasskeyScriptPath)
                      : page(data.status, "MFA code", "", body);
}

http::Response new_password_page(const StepPage& data) {
  const std::string fields =
      concat(field({.name = "new", .label = "New password", .attributes = kNewPassword}),
             field({.name = "again", .label = "New password again", .attributes = kNewPassword}));
  return page(
      data.status,
      "New password",
      "",
      concat("<section><h1>Choose a new password</h1><p>The password of <code>",
             escape_html(data.who),
             "</code> has to be changed before you go on.</p>",
             problem(data.problem),
             form("/_console/signin/password", data.step, data.to, fields, "Change it and sign in"),
             "</section>"));
}

http::Response switch_role_page(const SwitchRolePageData& data) {
  const auto optional = [](std::string_view name, std::string_view label, std::string_view value) {
    return concat("<label for=\"",
                  name,
                  "\">",
                  label,
                  "<input id=\"",
                  name,
                  "\" name=\"",
                  name,
                  "\" maxlength=\"64\" value=\"",
                  escape_html(value),
                  "\"></label>");
  };
  const std::string action = with_session("/_console/switchrole", data.session);
  const std::string body = concat(
      "<section><h1>Switch role</h1><p>You act as the role until it ends or you go back.</p>",
      problem(data.problem),
      "<form class=\"steps\" method=\"post\" action=\"",
      action,
      "\">",
      field({.name = "account",
             .label = "Account ID or alias",
             .attributes = kAccount,
             .value = data.account}),
      field({.name = "roleName",
             .label = "Role name, with its path",
             .attributes = "maxlength=\"512\"",
             .value = data.role}),
      optional("displayName", "Name to show (optional)", data.display_name),
      optional("color", "Color, six hexadecimal digits (optional)", data.color),
      "<button class=\"primary\" type=\"submit\" id=\"submit\">Switch role</button></form>"
      "<p><a href=\"",
      with_session("/_console/", data.session),
      "\">Back to the console</a></p></section>",
      recent_section(data.recent, action));
  return page(data.status, "Switch role", "", body);
}

}  // namespace signet::signin
