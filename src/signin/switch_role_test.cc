#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/team/alice";
constexpr std::string_view kActing = "arn:aws:sts::111122223333:assumed-role/reader/alice";
constexpr std::string_view kRefusedText = "Could not switch to that role.";

class SwitchRoleTest : public SignInTest {
 protected:
  SwitchRoleTest() {
    allow("sts:AssumeRole");
    EXPECT_EQ(try_password(kPassword).status, 303);
  }

  http::Response exit_role() { return send("POST", "/_console/exitrole"); }

  // Whose the session is.
  [[nodiscard]] std::string arn() {
    const http::Response page = front_page();
    for (const std::string_view one : {kActing, kUser}) {
      if (contains(page, concat(">", one, "<"))) {
        return std::string(one);
      }
    }
    return std::to_string(page.status);
  }

  void trust(std::string_view statement) {
    world_.change_role([statement](identity::Role& role) {
      role.trust_policy = identity::make_document(
          concat(R"({"Version":"2012-10-17","Statement":)", statement, "}"));
    });
  }
};

TEST_F(SwitchRoleTest, AUserActsAsTheRoleAndComesBack) {
  ASSERT_EQ(arn(), kUser);
  EXPECT_EQ(send("GET", "/_console/switchrole").status, 200);

  const auto switched = switch_to();
  EXPECT_EQ(switched.status, 303);
  EXPECT_EQ(switched.headers.find("Location"), "/_console/");
  EXPECT_EQ(arn(), kActing);

  EXPECT_EQ(exit_role().status, 303);
  EXPECT_EQ(arn(), kUser);
}

TEST_F(SwitchRoleTest, ACookieOfBeforeIsGoodForNothing) {
  const std::string before = jar_["signet-sid"];
  ASSERT_EQ(switch_to().status, 303);
  const std::string acting = jar_["signet-sid"];
  jar_["signet-sid"] = before;
  EXPECT_EQ(arn(), "401");

  jar_["signet-sid"] = acting;
  ASSERT_EQ(exit_role().status, 303);
  jar_["signet-sid"] = acting;
  EXPECT_EQ(arn(), "401");
}

TEST_F(SwitchRoleTest, WhateverIsWrongIsAnsweredAlike) {
  world_.write([](identity::Transaction& transaction) {
    identity::Role closed = identity::make_role("AROACLOSED", "closed");
    closed.trust_policy = identity::make_document(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"Service":"ec2.amazonaws.com"}}})");
    transaction.put(std::move(closed));
  });
  for (const Params& wrong : {role("closed"),
                              role("reader"),        // without its path
                              role("/team/reader"),  // the path twice begun
                              role("team/reader/"),
                              role("other/reader"),
                              role("team/nobody"),
                              role(""),
                              role("team/reader", identity::kOtherAccount),
                              role("team/reader", "999999999999"),
                              role("team/reader", ""),
                              role("team/reader", "no-such-alias"),
                              Params{}}) {
    const auto answer = switch_to(wrong);
    EXPECT_EQ(answer.status, 403) << wrong.size();
    EXPECT_TRUE(contains(answer, kRefusedText)) << answer.body;
    EXPECT_FALSE(contains(answer, "not authorized")) << "the reason stays here";
    EXPECT_EQ(outcome_in_record(), "Failure");
  }
  EXPECT_EQ(arn(), kUser);
}

TEST_F(SwitchRoleTest, ItIsAnAssumptionOfTheRole) {
  allow("s3:*");
  trust(R"({"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"}})");
  EXPECT_EQ(switch_to().status, 403) << "the account trusts whom its policies let";
  allow("sts:AssumeRole");
  EXPECT_EQ(switch_to().status, 303);
  ASSERT_EQ(exit_role().status, 303);

  trust(R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},)"
        R"("Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}})");
  EXPECT_EQ(switch_to().status, 403) << "signed in without MFA";
  trust(R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},)"
        R"("Condition":{"StringEquals":{"sts:RoleSessionName":"alice"}}})");
  EXPECT_EQ(switch_to().status, 303) << "the session is called as the user";
}

