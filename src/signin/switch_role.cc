#include "signin/switch_role.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "signin/principal.h"
#include "signin/recent_roles.h"
#include "signin/session_number.h"
#include "signin/sign_in_pages.h"
#include "token/ids.h"
#include "token/opaque.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

using identity::Ticket;
using identity::TicketKind;

constexpr std::size_t kMaxDisplayName = 64;

// As little as STS says: a role that is not there, and one that is not for this user.
constexpr std::string_view kRefused =
    "Could not switch to that role. Check account and name, and whether the role trusts you and "
    "you "
    "may assume it.";

bool is_color(std::string_view text) {
  return text.size() == 6 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
         });
}

// As many whole characters as fit.
std::string beginning(std::string_view text) {
  std::size_t size = std::min(text.size(), kMaxDisplayName);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return std::string(text.substr(0, size));
}

http::Response cannot_switch_page(std::string_view why) {
  return error_page(403, "You cannot switch roles", why, {});
}

class SwitchRolePage final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    session_ = signed_in(request(), context.snapshot, rings(), context.request.now);
    return nobody();
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (!session_) {
      const std::string back =
          concat("/_console/switchrole?", std::string(request().head->query()));
      answer_with(redirect(303, concat("/_console/signin?to=", codec::percent_encode(back))));
      return {};
    }
    if (const std::string_view why = why_no_switch(*session_); !why.empty()) {
      return refuse(cannot_switch_page(why), std::string(why));
    }
    answer_with(
        switch_role_page({.session = session_->number,
                          .account = param("account"),
                          .role = param("roleName"),
                          .display_name = param("displayName"),
                          .color = param("color"),
                          .recent = recent_roles(
                              *request().head, rings(), session_->original, context.request.now)}));
    return {};
  }

 private:
  std::optional<SignedIn> session_;
};

// What changes the session of the browser: it gets another cookie.
class SessionChange : public SigninInvocation {
 public:
  using SigninInvocation::SigninInvocation;

  api::RunMode run_mode() const override { return api::RunMode::Write; }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    if (request().method != "POST" || !is_own_origin(*request().head)) {
      return refuse_with(error_page(403, "Not allowed", "Use the form of the console.", {}));
    }
    session_ = signed_in(request(), context.snapshot, rings(), context.request.now);
    if (!session_) {
      return refuse_with(not_signed_in_page({}));
    }
    return std::make_shared<const model::Caller>(session_->original);
  }

 protected:
  [[nodiscard]] const SignedIn& session() const { return *session_; }

  // The same session with another grant, under another cookie.
  void replace(const Grant& grant, api::HandlerContext& context, std::string_view also = {}) {
    const Ticket* old =
        context.snapshot.find<Ticket>({TicketKind::ConsoleSession, session_->id_hash});
    const token::OpaqueToken cookie = token::make_opaque_token(context.deps.random);
    const std::string_view value = cookie.text.reveal(secret_access());
    Ticket fresh = *old;
    fresh.id_hash = ticket_id(cookie);
    fresh.data = encode_grant(grant);
    if (fresh.session) {
      fresh.session->last_used = context.request.now;
    }
    context.transaction->erase<Ticket>({TicketKind::ConsoleSession, session_->id_hash});
    context.transaction->put(std::move(fresh));
    http::Response response = redirect(303, with_session("/_console/", session_->number));
    response.headers.add("Set-Cookie",
                         set_cookie(Cookie::Session, value, request().head->tls, session_->number));
    if (!also.empty()) {
      response.headers.add("Set-Cookie", also);
    }
    answer_with(std::move(response));
  }

 private:
  std::optional<SignedIn> session_;
};

