// A write is decided on the state that it changes: what an earlier write makes of a name between
// the decision on the loop and the writer's turn counts, whether it became the truth meanwhile or
// is part of the very batch.
#include <gtest/gtest.h>

#include "authn/mfa_gate.h"
#include "base/secret_access.h"
#include "mfa/totp.h"
#include "objects/removal.h"
#include "objects/uploads_for_test.h"
#include "world.h"

namespace signet::races {
namespace {

enum class Moved {
  ByCommit,  // one was under way when the call was decided
  InBatch,   // the earlier write shares the call's batch
};

std::string name_of(const testing::TestParamInfo<Moved>& info) {
  return info.param == Moved::ByCommit ? "ByCommit" : "InBatch";
}

class Writes : public RaceFixture, public testing::WithParamInterface<Moved> {
 protected:
  // What the call is answered when the others, which precede it, are not visible yet on the loop.
  // They must succeed.
  std::string overtaken(const std::vector<std::pair<Key, Message>>& others,
                        const Key& key,
                        const Message& message) {
    std::vector<std::unique_ptr<Request>> sent;
    store_.close();
    if (GetParam() == Moved::InBatch) {
      sent.push_back(send(admin_, query("iam", "CreateGroup", {{"GroupName", next_name()}})));
      store_.await_commit();
    }
    for (const auto& [other, what] : others) {
      sent.push_back(send(other, what));
    }
    store_.await_commit();
    const auto late = send(key, message);
    EXPECT_FALSE(late->is_answered()) << "refused at once: it never came to the writer";
    store_.open();
    for (const auto& request : sent) {
      EXPECT_TRUE(request->answer().starts_with("20")) << request->answer();
    }
    std::string answer = late->answer();
    has_message_ = late->tells("x-signet-authorization-message: ");
    return answer;
  }

