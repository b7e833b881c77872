#include "signin/saml_pages.h"

#include <map>
#include <string>

#include "base/strings.h"
#include "model/arn.h"
#include "signin/page_parts.h"
#include "signin/pages.h"

namespace signet::signin {
namespace {

std::string account_of(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  return parts ? std::string(parts->account) : std::string();
}

std::string role_button(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  const std::string shown = escape_html(arn);
  return concat("<div class=\"saml-role\"><label><input type=\"radio\" name=\"roleIndex\" value=\"",
                shown,
                "\" class=\"saml-radio\" id=\"",
                shown,
                "\" required> <span class=\"saml-role-description\">",
                escape_html(arn.substr(slash + 1)),
                "</span></label></div>");
}

std::string account_heading(const std::string& account, const identity::Snapshot& snapshot) {
  const auto* known = snapshot.find<identity::Account>(account);
  const std::string_view alias = known != nullptr ? std::string_view(known->alias) : "";
  return concat("<div class=\"saml-account-name\">Account: ",
                alias.empty() ? escape_html(account)
                              : concat(escape_html(alias), " (", escape_html(account), ")"),
                "</div>");
}

}  // namespace

http::Response saml_choice_page(const SamlChoicePage& data) {
  std::map<std::string, std::string> by_account;
  for (const api::SamlRole& role : data.roles) {
    by_account[account_of(role.arn)] += role_button(role.arn);
  }
  std::string fields;
  for (const auto& [account, roles] : by_account) {
    fields += concat(
        "<div class=\"saml-account\">", account_heading(account, data.snapshot), roles, "</div>");
  }
  return page(200,
              "Select a role",
              "",
              concat("<section><h1>Select a role</h1><form class=\"steps\" id=\"saml_form\" "
                     "method=\"post\" action=\"",
                     escape_html(data.action),
                     "\">",
                     hidden("SAMLResponse", data.response),
                     hidden("RelayState", data.relay_state),
                     fields,
                     "<button class=\"primary\" type=\"submit\" id=\"signin_button\">Sign in"
                     "</button></form></section>"));
}

}  // namespace signet::signin
