#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sign_key.h"
#include "jose/issue.h"
#include "signin/access_token.h"
#include "signin/handlers.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kIssuer = "https://signet.example.com/_issuer/issuer-of-the-account";
constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/team/alice";
constexpr std::string_view kReader = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kInvalid = "InvalidGrantException";

// A token of GetWebIdentityToken, as the parts that tests change.
struct Claims {
  std::string issuer{kIssuer};
  std::string audience = R"("signin.amazonaws.com")";
  std::string principal{kAlice};
  std::optional<std::int64_t> issued = 0;  // seconds from now
  std::optional<std::int64_t> expires = 600;
  std::string more = {};
};

class TokenExchange : public testing::Test {
 protected:
  TokenExchange() {
    world_.write([this](identity::Transaction& transaction) {
      for (const char* account : {identity::kAccount, identity::kOtherAccount}) {
        const bool is_own = std::string_view(account) == identity::kAccount;
        identity::WebIdentityIssuer issuer;
        issuer.account = account;
        issuer.id = is_own ? "issuer-of-the-account" : "issuer-of-another";
        issuer.is_enabled = true;
        transaction.put(std::move(issuer));
        identity::IssuerKey key;
        key.account = account;
        key.kid = "EC384_0";
        key.algorithm = identity::IssuerAlgorithm::Es384;
        const Secret der = (is_own ? key_ : other_key_).write();
        key.private_key = identity::make_shared_secret(std::string(der.reveal(secret_access())));
        transaction.put(std::move(key));
      }
    });
  }

  [[nodiscard]] std::string payload(const Claims& claims) const {
    const std::int64_t now = world_.clock.now().seconds();
    std::string text = concat(R"({"iss":")",
                              claims.issuer,
                              R"(","sub":"subject","aud":)",
                              claims.audience,
                              R"(,"https://sts.amazonaws.com/":{"principal_id":")",
                              claims.principal,
                              "\"}");
    if (claims.issued) {
      text += concat(R"(,"iat":)", std::to_string(now + *claims.issued));
    }
    if (claims.expires) {
      text += concat(R"(,"exp":)", std::to_string(now + *claims.expires));
    }
    return concat(text, claims.more, "}");
  }

  static std::string sign(std::string_view payload,
                          const crypto::SignKey& key,
                          std::string_view key_id = "EC384_0") {
    return jose::issue_token(jose::Algorithm::Es384, key_id, key, payload).value_or("");
  }

  [[nodiscard]] std::string token(const Claims& claims = {}) const {
    return sign(payload(claims), key_);
  }

  static CreateOAuth2TokenWithTokenExchangeRequest exchange(std::string_view token) {
    CreateOAuth2TokenWithTokenExchangeRequest request;
    request.grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    request.subject_token = Secret(std::string(token));
    request.subject_token_type = "urn:ietf:params:oauth:token-type:jwt";
    request.resource = "glue.amazonaws.com";
    return request;
  }

  static CreateOAuth2TokenWithTokenExchangeRequest assertion(std::string_view token) {
    CreateOAuth2TokenWithTokenExchangeRequest request;
    request.grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    request.assertion = Secret(std::string(token));
    request.resource = "https://service.example/";
    return request;
  }

  // "ok", or the error's code.
  std::string said(const CreateOAuth2TokenWithTokenExchangeRequest& request) {
    const std::string text = outcome(world_.examined(request));
    return text.substr(0, text.find(':'));
  }

  std::string said(const Claims& claims) { return said(exchange(token(claims))); }

  api::ApiFixture world_;
  crypto::SignKey key_ = crypto::SignKey::make_ec(crypto::EcCurve::P384).value();
  crypto::SignKey other_key_ = crypto::SignKey::make_ec(crypto::EcCurve::P384).value();
};

TEST_F(TokenExchange, AUserOrRoleGetsATokenForTheService) {
  for (const auto& [arn, id] :
       {std::pair(kAlice, AuthzFixture::kUserId), std::pair(kReader, AuthzFixture::kRoleId)}) {
    const auto made = world_.examined(exchange(token({.principal = std::string(arn)})));
    ASSERT_EQ(outcome(made), "ok") << arn;
    EXPECT_EQ(made->token_type, "Bearer");
    EXPECT_EQ(made->issued_token_type, "urn:ietf:params:oauth:token-type:access_token");
    EXPECT_EQ(made->expires_in, 600);
    const auto state = world_.snapshot();
    const auto opened = open_access_token(
        made->access_token.reveal(secret_access()), *state, world_.rings, world_.clock.now());
    ASSERT_TRUE(opened) << arn;
    EXPECT_EQ(opened->arn, arn);
    EXPECT_EQ(opened->principal_id, id);
    EXPECT_EQ(opened->account, identity::kAccount);
    EXPECT_EQ(opened->resource, "glue.amazonaws.com");
  }
}

TEST_F(TokenExchange, LastsNoLongerThanTheTokenOrAnHour) {
  EXPECT_EQ(world_.examined(exchange(token({.expires = 7200})))->expires_in, 3600);
  EXPECT_EQ(world_.examined(exchange(token({.expires = 1})))->expires_in, 1);
}

TEST_F(TokenExchange, AnAssertionIsForAnyResource) {
  const auto made = world_.examined(assertion(token()));
  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->resource, "https://service.example/");
  EXPECT_FALSE(made->issued_token_type);
  auto request = assertion(token({.more = R"(,"client_id":"mine")"}));
  request.client_id = "mine";
  EXPECT_EQ(said(request), "ok");
  request.client_id = "another";
  EXPECT_EQ(said(request), kInvalid);
  request = assertion(token());
  request.client_id = "mine";
  EXPECT_EQ(said(request), kInvalid) << "the token names none";
}

