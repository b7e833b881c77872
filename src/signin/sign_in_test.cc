#include "signin/sign_in.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

TEST_F(SignInTest, APasswordOpensTheConsole) {
  const auto answer = try_password(kPassword);
  EXPECT_EQ(answer.status, 303) << answer.body;
  EXPECT_EQ(answer.headers.find("Location"), "/_console/");
  EXPECT_EQ(answer.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(outcome_in_record(), "Success");
  EXPECT_EQ(recorded_arn_, "arn:aws:iam::111122223333:user/team/alice");
  const auto page = front_page();
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "arn:aws:iam::111122223333:user/team/alice"));
  EXPECT_TRUE(contains(page, "12 h 0 min"));
}

TEST_F(SignInTest, AnAliasIsAnAccountToo) {
  change_account([](identity::Account& account) { account.alias = "team"; });
  EXPECT_EQ(try_password(kPassword, "team").status, 303);
}

TEST_F(SignInTest, WhateverIsWrongIsAnsweredAlike) {
  struct Case {
    std::string_view account, user, password;
  };

  std::string expected;
  for (const Case& one : {Case{identity::kAccount, "alice", "wrong"},
                          Case{identity::kAccount, "nobody", kPassword},
                          Case{"999999999999", "alice", kPassword},
                          Case{identity::kOtherAccount, "alice", kPassword},
                          Case{"no-alias", "alice", kPassword}}) {
    const auto answer = try_password(one.password, one.account, one.user);
    EXPECT_EQ(answer.status, 401);
    EXPECT_TRUE(contains(answer, kWrongSignIn));
    EXPECT_FALSE(contains(answer, one.password));
    EXPECT_EQ(outcome_in_record(), "Failure");
    EXPECT_FALSE(is_signed_in());
  }
}

TEST_F(SignInTest, AFailureNamesTheUserInTheRecordIfThereIsOne) {
  static_cast<void>(try_password("wrong"));
  EXPECT_EQ(recorded_arn_, "arn:aws:iam::111122223333:user/team/alice");
  static_cast<void>(try_password("wrong", identity::kAccount, "nobody"));
  EXPECT_EQ(recorded_arn_, "");
}

TEST_F(SignInTest, AUserWithoutAPasswordCannotSignIn) {
  world_.change_user([](identity::User& user) { user.login.reset(); });
  EXPECT_EQ(try_password(kPassword).status, 401);
}

TEST_F(SignInTest, EveryFieldIsNeeded) {
  EXPECT_EQ(try_password("").status, 400);
  EXPECT_EQ(try_password(kPassword, "").status, 400);
  EXPECT_EQ(try_password(kPassword, identity::kAccount, "").status, 400);
}

TEST_F(SignInTest, GuessesAreSlowedDownTheRightOneToo) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(try_password("guess").status, 401);
  }
  const auto blocked = try_password(kPassword);
  EXPECT_EQ(blocked.status, 429);
  EXPECT_TRUE(contains(blocked, "Try again in 1 seconds"));
  EXPECT_EQ(outcome_in_record(), "Failure");
  world_.clock.advance_seconds(1);
  EXPECT_EQ(try_password(kPassword).status, 303) << "nobody is locked out for good";
  EXPECT_EQ(try_password("guess").status, 401) << "and a success forgets";
}

TEST_F(SignInTest, WhoSignedInWithThisBrowserBeforeDoesNotWaitForGuessesOfOthers) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const auto mine = std::exchange(jar_, {});
  address_ = "10.6.6.6";
  for (int i = 0; i < 6; ++i) {
    static_cast<void>(try_password("guess"));
  }
  EXPECT_EQ(try_password(kPassword).status, 429);
  address_ = "10.0.0.1";
  jar_ = {{"signet-known", mine.at("signet-known")}};
  EXPECT_EQ(try_password(kPassword).status, 303);
  jar_ = {{"signet-known", mine.at("signet-known").substr(1)}};
  EXPECT_EQ(try_password("guess").status, 429) << "what is not ours is no excuse";
}

TEST_F(SignInTest, AnAliasGivesNoMoreGuesses) {
  change_account([](identity::Account& account) { account.alias = "team"; });
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(try_password("guess", i % 2 == 0 ? "team" : identity::kAccount).status, 401);
  }
  EXPECT_EQ(try_password("guess", "team").status, 429);
}

TEST_F(SignInTest, LongNamesAreAnsweredAsAnyOther) {
  EXPECT_EQ(try_password(kPassword, std::string(321, 'a')).status, 401);
  EXPECT_EQ(try_password(kPassword, identity::kAccount, std::string(65, 'a')).status, 401);
  EXPECT_EQ(try_password(std::string(600, 'a')).status, 401);
}

