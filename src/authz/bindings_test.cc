#include "authz/bindings.h"

#include <string>

#include <gtest/gtest.h>

#include "authz/policy_sources.h"
#include "authz/world_for_test.h"

namespace signet::authz {
namespace {

using model::Session;
using model::SessionKind;

constexpr std::string_view kHome = R"("Resource":"arn:aws:s3:::b/${aws:username}/*")";
constexpr std::string_view kTeam =
    R"("Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}})";
constexpr BindingLimits kSoon{.callers = 2,
                              .statements = 6,
                              .statements_of_set = 3,
                              .many_statements = 1,
                              .few_decisions = 2,
                              .many_decisions = 4};

class BindingsTest : public testing::Test {
 protected:
  struct Sets {
    CallerSets sets;
    CallerSets as_written;

    [[nodiscard]] bool are_bound() const { return sets.identity != as_written.identity; }
  };

  Sets ask(const model::Caller& caller, const Check& check = {}) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = World::request();
    const auto choice = sources_.of_caller({*snapshot, caller, request}, check);
    return {.sets = choice.sets, .as_written = choice.as_written};
  }

  // Number of the first question that is answered from bound sets; 0: none of the first 20.
  int first_bound(const model::Caller& caller) {
    for (int i = 1; i <= 20; ++i) {
      if (ask(caller).are_bound()) {
        return i;
      }
    }
    return 0;
  }

  void give(const std::function<void(identity::User&)>& change) { world_.change_user(change); }

  static void add(identity::User& user, identity::DocumentRef policy) {
    const std::string name = "p" + std::to_string(user.inline_policies.size());
    user.inline_policies.push_back({.name = name, .document = std::move(policy)});
  }

  void give_home() {
    give([](identity::User& user) { add(user, document("Allow", "s3:*", kHome)); });
  }

  void give_role(std::string_view more) {
    world_.change_role([more](identity::Role& role) {
      role.inline_policies = {{.name = "p", .document = document("Allow", "s3:*", more)}};
    });
  }

  static model::Caller session(std::string_view key) {
    Session made = World::session(SessionKind::AssumedRole);
    made.access_key_id = key;
    return World::role(made);
  }

  World world_;
  PolicySources sources_{kSoon};
};

TEST_F(BindingsTest, ACallerWhoDecidesOftenIsBound) {
  give_home();
  EXPECT_EQ(first_bound(World::user()), 4);

  const Sets found = ask(World::user());
  ASSERT_EQ(found.sets.identity->members().size(), 1U);
  EXPECT_EQ(found.sets.identity->members()[0].policy,
            found.as_written.identity->members()[0].policy);
  EXPECT_EQ(found.sets.identity->members()[0].id, found.as_written.identity->members()[0].id);
}

TEST_F(BindingsTest, ManyStatementsAreBoundSooner) {
  give_home();
  give_home();
  EXPECT_EQ(first_bound(World::user()), 2);
}

TEST_F(BindingsTest, WhatDependsOnNothingOfTheSessionIsNotBound) {
  give([](identity::User& user) {
    add(user, document("Allow", "s3:*", R"("Resource":"arn:aws:s3:::b/${aws:CurrentTime}")"));
  });
  EXPECT_EQ(first_bound(World::user()), 0);
}

TEST_F(BindingsTest, SetsOfTooManyStatementsAreNotBound) {
  for (int i = 0; i < 4; ++i) {
    give_home();
  }
  EXPECT_EQ(first_bound(World::user()), 0);
}

TEST_F(BindingsTest, ASetThatCannotBeReadIsNotBound) {
  give_home();
  give([](identity::User& user) { add(user, identity::make_document("{")); });
  EXPECT_EQ(first_bound(World::user()), 0);
}

TEST_F(BindingsTest, ADecisionBindsOneSet) {
  world_.write([](identity::Transaction& transaction) {
    identity::ManagedPolicy policy = identity::make_policy("ANPAEDGE", "edge");
    policy.versions.front().document = document("Allow", "*", kTeam);
    transaction.put_policy(std::move(policy));
  });
  give_role(kHome);
  world_.change_role(
      [](identity::Role& role) { role.boundary = "arn:aws:iam::111122223333:policy/edge"; });
  Session made = World::session(SessionKind::AssumedRole);
  made.has_session_policy = true;
  made.policy = document("Allow", "s3:*", kTeam)->text();
  const model::Caller caller = World::role(made);
  ask(caller);

  Sets found = ask(caller);
  EXPECT_NE(found.sets.identity, found.as_written.identity);
  EXPECT_EQ(found.sets.boundary, found.as_written.boundary);
  found = ask(caller);
  EXPECT_NE(found.sets.boundary, found.as_written.boundary);
  EXPECT_EQ(found.sets.session, found.as_written.session);
  found = ask(caller);
  EXPECT_NE(found.sets.session, found.as_written.session);
  EXPECT_EQ(ask(caller).sets.session, found.sets.session);
}

TEST_F(BindingsTest, WritesThatDoNotConcernTheCallerLeaveItBound) {
  give_home();
  first_bound(World::user());
  const Sets before = ask(World::user());
  world_.write([](identity::Transaction& transaction) {
    transaction.put_group(identity::make_group("AGPAOTHER", "other"));
  });

  EXPECT_EQ(ask(World::user()).sets.identity, before.sets.identity);
}

TEST_F(BindingsTest, OtherTagsOrOtherPoliciesUnbindAtOnce) {
  give_home();
  ASSERT_EQ(first_bound(World::user()), 4);
  give([](identity::User& user) { user.tags = {{.key = "team", .value = "red"}}; });
  EXPECT_EQ(first_bound(World::user()), 4);
  give([](identity::User& user) { user.tags.front().value = "blue"; });
  EXPECT_EQ(first_bound(World::user()), 4);
  give_home();
  EXPECT_EQ(first_bound(World::user()), 2);
  give([](identity::User& user) { user.boundary = "arn:aws:iam::aws:policy/AdministratorAccess"; });
  EXPECT_EQ(first_bound(World::user()), 2);
  give([](identity::User& user) { user.inline_policies.clear(); });
  EXPECT_EQ(first_bound(World::user()), 0);
}

TEST_F(BindingsTest, ABoundCallerHasTheGuardRailsOfNow) {
  give_home();
  ASSERT_EQ(first_bound(World::user()), 4);
  identity::OrgPolicies org{.account = identity::kAccount};
  org.scps = {{.policies = {{.name = "scp", .document = document("Deny", "s3:*")}}}};
  world_.write([&org](identity::Transaction& transaction) { transaction.put_org_policies(org); });

  const Sets found = ask(World::user());
  EXPECT_TRUE(found.are_bound());
  ASSERT_TRUE(found.sets.guards);
  EXPECT_TRUE(found.sets.guards->scps);

  org.organization_id = "o-1";
  world_.write([&org](identity::Transaction& transaction) { transaction.put_org_policies(org); });
  EXPECT_FALSE(ask(World::user()).are_bound()) << "aws:PrincipalOrgID is another now";
}

TEST_F(BindingsTest, ACheckThatSpeaksOfTheCallerItselfIsNotDecidedBound) {
  give_home();
  ASSERT_EQ(first_bound(World::user()), 4);
  Check with_mfa;
  with_mfa.texts.add(facts::KeyId::AwsMultiFactorAuthPresent, "true");
  Check with_tag;
  with_tag.context = {{.key = "AWS:principaltag/Team", .values = {"red"}}};
  Check plain;
  plain.texts.add(facts::KeyId::S3AuthType, "REST-HEADER");
  plain.context = {{.key = "s3:prefix", .values = {"p"}}};

  EXPECT_FALSE(ask(World::user(), with_mfa).are_bound());
  EXPECT_FALSE(ask(World::user(), with_tag).are_bound());
  EXPECT_TRUE(ask(World::user(), plain).are_bound());
}

TEST_F(BindingsTest, ASessionIsDecidedWithItsOwnConstantsOnly) {
  give_role(kTeam);
  const model::Caller first = session("ASIA1");
  ASSERT_EQ(first_bound(first), 4);
  model::Session other = *first.session;
  EXPECT_TRUE(ask(World::role(other)).are_bound()) << "the same session, opened anew";
  other.tags = {{.key = "team", .value = "red"}};
  EXPECT_FALSE(ask(World::role(other)).are_bound());
  other = *first.session;
  other.source_identity = "bob";
  EXPECT_FALSE(ask(World::role(other)).are_bound());
  other = *first.session;
  other.issued = other.issued.plus_seconds(1);
  EXPECT_FALSE(ask(World::role(other)).are_bound());
  model::Caller renamed = first;
  renamed.principal_arn += "2";
  EXPECT_FALSE(ask(renamed).are_bound());
  EXPECT_TRUE(ask(first).are_bound());
}

TEST_F(BindingsTest, WithOrWithoutMfaAreTwoSessions) {
  give_home();
  Session plain = World::session(SessionKind::SessionToken);
  const model::Caller caller = World::with_session(World::user(), plain);
  ASSERT_EQ(first_bound(caller), 4);
  plain.mfa_time = World::kNow;

  EXPECT_FALSE(ask(World::with_session(World::user(), plain)).are_bound());
}

TEST_F(BindingsTest, TheCallerWhoAskedLongestAgoMakesRoom) {
  give_role(kHome);
  for (const char* key : {"ASIA1", "ASIA2", "ASIA1", "ASIA3"}) {
    first_bound(session(key));
  }

  EXPECT_TRUE(ask(session("ASIA1")).are_bound());
  EXPECT_TRUE(ask(session("ASIA3")).are_bound());
  EXPECT_EQ(first_bound(session("ASIA2")), 4);
}

TEST_F(BindingsTest, StatementsAreLimitedTogether) {
  world_.change_role([](identity::Role& role) {
    for (const char* name : {"p", "q", "r"}) {
      role.inline_policies.push_back({.name = name, .document = document("Allow", "s3:*", kHome)});
    }
  });
  give_home();
  ASSERT_EQ(first_bound(session("ASIA1")), 2);
  ASSERT_EQ(first_bound(session("ASIA2")), 2);
  ASSERT_EQ(first_bound(World::user()), 4) << "seven statements, six have room";

  EXPECT_TRUE(ask(session("ASIA2")).are_bound());
  EXPECT_EQ(first_bound(session("ASIA1")), 4) << "not sooner than any other, having been put out";
}

TEST_F(BindingsTest, StaysRightWhenTheTableOverflows) {
  give_role(kHome);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_GE(first_bound(session("ASIA" + std::to_string(i))), 4);
  }
}

}  // namespace
}  // namespace signet::authz