TEST_F(TokenExchange, EachClaimMustBeRight) {
  const std::pair<const char*, Claims> cases[] = {
      {"expired", {.expires = 0}},
      {"long expired", {.issued = -900, .expires = -600}},
      {"of the future", {.issued = 301}},
      {"no iat", {.issued = std::nullopt}},
      {"no exp", {.expires = std::nullopt}},
      {"for others", {.audience = R"("sts.amazonaws.com")"}},
      {"for nobody", {.audience = "[]"}},
      {"for numbers", {.audience = "[1]"}},
      {"for null", {.audience = "null"}},
      {"issuer of another", {.issuer = "https://signet.example.com/_issuer/issuer-of-another"}},
      {"no issuer", {.issuer = ""}},
      {"unknown issuer", {.issuer = "https://signet.example.com/_issuer/none"}},
      {"elsewhere", {.issuer = "https://evil.example/_issuer/issuer-of-the-account"}},
      {"without TLS", {.issuer = "http://signet.example.com/_issuer/issuer-of-the-account"}},
      {"below it", {.issuer = concat(kIssuer, "/")}},
      {"nobody", {.principal = "arn:aws:iam::111122223333:user/nobody"}},
      {"another's path", {.principal = "arn:aws:iam::111122223333:user/alice"}},
      {"root", {.principal = "arn:aws:iam::111122223333:root"}},
      {"no principal", {.principal = ""}},
      {"scoped", {.more = R"(,"scope":"all")"}}};
  for (const auto& [name, claims] : cases) {
    const std::string_view wanted =
        claims.more.empty() ? kInvalid : std::string_view("InvalidScopeException");
    EXPECT_EQ(said(claims), wanted) << name;
  }
  EXPECT_EQ(said({.audience = R"(["x","signin.amazonaws.com"])"}), "ok");
  EXPECT_EQ(said({.issued = 300}), "ok");
}

// Another issuer of this server vouches for its own account alone.
TEST_F(TokenExchange, AnIssuerSpeaksForItsOwnAccountAlone) {
  const Claims claims{.issuer = "https://signet.example.com/_issuer/issuer-of-another"};
  EXPECT_EQ(said(exchange(sign(payload(claims), other_key_))), kInvalid)
      << "alice is of the first account";
}

TEST_F(TokenExchange, TheSignatureIsOfAKeyOfTheIssuer) {
  EXPECT_EQ(said(exchange(sign(payload({}), other_key_))), kInvalid);
  EXPECT_EQ(said(exchange(sign(payload({}), key_, "EC384_1"))), kInvalid) << "of another id";
  const std::string good = token();
  for (std::size_t i = 0; i < good.size(); i += 11) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(said(exchange(changed)), kInvalid) << i;
  }
  const std::string unsigned_one =
      concat(codec::encode_base64url(R"({"alg":"none","kid":"EC384_0"})"),
             ".",
             codec::encode_base64url(payload({})),
             ".");
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("a.b.c"), unsigned_one, good + ".x"}) {
    EXPECT_EQ(said(exchange(text)), kInvalid) << text;
  }
  EXPECT_EQ(said(exchange(good)), "ok");
}

TEST_F(TokenExchange, AnIssuerThatIsSwitchedOffVouchesForNobody) {
  const std::string good = token();
  world_.write([](identity::Transaction& transaction) {
    identity::WebIdentityIssuer issuer =
        *transaction.view().find<identity::WebIdentityIssuer>(identity::kAccount);
    issuer.is_enabled = false;
    transaction.put(std::move(issuer));
  });
  EXPECT_EQ(said(exchange(good)), kInvalid);
}

TEST_F(TokenExchange, WhoeverWasMadeAfterTheTokenIsAnother) {
  const std::string old = token();
  world_.clock.advance_seconds(10);
  world_.change_user([this](identity::User& user) { user.created = world_.clock.now(); });
  EXPECT_EQ(said(exchange(old)), kInvalid);
  EXPECT_EQ(said(exchange(token())), "ok");
}

TEST_F(TokenExchange, EachParameterIsNeeded) {
  const auto without = [this](auto change) {
    auto request = exchange(token());
    change(request);
    return said(request);
  };
  EXPECT_EQ(without([](auto& request) { request.subject_token.reset(); }), "InvalidRequest");
  EXPECT_EQ(without([](auto& request) { request.subject_token_type.reset(); }), "InvalidRequest");
  EXPECT_EQ(without([](auto& request) {
              request.subject_token_type = "urn:ietf:params:oauth:token-type:saml2";
            }),
            "InvalidRequest");
  EXPECT_EQ(without([](auto& request) { request.resource.reset(); }), "InvalidRequest");
  EXPECT_EQ(without([](auto& request) { request.resource = "https://service.example/"; }),
            "InvalidRequest");
  EXPECT_EQ(without([](auto& request) { request.scope = "all"; }), "InvalidScopeException");
  auto request = assertion(token());
  for (const char* resource : {"", "no-scheme", ":x", "a b:x", "\xC3\xA9:x"}) {
    request.resource = resource;
    EXPECT_EQ(said(request), "InvalidRequest") << resource;
  }
  request = assertion(token());
  request.subject_token = std::move(request.assertion);
  request.assertion.reset();
  EXPECT_EQ(said(request), "InvalidRequest");
}

}  // namespace
}  // namespace signet::signin