TEST_F(SwitchRoleTest, WhoSignedInWithACodeMeetsATrustThatAsksForOne) {
  give_device();
  jar_.clear();
  const auto asked = try_password(kPassword);
  ASSERT_EQ(answer_step("mfa", asked, {{"code", code()}}).status, 303);
  trust(R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},)"
        R"("Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}})");
  EXPECT_EQ(switch_to().status, 303);
}

TEST_F(SwitchRoleTest, NobodyIsSentToSignInAndSwitchesNothing) {
  jar_.clear();
  const auto page = send("GET", "/_console/switchrole?account=1&roleName=x");
  EXPECT_EQ(page.status, 303);
  EXPECT_EQ(page.headers.find("Location"),
            "/_console/signin?to=%2F_console%2Fswitchrole%3Faccount%3D1%26roleName%3Dx");
  for (const std::string_view path : {"/_console/switchrole", "/_console/exitrole"}) {
    const auto answer = send("POST", path, role());
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_TRUE(contains(answer, "You are not signed in"));
  }
}

TEST_F(SwitchRoleTest, OnlyAFormOfThisServerMaySwitch) {
  const std::vector<http::HeaderView> foreign[] = {{{"sec-fetch-site", "cross-site"}},
                                                   {{"sec-fetch-site", "same-site"}},
                                                   {{"sec-fetch-site", "none"}},
                                                   {{"origin", "http://evil.example"}},
                                                   {{"origin", "https://localhost:9311"}},
                                                   {{"origin", "null"}}};
  for (const auto& headers : foreign) {
    headers_ = headers;
    EXPECT_EQ(switch_to().status, 403) << headers.front().value;
    headers_.clear();
    EXPECT_EQ(arn(), kUser) << headers.front().value;
  }
  headers_ = {{"origin", "http://localhost:9311"}, {"sec-fetch-site", "same-origin"}};
  ASSERT_EQ(switch_to().status, 303);
  for (const auto& headers : foreign) {
    headers_ = headers;
    EXPECT_EQ(exit_role().status, 403) << headers.front().value;
    headers_.clear();
    EXPECT_EQ(arn(), kActing) << headers.front().value;
  }
}

TEST_F(SwitchRoleTest, TheRoleEndsAndThePersonGoesOn) {
  world_.change_role([](identity::Role& role) { role.max_session_seconds = 1800; });
  ASSERT_EQ(switch_to().status, 303);
  world_.clock.advance_seconds(1799);
  EXPECT_EQ(arn(), kActing);
  world_.clock.advance_seconds(1);
  EXPECT_EQ(arn(), kUser);

  world_.change_role([](identity::Role& role) { role.max_signin_seconds = 900; });
  ASSERT_EQ(switch_to().status, 303);
  world_.clock.advance_seconds(900);
  EXPECT_EQ(arn(), kUser) << "the shorter of the two";
}

TEST_F(SwitchRoleTest, ADeletedRoleIsActedAsByNobody) {
  ASSERT_EQ(switch_to().status, 303);
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>(std::string(AuthzFixture::kRoleId));
  });
  EXPECT_EQ(arn(), kUser);
  EXPECT_EQ(switch_to().status, 403);
}

TEST_F(SwitchRoleTest, WhatChangesMeanwhileCounts) {
  meanwhile_ = [this] {
    trust(R"({"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"*"}})");
  };
  EXPECT_EQ(switch_to().status, 403);
  EXPECT_EQ(arn(), kUser);

  trust(R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}})");
  meanwhile_ = [this] {
    world_.write([](identity::Transaction& transaction) {
      transaction.erase<identity::Role>(std::string(AuthzFixture::kRoleId));
    });
  };
  EXPECT_EQ(switch_to().status, 403);
  EXPECT_EQ(arn(), kUser);
}