class SwitchRole final : public SessionChange {
 public:
  explicit SwitchRole(const SigninParts& parts) : SessionChange(Operation::SwitchRole, parts) {}

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (const std::string_view why = why_no_switch(session()); !why.empty()) {
      return refuse_with(cannot_switch_page(why));
    }
    const identity::Role* role = find_role(context.snapshot);
    if (role == nullptr) {
      return again(kRefused);
    }
    const std::string arn = identity::arn_of(*role);
    api::CheckList list;
    list.push_back({.action = "sts:AssumeRole",
                    .resource = arn,
                    .wording = {.resource = arn, .hides_reason = true},
                    .resource_account = role->account,
                    .role = role,
                    .resource_tags = &*role->tags});
    list.front().texts.add(facts::KeyId::StsRoleSessionName, context.caller.name);
    return list;
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const identity::Role* role = find_role(context.snapshot);
    if (role == nullptr) {
      return again(kRefused);
    }
    const Instant now = context.request.now;
    model::Session acting;
    acting.kind = model::SessionKind::AssumedRole;
    acting.access_key_id =
        token::make_id(token::kTemporaryKeyPrefix, role->account, context.deps.random);
    acting.account = role->account;
    acting.principal_id = role->id;
    acting.session_name = context.caller.name;
    acting.issued = now;
    acting.expires = end_of(*role, now);
    const auto sealed = token::seal_session(rings().current(),
                                            acting,
                                            token::make_secret_access_key(context.deps.random),
                                            now,
                                            context.deps.random);
    if (!sealed) {
      return std::unexpected(facts::service_failure("no sealing key is valid now"));
    }
    const std::string_view color = param("color");
    Grant grant = session().grant;
    grant.role = SwitchedRole{.session_token = *sealed,
                              .expires = acting.expires,
                              .display_name = beginning(param("displayName")),
                              .color = std::string(is_color(color) ? color : "")};
    replace(grant,
            context,
            keep_recent_role(*request().head,
                             rings(),
                             context.caller,
                             {.account = std::string(param("account")),
                              .role = std::string(param("roleName")),
                              .display_name = grant.role->display_name,
                              .color = grant.role->color},
                             now,
                             context.deps.random));
    role_arn_ = identity::arn_of(*role);
    return {};
  }

  http::Response refusal(const Error& error) override {
    return error.code == ErrorCode::AccessDenied ? form(kRefused) : SessionChange::refusal(error);
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SessionChange::describe(record, caller, outcome);
    record.additional.emplace_back(
        "SwitchTo",
        role_arn_.empty() ? concat(param("account"), ":", param("roleName")) : role_arn_);
  }

 private:
  // As long as the role's sessions may last and the person's own does.
  [[nodiscard]] Instant end_of(const identity::Role& role, Instant now) const {
    const Instant end =
        std::min(now.plus_seconds(role.max_session_seconds), session().session_expires);
    return role.max_signin_seconds > 0 ? std::min(end, now.plus_seconds(role.max_signin_seconds))
                                       : end;
  }

  // By its account, an id or alias, and its path and name.
  [[nodiscard]] const identity::Role* find_role(const identity::Snapshot& snapshot) const {
    const identity::Account* account = find_account(snapshot, param("account"));
    std::string_view name = param("roleName");
    const std::size_t slash = name.rfind('/');
    const std::string path =
        slash == std::string_view::npos ? "/" : concat("/", name.substr(0, slash + 1));
    name = slash == std::string_view::npos ? name : name.substr(slash + 1);
    const identity::Role* role =
        account != nullptr ? snapshot.find<identity::Role>(account->id, name) : nullptr;
    return role != nullptr && role->path == path ? role : nullptr;
  }

  [[nodiscard]] http::Response form(std::string_view problem) const {
    return switch_role_page({.session = session().number,
                             .account = param("account"),
                             .role = param("roleName"),
                             .display_name = param("displayName"),
                             .color = param("color"),
                             .problem = problem,
                             .status = 403});
  }

  std::unexpected<Error> again(std::string_view problem) { return refuse_with(form(problem)); }

  std::string role_arn_;
};

class ExitRole final : public SessionChange {
 public:
  explicit ExitRole(const SigninParts& parts) : SessionChange(Operation::ExitRole, parts) {}

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToSignedIn);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    Grant grant = session().grant;
    grant.role.reset();
    replace(grant, context);
    return {};
  }
};

}  // namespace

std::string_view why_no_switch(const SignedIn& session) {
  if (session.original.kind == model::CallerKind::Root) {
    return "You cannot switch roles when you sign in as the AWS account root user. Sign in as an "
           "IAM user.";
  }
  if (session.original.kind != model::CallerKind::User || !session.grant.password) {
    return "You cannot switch roles when you are a federated user: you act as a role already, or "
           "for as long as its credentials say. Sign in as an IAM user, or open the link of "
           "another role.";
  }
  return {};
}

std::unique_ptr<api::WebInvocation> make_switch_role_page(const SigninParts& parts) {
  return std::make_unique<SwitchRolePage>(parts);
}

std::unique_ptr<api::WebInvocation> make_switch_role(const SigninParts& parts) {
  return std::make_unique<SwitchRole>(parts);
}

std::unique_ptr<api::WebInvocation> make_exit_role(const SigninParts& parts) {
  return std::make_unique<ExitRole>(parts);
}

}  // namespace signet::signin
