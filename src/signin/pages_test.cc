#include "signin/pages.h"

#include <gtest/gtest.h>

#include "signin/console_session.h"
#include "signin/cookies.h"

namespace signet::signin {
namespace {

constexpr std::string_view kHostile = "<script>alert('x')</script>\" onload=\"y&z";
constexpr std::string_view kEscaped =
    "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;y&amp;z";

bool contains(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

// Nothing hostile stands in a page as it is.
void expect_harmless(const http::Response& response) {
  EXPECT_FALSE(contains(response, "<script"));
  EXPECT_FALSE(contains(response, "\" onload"));
  EXPECT_TRUE(contains(response, kEscaped));
}

model::Caller hostile_caller() {
  model::Caller caller;
  caller.kind = model::CallerKind::AssumedRole;
  caller.account = kHostile;
  caller.arn = kHostile;
  caller.name = kHostile;
  auto session = std::make_shared<model::Session>();
  session->session_name = kHostile;
  caller.session = session;
  return caller;
}

TEST(Pages, EscapesWhatHtmlCouldTakeForMarkup) {
  EXPECT_EQ(escape_html(kHostile), kEscaped);
  EXPECT_EQ(escape_html("plain text / with ; signs"), "plain text / with ; signs");
}

TEST(Pages, LandingPageEscapesEveryName) {
  const model::Caller caller = hostile_caller();
  LandingPage page{.caller = caller, .expires = {}, .now = {}, .buckets = {}, .denied = {}};
  page.buckets.emplace({std::string(kHostile)});
  expect_harmless(landing_page(page, {}));
  page.buckets.reset();
  page.denied = kHostile;
  expect_harmless(landing_page(page, {}));
}

TEST(Pages, ErrorPageEscapesAndLinksToTheConsoleOnly) {
  expect_harmless(error_page(400, kHostile, "m", ""));
  expect_harmless(error_page(400, "t", kHostile, ""));
  expect_harmless(error_page(400, "t", "m", kHostile));
  expect_harmless(error_page(400, "t", "m", "https://a/" + std::string(kHostile)));
  for (const std::string_view issuer : {"https://issuer.example/",
                                        "http://issuer.example/",
                                        "javascript:alert(1)",
                                        "data:text/html,x",
                                        "//evil",
                                        "x"}) {
    const auto page = error_page(400, "t", "m", issuer);
    const std::string_view link = "<a class=\"button\" href=\"/_console/\">";
    const std::size_t at = page.body.find("<a ");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(page.body.substr(at, link.size()), link);
    EXPECT_EQ(page.body.find("<a ", at + 1), std::string::npos) << issuer;
    EXPECT_TRUE(contains(page, issuer)) << issuer;
  }
}

TEST(Pages, ConfirmPageEscapesEveryField) {
  for (std::string_view ConfirmPage::* field : {&ConfirmPage::current_arn,
                                                &ConfirmPage::new_arn,
                                                &ConfirmPage::signin_token,
                                                &ConfirmPage::destination,
                                                &ConfirmPage::issuer}) {
    ConfirmPage page{};
    page.*field = kHostile;
    expect_harmless(confirm_page(page));
  }
}

TEST(Pages, EveryPageForbidsFramingScriptsAndCaching) {
  const model::Caller caller = hostile_caller();
  const LandingPage landing{
      .caller = caller, .expires = {}, .now = {}, .buckets = {}, .denied = {}};
  const auto expect_closed = [](const http::Response& page) {
    const std::string_view csp = page.headers.find("Content-Security-Policy").value_or("");
    EXPECT_TRUE(csp.starts_with("default-src 'none'"));
    EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string_view::npos);
    EXPECT_EQ(csp.find("script-src"), std::string_view::npos);
    EXPECT_EQ(csp.find("unsafe"), std::string_view::npos);
    EXPECT_EQ(page.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.headers.find("X-Frame-Options"), "DENY");
    EXPECT_EQ(page.headers.find("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.headers.find("Cache-Control"), "no-store");
  };
  expect_closed(landing_page(landing, {}));
  expect_closed(signed_out_page());
  expect_closed(not_signed_in_page("http://localhost:1/_console/"));
  expect_closed(welcome_page());
  expect_closed(error_page(400, "t", "m", "i"));
  expect_closed(confirm_page({}));
}

TEST(SessionCookie, OverTlsIsHostBoundAndSecure) {
  EXPECT_EQ(set_cookie(Cookie::Session, "value", true),
            "__Host-signet-sid=value; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(set_cookie(Cookie::Session, "value", false),
            "signet-sid=value; Path=/; HttpOnly; SameSite=Lax");
}

TEST(SessionCookie, EndsWithMaxAgeZero) {
  EXPECT_TRUE(set_cookie(Cookie::Session, "", true).ends_with("; Max-Age=0"));
  EXPECT_EQ(set_cookie(Cookie::Session, "value", true).find("Max-Age"), std::string::npos);
}

TEST(Grant, SurvivesItsEncodingAndRefusesOtherText) {
  const auto grant =
      decode_grant(*encode_grant({.session_token = "to\"ken", .session_seconds = 900}));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->session_token, "to\"ken");
  EXPECT_EQ(grant->session_seconds, 900);
  EXPECT_FALSE(decode_grant(Secret("not JSON")));
}

}  // namespace
}  // namespace signet::signin
