#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/sign_key.h"
#include "identity/issuers.h"
#include "jose/jws.h"
#include "sts/handlers.h"
#include "sts/origin_identity.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;
using identity::IssuerAlgorithm;
using identity::kAccount;
using model::Session;
using model::SessionKind;

constexpr std::string_view kNamespace = "https://sts.amazonaws.com/";

class WebIdentityTokenTest : public testing::Test {
 protected:
  WebIdentityTokenTest() {
    allow("sts:*");
    world_.write([](identity::Transaction& transaction) {
      transaction.put(
          identity::WebIdentityIssuer{.account = kAccount, .id = "issuer-id", .is_enabled = true});
      put_key(transaction, "RSA_0", IssuerAlgorithm::Rs256, crypto::SignKey::make_rsa());
      put_key(transaction,
              "EC384_0",
              IssuerAlgorithm::Es384,
              crypto::SignKey::make_ec(crypto::EcCurve::P384));
    });
  }

  static void put_key(identity::Transaction& transaction,
                      const char* kid,
                      IssuerAlgorithm algorithm,
                      const std::optional<crypto::SignKey>& key) {
    transaction.put(identity::IssuerKey{.account = kAccount,
                                        .kid = kid,
                                        .algorithm = algorithm,
                                        .private_key = std::make_shared<const Secret>(key->write()),
                                        .created = AuthzFixture::kNow,
                                        .signs_from = AuthzFixture::kNow});
  }

  void allow(std::string_view action, std::string_view more = R"("Resource":"*")") {
    world_.change_role([&](identity::Role& role) {
      role.inline_policies = {{.name = "p", .document = authz::document("Allow", action, more)}};
    });
  }

  static GetWebIdentityTokenRequest request() {
    return {.audience = {"https://example.com"}, .signing_algorithm = "ES384"};
  }

  static Session session() {
    Session made = AuthzFixture::session(SessionKind::AssumedRole);
    made.principal_id = AuthzFixture::kRoleId;
    return made;
  }

  static Session with_origin(std::string subject) {
    Session made = session();
    made.claims = {{"aws:OriginIdentity/Subject", std::move(subject)},
                   {"aws:OriginIdentity/Issuer", "idp.example.com"}};
    return made;
  }

  Result<GetWebIdentityTokenResponse> get(const GetWebIdentityTokenRequest& wanted,
                                          const Session& by = session()) {
    return world_.call(AuthzFixture::role(by), wanted);
  }

  static codec::Json claims(const Result<GetWebIdentityTokenResponse>& answer) {
    EXPECT_EQ(outcome(answer), "ok");
    const auto jws =
        jose::read_compact(answer ? answer->web_identity_token->reveal(secret_access()) : "");
    EXPECT_TRUE(jws.has_value());
    auto json = codec::Json::parse(jws ? jws->payload : "{}");
    EXPECT_TRUE(json);
    return *std::move(json);
  }

  api::ApiFixture world_;
};

TEST_F(WebIdentityTokenTest, SaysWhoCallsAndIsSignedByTheIssuersKey) {
  const auto answer = get(request());

  const codec::Json got = claims(answer);
  EXPECT_EQ(got.string_at("iss"), "https://signet.example.com/_issuer/issuer-id");
  EXPECT_EQ(got.string_at("aud"), "https://example.com");
  EXPECT_EQ(got.string_at("sub"), "arn:aws:iam::111122223333:role/team/reader");
  EXPECT_EQ(got.find("iat")->as_int(), AuthzFixture::kNow.seconds());
  EXPECT_EQ(got.find("exp")->as_int(), AuthzFixture::kNow.seconds() + 300);
  EXPECT_EQ(got.string_at("jti").size(), 36u);
  EXPECT_EQ(got.find("scope"), nullptr);
  EXPECT_EQ(got.find("subject_mode"), nullptr);
  const codec::Json& more = *got.find(kNamespace);
  EXPECT_EQ(more.string_at("aws_account"), kAccount);
  EXPECT_EQ(more.string_at("source_region"), "eu-west-1");
  EXPECT_EQ(more.string_at("principal_id"), "arn:aws:iam::111122223333:role/team/reader");
  for (const char* absent : {"org_id", "ou_path", "principal_tags", "request_tags"}) {
    EXPECT_EQ(more.find(absent), nullptr) << absent;
  }
  EXPECT_EQ(answer->expiration, world_.clock.now().plus_seconds(300));

  const auto jws = jose::read_compact(answer->web_identity_token->reveal(secret_access()));
  EXPECT_EQ(jws->key_id, "EC384_0");
  const auto* stored = identity::signing_key(
      *world_.snapshot(), kAccount, IssuerAlgorithm::Es384, AuthzFixture::kNow);
  const auto key = crypto::VerifyKey::of(*crypto::SignKey::read(*stored->private_key)->ec());
  EXPECT_TRUE(key->verify(crypto::Digest::Sha384, jws->signing_input, jws->signature));
}

