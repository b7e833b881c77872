#include <algorithm>
#include <array>
#include <string>

#include "authn/authenticator.h"
#include "codec/json.h"
#include "http/web_bundle.h"
#include "signin/sign_in_fixture_for_test.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

constexpr std::string_view kPath = "/_console/api/credentials";
constexpr std::string_view kOrigin = "http://localhost:9311";

constexpr std::array kFiles = {
    http::StaticFile{"main-1.js", "text/javascript", "\"e1\"", "identity", "brotli"},
    http::StaticFile{"main-2.css", "text/css", "\"e2\"", "plain", ""}};
constexpr std::array<std::string_view, 1> kStyles = {"main-2.css"};

class ConsoleTest : public SignInTest {
 protected:
  // As the console's page asks.
  http::Response ask() {
    headers_ = {{"origin", kOrigin}, {"sec-fetch-site", "same-origin"}, {"x-signet-console", "1"}};
    return send("POST", kPath);
  }

  http::Response ask_with(std::vector<http::HeaderView> headers) {
    headers_ = std::move(headers);
    return send("POST", kPath);
  }

  std::shared_ptr<const model::Session> session_in(const http::Response& response) {
    const auto json = codec::Json::parse(response.body);
    EXPECT_TRUE(json) << response.body;
    auto opened = token::open_session(
        world_.rings.current(), json->string_at("sessionToken"), world_.clock.now());
    return opened ? std::move(opened->session) : nullptr;
  }

  // Whether the record of the last request says that it ended so.
  bool is_recorded(std::string_view outcome) const {
    return std::ranges::any_of(record_.elements, [&](const auto& element) {
      return element.first == "GetConsoleCredentials" && element.second == outcome;
    });
  }

  http::Response get_file(std::string_view name, std::vector<http::HeaderView> headers = {}) {
    headers_ = std::move(headers);
    return send("GET", concat("/_console/assets/", name));
  }

  void use_console() {
    service_.emplace(
        world_.rings,
        TicketLimits{},
        http::WebBundle{.files = kFiles, .script = "main-1.js", .preload = {}, .styles = kStyles});
  }
};

TEST_F(ConsoleTest, GivesCredentialsOfTheSessionForFifteenMinutes) {
  try_password(kPassword);

  const auto response = ask();

  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Origin"), std::nullopt);
  const auto session = session_in(response);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->kind, model::SessionKind::Console);
  EXPECT_EQ(session->expires.seconds(), world_.clock.now().seconds() + 900);
  EXPECT_FALSE(session->console_session_id.empty());
  const auto json = codec::Json::parse(response.body);
  EXPECT_EQ(json->string_at("accessKeyId"), session->access_key_id);
  EXPECT_TRUE(json->string_at("arn").ends_with(":user/team/alice"));
}

TEST_F(ConsoleTest, CredentialsEndWithTheSession) {
  service_.emplace(world_.rings, TicketLimits{.idle_seconds = 13 * 3600});
  try_password(kPassword);
  const std::int64_t end = session_in(ask())->issued.seconds() + 12 * 3600;
  world_.clock.set(Instant{(end - 60) * 1000});

  EXPECT_EQ(session_in(ask())->expires.seconds(), end);

  world_.clock.set(Instant{(end + 1) * 1000});
  EXPECT_EQ(ask().status, 401);
}

TEST_F(ConsoleTest, CredentialsAreGoodNoLongerThanTheirSessionIsThere) {
  try_password(kPassword);
  const auto session = session_in(ask());
  ASSERT_TRUE(authn::caller_of_session(session, *world_.directory().current()));

  send("POST", "/_console/signout");

  EXPECT_FALSE(authn::caller_of_session(session, *world_.directory().current()));
  EXPECT_EQ(ask().status, 401);
}

TEST_F(ConsoleTest, NobodyElseIsGivenAny) {
  EXPECT_EQ(ask().status, 401);

  const auto refused = ask();

  EXPECT_EQ(refused.body.find("AccessKey"), std::string::npos);
  EXPECT_TRUE(is_recorded("Failure"));
}

TEST_F(ConsoleTest, OnlyTheConsolesOwnPageMayAsk) {
  try_password(kPassword);
  using Headers = std::vector<http::HeaderView>;

  const struct {
    std::string_view name;
    Headers headers;
  } cases[] = {
      {"no header at all", {}},
      {"a form of our own", {{"origin", kOrigin}, {"sec-fetch-site", "same-origin"}}},
      {"a program with the cookie", {{"x-signet-console", "1"}}},
      {"another site", {{"origin", "https://evil.example"}, {"x-signet-console", "1"}}},
      {"another port", {{"origin", "http://localhost:9312"}, {"x-signet-console", "1"}}},
      {"another scheme", {{"origin", "https://localhost:9311"}, {"x-signet-console", "1"}}},
      {"a sandboxed document", {{"origin", "null"}, {"x-signet-console", "1"}}},
      {"a longer name", {{"origin", "http://localhost:93110"}, {"x-signet-console", "1"}}},
      {"another site by Sec-Fetch-Site",
       {{"origin", kOrigin}, {"sec-fetch-site", "cross-site"}, {"x-signet-console", "1"}}},
      {"a sibling by Sec-Fetch-Site",
       {{"origin", kOrigin}, {"sec-fetch-site", "same-site"}, {"x-signet-console", "1"}}},
      {"another value", {{"origin", kOrigin}, {"x-signet-console", "0"}}},
  };

  for (const auto& test : cases) {
    EXPECT_EQ(ask_with(test.headers).status, 403) << test.name;
    EXPECT_TRUE(is_recorded("Failure")) << test.name;
  }
  EXPECT_EQ(ask().status, 200);
}

