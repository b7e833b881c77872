#include "server/policy_question.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "authn/authenticator.h"
#include "authz/open_question.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "model/arn.h"

namespace signet::server {
namespace {

using codec::Json;
using identity::Snapshot;
using model::Caller;
using model::CallerKind;
using model::Session;
using model::SessionKind;

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

// Finds whom a principal means, as a caller that its credentials would make now.
class CallerFinder {
 public:
  CallerFinder(const Json& request, const Snapshot& snapshot, Instant now)
      : request_(request), snapshot_(snapshot), now_(now) {}

  Result<Caller> find() const {
    const std::string_view principal = request_.string_at("principal");
    if (principal.empty()) {
      return Caller();
    }
    if (const auto arn = model::split_arn(principal)) {
      return of_arn(principal, *arn);
    }
    if (principal.find('.') != std::string_view::npos &&
        principal.find('@') == std::string_view::npos) {
      Caller caller;
      caller.kind = CallerKind::Service;
      caller.name = principal;
      return caller;
    }
    return of_name(principal);
  }

 private:
  Result<Caller> of_arn(std::string_view text, const model::ArnParts& arn) const {
    const std::string_view resource = arn.resource;
    const std::size_t slash = resource.find('/');
    const std::string_view rest =
        slash == std::string_view::npos ? std::string_view() : resource.substr(slash + 1);
    if (arn.service == "iam" && resource == "root") {
      return root(arn.account);
    }
    if (arn.service == "iam" && resource.starts_with("user/")) {
      const auto* user = snapshot_.find_by_arn<identity::User>(text);
      return user != nullptr ? of_user(*user) : refuse(concat("there is no user ", text));
    }
    if (arn.service == "iam" && resource.starts_with("role/")) {
      const auto* role = snapshot_.find_by_arn<identity::Role>(text);
      return role != nullptr ? of_role(*role, "session")
                             : refuse(concat("there is no role ", text));
    }
    if (arn.service == "sts" && resource.starts_with("assumed-role/")) {
      const std::string_view name = rest.substr(0, rest.find('/'));
      const auto* role = snapshot_.find<identity::Role>(arn.account, name);
      if (role == nullptr) {
        return refuse(concat("there is no role ", name, " in account ", arn.account));
      }
      return of_role(*role, rest.substr(std::min(name.size() + 1, rest.size())));
    }
    if (arn.service == "sts" && resource == "assumed-root") {
      return of_session({.kind = SessionKind::AssumedRoot,
                         .account = std::string(arn.account),
                         .principal_id = std::string(arn.account)});
    }
    if (arn.service == "sts" && resource.starts_with("federated-user/")) {
      return of_federated(arn.account, rest);
    }
    return refuse(
        concat("the principal is no user, role, role session, federated user or root: ", text));
  }

  // A user's or role's name, if only one account has it.
  Result<Caller> of_name(std::string_view name) const {
    std::vector<std::string> found;
    std::optional<Caller> caller;
    for (const identity::Account* account : snapshot_.accounts()) {
      if (const auto* user = snapshot_.find<identity::User>(account->id, name)) {
        found.push_back(identity::arn_of(*user));
        caller = TRY(of_user(*user));
      }
      if (const auto* role = snapshot_.find<identity::Role>(account->id, name)) {
        found.push_back(identity::arn_of(*role));
        caller = TRY(of_role(*role, "session"));
      }
    }
    if (found.empty()) {
      return refuse(concat("no account here has a user or role called ", name));
    }
    if (found.size() > 1) {
      std::string all;
      for (const std::string& arn : found) {
        all += concat(all.empty() ? "" : ", ", arn);
      }
      return refuse(concat(name, " is not the name of one alone; write which: ", all));
    }
    return *std::move(caller);
  }

  Result<Caller> root(std::string_view account) const {
    if (snapshot_.find<identity::Account>(std::string(account)) == nullptr) {
      return refuse(concat("there is no account ", account, " here"));
    }
    return of_owner(std::string(account), {});
  }

  Result<Caller> of_user(const identity::User& user) const {
    if (has_scopes()) {
      return of_session(
          {.kind = SessionKind::SessionToken, .account = user.account, .principal_id = user.id});
    }
    return of_owner(user.account, user.id);
  }

  // By a key that nobody has: the caller is that of any key of the same owner.
  Result<Caller> of_owner(const std::string& account, const std::string& user_id) const {
    identity::AccessKey key;
    key.account = account;
    key.user_id = user_id;
    return whole(authn::caller_of_key(key, snapshot_));
  }

  Result<Caller> of_role(const identity::Role& role, std::string_view session_name) const {
    return of_session({.kind = SessionKind::AssumedRole,
                       .account = role.account,
                       .principal_id = role.id,
                       .session_name = std::string(session_name)});
  }