TEST_F(WebIdentityTokenTest, HasAudiencesTagsAndTheOrganization) {
  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::OrgPolicies{
        .account = kAccount, .organization_id = "o-example", .path = "o-example/r-1/ou-1/"});
  });
  world_.change_role([](identity::Role& role) { role.tags = {{"Team", "role"}, {"dept", "x"}}; });
  Session by = session();
  by.tags = {{"team", "session"}};
  by.source_identity = "alice";
  GetWebIdentityTokenRequest wanted = request();
  wanted.audience = {"a", "b", "a"};
  wanted.tags = {{.key = "aws:k", .value = "v"}};

  const codec::Json got = claims(get(wanted, by));

  ASSERT_EQ(got.find("aud")->items().size(), 3u);
  const codec::Json& more = *got.find(kNamespace);
  EXPECT_EQ(more.string_at("org_id"), "o-example");
  EXPECT_EQ(more.find("ou_path")->items().front().text(), "o-example/r-1/ou-1/");
  EXPECT_EQ(more.string_at("source_identity"), "alice");
  EXPECT_EQ(more.find("request_tags")->string_at("aws:k"), "v");
  const codec::Json& tags = *more.find("principal_tags");
  EXPECT_EQ(tags.string_at("team"), "session");
  EXPECT_EQ(tags.string_at("dept"), "x");
  EXPECT_EQ(tags.find("Team"), nullptr);
}

TEST_F(WebIdentityTokenTest, WhatIsWrongIsToldBeforeWhetherTheFeatureIsOn) {
  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::WebIdentityIssuer{.account = kAccount, .id = "issuer-id"});
  });
  GetWebIdentityTokenRequest wanted = request();
  wanted.signing_algorithm = "ES256";
  EXPECT_EQ(outcome(get(wanted)),
            "ValidationError: Requested SigningAlgorithm is not supported. See the "
            "GetWebIdentityToken documentation for supported algorithms");
  wanted = request();
  wanted.tags = {{.key = "a", .value = "1"}, {.key = "A", .value = "2"}};
  EXPECT_EQ(outcome(get(wanted)),
            "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  Session ending = session();
  ending.expires = AuthzFixture::kNow.plus_seconds(299);
  EXPECT_EQ(outcome(get(request(), ending)),
            "SessionDurationEscalationException: Requested token expiry time must be before the "
            "original session's expiry time.");
  EXPECT_EQ(outcome(get(request())),
            "OutboundWebIdentityFederationDisabledException: OutboundWebIdentityFederation is "
            "disabled.");
  allow("s3:*");
  EXPECT_EQ(outcome(get(request())),
            "AccessDenied: User: arn:aws:sts::111122223333:assumed-role/reader/work is not "
            "authorized to perform: sts:GetWebIdentityToken on resource: "
            "arn:aws:sts::111122223333:self because no identity-based policy allows the "
            "sts:GetWebIdentityToken action");
}

