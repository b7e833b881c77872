// `aws login`: a browser gives a program a code, and the program trades it.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/uri.h"
#include "crypto/sha256.h"
#include "crypto/sign_key.h"
#include "signin/login_request.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

constexpr std::string_view kHere = "arn:aws:signin:::devtools/same-device";
constexpr std::string_view kElsewhere = "arn:aws:signin:::devtools/cross-device";
constexpr std::string_view kCallback = "http://127.0.0.1:45678/oauth/callback";
constexpr std::string_view kShown = "http://localhost:9311/v1/sessions/confirmation";
constexpr std::string_view kVerifier = "a-verifier-of-forty-three-characters.at_least~";

std::string challenge_of(std::string_view verifier) {
  return codec::encode_base64url(crypto::as_view(crypto::sha256(verifier)));
}

// The value of a parameter of a URI; empty without one.
std::string param_of(std::string_view uri, std::string_view name) {
  const std::string mark = concat(name, "=");
  std::size_t at = uri.find('?');
  while (at != std::string_view::npos) {
    const std::string_view rest = uri.substr(at + 1);
    if (rest.starts_with(mark)) {
      return codec::percent_decode(rest.substr(mark.size(), rest.find('&') - mark.size()))
          .value_or("");
    }
    at = uri.find('&', at + 1);
  }
  return {};
}

// What a program says of a request, signed with its key.
struct Proof {
  std::string_view method = "POST";
  std::string_view url = "http://localhost:9311/v1/token";
  std::int64_t seconds = 0;  // from now
  bool is_of_other_key = false;
};

class ProgramLogin : public SignInTest {
 protected:
  ProgramLogin() {
    allow("signin:*");
    EXPECT_EQ(try_password(kPassword).status, 303);
  }

  static Params good_login(std::string_view client = kHere) {
    return {{"client_id", std::string(client)},
            {"redirect_uri", std::string(client == kHere ? kCallback : kShown)},
            {"response_type", "code"},
            {"scope", "openid"},
            {"state", "st&te"},
            {"code_challenge", challenge_of(kVerifier)},
            {"code_challenge_method", "SHA-256"}};
  }

  static Params with(Params params, std::string_view name, std::string_view value) {
    for (auto& [known, old] : params) {
      if (known == name) {
        old = value;
      }
    }
    return params;
  }

  http::Response ask(const Params& login) {
    std::string target = "/v1/authorize?";
    for (const auto& [name, value] : login) {
      target += concat(name, "=", codec::percent_encode(value), "&");
    }
    return send("GET", target);
  }

  http::Response consent(const http::Response& page, std::string_view allows = "yes") {
    return send("POST", "/v1/authorize", {{"step", step_of(page)}, {"allow", std::string(allows)}});
  }

  static std::string location_of(const http::Response& response) {
    return std::string(response.headers.find("Location").value_or(""));
  }

  std::string get_code(const Params& login = good_login()) {
    const auto answer = consent(ask(login));
    EXPECT_EQ(answer.status, 303) << answer.body;
    return param_of(location_of(answer), "code");
  }