TEST_F(SignInTest, NamesThatNobodyHasAreSlowedDownAlike) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(try_password("guess", identity::kAccount, "nobody").status, 401);
  }
  EXPECT_EQ(try_password("guess", identity::kAccount, "NOBODY").status, 429);
}

TEST_F(SignInTest, AFormWorksInTheBrowserThatItWasGivenTo) {
  const std::string step = step_of(form());
  jar_.clear();
  static_cast<void>(form());  // another browser with a cookie of its own
  const auto answer = post(step);
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(contains(answer, kOldFormText));
  EXPECT_FALSE(is_signed_in());
}

TEST_F(SignInTest, AFormWithoutItsCookieOrTooOldIsShownAgain) {
  const std::string step = step_of(form());
  const auto kept = std::exchange(jar_, {});
  EXPECT_EQ(post(step).status, 400);
  jar_ = kept;
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post(step.substr(1)).status, 400);
  world_.clock.advance_seconds(3600);
  const auto late = post(step);
  EXPECT_EQ(late.status, 400);
  EXPECT_EQ(post(step_of(late)).status, 303) << "the page has a form that works";
}

TEST_F(SignInTest, AnotherSitesFormIsRefused) {
  const std::string step = step_of(form());
  for (const auto& [name, value] : Params{{"sec-fetch-site", "cross-site"},
                                          {"sec-fetch-site", "same-site"},
                                          {"origin", "https://evil.example"},
                                          {"origin", "null"}}) {
    headers_ = {{name, value}};
    const auto answer = post(step);
    EXPECT_EQ(answer.status, 403) << name << value;
    EXPECT_FALSE(answer.headers.find("Set-Cookie"));
  }
}

TEST_F(SignInTest, CookiesAreNotForScriptsNorForOtherSites) {
  const auto page = form();
  const std::string plain(page.headers.find("Set-Cookie").value_or(""));
  EXPECT_TRUE(plain.starts_with("signet-form=")) << plain;
  EXPECT_TRUE(plain.ends_with("; Path=/; HttpOnly; SameSite=Strict")) << plain;
  EXPECT_FALSE(form().headers.find("Set-Cookie")) << "a browser that has one keeps it";
  jar_.clear();
  is_tls_ = true;
  const auto secure = form();
  const std::string over_tls(secure.headers.find("Set-Cookie").value_or(""));
  EXPECT_TRUE(over_tls.starts_with("__Host-signet-form=")) << over_tls;
  EXPECT_TRUE(over_tls.ends_with("; Secure")) << over_tls;
  const auto signed_in = post(step_of(secure));
  const std::string session(signed_in.headers.find("Set-Cookie").value_or(""));
  EXPECT_TRUE(session.starts_with("__Host-signet-sid=")) << session;
  EXPECT_TRUE(session.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure")) << session;
}

TEST_F(SignInTest, WhatALinkNamesStandsEscapedInTheForm) {
  const auto page = form({{"account", "\"><script>"}, {"user", "a&b"}});
  EXPECT_TRUE(contains(page, R"(value="&quot;&gt;&lt;script&gt;")"));
  EXPECT_FALSE(contains(page, "<script>"));
}

TEST_F(SignInTest, ADestinationIsAPageOfThisConsole) {
  const auto go = [this](std::string_view to) {
    jar_.clear();
    const std::string step = step_of(form({{"to", std::string(to)}}));
    const auto answer = post(step);
    return std::string(answer.headers.find("Location").value_or(""));
  };
  EXPECT_EQ(go("/_console/users"), "/_console/users");
  EXPECT_EQ(go("https://evil.example/"), "/_console/");
  EXPECT_EQ(go("//evil.example/_console/"), "/_console/");
  EXPECT_EQ(go("/bucket/page.html"), "/_console/");
}

TEST_F(SignInTest, ANewSessionTakesTheOldOnesPlace) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const std::string first = jar_["signet-sid"];
  ASSERT_EQ(try_password(kPassword).status, 303);
  EXPECT_NE(jar_["signet-sid"], first);
  jar_["signet-sid"] = first;
  EXPECT_FALSE(is_signed_in());
}

TEST_F(SignInTest, ASessionEndsWithThePasswordAndWithTheUser) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(1);
  EXPECT_TRUE(is_signed_in());
  set_password();
  EXPECT_FALSE(is_signed_in()) << "another password";

  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.change_user([](identity::User& user) { user.login.reset(); });
  EXPECT_FALSE(is_signed_in()) << "none";

  set_password();
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(1);
  world_.change_user(
      [this](identity::User& user) { user.sessions_valid_after = world_.clock.now(); });
  EXPECT_FALSE(is_signed_in()) << "revoked";
}