TEST_F(SwitchRoleTest, ARoleActsAsTheUserForTheNextSwitch) {
  world_.write([](identity::Transaction& transaction) {
    identity::Role second = identity::make_role("AROASECOND", "second");
    second.trust_policy = identity::make_document(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/team/alice"}}})");
    transaction.put(std::move(second));
  });
  ASSERT_EQ(switch_to().status, 303);
  EXPECT_EQ(switch_to(role("second")).status, 303) << "decided for who signed in";
  EXPECT_TRUE(contains(front_page(), "assumed-role/second/alice"));
  ASSERT_EQ(exit_role().status, 303);
  EXPECT_EQ(arn(), kUser) << "not the first role";
}

TEST_F(SwitchRoleTest, NamesAreShownAndCutAndDecideNothing) {
  Params params = role();
  params.emplace_back("displayName", "<b>" + std::string(60, 'x') + "\xC3\xA9");
  params.emplace_back("color", "12ab\"9");
  ASSERT_EQ(switch_to(params).status, 303);
  const auto page = front_page();
  EXPECT_TRUE(contains(page, "&lt;b&gt;" + std::string(60, 'x') + "<")) << "63 bytes, no half sign";
  EXPECT_FALSE(contains(page, "<b>"));
  EXPECT_FALSE(contains(page, "12ab"));
  EXPECT_EQ(arn(), kActing);
}

TEST_F(SwitchRoleTest, TheRecordSaysWhoAndWhere) {
  ASSERT_EQ(switch_to().status, 303);
  EXPECT_EQ(record_.event, "SwitchRole");
  EXPECT_EQ(outcome_in_record(), "Success");
  EXPECT_EQ(recorded_arn_, kUser);
  const auto to = [this] {
    for (const auto& [name, value] : record_.additional) {
      if (name == "SwitchTo") {
        return value;
      }
    }
    return std::string();
  };
  EXPECT_EQ(to(), "arn:aws:iam::111122223333:role/team/reader");
  EXPECT_EQ(switch_to(role("nobody")).status, 403);
  EXPECT_EQ(to(), "111122223333:nobody");
  EXPECT_EQ(recorded_arn_, kUser) << "who signed in, not the role";
}

TEST_F(SwitchRoleTest, TheLastFiveRolesAreOfferedToTheirUserAlone) {
  for (int i = 0; i < 6; ++i) {
    const std::string name = concat("role", std::to_string(i));
    world_.write([&](identity::Transaction& transaction) {
      transaction.put(identity::make_role(concat("AROA", name), name));
    });
    ASSERT_EQ(switch_to(role(name)).status, 303);
  }
  ASSERT_EQ(switch_to(role("role2")).status, 303);
  const auto page = send("GET", "/_console/switchrole");
  const auto place = [&page](std::string_view name) {
    return page.body.find(concat("value=\"", name, "\""));
  };
  EXPECT_EQ(place("role0"), std::string::npos);
  for (const auto& [before, after] : {std::pair("role2", "role5"),
                                      std::pair("role5", "role4"),
                                      std::pair("role4", "role3"),
                                      std::pair("role3", "role1")}) {
    ASSERT_NE(place(after), std::string::npos) << after;
    EXPECT_LT(place(before), place(after)) << before;
  }

  const std::string kept = jar_["signet-roles"];
  char& changed = jar_["signet-roles"][kept.size() / 2];
  changed = changed == 'A' ? 'B' : 'A';
  EXPECT_FALSE(contains(send("GET", "/_console/switchrole"), "role5")) << "changed";
  jar_["signet-roles"] = kept;
  ASSERT_TRUE(contains(send("GET", "/_console/switchrole"), "role5"));

  world_.write([this](identity::Transaction& transaction) {
    identity::User bob = identity::make_user("AIDABOB", "bob");
    bob.login = identity::LoginProfile{.password_hash = hash_};
    transaction.put(std::move(bob));
  });
  ASSERT_EQ(try_password(kPassword, identity::kAccount, "bob").status, 303);
  EXPECT_FALSE(contains(send("GET", "/_console/switchrole"), "role5")) << "another's";
}

}  // namespace
}  // namespace signet::signin
