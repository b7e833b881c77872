#include "signin/oauth_token.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "facts/signin_sentences.h"
#include "jose/dpop.h"
#include "jose/issue.h"
#include "signin/authorize.h"
#include "signin/console_authorization.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/login_request.h"
#include "signin/refresh_token.h"
#include "signin/revocation.h"
#include "signin/session_credentials.h"
#include "signin/session_owner.h"
#include "token/opaque.h"

namespace signet::signin {
namespace {

using identity::Ticket;
using identity::TicketKind;

constexpr std::int64_t kProofSkewSeconds = 300;

// A refusal in the form of the Sign-In API. Clients look at the type and at `error` (signin-api 2).
struct Refusal {
  int status;
  std::string_view type;
  std::string_view error;
  std::string_view message;
};

constexpr Refusal kInvalid{
    400, "ValidationException", "INVALID_REQUEST", "The request is not valid."};
constexpr Refusal kBadProof{
    400, "ValidationException", "INVALID_REQUEST", "The DPoP proof is missing or not valid."};
constexpr Refusal kCodeExpired{
    401, "AccessDeniedException", "AUTHCODE_EXPIRED", "The code has expired, or was used already."};
constexpr Refusal kTokenExpired{
    401, "AccessDeniedException", "TOKEN_EXPIRED", "The session has expired. Sign in again."};
constexpr Refusal kChanged{403,
                           "AccessDeniedException",
                           "USER_CREDENTIALS_CHANGED",
                           "The password has changed. Sign in again."};
constexpr Refusal kBusy{
    429, "TooManyRequestsError", "rate_exceeded", "There are too many requests. Try again."};
constexpr Refusal kOurFault{
    500, "InternalServerException", "server_error", "The request could not be carried out."};
constexpr Refusal kDenied{403,
                          "AccessDeniedException",
                          "INSUFFICIENT_PERMISSIONS",
                          "The permission signin:CreateOAuth2Token is missing."};

// For an error that is not of this call alone.
const Refusal& refusal_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::AccessDenied:
      return kDenied;
    case ErrorCode::Throttling:
      return kBusy;
    default:
      return facts::error_row(error.code).is_receiver ? kOurFault : kInvalid;
  }
}

