#include "signin/service.h"

#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "api/pages_for_test.h"
#include "base/strings.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;
using model::Session;
using model::SessionKind;
using Params = std::vector<std::pair<std::string, std::string>>;
using Headers = std::vector<http::HeaderView>;

constexpr std::string_view kSecret = "secret-of-the-session";
constexpr std::string_view kConsole = "https://console.aws.amazon.com/";

class SigninTest : public testing::Test {
 protected:
  http::Response send(std::string_view method,
                      std::string_view path,
                      Params params,
                      Headers headers = {},
                      bool is_tls = false) {
    if (!cookie_.empty()) {
      headers.push_back({"cookie", cookie_});
    }
    const http::RequestHead head{.method = method,
                                 .target = path,
                                 .host = "localhost:9311",
                                 .headers = headers,
                                 .tls = is_tls};
    const api::WebRequest request{
        .method = method, .path = std::string(path), .params = std::move(params), .head = &head};
    const authz::RequestInfo info = world_.request_now();
    api::PageCall call(
        {.directory = world_.directory(), .authorizer = world_.authorizer, .deps = world_.deps},
        *service_,
        request,
        info,
        std::exchange(meanwhile_, nullptr));
    http::Response response = call.answer();
    record_ = call.web_record();
    keep_cookie(response);
    return response;
  }

  // As a browser: the value of Set-Cookie comes back with later requests.
  void keep_cookie(const http::Response& response) {
    if (const auto set = response.headers.find("Set-Cookie"); set) {
      const std::string_view pair = set->substr(0, set->find(';'));
      cookie_ = pair.ends_with('=') ? "" : std::string(pair);
    }
  }

  Session role_session() {
    Session session = AuthzFixture::session(SessionKind::AssumedRole);
    session.principal_id = AuthzFixture::kRoleId;
    session.issued = world_.clock.now();
    return session;
  }

  std::string seal(const Session& session) {
    return token::seal_session(world_.rings.current(),
                               session,
                               Secret(std::string(kSecret)),
                               world_.clock.now(),
                               world_.random)
        .value_or("");
  }

  static std::string session_json(std::string_view id,
                                  std::string_view key,
                                  std::string_view token) {
    return concat(
        R"({"sessionId":")", id, R"(","sessionKey":")", key, R"(","sessionToken":")", token, "\"}");
  }

  http::Response get_token(const std::string& session, std::string_view seconds = {}) {
    Params params{{"Action", "getSigninToken"}, {"Session", session}};
    if (!seconds.empty()) {
      params.emplace_back("SessionDuration", seconds);
    }
    return send("GET", "/federation", std::move(params));
  }

  http::Response get_token(const Session& session, std::string_view seconds = {}) {
    return get_token(session_json(session.access_key_id, kSecret, seal(session)), seconds);
  }

  // The sign-in token of an answer that must be one.
  static std::string token_of(const http::Response& response) {
    constexpr std::string_view kStart = R"({"SigninToken":")";
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(response.body.starts_with(kStart)) << response.body;
    return response.status == 200
               ? response.body.substr(kStart.size(), response.body.size() - kStart.size() - 2)
               : "";
  }

  static Params login(const std::string& token, std::string_view destination = kConsole) {
    return {{"Action", "login"},
            {"Issuer", "https://issuer.example/"},
            {"Destination", std::string(destination)},
            {"SigninToken", token}};
  }

  http::Response open(const std::string& token, Headers headers = {}) {
    return send("GET", "/federation", login(token), std::move(headers));
  }

  http::Response front_page() { return send("GET", "/_console/", {}); }

  static bool contains(const http::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
  }

  api::ApiFixture world_;
  // What happens after the next request was decided on and before it is carried out.
  std::function<void()> meanwhile_;
  api::WebRecord record_;  // of the last request
  std::optional<SigninService> service_ = std::optional<SigninService>(std::in_place, world_.rings);
  std::string cookie_;
};

