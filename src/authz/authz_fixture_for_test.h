#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "authz/authorizer.h"
#include "identity/fixture_for_test.h"
#include "model/arn.h"
#include "model/root_caller.h"

namespace signet::authz {

// For tests: a directory to fill, and callers of every kind in it.
class AuthzFixture {
 public:
  static constexpr std::string_view kUserId = "AIDAALICE";
  static constexpr std::string_view kRoleId = "AROAREADER";
  static constexpr Instant kNow = Instant::from_seconds(1'790'000'000);

  // User alice and role reader, both under /team/ and without policies, in the first account.
  AuthzFixture() {
    write([](identity::Transaction& transaction) {
      transaction.put(identity::make_account(identity::kOtherAccount));
      identity::User user = identity::make_user(std::string(kUserId), "alice");
      user.path = "/team/";
      transaction.put(std::move(user));
      identity::Role role = identity::make_role(std::string(kRoleId), "reader");
      role.path = "/team/";
      transaction.put(std::move(role));
    });
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto done = fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    SIGNET_ASSERT(done.has_value());
  }

  void change_user(const std::function<void(identity::User&)>& change) {
    write([&](identity::Transaction& transaction) {
      identity::User user = *transaction.view().find<identity::User>(kUserId);
      change(user);
      transaction.put(std::move(user));
    });
  }

  void change_role(const std::function<void(identity::Role&)>& change) {
    write([&](identity::Transaction& transaction) {
      identity::Role role = *transaction.view().find<identity::Role>(kRoleId);
      change(role);
      transaction.put(std::move(role));
    });
  }

  [[nodiscard]] std::shared_ptr<const identity::Snapshot> snapshot() {
    return fixture_.directory().current();
  }

  [[nodiscard]] identity::Directory& directory() { return fixture_.directory(); }

  static model::Caller user() {
    model::Caller caller;
    caller.kind = model::CallerKind::User;
    caller.account = identity::kAccount;
    caller.arn = "arn:aws:iam::111122223333:user/team/alice";
    caller.principal_arn = caller.arn;
    caller.principal_id = kUserId;
    caller.user_id = kUserId;
    caller.name = "alice";
    caller.access_key_id = "AKIAALICE";
    return caller;
  }

  static model::Caller root(std::string_view account = identity::kAccount) {
    return model::root_caller(account);
  }

  static model::Session session(model::SessionKind kind) {
    model::Session made;
    made.kind = kind;
    made.access_key_id = "ASIASESSION";
    made.account = identity::kAccount;
    made.session_name = "work";
    made.issued = kNow.plus_seconds(-60);
    made.expires = kNow.plus_seconds(3600);
    return made;
  }

  static model::Caller with_session(model::Caller caller, model::Session session) {
    caller.access_key_id = session.access_key_id;
    caller.session = std::make_shared<const model::Session>(std::move(session));
    return caller;
  }

  static model::Caller role(model::Session session) {
    model::Caller caller;
    caller.kind = model::CallerKind::AssumedRole;
    caller.account = identity::kAccount;
    caller.arn = "arn:aws:sts::111122223333:assumed-role/reader/work";
    caller.principal_arn = "arn:aws:iam::111122223333:role/team/reader";
    caller.principal_id = kRoleId;
    caller.user_id = "AROAREADER:work";
    caller.name = "reader";
    return with_session(std::move(caller), std::move(session));
  }

  static model::Caller role() { return role(session(model::SessionKind::AssumedRole)); }

  // A federated user of alice, or of root.
  static model::Caller federated(model::Session session, std::string_view issuer_id = kUserId) {
    model::Caller caller;
    caller.kind = model::CallerKind::FederatedUser;
    caller.account = identity::kAccount;
    caller.arn = "arn:aws:sts::111122223333:federated-user/work";
    caller.principal_arn = caller.arn;
    caller.principal_id = issuer_id;
    caller.user_id = "111122223333:work";
    caller.name = "work";
    return with_session(std::move(caller), std::move(session));
  }

  static RequestInfo request() {
    return {.request_id = "id",
            .source_ip = "192.0.2.1",
            .user_agent = "agent/1",
            .referer = {},
            .region = "eu-west-1",
            .is_secure = true,
            .now = kNow};
  }

 private:
  identity::Fixture fixture_;
};

// One statement as a whole document.
inline identity::DocumentRef document(std::string_view effect,
                                      std::string_view action,
                                      std::string_view more = R"("Resource":"*")") {
  std::string text = R"({"Version":"2012-10-17","Statement":[{"Effect":")";
  text += effect;
  text += R"(","Action":")";
  text += action;
  text += R"(",)";
  text += more;
  text += "}]}";
  return identity::make_document(std::move(text));
}

}  // namespace signet::authz
