#include "signin/console.h"

#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "signin/console_files.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "signin/session_number.h"
#include "signin/switch_role.h"

namespace signet::signin {
namespace {

bool is_button(const api::WebRequest& request) {
  return request.path == "/_console/signout";
}

class Logout final : public SigninInvocation {
 public:
  explicit Logout(const SigninParts& parts) : SigninInvocation(Operation::Logout, parts) {}

  api::RunMode run_mode() const override {
    return !tickets_.empty() && !asks_first() ? api::RunMode::Write : api::RunMode::Read;
  }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    // Posts that change something must come from a page of this very server.
    const bool is_allowed = request().method == "POST" && is_own_origin(*request().head);
    if (is_button(request()) && !is_allowed) {
      return refuse_with(
          error_page(403, "Not allowed", "Use the sign-out button of the console.", {}));
    }
    session_ = signed_in(request(), context.snapshot, rings(), context.request.now);
    tickets_.clear();
    for (const std::size_t number : numbers()) {
      if (auto id = ticket_of(*request().head, number, context.snapshot)) {
        tickets_.push_back(*std::move(id));
      }
    }
    return session_ ? std::make_shared<const model::Caller>(session_->caller) : nobody();
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToEverybody);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (asks_first()) {
      answer_with(confirm_sign_out_page(param("session")));
      return {};
    }
    for (const std::string& id : tickets_) {
      context.transaction->erase<identity::Ticket>({identity::TicketKind::ConsoleSession, id});
    }
    http::Response response = signed_out_page(session_number(request()).value_or(0));
    forget_cookies(response);
    answer_with(std::move(response));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SigninInvocation::describe(record, caller, outcome);
    record.is_change = !asks_first();
  }

  // A failed write leaves the session to its expiry; the cookie goes in any case.
  http::Response refusal(const Error& error) override {
    http::Response response = SigninInvocation::refusal(error);
    if (!tickets_.empty()) {
      forget_cookies(response);
    }
    return response;
  }

 protected:
  std::string_view success() const override { return asks_first() ? "" : "Success"; }

 private:
  [[nodiscard]] bool asks_first() const {
    return !is_button(request()) && is_led_here_by_others(*request().head);
  }

  // Of which sessions of the browser: one, or every one.
  [[nodiscard]] std::vector<std::size_t> numbers() const {
    if (param("session") == "all") {
      std::vector<std::size_t> all(kMostSessions);
      std::iota(all.begin(), all.end(), std::size_t{0});
      return all;
    }
    const auto number = session_number(request());
    return number ? std::vector<std::size_t>{*number} : std::vector<std::size_t>();
  }

  void forget_cookies(http::Response& response) const {
    for (const std::size_t number : numbers()) {
      response.headers.add("Set-Cookie",
                           set_cookie(Cookie::Session, {}, request().head->tls, number));
    }
  }

  std::optional<SignedIn> session_;
  std::vector<std::string> tickets_;  // behind the cookies, whoever stands behind them
};

class Stylesheet final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    answer_with(stylesheet());
    return {};
  }
};

class WelcomePage final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    answer_with(welcome_page());
    return {};
  }
};

class FrontPage final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  api::RunMode run_mode() const override { return api::RunMode::Blocking; }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    auto session = signed_in(request(), context.snapshot, rings(), context.request.now);
    if (const auto number = session_number(request()); !session && number.value_or(0) > 0) {
      return refuse(redirect(303, sign_in_place(*number)), "Not signed in");
    }
    if (!session) {
      std::string elsewhere = other_loopback_origin(*request().head);
      elsewhere += elsewhere.empty() ? "" : "/_console/";
      return refuse(not_signed_in_page(elsewhere), "Not signed in");
    }
    can_switch_ = why_no_switch(*session).empty();
    role_.reset();
    if (session->role) {
      const std::string& shown =
          session->role->display_name.empty() ? session->caller.name : session->role->display_name;
      role_ =
          Role{.name = shown, .color = session->role->color, .original = session->original.name};
    }
    expires_ = session->expires;
    number_ = session->number;
    return std::make_shared<const model::Caller>(std::move(session->caller));
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToSignedIn);
  }

  // The buckets are shown as far as the session may list them.
  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    LandingPage page{.caller = context.caller,
                     .expires = expires_,
                     .now = context.request.now,
                     .buckets = {},
                     .denied = {},
                     .role = {},
                     .can_switch = can_switch_,
                     .session = number_};
    if (role_) {
      page.role = RoleBar{.name = role_->name, .color = role_->color, .original = role_->original};
    }
    const auto allowed = context.authorizer->authorize(
        {context.snapshot, context.caller, context.request},
        {{.action = "s3:ListAllMyBuckets", .resource = "arn:aws:s3:::*"}});
    if (allowed) {
      auto& names = page.buckets.emplace();
      for (const auto& [name, bucket] :
           context.snapshot.table<identity::Bucket>(context.caller.account)) {
        names.push_back(name);
      }
    } else {
      page.denied = allowed.error().message;
    }
    answer_with(landing_page(page, parts().console));
    return {};
  }

 private:
  struct Role {
    std::string name;
    std::string color;
    std::string original;
  };

  Instant expires_;
  bool can_switch_ = false;
  std::size_t number_ = 0;
  std::optional<Role> role_;
};

// A request for a page that there is not.
class NoPage final : public ConsolePage {
 public:
  NoPage(const SigninParts& parts, int status, std::string_view title, std::string_view text)
      : ConsolePage(parts), status_(status), title_(title), text_(text) {}

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    return refuse(error_page(status_, title_, text_, {}), std::string(title_));
  }

 private:
  int status_;
  std::string_view title_;
  std::string_view text_;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_logout(const SigninParts& parts) {
  return std::make_unique<Logout>(parts);
}

std::unique_ptr<api::WebInvocation> make_console_page(const SigninParts& parts) {
  const std::string_view path = parts.request.path;
  if (path == "/") {
    return std::make_unique<WelcomePage>(parts);
  }
  if (path == "/_console/style.css") {
    return std::make_unique<Stylesheet>(parts);
  }
  if (path == "/_console/" || path == "/_console") {
    return std::make_unique<FrontPage>(parts);
  }
  if (auto file = make_console_file(parts); file != nullptr) {
    return file;
  }
  return std::make_unique<NoPage>(
      parts, 404, "No such page", "The console has no page of that name.");
}

std::unique_ptr<api::WebInvocation> make_unknown_action(const SigninParts& parts) {
  return std::make_unique<NoPage>(
      parts,
      400,
      "Unknown Action",
      "The federation endpoint knows getSigninToken, login and logout.");
}

}  // namespace signet::signin