TEST_F(SignInTest, ASessionLastsAsLongAsTheLoginProfileSays) {
  service_.emplace(world_.rings, TicketLimits{.idle_seconds = 13 * 3600});
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(12 * 3600 - 1);
  EXPECT_TRUE(is_signed_in());
  world_.clock.advance_seconds(1);
  EXPECT_FALSE(is_signed_in());

  world_.change_user([](identity::User& user) { user.login->max_signin_seconds = 3600; });
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(3600);
  EXPECT_FALSE(is_signed_in());

  world_.change_user([](identity::User& user) { user.login->max_signin_seconds = 7'776'000; });
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(80L * 24 * 3600);
  EXPECT_TRUE(is_signed_in()) << "also when the sealing keys of that time are gone";
}

TEST_F(SignInTest, APasswordThatIsChangedMeanwhileIsNoLongerRight) {
  const std::string step = step_of(form());
  meanwhile_ = [this] {
    world_.clock.advance_seconds(1);
    hash_ = crypto::hash_password("Another-1-word", world_.random, {.memory_kib = 64, .passes = 1})
                .value();
    set_password();
  };
  const auto answer = post(step);
  EXPECT_EQ(answer.status, 401);
}

TEST_F(SignInTest, ACheapHashIsMadeAgainAtASignIn) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const auto snapshot = world_.snapshot();
  const identity::User* user = snapshot->find<identity::User>(authz::AuthzFixture::kUserId);
  EXPECT_FALSE(crypto::needs_rehash(user->login->password_hash));
  EXPECT_TRUE(crypto::verify_password(user->login->password_hash, kPassword));
  EXPECT_TRUE(is_signed_in());
}

TEST_F(SignInTest, ASessionThatIsNotUsedForAnHourEnds) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(3599);
  EXPECT_TRUE(is_signed_in());
  world_.clock.advance_seconds(1);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(SignInTest, TwoCookiesOfOneNameAreNone) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const std::string own = concat("signet-sid=", jar_.at("signet-sid"));
  for (const std::string& more : {own, std::string("signet-sid=x"), std::string("signet-sid=")}) {
    headers_ = {{"cookie", more}};
    EXPECT_FALSE(is_signed_in()) << more;
  }
  headers_ = {{"cookie", "signet-sidx=1"}};
  EXPECT_TRUE(is_signed_in());
}

// The last use of a password

TEST_F(SignInTest, ThePasswordsLastUseIsThatOfASignInAlone) {
  const auto last_use = [this]() -> std::optional<Instant> {
    const auto snapshot = world_.snapshot();
    const auto* used = snapshot->find<identity::LastUsed>(authz::AuthzFixture::kUserId);
    return used != nullptr ? std::optional(used->at) : std::nullopt;
  };
  static_cast<void>(try_password("wrong"));
  EXPECT_FALSE(last_use());
  give_device();
  const auto asked = try_password(kPassword);
  EXPECT_FALSE(last_use()) << "the code is still to come";
  const Instant first = world_.clock.now();
  ASSERT_EQ(answer_step("mfa", asked, {{"code", code()}}).status, 303);
  EXPECT_EQ(last_use(), first);

  world_.clock.advance_seconds(240);
  ASSERT_EQ(answer_step("mfa", try_password(kPassword), {{"code", code()}}).status, 303);
  EXPECT_EQ(last_use(), first) << "of several in five minutes the first is told";
  world_.clock.advance_seconds(60);
  ASSERT_EQ(answer_step("mfa", try_password(kPassword), {{"code", code()}}).status, 303);
  EXPECT_EQ(last_use(), first.plus_seconds(300));
}

// MFA

TEST_F(SignInTest, WhoHasADeviceNeedsItsCode) {
  give_device();
  const auto asked = try_password(kPassword);
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "Code of your authenticator"));
  EXPECT_EQ(record_.event, "CheckMfa") << "nobody is signed in yet";
  EXPECT_EQ(outcome_in_record(), "Success");
  EXPECT_EQ(record_.additional, (Params{{"MfaType", "Virtual MFA"}}));
  EXPECT_FALSE(is_signed_in());
  const auto answer = answer_step("mfa", asked, {{"code", code()}});
  EXPECT_EQ(answer.status, 303) << answer.body;
  EXPECT_EQ(outcome_in_record(), "Success");
  EXPECT_TRUE(is_signed_in());
}