  // Who issued the session is not in its ARN: the user of the same name, if it is not said.
  Result<Caller> of_federated(std::string_view account, std::string_view name) const {
    std::string issuer(request_.string_at("issuer"));
    if (issuer.empty()) {
      const auto* user = snapshot_.find<identity::User>(account, name);
      if (user == nullptr) {
        return refuse(
            concat("who issued the session of the federated user ", name, " is not known"));
      }
      issuer = user->id;
    }
    return of_session({.kind = SessionKind::FederatedUser,
                       .account = std::string(account),
                       .principal_id = issuer,
                       .session_name = std::string(name)});
  }

  // Layers of scoped credentials, which users have by a session only.
  [[nodiscard]] bool has_scopes() const {
    const Json* told = request_.find("session");
    const Json* scopes = told != nullptr ? told->find("scopes") : nullptr;
    return scopes != nullptr && !scopes->items().empty();
  }

  Result<Caller> of_session(Session session) const {
    session.issued = now_;
    session.expires = now_.plus_seconds(3600);
    if (const Json* told = request_.find("session"); told != nullptr) {
      session.policy = told->string_at("policy");
      if (const Json* arns = told->find("policy_arns"); arns != nullptr) {
        for (const Json& arn : arns->items()) {
          session.policy_arns.push_back(arn.text());
        }
      }
      const Json* has_policy = told->find("has_policy");
      session.has_session_policy = has_policy != nullptr && has_policy->as_bool();
      if (const Json* scopes = told->find("scopes"); scopes != nullptr) {
        for (const Json& layer : scopes->items()) {
          session.scope_policies.push_back(layer.text());
        }
      }
    }
    return whole(
        authn::caller_of_session(std::make_shared<const Session>(std::move(session)), snapshot_));
  }

  static Result<Caller> whole(std::optional<Caller> caller) {
    return caller ? Result<Caller>(*std::move(caller))
                  : refuse("the principal cannot call: its user, role or account is gone");
  }

  const Json& request_;
  const Snapshot& snapshot_;
  Instant now_;
};

bool is_trust_action(std::string_view action) {
  const std::string lower = to_lower(action);
  return lower.starts_with("sts:assumerole") || lower == "sts:tagsession" ||
         lower == "sts:setsourceidentity";
}

void add_bucket(const Snapshot& snapshot, std::string_view resource, authz::Check& check) {
  const std::string name(resource.substr(0, resource.find('/')));
  check.bucket = snapshot.find<identity::Bucket>(name);
  if (check.bucket != nullptr) {
    check.resource_account = check.bucket->account;
  }
}

// The check that a call of this action would make: with the policy that guards the resource, its
// owner and its tags.
Result<authz::Check> find_check(const Json& request, const Snapshot& snapshot) {
  authz::Check check;
  check.action = request.string_at("action");
  check.resource = request.string_at("resource");
  if (check.resource.empty()) {
    check.resource = "*";
  }
  const auto arn = model::split_arn(check.resource);
  if (!arn) {
    return check;
  }
  if (arn->service == "s3") {
    add_bucket(snapshot, arn->resource, check);
    return check;
  }
  if (model::is_account_id(arn->account)) {
    check.resource_account = arn->account;
  }
  if (const auto* role = snapshot.find_by_arn<identity::Role>(check.resource)) {
    check.resource_tags = &*role->tags;
    check.role = is_trust_action(check.action) ? role : nullptr;
  } else if (const auto* user = snapshot.find_by_arn<identity::User>(check.resource)) {
    check.resource_tags = &*user->tags;
  } else if (is_trust_action(check.action) && arn->service == "iam") {
    return refuse(
        concat("there is no role ", check.resource, "; ARNs are exact, case and path included"));
  }
  return check;
}

authz::GivenContext given_context(const Json& request) {
  authz::GivenContext given;
  const Json* whole = request.find("is_whole_context");
  given.is_whole = whole != nullptr && whole->as_bool();
  const Json* context = request.find("context");
  if (context == nullptr) {
    return given;
  }
  for (const auto& [key, value] : context->members()) {
    authz::ContextEntry& entry = given.entries.emplace_back();
    entry.key = key;
    entry.is_list = value.is_array();
    if (!entry.is_list) {
      entry.values.push_back(value.text());
    }
    for (const Json& item : value.items()) {
      entry.values.push_back(item.text());
    }
  }
  return given;
}

}  // namespace

Result<std::string> policy_question(const Json& request, const Snapshot& snapshot, Instant now) {
  const Caller caller = TRY(CallerFinder(request, snapshot, now).find());
  const authz::Check check = TRY(find_check(request, snapshot));
  const authz::RequestInfo info{.region = "us-east-1", .now = now};
  return authz::open_question(
      {.snapshot = snapshot, .caller = caller, .request = info}, check, given_context(request));
}

std::string principals_of(const Snapshot& snapshot) {
  std::string all;
  for (const identity::Account* account : snapshot.accounts()) {
    for (const auto& entry : snapshot.table<identity::User>(account->id)) {
      all += concat(identity::arn_of(*entry.value), "\n");
    }
    for (const auto& entry : snapshot.table<identity::Role>(account->id)) {
      all += concat(identity::arn_of(*entry.value), "\n");
    }
  }
  return all;
}

}  // namespace signet::server