TEST_F(WebIdentityTokenTest, PermissionsAreForTheCallerItselfWithItsKeys) {
  allow("sts:GetWebIdentityToken", R"("Resource":"arn:aws:sts::111122223333:self")");
  EXPECT_EQ(outcome(get(request())), "ok");
  allow("sts:GetWebIdentityToken", R"("Resource":"arn:aws:iam::111122223333:role/team/reader")");
  EXPECT_EQ(outcome(get(request())).substr(0, 13), "AccessDenied:");
  allow("sts:GetWebIdentityToken",
        R"("Resource":"*","Condition":{"NumericLessThanEquals":{"sts:DurationSeconds":"300"},)"
        R"("StringEquals":{"sts:SigningAlgorithm":"ES384","sts:SubjectMode":"AWSIdentity"},)"
        R"("ForAllValues:StringLike":{"sts:IdentityTokenAudience":"https://*"}})");
  EXPECT_EQ(outcome(get(request())), "ok");
  for (const auto& change : std::vector<std::function<void(GetWebIdentityTokenRequest&)>>{
           [](auto& r) { r.duration_seconds = 301; },
           [](auto& r) { r.signing_algorithm = "RS256"; },
           [](auto& r) { r.audience.emplace_back("other"); },
           [](auto& r) {
             r.tags = {{.key = "k", .value = "v"}};
           }}) {
    GetWebIdentityTokenRequest wanted = request();
    change(wanted);
    EXPECT_EQ(outcome(get(wanted)).substr(0, 13), "AccessDenied:");
  }
}

TEST_F(WebIdentityTokenTest, IsNotForFederatedUsersRootOrTheGlobalEndpoint) {
  Session guest = AuthzFixture::session(SessionKind::FederatedUser);
  EXPECT_EQ(outcome(world_.call(AuthzFixture::federated(guest), request())),
            "AccessDenied: GetWebIdentityToken does not support federated user sessions");
  EXPECT_EQ(outcome(world_.call(AuthzFixture::root(), request())).substr(0, 13), "AccessDenied:");
  world_.host = "sts.amazonaws.com";
  EXPECT_EQ(outcome(get(request())),
            "InvalidAction: Operation not supported on STS global endpoint");
}

TEST_F(WebIdentityTokenTest, PayloadHasALimit) {
  GetWebIdentityTokenRequest wanted = request();
  wanted.audience.assign(10, std::string(1000, 'a'));
  EXPECT_EQ(outcome(get(wanted)), "ok");
  for (int i = 0; i < 50; ++i) {
    wanted.tags.push_back({.key = concat("k", std::to_string(i)), .value = std::string(256, 'v')});
  }
  EXPECT_EQ(outcome(get(wanted)).substr(0, 32), "JWTPayloadSizeExceededException:");
}

TEST_F(WebIdentityTokenTest, OriginIdentityIsTheSubjectWithScopes) {
  GetWebIdentityTokenRequest wanted = request();
  wanted.subject_mode = "OriginIdentity";
  wanted.scope = "read write";

  const codec::Json got = claims(get(wanted, with_origin("user-1")));

  EXPECT_EQ(got.string_at("sub"), "user-1");
  EXPECT_EQ(got.string_at("scope"), "read write");
  EXPECT_EQ(got.string_at("subject_mode"), "OriginIdentity");
  EXPECT_EQ(got.find(kNamespace)->string_at("principal_id"),
            "arn:aws:iam::111122223333:role/team/reader");
}

TEST_F(WebIdentityTokenTest, ScopeNeedsOriginIdentityOneAudienceAndAPermission) {
  GetWebIdentityTokenRequest wanted = request();
  wanted.scope = "read";
  EXPECT_EQ(outcome(get(wanted, with_origin("user-1"))).substr(0, 16), "ValidationError:");
  wanted.subject_mode = "OriginIdentity";
  EXPECT_EQ(outcome(get(wanted, with_origin("user-1"))), "ok");
  wanted.audience.emplace_back("second");
  EXPECT_EQ(outcome(get(wanted, with_origin("user-1"))).substr(0, 16), "ValidationError:");
  wanted.audience.pop_back();
  wanted.scope = "read read";
  EXPECT_EQ(outcome(get(wanted, with_origin("user-1"))).substr(0, 16), "ValidationError:");
  wanted.scope = "read";
  allow("sts:GetWebIdentityToken");
  EXPECT_NE(outcome(get(wanted, with_origin("user-1"))).find("sts:SetWebIdentityTokenScope"),
            std::string::npos);
}

TEST(OriginIdentity, IsNoArnAndHidesNothing) {
  const auto subject_of = [](std::string subject, bool has_issuer = true) {
    Session session = AuthzFixture::session(SessionKind::AssumedRole);
    session.claims = {{"aws:OriginIdentity/Subject", std::move(subject)}};
    if (has_issuer) {
      session.claims.push_back({"aws:OriginIdentity/FederatedProviderArn", "arn:aws:iam::1:x"});
    }
    return outcome(origin_subject(AuthzFixture::role(session)));
  };

  EXPECT_EQ(subject_of("user 1"), "ok");
  for (const char* blank : {"", "  "}) {
    EXPECT_EQ(subject_of(blank).substr(0, 16), "ValidationError:") << blank;
  }
  EXPECT_EQ(subject_of("user", false).substr(0, 16), "ValidationError:");
  EXPECT_EQ(outcome(origin_subject(AuthzFixture::user())).substr(0, 16), "ValidationError:");
  for (const char* unsafe : {"arn:aws:iam::111122223333:user/u",
                             "ARN:x",
                             " user",
                             "user ",
                             "a\tb",
                             "a\nb",
                             "a\xC2\xA0"
                             "b",
                             "a\xE2\x80\x8B"
                             "b"}) {
    EXPECT_EQ(subject_of(unsafe).substr(0, 13), "AccessDenied:") << unsafe;
  }
}

}  // namespace
}  // namespace signet::sts