TEST_F(ConsoleTest, CredentialsAreAskedForByPostAlone) {
  try_password(kPassword);
  headers_ = {{"origin", kOrigin}, {"x-signet-console", "1"}};

  EXPECT_EQ(send("GET", kPath).status, 404);
}

TEST_F(ConsoleTest, TheRecordNamesTheKeyAndNoSecret) {
  try_password(kPassword);
  const auto response = ask();

  EXPECT_TRUE(is_recorded("Success"));
  const std::string id(codec::Json::parse(response.body)->string_at("accessKeyId"));
  EXPECT_TRUE(std::ranges::any_of(record_.elements, [&](const auto& element) {
    return element.first == "accessKeyId" && element.second == id;
  }));
  EXPECT_TRUE(recorded_arn_.ends_with(":user/team/alice"));
}

TEST_F(ConsoleTest, WithoutAnApplicationThePageIsThePlainOne) {
  try_password(kPassword);
  const auto page = send("GET", "/_console/");

  EXPECT_NE(page.body.find("You are signed in"), std::string::npos);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<noscript"), std::string::npos);
  EXPECT_EQ(get_file("main-1.js").status, 404);
}

TEST_F(ConsoleTest, ThePageStartsTheApplicationAndIsPlainWithoutScript) {
  use_console();
  try_password(kPassword);

  const auto page = send("GET", "/_console/");

  EXPECT_EQ(page.status, 200);
  for (const std::string_view part :
       {R"(<script type="module" src="/_console/assets/main-1.js"></script>)",
        R"(<link rel="stylesheet" href="/_console/assets/main-2.css">)",
        R"(<div id="app"></div><noscript><header>)",
        "You are signed in",
        "/_console/signout"}) {
    EXPECT_NE(page.body.find(part), std::string::npos) << part;
  }
  const std::string policy(page.headers.find("Content-Security-Policy").value_or(""));
  for (const std::string_view part : {"default-src 'none';",
                                      "script-src 'self';",
                                      "style-src 'self';",
                                      "connect-src 'self';",
                                      "require-trusted-types-for 'script';",
                                      "base-uri 'none';",
                                      "frame-ancestors 'none'"}) {
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.headers.find("Cache-Control"), "no-store");
}

TEST_F(ConsoleTest, WhoIsNotSignedInGetsNoApplication) {
  use_console();

  const auto page = send("GET", "/_console/");

  EXPECT_EQ(page.status, 401);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
}

TEST_F(ConsoleTest, FilesMayBeKeptForGoodAndComeCompressed) {
  use_console();
  const auto file = get_file("main-1.js", {{"accept-encoding", "gzip, deflate, br, zstd"}});

  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.body, "brotli");
  EXPECT_EQ(file.headers.find("Content-Encoding"), "br");
  EXPECT_EQ(file.headers.find("Content-Type"), "text/javascript");
  EXPECT_EQ(file.headers.find("Vary"), "Accept-Encoding");
  EXPECT_EQ(file.headers.find("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(file.headers.find("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(get_file("main-2.css", {{"accept-encoding", "br"}}).body, "plain");
}

TEST_F(ConsoleTest, FilesComePlainToThoseWhoDoNotTakeBrotli) {
  use_console();
  for (const std::string_view accepted :
       {"", "gzip", "br;q=0", "br; q=0.000", "broccoli", "gzip;q=1, br;q=0"}) {
    const auto file = get_file("main-1.js", {{"accept-encoding", accepted}});
    EXPECT_EQ(file.body, "identity") << accepted;
    EXPECT_EQ(file.headers.find("Content-Encoding"), std::nullopt) << accepted;
  }
  for (const std::string_view accepted : {"br", "BR", "gzip,br", "gzip , br ; q=0.1"}) {
    EXPECT_EQ(get_file("main-1.js", {{"accept-encoding", accepted}}).body, "brotli") << accepted;
  }
}

TEST_F(ConsoleTest, AFileThatIsAtHandIsNotSentAgain) {
  use_console();
  const auto file = get_file("main-1.js", {{"if-none-match", "\"e1\""}});

  EXPECT_EQ(file.status, 304);
  EXPECT_EQ(file.body, "");
  EXPECT_EQ(get_file("main-1.js", {{"if-none-match", "\"e2\""}}).status, 200);
}

TEST_F(ConsoleTest, ThereAreNoFilesButTheApplications) {
  use_console();
  for (const std::string_view name :
       {"", "main-1", "main-1.js/", "../style.css", "main-3.js", "a"}) {
    EXPECT_EQ(get_file(name).status, 404) << name;
  }
}

}  // namespace
}  // namespace signet::signin