http::Response as_json(const Refusal& refusal) {
  std::string body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.member("error", refusal.error);
  writer.member("message", refusal.message);
  writer.end_object();
  http::Response response{.status = refusal.status, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("x-amzn-errortype", refusal.type);
  return response;
}

// The members of a request, which are JSON, or a form with other names.
class Members {
 public:
  explicit Members(const api::WebRequest& request) : request_(request) {
    const std::string_view type = request.head->find("content-type").value_or("");
    if (!type.starts_with("application/x-www-form-urlencoded")) {
      json_ = codec::Json::parse(request.body);
    } else {
      is_form_ = true;
    }
  }

  [[nodiscard]] std::string_view at(std::string_view name, std::string_view form_name) const {
    if (is_form_) {
      return request_.param(form_name);
    }
    return json_ && json_->is_object() ? json_->string_at(name) : std::string_view();
  }

  // What a member of the answer is called.
  [[nodiscard]] std::string_view name(std::string_view name, std::string_view form_name) const {
    return is_form_ ? form_name : name;
  }

 private:
  const api::WebRequest& request_;
  std::optional<codec::Json> json_;
  bool is_form_ = false;
};

// Whether a proof is of a request to this path of this server, made just now.
bool is_of_request(const jose::DpopProof& proof, const http::RequestHead& head, Instant now) {
  const std::string here = concat(head.tls ? "https://" : "http://", head.host, head.path());
  return proof.method == "POST" && equals_ignore_case(proof.url, here) &&
         std::abs(proof.issued.seconds() - now.seconds()) <= kProofSkewSeconds;
}

class TokenCall final : public SigninInvocation {
 public:
  explicit TokenCall(const SigninParts& parts)
      : SigninInvocation(Operation::CreateOAuth2Token, parts), members_(parts.request) {}

  api::RunMode run_mode() const override {
    return is_code() ? api::RunMode::Write : api::RunMode::Read;
  }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    is_code_used_ = false;
    const std::string_view grant_type = members_.at("grantType", "grant_type");
    if (request().method != "POST") {
      return refuse_as(kInvalid);
    }
    if (grant_type != "authorization_code" && grant_type != "refresh_token") {
      return refuse_as(kInvalid);
    }
    const auto proof = jose::read_dpop_proof(request().head->find("dpop").value_or(""));
    if (!proof || !is_of_request(*proof, *request().head, context.request.now)) {
      return refuse_as(kBadProof);
    }
    thumbprint_ = proof->thumbprint;
    TRY_STATUS(is_code() ? find_code(context) : find_refresh(context));
    return is_code_used_ ? nobody() : find_caller(context);
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (is_code_used_) {
      return own_check(authz::Grant::ToEverybody);
    }
    if (is_denied_here(
            context.caller.account, owner_id(context.caller), context.request, context.snapshot)) {
      return not_from_here();
    }
    LoginRequest login;
    login.is_remote = grant_.login->id.ends_with("/cross-device");
    api::CheckList list(1);
    list[0].action = "signin:CreateOAuth2Token";
    list[0].resource = login.resource(context.caller);
    list[0].context = {{.key = "signin:OAuthClientId", .values = {grant_.login->id}},
                       {.key = "signin:OAuthGrantType",
                        .values = {std::string(members_.at("grantType", "grant_type"))}},
                       {.key = "signin:OAuthClientAuthentication", .values = {"none"}}};
    if (is_code()) {
      list[0].context.push_back({.key = "signin:OAuthRedirectUri", .values = {redirect_uri_}});
    }
    return list;
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (is_code_used_) {
      return revoke_what_it_gave(context);
    }
    std::string refresh_token(members_.at("refreshToken", "refresh_token"));
    if (is_code()) {
      const token::OpaqueToken made = token::make_opaque_token(context.deps.random);
      refresh_token = refresh_token_text(made);
      session_id_ = ticket_id(made);
      context.transaction->erase<Ticket>({TicketKind::SigninToken, code_id_});
      context.transaction->put(Ticket{.kind = TicketKind::SpentToken,
                                      .id_hash = code_id_,
                                      .account = context.caller.account,
                                      .expires = code_expires_,
                                      .data = identity::make_shared_secret(session_id_),
                                      .holder = holder_});
      identity::SignInSession session =
          new_session(context.caller, context.request, context.deps.random);
      session.client_id = grant_.login->id;
      session.origin = origin_;
      session.origin_account = origin_account_;
      context.transaction->put(Ticket{.kind = TicketKind::ConsoleSession,
                                      .id_hash = session_id_,
                                      .account = context.caller.account,
                                      .expires = expires_,
                                      .data = encode_grant(grant_),
                                      .holder = holder_,
                                      .session = std::move(session)});
    }
    return write_credentials(refresh_token, context);
  }

  http::Response refusal(const Error& error) override {
    http::Response own = SigninInvocation::refusal(error);
    return own.headers.find("x-amzn-errortype") ? std::move(own) : as_json(refusal_of(error));
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SigninInvocation::describe(record, caller, outcome);
    if (is_code_used_) {
      record.error = kCodeExpired.message;
    }
    if (grant_.login) {
      record.additional.emplace_back("client_id", grant_.login->id);
    }
    if (outcome && !issued_.empty()) {
      record.elements.emplace_back("accessKeyId", issued_);
    }
  }

 protected:
  std::string_view success() const override { return is_code_used_ ? "Failure" : "Success"; }

 private:
  [[nodiscard]] bool is_code() const {
    return members_.at("grantType", "grant_type") == "authorization_code";
  }

  std::unexpected<Error> refuse_as(const Refusal& refusal) {
    return refuse(as_json(refusal), std::string(refusal.message));
  }

  // The code, what it stands for, and the console session behind it.
  Status find_code(const api::WebContext& context) {
    const auto id = ticket_id(members_.at("code", "code"));
    const Ticket* used =
        id ? context.snapshot.find<Ticket>({TicketKind::SpentToken, *id}) : nullptr;
    if (used != nullptr && used->expires > context.request.now) {
      code_id_ = *id;
      is_code_used_ = true;
      return {};
    }
    const Ticket* code =
        id ? context.snapshot.find<Ticket>({TicketKind::SigninToken, *id}) : nullptr;
    const auto granted = code != nullptr && code->expires > context.request.now
                             ? decode_code(*code->data)
                             : std::nullopt;
    const Ticket* session =
        granted ? context.snapshot.find<Ticket>({TicketKind::ConsoleSession, granted->session})
                : nullptr;
    auto grant = session != nullptr && session->expires > context.request.now
                     ? decode_grant(*session->data)
                     : std::nullopt;
    if (!grant) {
      return refuse_as(kCodeExpired);
    }
    if (members_.at("clientId", "client_id") != granted->client_id ||
        members_.at("redirectUri", "redirect_uri") != granted->redirect_uri ||
        !fits_challenge(members_.at("codeVerifier", "code_verifier"), granted->code_challenge)) {
      return refuse_as(kInvalid);
    }
    code_id_ = *id;
    user_id_ = granted->user_id;
    holder_ = session->holder;
    redirect_uri_ = granted->redirect_uri;
    session_id_ = session->id_hash;
    code_expires_ = code->expires;
    origin_ = session->session ? session->session->id : "";
    origin_account_ = session->account;
    grant_ = *std::move(grant);
    grant_.login = LoginClient{.id = granted->client_id, .key_thumbprint = thumbprint_};
    return {};
  }

  Status find_refresh(const api::WebContext& context) {
    const Ticket* session =
        find_refreshable(members_.at("refreshToken", "refresh_token"), context.snapshot);
    auto grant = session != nullptr && session->expires > context.request.now
                     ? decode_grant(*session->data)
                     : std::nullopt;
    if (!grant || !grant->login) {
      return refuse_as(kTokenExpired);
    }
    session_id_ = session->id_hash;
    grant_ = *std::move(grant);
    if (members_.at("clientId", "client_id") != grant_.login->id) {
      return refuse_as(kInvalid);
    }
    if (grant_.login->key_thumbprint != thumbprint_) {
      return refuse_as(kBadProof);
    }
    return {};
  }

  // Who is behind the session now.
  Result<model::CallerRef> find_caller(const api::WebContext& context) {
    const Ticket* ticket = context.snapshot.find<Ticket>({TicketKind::ConsoleSession, session_id_});
    auto found = in_force(grant_, *ticket, context.snapshot, rings(), context.request.now);
    if (!found) {
      return refuse_as(found.error() == SessionEnd::PasswordReplaced ? kChanged : kTokenExpired);
    }
    if (is_code() && found->caller.user_id != user_id_) {
      return refuse_as(kCodeExpired);  // who consented is not who would be given away
    }
    session_ = found->caller.session;
    expires_ = found->expires;
    return std::make_shared<const model::Caller>(std::move(found->caller));
  }

  // Somebody else has the code, and may have had it first (RFC 6749 4.1.2).
  Status revoke_what_it_gave(api::HandlerContext& context) {
    const Ticket* used = context.snapshot.find<Ticket>({TicketKind::SpentToken, code_id_});
    const std::string_view given = used->data->reveal(secret_access());
    if (const Ticket* session =
            context.snapshot.find<Ticket>({TicketKind::ConsoleSession, given})) {
      revoke_session(*session, *context.transaction);
    }
    answer_with(as_json(kCodeExpired));
    return {};
  }

  // Credentials of the session, which end with it.
  Status write_credentials(std::string_view refresh_token, const api::HandlerContext& context) {
    const SessionCredentials made =
        TRY(issue_credentials(*session_, session_id_, expires_, rings(), context));
    issued_ = made.access_key_id;
    std::string body;
    codec::JsonWriter writer(body);
    writer.begin_object();
    writer.key(members_.name("accessToken", "access_token"));
    writer.begin_object();
    writer.member(members_.name("accessKeyId", "access_key_id"), made.access_key_id);
    writer.member(members_.name("secretAccessKey", "secret_access_key"),
                  made.secret_access_key.reveal(secret_access()));
    writer.member(members_.name("sessionToken", "session_token"), made.session_token);
    writer.end_object();
    writer.member(members_.name("tokenType", "token_type"), "aws_sigv4");
    writer.key(members_.name("expiresIn", "expires_in"));
    writer.integer(made.expires.seconds() - context.request.now.seconds());
    writer.member(members_.name("refreshToken", "refresh_token"), refresh_token);
    if (is_code()) {
      writer.member(members_.name("idToken", "id_token"), id_token(context));
    }
    writer.end_object();
    http::Response response{.body = std::move(body)};
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Cache-Control", "no-store");
    answer_with(std::move(response));
    return {};
  }

  // Says whose the credentials are. Clients read `sub` and look at no signature (signin-api 2); the
  // key is this process's own.
  std::string id_token(const api::HandlerContext& context) const {
    const std::int64_t now = context.request.now.seconds();
    std::string payload;
    codec::JsonWriter writer(payload);
    writer.begin_object();
    writer.member("sub", context.caller.arn);
    writer.member("aud", grant_.login->id);
    writer.member("iss", "https://signin.aws.amazon.com/signin");
    writer.key("iat");
    writer.integer(now);
    writer.key("exp");
    writer.integer(now + kCredentialSeconds);
    writer.end_object();
    return jose::issue_token(jose::Algorithm::Es384, "EC384_0", parts().id_token_key, payload)
        .value_or(std::string());
  }

  Members members_;
  std::string thumbprint_;  // of the key of the proof
  std::string code_id_;
  Instant code_expires_;
  bool is_code_used_ = false;
  std::string origin_;  // the sign-in session that the code is of
  std::string origin_account_;
  std::string redirect_uri_;
  std::string user_id_;     // who consented
  std::string holder_;      // whose tickets these are
  std::string issued_;      // access key id
  std::string session_id_;  // the console session's, then that of the new one
  Instant expires_;
  Grant grant_;
  std::shared_ptr<const model::Session> session_;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_token_call(const SigninParts& parts) {
  return std::make_unique<TokenCall>(parts);
}

}  // namespace signet::signin