  // A helpdesk that may do everything but with what is under /admins/.
  Key make_helpdesk() {
    return make_user(
        "helpdesk",
        concat(kAllowAll,
               R"(,{"Effect":"Deny","Action":"iam:*","Resource":["arn:aws:iam::*:*/admins/*"]})"));
  }

  bool has_message_ = false;  // the answer of the overtaken call, what it was refused by

 private:
  std::string next_name() { return concat("group", std::to_string(++names_)); }

  int names_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Races, Writes, testing::Values(Moved::ByCommit, Moved::InBatch), name_of);

TEST_P(Writes, NoAccessKeyForAUserThatBecameProtected) {
  const Key helpdesk = make_helpdesk();

  const std::string answer = overtaken(
      {{admin_, query("iam", "CreateUser", {{"UserName", "chief"}, {"Path", "/admins/"}})}},
      helpdesk,
      query("iam", "CreateAccessKey", {{"UserName", "chief"}}));

  EXPECT_EQ(answer, "403 AccessDenied");
  EXPECT_TRUE(has_message_) << "refused on the writer as it would be on the loop";
  const identity::User* chief = snapshot()->find<identity::User>(kAccount, "chief");
  ASSERT_NE(chief, nullptr);
  EXPECT_TRUE(snapshot()->access_keys_of(kAccount, chief->id).empty());
}

TEST_P(Writes, AnAccessKeyForAUserThatCameOpenlyIsMade) {
  const Key helpdesk = make_helpdesk();

  EXPECT_EQ(overtaken({{admin_, query("iam", "CreateUser", {{"UserName", "clerk"}})}},
                      helpdesk,
                      query("iam", "CreateAccessKey", {{"UserName", "clerk"}})),
            "200");
}

TEST_P(Writes, NoTrustPolicyOfARoleThatBecameProtected) {
  const Key helpdesk = make_helpdesk();
  const std::string deny =
      policy(R"({"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"})");
  const std::string open =
      policy(R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"})");

  const std::string answer = overtaken(
      {{admin_,
        query("iam",
              "CreateRole",
              {{"RoleName", "boss"}, {"Path", "/admins/"}, {"AssumeRolePolicyDocument", deny}})}},
      helpdesk,
      query("iam", "UpdateAssumeRolePolicy", {{"RoleName", "boss"}, {"PolicyDocument", open}}));

  EXPECT_EQ(answer, "403 AccessDenied");
  const identity::Role* boss = snapshot()->find<identity::Role>(kAccount, "boss");
  ASSERT_NE(boss, nullptr);
  EXPECT_EQ(boss->trust_policy->text(), deny);
}

// Every kind of write that names an entity, on one that is about to be made where the caller may do
// nothing.
TEST_P(Writes, NoWriteOnWhatBecameProtected) {
  const Key helpdesk = make_helpdesk();
  const std::string document = policy(kAllowAll);
  const std::string trust =
      policy(R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"})");
  const std::string administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
  const Message user = query("iam", "CreateUser", {{"UserName", "chief"}, {"Path", "/admins/"}});
  const Message group = query("iam", "CreateGroup", {{"GroupName", "top"}, {"Path", "/admins/"}});
  const Message role =
      query("iam",
            "CreateRole",
            {{"RoleName", "boss"}, {"Path", "/admins/"}, {"AssumeRolePolicyDocument", trust}});

  struct Case {
    const char* action;
    const Message& creation;
    std::vector<std::pair<std::string, std::string>> params;
  };

  const std::vector<Case> cases = {
      {"PutUserPolicy",
       user,
       {{"UserName", "chief"}, {"PolicyName", "p"}, {"PolicyDocument", document}}},
      {"AttachUserPolicy", user, {{"UserName", "chief"}, {"PolicyArn", administrator}}},
      {"PutUserPermissionsBoundary",
       user,
       {{"UserName", "chief"}, {"PermissionsBoundary", administrator}}},
      {"UpdateUser", user, {{"UserName", "chief"}, {"NewPath", "/"}}},
      {"DeleteUser", user, {{"UserName", "chief"}}},
      {"TagUser",
       user,
       {{"UserName", "chief"}, {"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}},
      {"PutGroupPolicy",
       group,
       {{"GroupName", "top"}, {"PolicyName", "p"}, {"PolicyDocument", document}}},
      {"AttachGroupPolicy", group, {{"GroupName", "top"}, {"PolicyArn", administrator}}},
      {"AddUserToGroup", group, {{"GroupName", "top"}, {"UserName", "helpdesk"}}},
      {"DeleteGroup", group, {{"GroupName", "top"}}},
      {"PutRolePolicy",
       role,
       {{"RoleName", "boss"}, {"PolicyName", "p"}, {"PolicyDocument", document}}},
      {"AttachRolePolicy", role, {{"RoleName", "boss"}, {"PolicyArn", administrator}}},
      {"UpdateRole", role, {{"RoleName", "boss"}, {"MaxSessionDuration", "43200"}}},
      {"DeleteRole", role, {{"RoleName", "boss"}}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.action);
    EXPECT_EQ(
        overtaken({{admin_, test.creation}}, helpdesk, query("iam", test.action, test.params)),
        "403 AccessDenied");
    write([](identity::Transaction& transaction) {
      const identity::Snapshot& state = transaction.view();
      if (const auto* found = state.find<identity::User>(kAccount, "chief"); found != nullptr) {
        transaction.erase<identity::User>(std::string(found->id));
      }
      if (const auto* found = state.find<identity::Group>(kAccount, "top"); found != nullptr) {
        transaction.erase<identity::Group>(std::string(found->id));
      }
      if (const auto* found = state.find<identity::Role>(kAccount, "boss"); found != nullptr) {
        transaction.erase<identity::Role>(std::string(found->id));
      }
    });
  }
}

TEST_P(Writes, NoBucketOfAnotherAccountIsDeleted) {
  // The pool looks at the bucket before the writer's turn comes: there is none yet, or it is
  // another's.
  const std::string answer =
      overtaken({{admin_, s3("PUT", "/contested")}}, stranger_, s3("DELETE", "/contested"));
  EXPECT_TRUE(answer == "404 NoSuchBucket" || answer == "403 AccessDenied") << answer;
  EXPECT_NE(snapshot()->find<identity::Bucket>("contested"), nullptr);
}

TEST_P(Writes, NoPolicyOnABucketOfAnotherAccount) {
  const std::string open = policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::contested/*"})");

  EXPECT_EQ(
      overtaken(
          {{admin_, s3("PUT", "/contested")}}, stranger_, s3("PUT", "/contested?policy", open)),
      "403 AccessDenied");
  const identity::Bucket* bucket = snapshot()->find<identity::Bucket>("contested");
  ASSERT_NE(bucket, nullptr);
  EXPECT_EQ(bucket->policy, nullptr);
}

TEST_P(Writes, APermissionThatWasTakenAwayChangesNothing) {
  const Key maker = make_user("maker", kAllowAll);

  EXPECT_EQ(overtaken({{admin_,
                        query("iam",
                              "PutUserPolicy",
                              {{"UserName", "maker"},
                               {"PolicyName", "q"},
                               {"PolicyDocument", policy(kDenyAll)}})}},
                      maker,
                      query("iam", "CreateUser", {{"UserName", "spare"}})),
            "403 AccessDenied");
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

TEST_P(Writes, AKeyThatWasDeactivatedChangesNothing) {
  const Key maker = make_user("maker", kAllowAll);

  EXPECT_EQ(
      overtaken(
          {{admin_,
            query("iam",
                  "UpdateAccessKey",
                  {{"UserName", "maker"}, {"AccessKeyId", maker.id}, {"Status", "Inactive"}})}},
          maker,
          query("iam", "CreateUser", {{"UserName", "spare"}})),
      "403 InvalidClientTokenId");
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

// AssumeRole with a code is a write, for the code.
class AssumingWrites : public Writes {
 protected:
  AssumingWrites()
      : alice_(make_user("alice", R"({"Effect":"Allow","Action":"sts:*","Resource":"*"})")) {
    device_.is_assigned = true;
    device_.user_id = concat("AIDA", kAccount, "alice");
    write([&](identity::Transaction& transaction) {
      transaction.put(device_);
      transaction.put(identity::make_role("AROAREADER", "reader"));
    });
  }

  [[nodiscard]] Message assume() const {
    return query(
        "sts",
        "AssumeRole",
        {{"RoleArn", concat("arn:aws:iam::", kAccount, ":role/reader")},
         {"RoleSessionName", "work"},
         {"SerialNumber", device_.serial()},
         {"TokenCode",
          mfa::totp_code(device_.seed->reveal(secret_access()), mfa::step_of(clock_.now()))}});
  }

  [[nodiscard]] bool is_spent() const {
    return snapshot()->find<identity::MfaDevice>(device_.serial())->state.last_step ==
           mfa::step_of(clock_.now());
  }

  identity::MfaDevice device_ = identity::make_device("phone");
  Key alice_;
};

INSTANTIATE_TEST_SUITE_P(Races,
                         AssumingWrites,
                         testing::Values(Moved::ByCommit, Moved::InBatch),
                         name_of);

TEST_P(AssumingWrites, NoSessionOfARoleThatWasMadeAgain) {
  const std::string deny =
      policy(R"({"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"})");

  const std::string answer = overtaken(
      {{admin_, query("iam", "DeleteRole", {{"RoleName", "reader"}})},
       {admin_,
        query("iam", "CreateRole", {{"RoleName", "reader"}, {"AssumeRolePolicyDocument", deny}})}},
      alice_,
      assume());

  EXPECT_EQ(answer, "403 AccessDenied");
  EXPECT_TRUE(is_spent()) << "the code was accepted, though the call was refused";
}

TEST_P(AssumingWrites, TheCodeOfADeviceThatWasTakenAwayIsWorthNothing) {
  const std::string answer =
      overtaken({{admin_,
                  query("iam",
                        "DeactivateMFADevice",
                        {{"UserName", "alice"}, {"SerialNumber", device_.serial()}})}},
                alice_,
                assume());

  EXPECT_EQ(answer, "403 AccessDenied");
  EXPECT_TRUE(is_spent());
}

TEST_P(AssumingWrites, WhatDoesNotConcernTheRoleChangesNothing) {
  EXPECT_EQ(
      overtaken({{admin_, query("iam", "CreateUser", {{"UserName", "other"}})}}, alice_, assume()),
      "200");
  EXPECT_TRUE(is_spent());
}

// While the disk is slow.
TEST_F(RaceFixture, WhoHasItsShareOfWritesWaitingIsToldSoAndOthersGoOn) {
  const auto create = [](std::string_view name) {
    return query("iam", "CreateUser", {{"UserName", std::string(name)}});
  };
  const Key other = make_user("other", kAllowAll);
  store_.close();
  std::vector<std::unique_ptr<Request>> waiting;
  for (const char* name : {"a", "b", "c"}) {
    waiting.push_back(send(admin_, create(name)));
    ASSERT_FALSE(waiting.back()->is_answered());
  }
  EXPECT_EQ(call(admin_, create("d")), "400 Throttling");
  EXPECT_EQ(call(admin_, query("sts", "GetCallerIdentity", {})), "200") << "reads go on";
  waiting.push_back(send(other, create("e")));
  waiting.push_back(send(stranger_, create("f")));
  store_.open();
  for (const auto& request : waiting) {
    EXPECT_EQ(request->answer(), "200");
  }
  EXPECT_EQ(call(admin_, create("d")), "200") << "the places were given back";
}

// A refused call has spent its code for good: also after a restart, which forgets what the gate
// keeps in memory, and for every other operation that takes codes.
TEST_F(RaceFixture, ABucketWhoseDeletionIsNotStoredStaysOpen) {
  objects::Removal removal(
      *objects_, [this](std::string_view bucket) { return s3::has_bucket(*snapshot(), bucket); });
  ASSERT_EQ(call(admin_, s3("PUT", "/kept")), "200");
  ASSERT_EQ(call(admin_, s3("POST", "/kept/k?uploads")), "200");
  // The caller's first use of an action is a write of its own (identity/kinds/last_access.h), which
  // would meet the failure.
  ASSERT_EQ(call(admin_, s3("PUT", "/other")), "200");
  ASSERT_EQ(call(admin_, s3("DELETE", "/other")), "204");

  store_.fail_next();
  EXPECT_EQ(call(admin_, s3("DELETE", "/kept")), "500 InternalError");

  EXPECT_FALSE(removal.step().value()) << "nothing is to be removed";
  EXPECT_EQ(call(admin_, s3("PUT", "/kept/k", "bytes")), "200");
  EXPECT_EQ(call(admin_, s3("DELETE", "/kept")), "409 BucketNotEmpty");
}

// While what it left is not removed yet, anybody may have the name.
TEST_F(RaceFixture, ADeletedBucketsNameIsFreeAtOnce) {
  objects::Removal removal(
      *objects_, [this](std::string_view bucket) { return s3::has_bucket(*snapshot(), bucket); });
  ASSERT_EQ(call(admin_, s3("PUT", "/name")), "200");
  ASSERT_EQ(call(admin_, s3("POST", "/name/k?uploads")), "200");
  const std::string before = s3::store_id(*snapshot()->find<identity::Bucket>("name"));
  ASSERT_EQ(call(admin_, s3("DELETE", "/name")), "204");
  EXPECT_EQ(call(admin_, s3("PUT", "/name/k", "bytes")), "404 NoSuchBucket");

  ASSERT_EQ(call(stranger_, s3("PUT", "/name")), "200");
  const std::string after = s3::store_id(*snapshot()->find<identity::Bucket>("name"));

  EXPECT_NE(after, before) << "made in the same millisecond";
  EXPECT_EQ(objects::count_uploads(*objects_, after), 0U);
  EXPECT_EQ(objects::count_uploads(*objects_, before), 1U);
  EXPECT_EQ(call(stranger_, s3("PUT", "/name/k", "bytes")), "200");
  EXPECT_FALSE(removal.step().value());
  EXPECT_EQ(objects::count_uploads(*objects_, before), 0U);
  EXPECT_EQ(call(stranger_, s3("GET", "/name/k")), "200");
}

TEST_F(RaceFixture, ACodeSpentInARefusedCallStaysSpent) {
  const Key alice = make_user("alice", kDenyAll);
  identity::MfaDevice device = identity::make_device("phone");
  device.is_assigned = true;
  device.user_id = concat("AIDA", kAccount, "alice");
  write([&](identity::Transaction& transaction) {
    transaction.put(device);
    transaction.put(identity::make_role("AROAREADER", "reader"));
  });
  const std::vector<std::pair<std::string, std::string>> code = {
      {"SerialNumber", device.serial()},
      {"TokenCode",
       mfa::totp_code(device.seed->reveal(secret_access()), mfa::step_of(clock_.now()))}};
  std::vector<std::pair<std::string, std::string>> role = {
      {"RoleArn", concat("arn:aws:iam::", kAccount, ":role/reader")}, {"RoleSessionName", "work"}};
  role.insert(role.end(), code.begin(), code.end());

  EXPECT_EQ(call(alice, query("sts", "AssumeRole", role)), "403 AccessDenied");
  mfa_.reset();

  EXPECT_EQ(call(alice, query("sts", "AssumeRole", role)), "403 AccessDenied");
  EXPECT_EQ(call(alice, query("sts", "GetSessionToken", code)), "403 AccessDenied");
  EXPECT_EQ(snapshot()->find<identity::MfaDevice>(device.serial())->state.last_step,
            mfa::step_of(clock_.now()));
}

}  // namespace
}  // namespace signet::races