  std::string make_proof(const Proof& of) {
    const crypto::SignKey& key = of.is_of_other_key ? other_key_ : key_;
    const auto point = key.ec().value();
    const std::string header =
        concat(R"({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":")",
               codec::encode_base64url(point.x),
               R"(","y":")",
               codec::encode_base64url(point.y),
               "\"}}");
    const std::string payload =
        concat(R"({"htm":")",
               of.method,
               R"(","htu":")",
               of.url,
               R"(","jti":"1","iat":)",
               std::to_string(world_.clock.now().plus_seconds(of.seconds).seconds()),
               "}");
    const std::string text =
        concat(codec::encode_base64url(header), ".", codec::encode_base64url(payload));
    return concat(
        text, ".", codec::encode_base64url(key.sign(crypto::Digest::Sha256, text).value_or("")));
  }

  http::Response token_call(Params params, const Proof& proof = {}) {
    proof_ = make_proof(proof);
    headers_ = {{"dpop", proof_}, {"content-type", "application/x-www-form-urlencoded"}};
    const auto cookies = std::exchange(jar_, {});  // a program has none
    http::Response response = send("POST", "/v1/token", std::move(params));
    jar_ = cookies;
    headers_.clear();
    return response;
  }

  static Params trade(std::string_view code, std::string_view client = kHere) {
    return {{"grant_type", "authorization_code"},
            {"client_id", std::string(client)},
            {"code", std::string(code)},
            {"redirect_uri", std::string(client == kHere ? kCallback : kShown)},
            {"code_verifier", std::string(kVerifier)}};
  }

  static Params renew(std::string_view token) {
    return {{"grant_type", "refresh_token"},
            {"client_id", std::string(kHere)},
            {"refresh_token", std::string(token)}};
  }

  // "200", or status and the `error` that clients look at.
  static std::string told(const http::Response& response) {
    const auto json = codec::Json::parse(response.body);
    const std::string status = std::to_string(response.status);
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
    return json && response.status != 200 ? concat(status, " ", json->string_at("error")) : status;
  }

  static std::string refresh_token_of(const http::Response& response) {
    const auto json = codec::Json::parse(response.body);
    return json ? std::string(json->string_at("refresh_token")) : "";
  }

  // A program that is signed in: its refresh token.
  std::string log_in() {
    const auto answer = token_call(trade(get_code()));
    EXPECT_EQ(told(answer), "200") << answer.body;
    return refresh_token_of(answer);
  }

  crypto::SignKey key_ = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
  crypto::SignKey other_key_ = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
  std::string proof_;
};

TEST_F(ProgramLogin, ACodeBecomesCredentialsAndThoseAreRenewed) {
  const auto asked = ask(good_login());
  ASSERT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "arn:aws:iam::111122223333:user/team/alice"));
  const auto answer = consent(asked);
  EXPECT_TRUE(location_of(answer).starts_with(concat(kCallback, "?code="))) << location_of(answer);
  EXPECT_EQ(param_of(location_of(answer), "state"), "st&te");

  const auto traded = token_call(trade(param_of(location_of(answer), "code")));
  ASSERT_EQ(told(traded), "200") << traded.body;
  const auto json = codec::Json::parse(traded.body);
  EXPECT_EQ(json->string_at("token_type"), "aws_sigv4");
  EXPECT_EQ(json->find("expires_in")->as_int(), 900);
  EXPECT_TRUE(json->find("access_token")->string_at("access_key_id").starts_with("ASIA"));
  EXPECT_FALSE(json->string_at("id_token").empty());

  const auto renewed = token_call(renew(refresh_token_of(traded)));
  ASSERT_EQ(told(renewed), "200") << renewed.body;
  EXPECT_EQ(refresh_token_of(renewed), refresh_token_of(traded)) << "it stays the same";
  EXPECT_NE(codec::Json::parse(renewed.body)->find("access_token")->string_at("access_key_id"),
            json->find("access_token")->string_at("access_key_id"));
}