TEST_F(SigninTest, ARoleSessionOpensTheConsoleOnce) {
  const std::string token = token_of(get_token(role_session()));
  const auto first = open(token);
  ASSERT_EQ(first.status, 302);
  EXPECT_EQ(first.headers.find("Location"), "/_console/");
  EXPECT_EQ(first.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(first.headers.find("Referrer-Policy"), "no-referrer");
  EXPECT_TRUE(contains(front_page(), "arn:aws:sts::111122223333:assumed-role/reader/work"));

  const auto second = open(token);
  EXPECT_EQ(second.status, 400);
  EXPECT_FALSE(second.headers.find("Set-Cookie"));
  EXPECT_TRUE(contains(second, "https://issuer.example/"));
}

TEST_F(SigninTest, TheCookieIsForPagesOnly) {
  const auto plain = open(token_of(get_token(role_session())));
  const std::string set(plain.headers.find("Set-Cookie").value_or(""));
  EXPECT_TRUE(set.starts_with("signet-sid="));
  EXPECT_TRUE(set.ends_with("; Path=/; HttpOnly; SameSite=Lax"));

  cookie_.clear();
  const auto secure =
      send("GET", "/federation", login(token_of(get_token(role_session()))), {}, true);
  const std::string over_tls(secure.headers.find("Set-Cookie").value_or(""));
  EXPECT_TRUE(over_tls.starts_with("__Host-signet-sid="));
  EXPECT_TRUE(over_tls.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
  EXPECT_EQ(front_page().status, 401) << "a cookie of TLS is not looked at without";
}

TEST_F(SigninTest, ATokenLastsFifteenMinutes) {
  const std::string in_time = token_of(get_token(role_session()));
  world_.clock.advance_seconds(15 * 60 - 1);
  EXPECT_EQ(open(in_time).status, 302);
  const std::string late = token_of(get_token(role_session()));
  world_.clock.advance_seconds(15 * 60);
  EXPECT_EQ(open(late).status, 400);
}

TEST_F(SigninTest, CredentialsHaveSoManyTicketsAtATimeAndOthersTheirOwn) {
  service_.emplace(world_.rings, TicketLimits{.per_session = 2, .per_account = 3});
  const Session session = role_session();
  const std::string first = token_of(get_token(session));
  ASSERT_EQ(get_token(session).status, 200);

  EXPECT_EQ(get_token(session).status, 429);
  Session other = role_session();
  other.access_key_id = "ASIAOTHERSESSION0001";
  EXPECT_EQ(get_token(other).status, 200);
  EXPECT_EQ(get_token(other).status, 429) << "the account has its three";

  // A login trades one ticket for another.
  EXPECT_EQ(open(first).status, 302);
  EXPECT_EQ(get_token(session).status, 429);
  // Signing out gives a place back.
  EXPECT_EQ(send("GET", "/federation", {{"Action", "logout"}}).status, 200);
  EXPECT_EQ(get_token(session).status, 200);
}

TEST_F(SigninTest, WhatIsNoTokenOpensNothing) {
  for (const std::string& token :
       {std::string(), std::string("x"), std::string(43, 'A'), std::string(4000, 'A')}) {
    EXPECT_EQ(open(token).status, 400);
  }
  std::string changed = token_of(get_token(role_session()));
  changed[5] = changed[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(open(changed).status, 400);
}

TEST_F(SigninTest, WhatABrowserFetchesWithoutShowingItDoesNotSpendTheToken) {
  const std::string token = token_of(get_token(role_session()));
  EXPECT_EQ(open(token, {{"sec-purpose", "prefetch"}, {"sec-fetch-mode", "navigate"}}).status, 400);
  EXPECT_EQ(open(token, {{"sec-purpose", "prefetch;prerender"}}).status, 400);
  EXPECT_EQ(open(token, {{"purpose", "prefetch"}}).status, 400);
  EXPECT_EQ(open(token, {{"x-moz", "prefetch"}}).status, 400);
  EXPECT_EQ(open(token, {{"x-purpose", "preview"}}).status, 400);
  for (const char* mode : {"no-cors", "cors", "same-origin", "websocket"}) {
    for (const char* site : {"none", "same-origin", "cross-site"}) {
      EXPECT_EQ(open(token, {{"sec-fetch-mode", mode}, {"sec-fetch-site", site}}).status, 400);
    }
  }
  EXPECT_EQ(open(token, {{"sec-fetch-mode", "navigate"}, {"sec-fetch-site", "cross-site"}}).status,
            302);
}

TEST_F(SigninTest, AProgramThatSendsTheModeAloneIsSignedIn) {
  for (const char* mode : {"cors", "no-cors", "navigate"}) {
    const std::string token = token_of(get_token(role_session()));
    const auto opened = open(token, {{"sec-fetch-mode", mode}});
    EXPECT_EQ(opened.status, 302) << mode;
    EXPECT_TRUE(opened.headers.find("Set-Cookie")) << mode;
  }
}

TEST_F(SigninTest, HeadTellsWhereTheLinkLeadsAndDoesNotSpendTheToken) {
  const std::string token = token_of(get_token(role_session()));

  const auto looked = send("HEAD", "/federation", login(token));

  EXPECT_EQ(looked.status, 302);
  EXPECT_EQ(looked.headers.find("Location"), "/_console/");
  EXPECT_FALSE(looked.headers.find("Set-Cookie"));
  EXPECT_EQ(send("HEAD", "/federation", login("wrong")).status, 400);
  EXPECT_EQ(open(token).status, 302);
}

TEST_F(SigninTest, AForeignDestinationDoesNotSpendTheToken) {
  const std::string token = token_of(get_token(role_session()));
  const auto refused = send("GET", "/federation", login(token, "https://evil.example/"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_FALSE(refused.headers.find("Location"));
  EXPECT_EQ(send("GET", "/federation", login(token, "/_console/iam")).headers.find("Location"),
            "/_console/iam");
}

TEST_F(SigninTest, TheSessionEndsWithTheCredentialsUnlessALengthWasGiven) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  world_.clock.advance_seconds(3599);
  EXPECT_EQ(front_page().status, 200);
  world_.clock.advance_seconds(1);
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, SessionDurationOutlivesTheCredentialsAndCountsFromLogin) {
  service_.emplace(world_.rings, TicketLimits{.idle_seconds = 13 * 3600});
  const std::string token = token_of(get_token(role_session(), "43200"));
  world_.clock.advance_seconds(600);
  ASSERT_EQ(open(token).status, 302);
  world_.clock.advance_seconds(43'199);
  EXPECT_EQ(front_page().status, 200);
  world_.clock.advance_seconds(1);
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, TheRolesLongestSignInBoundsTheSession) {
  world_.change_role([](identity::Role& role) { role.max_signin_seconds = 3600; });
  ASSERT_EQ(open(token_of(get_token(role_session(), "43200"))).status, 302);
  world_.clock.advance_seconds(3599);
  EXPECT_EQ(front_page().status, 200);
  world_.clock.advance_seconds(1);
  EXPECT_EQ(front_page().status, 401);

  // It does not make a session longer than it would be.
  world_.change_role([](identity::Role& role) { role.max_signin_seconds = 7'776'000; });
  Session later = role_session();
  later.expires = world_.clock.now().plus_seconds(3600);
  ASSERT_EQ(open(token_of(get_token(later, "900"))).status, 302);
  world_.clock.advance_seconds(900);
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, ALinkWhoseCredentialsExpiredBeforeItWasOpenedSaysSo) {
  Session session = role_session();
  session.expires = world_.clock.now().plus_seconds(60);
  const std::string token = token_of(get_token(session));
  const std::string with_length = token_of(get_token(session, "900"));
  world_.clock.advance_seconds(60);
  const auto late = open(token);
  EXPECT_EQ(late.status, 400);
  EXPECT_FALSE(late.headers.find("Set-Cookie"));
  EXPECT_EQ(open(with_length).status, 302);
}

TEST_F(SigninTest, SessionDurationMustBeInRange) {
  for (const char* seconds : {"900", "43200"}) {
    EXPECT_EQ(get_token(role_session(), seconds).status, 200) << seconds;
  }
  for (const char* seconds :
       {"899", "43201", "0", "-900", "3600.5", "one hour", "99999999999999"}) {
    EXPECT_EQ(get_token(role_session(), seconds).status, 400) << seconds;
  }
}

TEST_F(SigninTest, SessionDurationIsNotForChainedOrFederatedCredentials) {
  Session chained = role_session();
  chained.is_chained = true;
  EXPECT_EQ(get_token(chained, "3600").status, 400);
  EXPECT_EQ(get_token(chained).status, 200);

  Session federated = AuthzFixture::session(SessionKind::FederatedUser);
  federated.principal_id = AuthzFixture::kUserId;
  EXPECT_EQ(get_token(federated, "3600").status, 400);
  EXPECT_EQ(open(token_of(get_token(federated))).status, 302);
  EXPECT_TRUE(contains(front_page(), "arn:aws:sts::111122223333:federated-user/work"));
}

TEST_F(SigninTest, CredentialsOfUsersOpenNothing) {
  Session session = AuthzFixture::session(SessionKind::SessionToken);
  session.principal_id = AuthzFixture::kUserId;
  EXPECT_EQ(get_token(session).status, 400);
  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::make_key("AKIAALICE00000000001", "AIDAALICE"));
  });
  const std::string secret = "secret-of-AKIAALICE00000000001";
  EXPECT_EQ(get_token(session_json("AKIAALICE00000000001", secret, "")).status, 400);
  EXPECT_EQ(get_token(session_json("AKIAALICE00000000001", secret, "x")).status, 400);
}

TEST_F(SigninTest, CredentialsMustBelongTogetherAndBeValidNow) {
  const Session session = role_session();
  const std::string token = seal(session);
  const std::string& id = session.access_key_id;
  for (const std::string& text : {session_json(id, "another secret", token),
                                  session_json("ASIAANOTHER", kSecret, token),
                                  session_json(id, kSecret, token + "A"),
                                  session_json(id, kSecret, ""),
                                  std::string("not JSON"),
                                  std::string("[]"),
                                  std::string("{}"),
                                  std::string()}) {
    const auto refused = get_token(text);
    EXPECT_EQ(refused.status, 400) << text;
    EXPECT_TRUE(contains(refused, "Invalid credentials parameter"));
  }
  EXPECT_EQ(get_token(session_json(id, kSecret, token)).status, 200);
  world_.clock.advance_seconds(3600);
  EXPECT_EQ(get_token(session_json(id, kSecret, token)).status, 400);
}

TEST_F(SigninTest, ADeletedRoleEndsLinksAndSessions) {
  const std::string unopened = token_of(get_token(role_session()));
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  ASSERT_EQ(front_page().status, 200);
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>(AuthzFixture::kRoleId);
  });
  EXPECT_EQ(front_page().status, 401);
  EXPECT_EQ(open(unopened).status, 400);
}

