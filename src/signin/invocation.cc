#include "signin/invocation.h"

#include <array>
#include <utility>

namespace signet::signin {

std::string_view name_of(Operation operation) {
  static constexpr std::array<std::string_view, kOperations> kNames = {"GetSigninToken",
                                                                       "ConsoleLogin",
                                                                       "Logout",
                                                                       "GetConsolePage",
                                                                       "AuthorizeOAuth2Access",
                                                                       "CreateOAuth2Token",
                                                                       "SwitchRole",
                                                                       "ExitRole",
                                                                       "AssumeRoleWithSAML",
                                                                       "GetConsoleCredentials",
                                                                       "EnableMFADevice"};
  return kNames.at(static_cast<std::size_t>(operation));
}

SigninInvocation::SigninInvocation(Operation operation, const SigninParts& parts)
    : PageInvocation("signin", name_of(operation), static_cast<std::size_t>(operation)),
      parts_(parts) {}

void SigninInvocation::describe(api::WebRecord& record,
                                const model::Caller* caller,
                                const Status& outcome) const {
  record.event = name();
  record.is_change = facts::is_write(run_mode());
  const std::string_view ended = outcome ? success() : "Failure";
  if (ended.empty()) {
    return;
  }
  record.elements.emplace_back(record.event, ended);
  const bool has_mfa = caller != nullptr && caller->session && caller->session->mfa_time;
  record.additional.emplace_back("MobileVersion", "No");
  record.additional.emplace_back("MFAUsed", has_mfa ? "Yes" : "No");
}

std::unexpected<Error> SigninInvocation::refuse_with(http::Response page) {
  return refuse(std::move(page), "Failed authentication");
}

model::CallerRef nobody() {
  static const auto kNobody = std::make_shared<const model::Caller>();
  return kNobody;
}

ConsolePage::ConsolePage(const SigninParts& parts)
    : SigninInvocation(Operation::GetConsolePage, parts) {}

Result<model::CallerRef> ConsolePage::identify(const api::WebContext& /*context*/) {
  return nobody();
}

Result<api::CheckList> ConsolePage::checks(const api::CheckContext& /*context*/) {
  return own_check(authz::Grant::ToEverybody);
}

}  // namespace signet::signin
