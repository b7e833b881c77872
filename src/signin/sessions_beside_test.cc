#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "signin/session_number.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

class SessionsBeside : public SignInTest {
 protected:
  http::Response sign_in_to(const std::string& place) {
    return send("POST",
                "/_console/signin",
                {{"step", step_of(form({{"to", place}}))},
                 {"account", std::string(identity::kAccount)},
                 {"user", "alice"},
                 {"password", std::string(kPassword)}});
  }

  http::Response page_of(const std::string& number) {
    return send("GET", "/_console/", {{"session", number}});
  }
};

std::string location_of(const http::Response& response) {
  return std::string(response.headers.find("location").value_or(""));
}

TEST_F(SessionsBeside, EachHasACookieOfItsOwn) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const std::string first = jar_["signet-sid"];
  const http::Response beside = sign_in_to("/_console/?session=new");
  EXPECT_EQ(location_of(beside), "/_console/?session=1");
  EXPECT_EQ(jar_["signet-sid"], first);
  EXPECT_NE(jar_["signet-sid-1"], first);
  EXPECT_EQ(page_of("").status, 200);
  EXPECT_EQ(page_of("1").status, 200);
  EXPECT_EQ(location_of(page_of("2")), "/_console/signin?to=%2F_console%2F%3Fsession%3D2");
}

TEST_F(SessionsBeside, TheFirstFreePlaceIsTaken) {
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=new")), "/_console/");
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=3")), "/_console/?session=3");
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=new")), "/_console/?session=1");
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=new")), "/_console/?session=2");
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=new")), "/_console/?session=4");
  EXPECT_EQ(sign_in_to("/_console/?session=new").status, 409);
  EXPECT_EQ(sign_in_to("/_console/?session=5").status, 409) << "there is no such place";
  EXPECT_EQ(sign_in_to("/_console/?session=x").status, 409);
}

TEST_F(SessionsBeside, OneThatIsOverLeavesItsPlace) {
  ASSERT_EQ(sign_in_to("/_console/").status, 303);
  ASSERT_EQ(sign_in_to("/_console/?session=new").status, 303);
  const std::string old = jar_["signet-sid-1"];
  world_.clock.advance_seconds(3601);  // unused for an hour
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=new")), "/_console/");
  EXPECT_EQ(location_of(sign_in_to("/_console/?session=1")), "/_console/?session=1");
  EXPECT_NE(jar_["signet-sid-1"], old);
}

TEST_F(SessionsBeside, ARequestIsOfTheSessionThatItNames) {
  ASSERT_EQ(sign_in_to("/_console/?session=1").status, 303);
  EXPECT_NE(page_of("").status, 200) << "the first is empty";
  for (const char* number : {"5", "-1", "01", "1 ", "new", "all", "\xEF\xBC\x91"}) {
    EXPECT_NE(page_of(number).status, 200) << number;
  }
  headers_ = {{"x-signet-session", "1"}};
  EXPECT_EQ(page_of("").status, 200);
  EXPECT_EQ(page_of("3").status, 200) << "the page's header says it, not its address";
  headers_ = {{"x-signet-session", "2"}};
  EXPECT_NE(page_of("1").status, 200);
}

TEST_F(SessionsBeside, SigningOutEndsOneOrAll) {
  for (const char* place : {"/_console/", "/_console/?session=1", "/_console/?session=2"}) {
    ASSERT_EQ(sign_in_to(place).status, 303);
  }
  EXPECT_EQ(send("POST", "/_console/signout", {{"session", "1"}}).status, 200);
  EXPECT_EQ(jar_["signet-sid-1"], "");
  EXPECT_NE(page_of("1").status, 200);
  EXPECT_EQ(page_of("").status, 200);
  EXPECT_EQ(page_of("2").status, 200);

  auto kept = jar_;
  EXPECT_EQ(send("POST", "/_console/signout", {{"session", "all"}}).status, 200);
  jar_ = kept;
  EXPECT_NE(page_of("").status, 200) << "not for a copy of the cookie either";
  EXPECT_NE(page_of("2").status, 200);
}

TEST(WithSession, PutsTheNumberIntoThePlace) {
  EXPECT_EQ(with_session("/_console/", 0), "/_console/");
  EXPECT_EQ(with_session("/_console/", 2), "/_console/?session=2");
  EXPECT_EQ(with_session("/_console/?session=new", 3), "/_console/?session=3");
  EXPECT_EQ(with_session("/_console/?session=new", 0), "/_console/");
  EXPECT_EQ(with_session("/_console/?session=1#/users", 2), "/_console/?session=2#/users");
  EXPECT_EQ(with_session("/v1/authorize?a=b", 1), "/v1/authorize?a=b&session=1");
  EXPECT_EQ(with_session("/v1/authorize?session=1&a=b", 2), "/v1/authorize?a=b&session=2");
  EXPECT_EQ(with_session("/v1/authorize?a=b&session=1&c=d", 0), "/v1/authorize?a=b&c=d");
}

TEST(SessionIn, ReadsTheQueryAlone) {
  EXPECT_EQ(session_in("/_console/?session=new"), "new");
  EXPECT_EQ(session_in("/v1/authorize?a=b&session=4&c=d"), "4");
  EXPECT_EQ(session_in("/_console/"), "");
  EXPECT_EQ(session_in("/_console/?nosession=1"), "");
  EXPECT_EQ(session_in("/_console/#?session=1"), "");
  EXPECT_EQ(session_in("/_console/?session"), "");
}

}  // namespace
}  // namespace signet::signin
