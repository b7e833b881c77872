#include "signin/saml_login.h"

#include <optional>
#include <string>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/destination.h"
#include "signin/pages.h"
#include "signin/saml_pages.h"
#include "token/opaque.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

constexpr std::string_view kAcs = "/saml/acs/";
constexpr std::int64_t kLinkSeconds = 60;  // the browser follows it at once

class SamlLogin final : public SigninInvocation {
 public:
  explicit SamlLogin(const SigninParts& parts)
      : SigninInvocation(Operation::AssumeRoleWithSaml, parts) {}

  api::Work work() const override { return api::Work::Evidence; }

  api::RunMode run_mode() const override {
    return has_choice() ? api::RunMode::Read : api::RunMode::Write;
  }

  bool has_evidence() const override { return true; }

  Result<model::CallerRef> identify(const api::WebContext& /*context*/) override {
    if (param("SAMLResponse").empty()) {
      return refuse_with(error_page(400,
                                    "There is no SAML response",
                                    "Start at your identity provider, and let it post its answer "
                                    "here.",
                                    {}));
    }
    return nobody();
  }

  Status examine(const api::CheckContext& context) override {
    const std::string_view path = request().path;
    sign_in_ = parts().make_saml_sign_in(
        {.response = param("SAMLResponse"),
         .provider_uuid = path.starts_with(kAcs) ? path.substr(kAcs.size()) : std::string_view(),
         .role = param("roleIndex")});
    return sign_in_->examine(context);
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    return has_choice() ? own_check(authz::Grant::ToEverybody) : sign_in_->checks(context);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (has_choice()) {
      answer_with(saml_choice_page({.action = request().path,
                                    .response = param("SAMLResponse"),
                                    .relay_state = param("RelayState"),
                                    .roles = sign_in_->choices(),
                                    .snapshot = context.snapshot}));
      return {};
    }
    const std::string session_token = TRY(sign_in_->redeem(context));
    const auto opened = token::open_session(rings().current(), session_token, context.request.now);
    if (!opened) {
      return std::unexpected(facts::service_failure("what was sealed just now cannot be opened"));
    }
    const model::Session& session = *opened->session;
    if (context.snapshot.ticket_count(session.account) >= limits().per_account) {
      return refuse_with(too_many_sessions_page());
    }
    const token::OpaqueToken made = token::make_opaque_token(context.deps.random);
    context.transaction->put(
        identity::Ticket{.kind = identity::TicketKind::SigninToken,
                         .id_hash = ticket_id(made),
                         .account = session.account,
                         .expires = context.request.now.plus_seconds(kLinkSeconds),
                         .data = encode_grant({.session_token = session_token,
                                               .session_seconds = 0,
                                               .password = {},
                                               .login = {},
                                               .role = {}}),
                         .holder = session.access_key_id});
    const std::string destination =
        console_path_of(param("RelayState"), request().head->host).value_or("/_console/");
    answer_with(redirect(303,
                         concat("/federation?Action=login&Destination=",
                                codec::percent_encode(destination),
                                "&SigninToken=",
                                made.text.reveal(secret_access()))));
    provider_ = session.federated_provider;
    return {};
  }

  http::Response refusal(const Error& error) override {
    const int status = facts::error_row(error.code).status;
    const bool is_told = sign_in_ != nullptr && status < 500 &&
                         error.code != ErrorCode::Throttling &&
                         error.code != ErrorCode::InvalidInput;
    return is_told ? error_page(status, "You could not be signed in", error.message, {})
                   : SigninInvocation::refusal(error);
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SigninInvocation::describe(record, caller, outcome);
    record.service = "sts";
    if (!provider_.empty()) {
      record.additional.emplace_back("SamlProviderArn", provider_);
    }
  }

 protected:
  std::string_view success() const override { return has_choice() ? "" : "Success"; }

 private:
  [[nodiscard]] bool has_choice() const {
    return sign_in_ != nullptr && !sign_in_->choices().empty();
  }

  std::unique_ptr<api::SamlSignIn> sign_in_;
  std::string provider_;
};

}  // namespace

bool is_saml_path(std::string_view path) {
  return path == "/saml" || path == "/static/saml" || path.starts_with(kAcs);
}

std::unique_ptr<api::WebInvocation> make_saml_login(const SigninParts& parts) {
  return std::make_unique<SamlLogin>(parts);
}

}  // namespace signet::signin