// Nobody is sent anywhere by a request that is not that of the program.
TEST_F(ProgramLogin, AnotherClientOrAnotherPlaceToAnswerIsRefused) {
  const Params here = good_login();
  const Params elsewhere = good_login(kElsewhere);
  const std::vector<Params> cases = {
      with(here, "client_id", ""),
      with(here, "client_id", "arn:aws:signin:::devtools/other"),
      with(here, "client_id", concat(kHere, "x")),
      with(here, "client_id", kElsewhere),
      with(elsewhere, "client_id", kHere),
      with(here, "redirect_uri", ""),
      with(here, "redirect_uri", "http://127.0.0.1:/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:0/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:65536/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:+80/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:80@evil.example/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:80/x/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1:80/oauth/callback?x"),
      with(here, "redirect_uri", "http://127.0.0.1:80/oauth/callback#"),
      with(here, "redirect_uri", "https://127.0.0.1:80/oauth/callback"),
      with(here, "redirect_uri", "http://localhost:80/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.2:80/oauth/callback"),
      with(here, "redirect_uri", "http://127.0.0.1/oauth/callback"),
      with(here, "redirect_uri", "http://evil.example/oauth/callback"),
      with(elsewhere, "redirect_uri", "https://localhost:9311/v1/sessions/confirmation"),
      with(elsewhere, "redirect_uri", "http://localhost:9312/v1/sessions/confirmation"),
      with(elsewhere, "redirect_uri", "http://evil.example/v1/sessions/confirmation"),
      with(elsewhere, "redirect_uri", concat(kShown, "/x")),
      with(here, "response_type", "token"),
      with(here, "scope", "openid profile"),
      with(here, "state", ""),
      with(here, "state", std::string(513, 's')),
      with(here, "code_challenge_method", "plain"),
      with(here, "code_challenge_method", ""),
      with(here, "code_challenge", ""),
      with(here, "code_challenge", challenge_of(kVerifier).substr(1)),
      with(here, "code_challenge", concat(challenge_of(kVerifier), "=")),
      with(here, "code_challenge", concat("+", challenge_of(kVerifier).substr(1)))};
  for (const Params& login : cases) {
    const auto answer = ask(login);
    EXPECT_EQ(answer.status, 400) << codec::percent_encode(login[1].second);
    EXPECT_EQ(location_of(answer), "");
    EXPECT_EQ(step_of(answer), "");
  }
  EXPECT_EQ(ask(with(here, "code_challenge_method", "S256")).status, 200);
  EXPECT_EQ(ask(with(here, "redirect_uri", "http://127.0.0.1:65535/oauth/callback")).status, 200);
  EXPECT_EQ(
      ask(with(elsewhere, "redirect_uri", "http://127.0.0.1:9311/v1/sessions/confirmation")).status,
      200)
      << "the other name of this machine";
  Params long_one = here;
  long_one.emplace_back("more", std::string(2'000, 'm'));
  EXPECT_EQ(ask(long_one).status, 400);
}

TEST_F(ProgramLogin, TheProgramIsToldWhenThePersonRefusesOrMayNot) {
  const auto refused = consent(ask(good_login()), "no");
  EXPECT_EQ(location_of(refused), concat(kCallback, "?error=access_denied&state=st%26te"));

  allow("signin:CreateOAuth2Token");
  const auto denied = consent(ask(good_login()));
  EXPECT_EQ(param_of(location_of(denied), "error"), "access_denied");
  EXPECT_EQ(param_of(location_of(denied), "code"), "");
  const auto shown = consent(ask(good_login(kElsewhere)));
  EXPECT_EQ(shown.status, 403) << "nobody waits for an answer";
  EXPECT_EQ(location_of(shown), "");
}

TEST_F(ProgramLogin, AQuestionIsAnsweredByWhomItWasPutToInTheirBrowser) {
  const auto asked = ask(good_login());
  for (const auto& headers : {std::vector<http::HeaderView>{{"sec-fetch-site", "cross-site"}},
                              std::vector<http::HeaderView>{{"origin", "http://evil.example"}}}) {
    headers_ = headers;
    EXPECT_EQ(consent(asked).status, 403);
    headers_.clear();
  }
  const auto jar = jar_;
  jar_.erase("signet-form");
  EXPECT_EQ(consent(asked).status, 400) << "another browser";
  jar_ = jar;
  jar_.erase("signet-sid");
  EXPECT_EQ(consent(asked).status, 400) << "nobody";
  jar_ = jar;
  EXPECT_EQ(send("POST", "/v1/authorize", {{"step", step_of(form())}, {"allow", "yes"}}).status,
            400)
      << "a step of another form";

  ASSERT_EQ(try_password(kPassword).status, 303);
  EXPECT_EQ(consent(asked).status, 400) << "another session of the same person";
  const auto late = ask(good_login());
  world_.clock.advance_seconds(600);
  EXPECT_EQ(consent(late).status, 400) << "too old";
}

TEST_F(ProgramLogin, WhatIsNotOfTheProgramThatAskedDoesNotSpendTheCode) {
  const std::string code = get_code();
  const Params good = trade(code);

  struct Case {
    const char* name;
    Params params;
    Proof proof;
    std::string_view told;
  };

  const std::string long_one(129, 'v');
  const std::vector<Case> cases = {
      {"no code", with(good, "code", ""), {}, "401 AUTHCODE_EXPIRED"},
      {"another code", with(good, "code", std::string(43, 'A')), {}, "401 AUTHCODE_EXPIRED"},
      {"longer code", with(good, "code", code + "A"), {}, "401 AUTHCODE_EXPIRED"},
      {"another client", with(good, "client_id", kElsewhere), {}, "400 INVALID_REQUEST"},
      {"no client", with(good, "client_id", ""), {}, "400 INVALID_REQUEST"},
      {"another place",
       with(good, "redirect_uri", "http://127.0.0.1:45679/oauth/callback"),
       {},
       "400 INVALID_REQUEST"},
      {"another verifier",
       with(good, "code_verifier", concat(kVerifier, "x")),
       {},
       "400 INVALID_REQUEST"},
      {"the challenge itself",
       with(good, "code_verifier", challenge_of(kVerifier)),
       {},
       "400 INVALID_REQUEST"},
      {"no verifier", with(good, "code_verifier", ""), {}, "400 INVALID_REQUEST"},
      {"no verifier at all", with(good, "code_verifier", long_one), {}, "400 INVALID_REQUEST"},
      {"another grant", with(good, "grant_type", "password"), {}, "400 INVALID_REQUEST"},
      {"no grant", with(good, "grant_type", ""), {}, "400 INVALID_REQUEST"},
      {"a proof of GET", good, {.method = "GET"}, "400 INVALID_REQUEST"},
      {"a proof of elsewhere",
       good,
       {.url = "http://localhost:9312/v1/token"},
       "400 INVALID_REQUEST"},
      {"a proof of TLS", good, {.url = "https://localhost:9311/v1/token"}, "400 INVALID_REQUEST"},
      {"an old proof", good, {.seconds = -301}, "400 INVALID_REQUEST"},
      {"a proof to come", good, {.seconds = 301}, "400 INVALID_REQUEST"}};
  for (const Case& one : cases) {
    EXPECT_EQ(told(token_call(one.params, one.proof)), one.told) << one.name;
  }
  headers_ = {{"content-type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(told(send("POST", "/v1/token", good)), "400 INVALID_REQUEST") << "no proof";
  headers_.clear();
  EXPECT_EQ(told(send("GET", "/v1/token", good)), "400 INVALID_REQUEST");

  EXPECT_EQ(told(token_call(good, {.seconds = 300})), "200") << "the code was not spent";
}

TEST_F(ProgramLogin, ASecondUseOfACodeEndsWhatTheFirstGave) {
  const std::string code = get_code();
  const std::string token = refresh_token_of(token_call(trade(code)));
  ASSERT_EQ(told(token_call(renew(token))), "200");

  EXPECT_EQ(told(token_call(trade(code), {.is_of_other_key = true})), "401 AUTHCODE_EXPIRED");
  EXPECT_EQ(outcome_in_record(), "Failure");
  EXPECT_EQ(told(token_call(renew(token))), "401 TOKEN_EXPIRED");
  EXPECT_TRUE(is_signed_in()) << "the person's own session goes on";
}

TEST_F(ProgramLogin, ACodeLastsTenMinutes) {
  const std::string code = get_code();
  world_.clock.advance_seconds(600);
  EXPECT_EQ(told(token_call(trade(code))), "401 AUTHCODE_EXPIRED");
}

TEST_F(ProgramLogin, ACodeOfASessionThatEndedIsWorthNothing) {
  const std::string code = get_code();
  headers_ = {{"sec-fetch-site", "same-origin"}};
  ASSERT_EQ(send("POST", "/_console/signout").status, 200);
  headers_.clear();
  EXPECT_EQ(told(token_call(trade(code))), "401 AUTHCODE_EXPIRED");
}

TEST_F(ProgramLogin, RefreshingTakesTheKeyAndTheClientOfTheFirstTime) {
  const std::string token = log_in();
  EXPECT_EQ(told(token_call(renew(token), {.is_of_other_key = true})), "400 INVALID_REQUEST");
  EXPECT_EQ(told(token_call(with(renew(token), "client_id", kElsewhere))), "400 INVALID_REQUEST");
  for (const std::string& wrong : {std::string(),
                                   token.substr(4),
                                   concat("ASOA", token.substr(4)),
                                   token + "A",
                                   concat("ASOR", jar_["signet-sid"])}) {
    EXPECT_EQ(told(token_call(renew(wrong))), "401 TOKEN_EXPIRED") << wrong;
  }
  EXPECT_EQ(told(token_call(renew(token))), "200");
}

TEST_F(ProgramLogin, ARefreshTokenIsNoCookie) {
  const std::string token = log_in();
  jar_["signet-sid"] = token.substr(4);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(ProgramLogin, EndsWithThePasswordThePermissionAndTheSession) {
  const std::string token = log_in();
  allow("signin:AuthorizeOAuth2Access");
  EXPECT_EQ(told(token_call(renew(token))), "403 INSUFFICIENT_PERMISSIONS");
  allow("signin:*");
  EXPECT_EQ(told(token_call(renew(token))), "200");
  world_.clock.advance_seconds(1);
  set_password();
  EXPECT_EQ(told(token_call(renew(token))), "403 USER_CREDENTIALS_CHANGED");
  world_.clock.advance_seconds(12 * 3600);
  EXPECT_EQ(told(token_call(renew(token))), "401 TOKEN_EXPIRED");
}

TEST_F(ProgramLogin, WhoGaveTheCodeMustBeWhoIsGivenAway) {
  const std::string code = get_code();
  allow("*");
  ASSERT_EQ(switch_to().status, 303);
  EXPECT_EQ(told(token_call(trade(code))), "401 AUTHCODE_EXPIRED")
      << "the user consented, and the session acts as a role now";
}

TEST_F(ProgramLogin, TheCodeForAnotherMachineIsShown) {
  const auto answer = consent(ask(good_login(kElsewhere)));
  ASSERT_TRUE(location_of(answer).starts_with(concat(kShown, "?code="))) << location_of(answer);
  const std::string code = param_of(location_of(answer), "code");
  const auto page = send("GET", location_of(answer).substr(kShown.find("/v1")));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, codec::encode_base64(concat("state=st%26te&code=", code))));
  EXPECT_EQ(send("GET", "/v1/sessions/confirmation").status, 400);
  EXPECT_EQ(told(token_call(trade(code, kElsewhere))), "200");
}

TEST_F(ProgramLogin, WithoutASessionThePersonSignsInFirst) {
  jar_.clear();
  const auto answer = ask(good_login());
  EXPECT_EQ(answer.status, 303);
  EXPECT_TRUE(location_of(answer).starts_with("/_console/signin?to=%2Fv1%2Fauthorize%3Fclient_id"));
}

// RFC 7636, appendix B.
TEST(FitsChallenge, IsTheHashOfAVerifierOfTheRightForm) {
  constexpr std::string_view kOfRfc = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  EXPECT_TRUE(fits_challenge(kOfRfc, kChallenge));
  EXPECT_FALSE(fits_challenge(kChallenge, kChallenge));
  EXPECT_FALSE(fits_challenge("", kChallenge));
  for (const std::size_t size : {std::size_t{42}, std::size_t{129}}) {
    const std::string verifier(size, 'v');
    EXPECT_FALSE(fits_challenge(verifier, challenge_of(verifier))) << size;
  }
  for (const std::size_t size : {std::size_t{43}, std::size_t{128}}) {
    const std::string verifier(size, 'v');
    EXPECT_TRUE(fits_challenge(verifier, challenge_of(verifier))) << size;
  }
  const std::string blank = std::string(42, 'v') + " ";
  EXPECT_FALSE(fits_challenge(blank, challenge_of(blank)));
}

}  // namespace
}  // namespace signet::signin