TEST_F(SignInTest, ACodeMayHaveItsBlank) {
  give_device();
  const auto asked = try_password(kPassword);
  const std::string digits = code();
  EXPECT_EQ(
      answer_step("mfa", asked, {{"code", concat(digits.substr(0, 3), " ", digits.substr(3))}})
          .status,
      303);
}

TEST_F(SignInTest, AWrongCodeSignsNobodyIn) {
  give_device();
  const auto asked = try_password(kPassword);
  for (const std::string_view wrong : {"000000", "12345", "", "abcdef"}) {
    const auto answer = answer_step("mfa", asked, {{"code", std::string(wrong)}});
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_TRUE(contains(answer, "That code is not right"));
    EXPECT_EQ(outcome_in_record(), "Failure");
    EXPECT_FALSE(is_signed_in());
  }
}

TEST_F(SignInTest, ACodeWorksOnceAndGuessesAreSlowedDown) {
  give_device();
  const auto asked = try_password(kPassword);
  const std::string right = code();
  ASSERT_EQ(answer_step("mfa", asked, {{"code", right}}).status, 303);
  jar_.erase("signet-sid");
  EXPECT_EQ(answer_step("mfa", try_password(kPassword), {{"code", right}}).status, 401);
  world_.mfa.reset();  // a restart: what is stored counts
  const auto again = try_password(kPassword);
  EXPECT_EQ(answer_step("mfa", again, {{"code", right}}).status, 401);
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(answer_step("mfa", again, {{"code", "000000"}}));
  }
  world_.clock.advance_seconds(60);
  const auto blocked = answer_step("mfa", again, {{"code", code()}});
  EXPECT_EQ(blocked.status, 401);
  EXPECT_TRUE(contains(blocked, "Too many wrong codes"));
}

TEST_F(SignInTest, TheCodesPageIsNoUseWithoutThePassword) {
  give_device();
  const std::string form_step = step_of(form());
  EXPECT_EQ(send("POST", "/_console/signin/mfa", {{"step", form_step}, {"code", code()}}).status,
            400);
  const auto asked = try_password(kPassword);
  world_.clock.advance_seconds(1);
  set_password();
  EXPECT_EQ(answer_step("mfa", asked, {{"code", code()}}).status, 400)
      << "it was changed meanwhile";
  const auto again = try_password(kPassword);
  world_.clock.advance_seconds(600);
  EXPECT_EQ(answer_step("mfa", again, {{"code", code()}}).status, 400) << "too late";
  EXPECT_FALSE(is_signed_in());
}

TEST_F(SignInTest, ADeviceThatIsTakenAwayMeanwhileOpensNothing) {
  give_device();
  const auto asked = try_password(kPassword);
  meanwhile_ = [this] {
    world_.write([this](identity::Transaction& transaction) {
      identity::MfaDevice device = identity::make_device("phone");
      device.seed = seed_;
      device.is_assigned = false;
      transaction.put(std::move(device));
    });
  };
  EXPECT_EQ(answer_step("mfa", asked, {{"code", code()}}).status, 401);
  EXPECT_FALSE(is_signed_in());
}

// A new password

TEST_F(SignInTest, APasswordThatHasToBeChangedOpensNothingBefore) {
  set_password(true);
  allow("iam:ChangePassword");
  const auto asked = try_password(kPassword);
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "Choose a new password"));
  EXPECT_FALSE(is_signed_in());

  EXPECT_TRUE(contains(change(asked, "short"), "minimum length of 8"));
  EXPECT_TRUE(contains(change(asked, kPassword), "must be another"));
  EXPECT_TRUE(contains(change(asked, std::string(129, 'A')), "at most 128 characters"));
  EXPECT_TRUE(contains(change(asked, "Abc123\xE6\x97\xA5"), "Western European"));
  const auto typo =
      answer_step("password", asked, {{"new", "Brand-new-1"}, {"again", "Brand-new-2"}});
  EXPECT_TRUE(contains(typo, "the same new password twice"));
  EXPECT_FALSE(is_signed_in());

  world_.clock.advance_seconds(1);
  const auto done = change(asked, "Brand-new-1");
  EXPECT_EQ(done.status, 303) << done.body;
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(change(asked, "Brand-new-2").status, 400) << "the step is used up";
  EXPECT_EQ(try_password(kPassword).status, 401);
  EXPECT_EQ(try_password("Brand-new-1").status, 303);
}

