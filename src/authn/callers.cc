#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "authn/authenticator.h"
#include "authn/credentials.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "model/root_caller.h"

namespace signet::authn {
namespace {

using identity::Snapshot;
using model::Caller;
using model::CallerKind;
using model::Session;
using model::SessionKind;

// A federated user acts with its issuer's policies: principal_id names the issuer
// (policy-semantics 8.2).
Caller federated_caller(const std::string& account,
                        const std::string& issuer_id,
                        const Session& session) {
  Caller caller;
  caller.kind = CallerKind::FederatedUser;
  caller.account = account;
  caller.arn = model::federated_user_arn(account, session.session_name);
  caller.principal_arn = caller.arn;
  caller.principal_id = issuer_id;
  caller.user_id = account + ":" + session.session_name;
  caller.name = session.session_name;
  return caller;
}

// A console session's credentials end with it.
bool is_console_session_over(const Session& session, const Snapshot& snapshot) {
  const bool is_of_one =
      session.kind == SessionKind::Console || !session.console_session_id.empty();
  return is_of_one && snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession,
                                                       session.console_session_id}) == nullptr;
}

std::optional<Caller> user_session_caller(const Session& session, const Snapshot& snapshot) {
  const identity::User* user = snapshot.find<identity::User>(session.principal_id);
  if (user == nullptr || user->account != session.account ||
      session.issued < user->sessions_valid_after) {
    return std::nullopt;
  }
  return session.kind == SessionKind::FederatedUser
             ? federated_caller(user->account, user->id, session)
             : caller_of_user(*user);
}

std::optional<Caller> root_session_caller(const Session& session, const Snapshot& snapshot) {
  const identity::Account* account = snapshot.find<identity::Account>(session.account);
  if (account == nullptr || session.issued < account->root_sessions_valid_after) {
    return std::nullopt;
  }
  if (session.kind == SessionKind::FederatedUser) {
    return federated_caller(account->id, account->id, session);
  }
  Caller caller = model::root_caller(account->id);
  if (session.kind == SessionKind::AssumedRoot) {
    caller.arn = model::assumed_root_arn(account->id);  // aws:PrincipalArn stays root's
  }
  return caller;
}

}  // namespace

Caller caller_of_user(const identity::User& user) {
  Caller caller;
  caller.kind = CallerKind::User;
  caller.account = user.account;
  caller.arn = identity::arn_of(user);
  caller.principal_arn = caller.arn;
  caller.principal_id = user.id;
  caller.user_id = user.id;
  caller.name = user.name;
  return caller;
}

Caller caller_of_role(const identity::Role& role, const Session& session) {
  Caller caller;
  caller.kind = CallerKind::AssumedRole;
  caller.account = role.account;
  caller.arn = model::assumed_role_arn(role.account, role.name, session.session_name);
  caller.principal_arn = identity::arn_of(role);
  caller.principal_id = role.id;
  caller.user_id = concat(role.id, ":", session.session_name);
  caller.name = role.name;
  return caller;
}

bool is_password_replaced(const Session& session, const Snapshot& snapshot) {
  if (session.kind != SessionKind::Console) {
    return false;
  }
  const std::optional<identity::LoginProfile>* login = nullptr;
  if (session.principal_id == session.account) {
    const auto* account = snapshot.find<identity::Account>(session.account);
    login = account != nullptr ? &account->root_login : nullptr;
  } else {
    const auto* user = snapshot.find<identity::User>(session.principal_id);
    login = user != nullptr ? &user->login : nullptr;
  }
  return login != nullptr && (!*login || (*login)->changed > session.issued);
}

std::optional<Caller> caller_of_session(std::shared_ptr<const Session> session,
                                        const Snapshot& snapshot) {
  if (is_console_session_over(*session, snapshot) || is_password_replaced(*session, snapshot)) {
    return std::nullopt;
  }
  std::optional<Caller> caller;
  if (session->principal_id == session->account) {
    caller = root_session_caller(*session, snapshot);
  } else if (const identity::Role* role = snapshot.find<identity::Role>(session->principal_id);
             role != nullptr) {
    if (session->issued >= role->sessions_valid_after && role->account == session->account) {
      caller = caller_of_role(*role, *session);
    }
  } else {
    caller = user_session_caller(*session, snapshot);
  }
  if (caller) {
    caller->access_key_id = session->access_key_id;
    caller->session = std::move(session);
  }
  return caller;
}

std::optional<Caller> caller_of_key(const identity::AccessKey& key, const Snapshot& snapshot) {
  std::optional<Caller> caller;
  if (key.is_root()) {
    caller = model::root_caller(key.account);
  } else if (const identity::User* user = snapshot.find<identity::User>(key.user_id);
             user != nullptr) {
    caller = caller_of_user(*user);
  }
  if (caller) {
    caller->access_key_id = key.id;
  }
  return caller;
}

std::string_view describe(Refusal refusal) {
  switch (refusal) {
    case Refusal::UnknownKey:
      return "there is no such access key";
    case Refusal::InactiveKey:
      return "the access key is inactive";
    case Refusal::NoToken:
      return "a temporary access key was used without its session token";
    case Refusal::Ended:
      return "the session was revoked, or its user, role, account or console session is gone";
    case Refusal::BadToken:
      return "the session token cannot be opened: cut or changed, of another server, or sealed "
             "with "
             "a key that was retired";
    case Refusal::TokenOfAnotherKey:
      return "the session token came with another access key";
    case Refusal::Expired:
      break;
  }
  return "the session has expired";
}

Error query_error(Refusal refusal) {
  Error error = facts::make_error(refusal == Refusal::Expired ? ErrorCode::ExpiredToken
                                                              : ErrorCode::InvalidClientTokenId);
  error.cause = describe(refusal);
  return error;
}

Error rest_error(Refusal refusal, std::string_view access_key_id, std::string_view session_token) {
  const bool is_of_token = refusal == Refusal::Expired || refusal == Refusal::BadToken ||
                           refusal == Refusal::TokenOfAnotherKey;
  if (!is_of_token) {
    Error error = facts::make_error(ErrorCode::InvalidAccessKeyId);
    error.fields.emplace_back("AWSAccessKeyId", std::string(access_key_id));
    error.cause = describe(refusal);
    return error;
  }
  Error error = facts::make_error(refusal == Refusal::Expired ? ErrorCode::S3ExpiredToken
                                                              : ErrorCode::S3InvalidToken);
  error.cause = describe(refusal);
  error.fields.emplace_back("Token-0", std::string(session_token));
  return error;
}

std::expected<model::CallerRef, Refusal> caller_again(const model::CallerRef& caller,
                                                      const Snapshot& snapshot,
                                                      Instant now) {
  if (caller->kind == CallerKind::Anonymous) {
    return caller;
  }
  std::optional<Caller> again;
  if (caller->session) {
    if (now >= caller->session->expires) {
      return std::unexpected(Refusal::Expired);
    }
    again = caller_of_session(caller->session, snapshot);
  } else if (const identity::AccessKey* key =
                 snapshot.find<identity::AccessKey>(caller->access_key_id);
             key != nullptr && key->status == identity::KeyStatus::Active) {
    again = caller_of_key(*key, snapshot);
  }
  const bool is_same = again && again->kind == caller->kind && again->account == caller->account &&
                       again->principal_id == caller->principal_id;
  if (!is_same) {
    return std::unexpected(Refusal::Ended);
  }
  return std::make_shared<const Caller>(*std::move(again));
}

}  // namespace signet::authn