TEST_F(SigninTest, ARoleThatIsDeletedMeanwhileOpensNothing) {
  const auto erase_role = [this] {
    world_.write([](identity::Transaction& transaction) {
      transaction.erase<identity::Role>(AuthzFixture::kRoleId);
    });
  };
  const Session session = role_session();
  const std::string token = token_of(get_token(session));
  const std::string json = session_json(session.access_key_id, kSecret, seal(session));

  meanwhile_ = erase_role;
  EXPECT_TRUE(contains(open(token), "no longer exists"));
  EXPECT_EQ(cookie_, "");

  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::make_role(std::string(AuthzFixture::kRoleId), "reader"));
  });
  meanwhile_ = erase_role;
  EXPECT_TRUE(contains(get_token(json), "not valid"));
}

TEST_F(SigninTest, RevokedSessionsEnd) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  world_.change_role([this](identity::Role& role) {
    role.sessions_valid_after = world_.clock.now().plus_seconds(1);
  });
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, SigningOutEndsTheSessionForEveryCopyOfTheCookie) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  const std::string copy = cookie_;
  EXPECT_EQ(send("GET", "/_console/signout", {}).status, 403);
  const auto foreign = send("POST", "/_console/signout", {}, {{"origin", "https://evil.example"}});
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(send("POST", "/_console/signout", {}, {{"sec-fetch-site", "cross-site"}}).status, 403);
  ASSERT_EQ(front_page().status, 200);

  const auto done = send("POST", "/_console/signout", {}, {{"origin", "http://localhost:9311"}});
  EXPECT_EQ(done.status, 200);
  EXPECT_NE(done.headers.find("Set-Cookie").value_or("").find("Max-Age=0"), std::string_view::npos);
  cookie_ = copy;
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, ALinkOnAnotherSiteAsksBeforeItSignsOut) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  const Params logout = {{"Action", "logout"}};
  for (const char* site : {"cross-site", "same-site"}) {
    for (const char* method : {"GET", "POST"}) {
      const auto asked = send(method, "/federation", logout, {{"sec-fetch-site", site}});
      EXPECT_EQ(asked.status, 200);
      EXPECT_TRUE(contains(asked, "Sign out?"));
      EXPECT_TRUE(contains(asked, "action=\"/_console/signout\""));
      EXPECT_FALSE(asked.headers.find("Set-Cookie"));
    }
  }
  EXPECT_TRUE(contains(send("POST", "/federation", logout, {{"origin", "https://evil.example"}}),
                       "Sign out?"));
  EXPECT_EQ(front_page().status, 200) << "still signed in";

  const auto done = send("GET", "/federation", logout, {{"sec-fetch-site", "none"}});

  EXPECT_TRUE(contains(done, "This session has ended"));
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, AnotherSessionReplacesThePresentOneOnlyByThePagesButton) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  Session other = role_session();
  other.session_name = "other";
  Params params = login(token_of(get_token(other)));
  const auto asked = send("GET", "/federation", params);
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "Switch to another session?"));
  EXPECT_TRUE(contains(front_page(), "reader/work"));

  params.emplace_back("Confirm", "yes");
  EXPECT_EQ(send("GET", "/federation", params).status, 200) << "a link cannot confirm";
  EXPECT_EQ(send("POST", "/federation", params, {{"sec-fetch-site", "cross-site"}}).status, 200);
  EXPECT_EQ(send("POST", "/federation", params, {{"origin", "https://evil.example"}}).status, 200);
  EXPECT_TRUE(contains(front_page(), "reader/work"));

  EXPECT_EQ(send("POST", "/federation", params, {{"sec-fetch-site", "same-origin"}}).status, 302);
  EXPECT_TRUE(contains(front_page(), "reader/other"));
}