TEST_F(SignInTest, WhoMayNotChangeThePasswordIsTold) {
  set_password(true);
  const auto refused = change(try_password(kPassword), "Brand-new-1");
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused, "iam:ChangePassword"));
  EXPECT_FALSE(is_signed_in());
  change_account([](identity::Account& account) {
    account.password_policy = identity::PasswordPolicy{.allows_users_to_change = true};
  });
  EXPECT_EQ(change(try_password(kPassword), "Brand-new-1").status, 303);
}

TEST_F(SignInTest, AnExpiredPasswordIsChangedUnlessThePolicySaysHard) {
  allow("iam:ChangePassword");
  change_account([](identity::Account& account) {
    account.password_policy = identity::PasswordPolicy{.max_age_days = 1};
  });
  EXPECT_EQ(try_password(kPassword).status, 303);
  world_.clock.advance_seconds(24 * 3600);
  EXPECT_TRUE(contains(try_password(kPassword), "Choose a new password"));
  change_account([](identity::Account& account) { account.password_policy->hard_expiry = true; });
  const auto refused = try_password(kPassword);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused, "Ask an administrator"));
}

TEST_F(SignInTest, TheCodeComesBeforeTheNewPassword) {
  set_password(true);
  allow("iam:ChangePassword");
  give_device();
  const auto asked = try_password(kPassword);
  EXPECT_TRUE(contains(asked, "Code of your authenticator"));
  EXPECT_EQ(change(asked, "Brand-new-1").status, 400);
  const auto next = answer_step("mfa", asked, {{"code", code()}});
  EXPECT_TRUE(contains(next, "Choose a new password")) << next.body;
  EXPECT_EQ(change(next, "Brand-new-1").status, 303);
}

// Root

TEST_F(SignInTest, RootSignsInByAddressOrAccount) {
  change_account([this](identity::Account& account) {
    account.email = "root@example.com";
    account.root_login = identity::LoginProfile{.password_hash = hash_};
  });
  const auto sign_in = [this](std::string_view account) {
    jar_.clear();
    return send("POST",
                "/_console/signin",
                {{"step", step_of(form())},
                 {"root", "yes"},
                 {"account", std::string(account)},
                 {"password", std::string(kPassword)}});
  };
  EXPECT_EQ(sign_in("Root@Example.com").status, 303);
  EXPECT_TRUE(contains(front_page(), "arn:aws:iam::111122223333:root"));
  EXPECT_EQ(sign_in(identity::kAccount).status, 303);
  EXPECT_EQ(sign_in(identity::kOtherAccount).status, 401);
  EXPECT_EQ(sign_in("").status, 400);
  world_.write([](identity::Transaction& transaction) {
    identity::Account other = *transaction.view().find<identity::Account>(identity::kOtherAccount);
    other.email = "root@example.com";
    transaction.put(std::move(other));
  });
  EXPECT_EQ(sign_in("root@example.com").status, 401) << "two accounts have that address";
}

TEST_F(SignInTest, RootSwitchesNoRole) {
  sign_in_as_root();
  for (const std::string_view method : {"GET", "POST"}) {
    const auto answer =
        send(method,
             "/_console/switchrole",
             {{"account", std::string(identity::kAccount)}, {"roleName", "reader"}});
    EXPECT_EQ(answer.status, 403) << method;
    EXPECT_TRUE(contains(answer, "as the AWS account root user")) << answer.body;
  }
  EXPECT_FALSE(contains(front_page(), "Switch role"));
}

TEST_F(SignInTest, AUsersPasswordIsNotRoots) {
  const auto answer = send("POST",
                           "/_console/signin",
                           {{"step", step_of(form())},
                            {"root", "yes"},
                            {"account", std::string(identity::kAccount)},
                            {"password", std::string(kPassword)}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_TRUE(contains(answer, "Sign in as root user"));
}

TEST_F(SignInTest, SessionsOfAUserAreBounded) {
  service_.emplace(world_.rings, TicketLimits{.per_session = 2, .per_account = 100});
  std::vector<std::string> sessions;
  for (int i = 0; i < 3; ++i) {
    jar_.erase("signet-sid");
    EXPECT_EQ(try_password(kPassword).status, 303) << "nobody is kept out by sessions of their own";
    sessions.push_back(jar_["signet-sid"]);
    world_.clock.advance_seconds(1);
  }
  for (const auto& [session, is_there] : {std::pair(sessions[0], false),
                                          std::pair(sessions[1], true),
                                          std::pair(sessions[2], true)}) {
    jar_["signet-sid"] = session;
    EXPECT_EQ(is_signed_in(), is_there) << "the oldest one ends";
  }
}

}  // namespace
}  // namespace signet::signin
