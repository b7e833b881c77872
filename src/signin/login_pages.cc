#include "signin/login_pages.h"

#include <string>

#include "base/strings.h"
#include "signin/page_parts.h"
#include "signin/pages.h"
#include "signin/session_number.h"

namespace signet::signin {
namespace {

// Ways to go on as somebody else who is signed in with this browser.
std::string other_sessions(const std::vector<std::pair<std::string, std::string>>& others) {
  if (others.empty()) {
    return {};
  }
  std::string out = "<section><h2>As somebody else</h2><ul id=\"others\">";
  for (const auto& [arn, place] : others) {
    out += concat(
        "<li><a href=\"", escape_html(place), "\"><code>", escape_html(arn), "</code></a></li>");
  }
  return out + "</ul></section>";
}

}  // namespace

http::Response consent_page(const ConsentPage& data) {
  const std::string body = concat(
      "<section><h1>Give credentials to a program?</h1><p>A program, most likely <code>aws "
      "login</code>, asks to act as you until this session ends.</p><dl><dt>As</dt><dd><code "
      "id=\"arn\">",
      escape_html(data.arn),
      "</code></dd><dt>Account</dt><dd><code>",
      escape_html(data.account),
      "</code></dd><dt>Answer to</dt><dd><code id=\"where\">",
      escape_html(data.where),
      "</code></dd></dl><p>",
      data.is_remote
          ? "You will get a code to type into a terminal. Whoever has it becomes you: <strong>go "
            "on "
            "only if you started this yourself, in a terminal that you see</strong>, and give the "
            "code to nobody."
          : "Go on only if you started this yourself, on this computer.",
      "</p><form method=\"post\" action=\"",
      with_session("/v1/authorize", data.session),
      "\">",
      hidden("step", data.step),
      "<button class=\"primary\" type=\"submit\" name=\"allow\" value=\"yes\" "
      "id=\"allow\">Allow</button> <button type=\"submit\" name=\"allow\" value=\"no\" "
      "id=\"refuse\">Refuse</button></form></section>",
      other_sessions(data.others));
  // Browsers hold the redirect after a form against form-action too (sign-in 6.2).
  return page(200, "Give credentials to a program?", "", body, "'self' http://127.0.0.1:*");
}

http::Response code_page(std::string_view code) {
  return page(200,
              "Your code",
              "",
              concat("<section><h1>Your code</h1><p>Type it into the terminal in which you started "
                     "<code>aws login --remote</code>, and nowhere else.</p><p><code id=\"code\">",
                     escape_html(code),
                     "</code></p></section>"));
}

}  // namespace signet::signin