TEST_F(SigninTest, TheSameSessionMayOpenANewLinkWithoutBeingAsked) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  EXPECT_EQ(open(token_of(get_token(role_session()))).status, 302);
}

TEST_F(SigninTest, ASessionWhosePlaceIsTakenEndsForEveryCopyOfItsCookie) {
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  const std::string old = cookie_;
  Params beside = login(token_of(get_token(role_session())), "/_console/?session=new");
  ASSERT_EQ(send("GET", "/federation", beside).status, 302);
  cookie_ = old;
  EXPECT_EQ(front_page().status, 200) << "one beside it takes no place";

  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  EXPECT_EQ(front_page().status, 200);
  cookie_ = old;
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, ABrowserThatHasNoPlaceLeftKeepsItsSessionsAndTheLink) {
  std::string jar;
  for (int i = 0; i < 5; ++i) {
    cookie_ = jar;
    ASSERT_EQ(send("GET",
                   "/federation",
                   login(token_of(get_token(role_session())), "/_console/?session=new"))
                  .status,
              302);
    jar += concat(jar.empty() ? "" : "; ", cookie_);
  }
  const std::string token = token_of(get_token(role_session()));
  for (const std::string_view place : {"/_console/?session=new", "/_console/?session=5"}) {
    cookie_ = jar;
    const auto refused = send("GET", "/federation", login(token, place));
    EXPECT_EQ(refused.status, 409) << place;
    EXPECT_TRUE(contains(refused, "There is no place for this session"));
  }
  cookie_ = jar;
  EXPECT_EQ(send("GET", "/federation", login(token, "/_console/?session=4")).status, 302)
      << "the token was not spent";
}

