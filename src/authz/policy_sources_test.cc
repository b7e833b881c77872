#include "authz/policy_sources.h"

#include <gtest/gtest.h>

#include "authz/authz_fixture_for_test.h"

namespace signet::authz {
namespace {

using model::Session;
using model::SessionKind;

class PolicySourcesTest : public testing::Test {
 protected:
  CallerSets sets_of(const model::Caller& caller) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = AuthzFixture::request();
    return sources_.of_caller({*snapshot, caller, request});
  }

  policy::PolicySetRef trust_set() {
    kept_ = world_.snapshot();
    return set_of(
        {.action = "sts:AssumeRole", .role = kept_->find<identity::Role>(AuthzFixture::kRoleId)});
  }

  // For a check that borrows from kept_.
  policy::PolicySetRef set_of(const Check& check) {
    const RequestInfo request = AuthzFixture::request();
    const model::Caller caller = AuthzFixture::user();
    return sources_.of_resource({*kept_, caller, request}, check);
  }

  void give_user(std::string_view action) {
    world_.change_user([&](identity::User& user) {
      user.inline_policies = {{.name = "only", .document = document("Allow", action)}};
    });
  }

  // A write that has nothing to do with alice.
  void unrelated_write() {
    world_.write([](identity::Transaction& transaction) {
      transaction.put(identity::make_group("AGPAOTHER", "other"));
    });
  }

  static Session session_with(std::string_view key, identity::DocumentRef policy) {
    Session session = AuthzFixture::session(SessionKind::AssumedRole);
    session.access_key_id = key;
    session.has_session_policy = true;
    session.policy = policy->text();
    return session;
  }

  AuthzFixture world_;
  PolicySources sources_;
  std::shared_ptr<const identity::Snapshot> kept_;
};

TEST_F(PolicySourcesTest, ASetIsKeptAcrossWritesThatDoNotConcernIt) {
  give_user("s3:*");
  const auto before = sets_of(AuthzFixture::user());
  ASSERT_TRUE(before.identity);
  EXPECT_EQ(sets_of(AuthzFixture::user()).identity, before.identity);
  unrelated_write();
  EXPECT_EQ(sets_of(AuthzFixture::user()).identity, before.identity);
}

TEST_F(PolicySourcesTest, ASetIsMadeAnewWhenItsPoliciesChange) {
  give_user("s3:*");
  const auto before = sets_of(AuthzFixture::user());
  give_user("iam:*");
  EXPECT_NE(sets_of(AuthzFixture::user()).identity, before.identity);
}

TEST_F(PolicySourcesTest, AUserHasNoBoundaryOrSessionSetUnlessGiven) {
  const auto sets = sets_of(AuthzFixture::user());
  EXPECT_FALSE(sets.boundary);
  EXPECT_FALSE(sets.session);
}

TEST_F(PolicySourcesTest, ABoundaryComesAndGoes) {
  world_.change_user(
      [](identity::User& user) { user.boundary = "arn:aws:iam::aws:policy/AdministratorAccess"; });
  EXPECT_TRUE(sets_of(AuthzFixture::user()).boundary);
  world_.change_user([](identity::User& user) { user.boundary.clear(); });
  EXPECT_FALSE(sets_of(AuthzFixture::user()).boundary);
}

TEST_F(PolicySourcesTest, RootHasNoPolicies) {
  const auto sets = sets_of(AuthzFixture::root());
  EXPECT_FALSE(sets.identity);
  EXPECT_FALSE(sets.boundary);
}

TEST_F(PolicySourcesTest, SessionsOfOneRoleKeepTheirOwnSessionPolicies) {
  const auto reading =
      sets_of(AuthzFixture::role(session_with("ASIA1", document("Allow", "s3:Get*"))));
  const auto writing =
      sets_of(AuthzFixture::role(session_with("ASIA2", document("Allow", "s3:Put*"))));
  const auto plain = sets_of(AuthzFixture::role());
  ASSERT_TRUE(reading.session && writing.session);
  EXPECT_NE(reading.session, writing.session);
  EXPECT_NE(reading.session->members().front().policy, writing.session->members().front().policy);
  EXPECT_FALSE(plain.session);
}

TEST_F(PolicySourcesTest, AnInlineSessionPolicyIsCompiledOnce) {
  const model::Caller caller =
      AuthzFixture::role(session_with("ASIA1", document("Allow", "s3:Get*")));
  const auto before = sets_of(caller);
  unrelated_write();
  EXPECT_EQ(sets_of(caller).session, before.session);
}

TEST_F(PolicySourcesTest, ADeletedUserHasNoPolicies) {
  give_user("*");
  ASSERT_TRUE(sets_of(AuthzFixture::user()).identity);
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::User>(AuthzFixture::kUserId);
  });
  EXPECT_FALSE(sets_of(AuthzFixture::user()).identity);
}

TEST_F(PolicySourcesTest, TrustPoliciesAreKeptUntilTheyOrTheirPinsChange) {
  const auto before = trust_set();
  ASSERT_TRUE(before);
  unrelated_write();
  EXPECT_EQ(trust_set(), before);
  world_.change_role([](identity::Role& role) {
    role.trust_pins = {{.arn = "arn:aws:iam::111122223333:user/a", .id = "AIDAA"}};
  });
  const auto pinned = trust_set();
  EXPECT_NE(pinned, before);
  world_.change_role([](identity::Role& role) {
    role.trust_pins.edit(
        [](std::vector<policy::PrincipalPin>& pins) { pins.front().id = "AIDAB"; });
  });
  EXPECT_NE(trust_set(), pinned);
}

TEST_F(PolicySourcesTest, ABucketWithoutPolicyHasNoSet) {
  world_.write(
      [](identity::Transaction& transaction) { transaction.put(identity::make_bucket("bucket")); });
  kept_ = world_.snapshot();
  EXPECT_FALSE(
      set_of({.action = "s3:GetObject", .bucket = kept_->find<identity::Bucket>("bucket")}));
  EXPECT_FALSE(set_of({.action = "s3:ListAllMyBuckets"}));
}

TEST_F(PolicySourcesTest, CallersWithTheSamePoliciesShareASet) {
  world_.change_role([](identity::Role& role) {
    role.inline_policies = {{.name = "only", .document = document("Allow", "s3:*")}};
  });
  const auto session = [this](std::string_view key) {
    Session made = AuthzFixture::session(SessionKind::AssumedRole);
    made.access_key_id = key;
    return sets_of(AuthzFixture::role(made)).identity;
  };
  const auto first = session("ASIA1");
  EXPECT_EQ(session("ASIA2"), first);

  world_.change_role([](identity::Role& role) {
    role.inline_policies = {{.name = "only", .document = document("Deny", "s3:*")}};
  });
  const auto changed = session("ASIA1");
  EXPECT_NE(changed, first);
  EXPECT_EQ(session("ASIA2"), changed);
  EXPECT_EQ(session("ASIA3"), changed);
}

TEST_F(PolicySourcesTest, StaysRightWhenTheTableOverflows) {
  give_user("s3:*");
  for (int i = 0; i < 5000; ++i) {
    Session session = AuthzFixture::session(SessionKind::AssumedRole);
    session.access_key_id = "ASIA" + std::to_string(i);
    ASSERT_FALSE(sets_of(AuthzFixture::role(session)).session);
  }
  EXPECT_EQ(sets_of(AuthzFixture::user()).identity->members().size(), 1U);
}

}  // namespace
}  // namespace signet::authz
