#include "signin/console_credentials.h"

#include <optional>
#include <string>
#include <utility>

#include "base/secret_access.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "signin/console_session.h"
#include "signin/json_answers.h"
#include "signin/session_credentials.h"

namespace signet::signin {
namespace {

class ConsoleCredentials final : public SigninInvocation {
 public:
  explicit ConsoleCredentials(const SigninParts& parts)
      : SigninInvocation(Operation::GetConsoleCredentials, parts) {}

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    if (!is_asked_by_own_page(*request().head)) {
      return refuse(json_problem(403, kOnlyOwnPage), "Not the console's page");
    }
    session_ = signed_in(request(), context.snapshot, rings(), context.request.now);
    if (!session_) {
      return refuse(json_problem(401, kSessionEnded), "Not signed in");
    }
    return std::make_shared<const model::Caller>(session_->caller);
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToSignedIn);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const SessionCredentials made = TRY(issue_credentials(
        *session_->caller.session, session_->id_hash, session_->expires, rings(), context));
    issued_ = made.access_key_id;

    std::string body;
    codec::JsonWriter writer(body);
    writer.begin_object();
    writer.member("accessKeyId", made.access_key_id);
    writer.member("secretAccessKey", made.secret_access_key.reveal(secret_access()));
    writer.member("sessionToken", made.session_token);
    writer.member("expiration", codec::format_iso8601(made.expires));
    writer.member("sessionExpires", codec::format_iso8601(session_->expires));
    writer.member("arn", session_->caller.arn);
    writer.member("account", session_->caller.account);
    writer.key("mfa");
    writer.boolean(session_->caller.session->mfa_time.has_value());
    writer.key("canSwitchRole");
    writer.boolean(session_->grant.password && session_->original.kind == model::CallerKind::User);
    if (const std::optional<SwitchedRole>& switched = session_->role) {
      writer.key("role");
      writer.begin_object();
      writer.member(
          "name", switched->display_name.empty() ? session_->caller.name : switched->display_name);
      writer.member("color", switched->color);
      writer.member("original", session_->original.arn);
      writer.end_object();
    }
    // Who else is signed in with this browser.
    writer.key("others");
    writer.begin_array();
    for (const SignedIn& other : others_signed_in(
             session_->number, *request().head, context.snapshot, rings(), context.request.now)) {
      writer.begin_object();
      writer.member("session", std::to_string(other.number));
      writer.member("arn", other.caller.arn);
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    answer_with(json_answer(200, std::move(body)));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SigninInvocation::describe(record, caller, outcome);
    if (outcome && !issued_.empty()) {
      record.elements.emplace_back("accessKeyId", issued_);
    }
  }

 private:
  std::optional<SignedIn> session_;
  std::string issued_;  // access key id
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_console_credentials(const SigninParts& parts) {
  return std::make_unique<ConsoleCredentials>(parts);
}

}  // namespace signet::signin