TEST_F(SigninTest, BucketsAreShownToThoseWhoMayListThem) {
  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::make_bucket("first-bucket"));
  });
  ASSERT_EQ(open(token_of(get_token(role_session()))).status, 302);
  const auto denied = front_page();
  EXPECT_FALSE(contains(denied, "first-bucket"));
  EXPECT_TRUE(contains(denied, "is not authorized to perform: s3:ListAllMyBuckets"));
  world_.change_role([](identity::Role& role) {
    role.inline_policies = {{.name = "p", .document = authz::document("Allow", "s3:*")}};
  });
  EXPECT_TRUE(contains(front_page(), "first-bucket"));
}

TEST_F(SigninTest, HostileValuesInALinkAreOnlyText) {
  Params params = login("token");
  params[1].second = "\"><script>alert(1)</script>";
  const auto page = send("GET", "/federation", params);
  EXPECT_EQ(page.status, 400);
  EXPECT_FALSE(contains(page, "<script"));
}

TEST_F(SigninTest, UnknownActionsAndPagesAreRefused) {
  EXPECT_EQ(send("GET", "/federation", {{"Action", "other"}}).status, 400);
  EXPECT_EQ(send("POST", "/federation", {}).status, 400);
  EXPECT_EQ(send("GET", "/_console/none", {}).status, 404);
  cookie_ = "signet-sid=" + std::string(43, 'A');
  EXPECT_EQ(front_page().status, 401);
}

TEST_F(SigninTest, TheServersAddressShowsWhatItIs) {
  const http::Response page = send("GET", "/", {});
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "This is a Signet server"));
  EXPECT_TRUE(contains(page, "href=\"/_console/\""));
}

TEST_F(SigninTest, OnlyItsOwnRequestsAreHandled) {
  EXPECT_TRUE(service_->handles("GET", "/federation", "Action=login"));
  EXPECT_TRUE(service_->handles("GET", "/federation", "a=b&Action=login"));
  EXPECT_TRUE(service_->handles("POST", "/federation", ""));
  EXPECT_TRUE(service_->handles("GET", "/oauth", "Action=logout"));
  EXPECT_TRUE(service_->handles("GET", "/_console", ""));
  EXPECT_TRUE(service_->handles("GET", "/_console/x", ""));
  EXPECT_FALSE(service_->handles("GET", "/federation", ""));
  EXPECT_FALSE(service_->handles("GET", "/federation", "NoAction=1"));
  EXPECT_FALSE(service_->handles("GET", "/federation/key", "Action=login"));
  EXPECT_FALSE(service_->handles("GET", "/_consoles", ""));
  EXPECT_FALSE(service_->handles("GET", "/", "Action=login"));
}

}  // namespace
}  // namespace signet::signin
