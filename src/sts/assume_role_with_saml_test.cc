#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "facts/outcome_for_test.h"
#include "saml/documents_for_test.h"
#include "saml/signing_for_test.h"
#include "sts/handlers.h"
#include "sts/session_for_test.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kProvider = "arn:aws:iam::111122223333:saml-provider/idp";
constexpr std::string_view kDenied =
    "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML";
constexpr std::string_view kAttribute = "https://aws.amazon.com/SAML/Attributes/";

class AssumeRoleWithSaml : public testing::Test {
 protected:
  AssumeRoleWithSaml() {
    put_provider([](identity::SamlProvider&) {});
    trust("");
  }

  void put_provider(const std::function<void(identity::SamlProvider&)>& change) {
    identity::SamlProvider provider = identity::make_saml_provider("idp");
    provider.issuers = {{.entity_id = std::string(saml::kEntityId),
                         .certificates = {saml::der_of(saml::kIdpCertificate)}}};
    provider.valid_until = AuthzFixture::kNow.plus_seconds(1'000'000);
    change(provider);
    world_.write([&](identity::Transaction& transaction) { transaction.put(std::move(provider)); });
  }

  // The role trusts the provider under these terms.
  void trust(std::string_view terms,
             std::string_view actions =
                 R"(sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity)") {
    world_.change_role([&](identity::Role& role) {
      role.trust_policy = identity::make_document(
          concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[")",
                 actions,
                 R"("],"Principal":{"Federated":")",
                 kProvider,
                 R"("})",
                 terms,
                 "}]}"));
    });
  }

  void trust_if(std::string_view condition) { trust(concat(R"(,"Condition":)", condition)); }

  static std::string attribute(std::string_view name, std::string_view value) {
    return concat("<saml:Attribute Name=\"",
                  name,
                  "\"><saml:AttributeValue>",
                  value,
                  "</saml:AttributeValue></saml:Attribute>");
  }

  static saml::ResponseText text(std::string_view more = {}) {
    saml::ResponseText made;
    made.now = AuthzFixture::kNow;
    made.attributes = concat(attribute(concat(kAttribute, "Role"), concat(kRole, ",", kProvider)),
                             attribute(concat(kAttribute, "RoleSessionName"), "alice"),
                             more);
    return made;
  }

  static AssumeRoleWithSAMLRequest request(const saml::ResponseText& text) {
    const std::string document = saml::sign(saml::response_around(saml::assertion(text), text),
                                            {.key = saml::kIdpKey, .id = text.id});
    return {.role_arn = std::string(kRole),
            .principal_arn = std::string(kProvider),
            .saml_assertion = Secret(codec::encode_base64(document))};
  }

  static AssumeRoleWithSAMLRequest request() { return request(text()); }

  auto assume(const AssumeRoleWithSAMLRequest& request) { return world_.examined(request, true); }

  std::string said(const AssumeRoleWithSAMLRequest& request) { return outcome(assume(request)); }

  model::Session session_of(const Result<AssumeRoleWithSAMLResponse>& answer) {
    return *session_behind(answer, world_);
  }

  api::ApiFixture world_;
};

TEST_F(AssumeRoleWithSaml, AnswersCredentialsAndWhoTheyAreOf) {
  const auto answer = assume(request());

  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/reader/alice");
  EXPECT_EQ(answer->assumed_role_user->assumed_role_id, "AROAREADER:alice");
  EXPECT_EQ(answer->subject, "alice");
  EXPECT_EQ(answer->subject_type, "persistent");
  EXPECT_EQ(answer->issuer, saml::kEntityId);
  EXPECT_EQ(answer->audience, "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(answer->name_qualifier->size(), 28U);
  EXPECT_FALSE(answer->packed_policy_size.has_value());
  EXPECT_FALSE(answer->source_identity.has_value());
  EXPECT_EQ(answer->credentials->expiration, AuthzFixture::kNow.plus_seconds(3600));

  const model::Session session = session_of(answer);
  EXPECT_EQ(session.kind, model::SessionKind::Saml);
  EXPECT_EQ(session.principal_id, AuthzFixture::kRoleId);
  EXPECT_FALSE(session.is_chained);
  EXPECT_EQ(
      session.claims,
      (std::vector<model::Tag>{{.key = "saml:namequalifier", .value = *answer->name_qualifier},
                               {.key = "saml:sub", .value = "alice"},
                               {.key = "saml:sub_type", .value = "persistent"}}));
}

TEST_F(AssumeRoleWithSaml, CarriesWhoIsBehindTheSession) {
  put_provider([](identity::SamlProvider& provider) {
    provider.propagation.context.emplace().subject_source = "mail";
  });

  const auto answer = assume(request(text(attribute("mail", "alice@example.com"))));

  ASSERT_EQ(outcome(answer), "ok");
  const auto& shown = answer->trusted_identity_propagation_context;
  ASSERT_TRUE(shown && shown->origin_identity);
  EXPECT_EQ(shown->origin_identity->subject->reveal(secret_access()), "alice@example.com");
  const std::string key = *saml::key_hash(saml::der_of(saml::kIdpCertificate));
  EXPECT_EQ(shown->origin_identity->issuer->reveal(secret_access()), key);
  EXPECT_EQ(key.size(), 64U);
  const model::Session session = session_of(answer);
  EXPECT_NE(std::ranges::find(session.claims,
                              model::Tag{.key = "aws:OriginIdentity/Issuer", .value = key}),
            session.claims.end());
}

TEST_F(AssumeRoleWithSaml, AnAssertionGetsARoleOnce) {
  EXPECT_EQ(said(request()), "ok");
  EXPECT_EQ(said(request()),
            "InvalidIdentityToken: The SAML assertion has been used for this role already.");
  saml::ResponseText other = text();
  other.id = "_other";
  EXPECT_EQ(said(request(other)), "ok");
}

TEST_F(AssumeRoleWithSaml, ARefusedCallUsesNothingUp) {
  trust_if(R"({"StringEquals":{"saml:sub":"bob"}})");
  EXPECT_EQ(said(request()), kDenied);
  trust("");
  EXPECT_EQ(said(request()), "ok");
}

TEST_F(AssumeRoleWithSaml, TheTrustPolicyDecides) {
  for (const char* condition :
       {R"({"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}})",
        R"({"StringEquals":{"saml:iss":"https://idp.example.com/saml"}})",
        R"({"StringEquals":{"saml:doc":"111122223333/idp"}})",
        R"({"StringEquals":{"saml:sub_type":"persistent"}})",
        R"({"StringEquals":{"sts:RoleSessionName":"alice"}})",
        R"({"Null":{"aws:PrincipalType":"true"}})"}) {
    trust_if(condition);
    saml::ResponseText made = text();
    made.id = concat("_", std::to_string(std::hash<std::string_view>()(condition)));
    EXPECT_EQ(said(request(made)), "ok") << condition;
  }
  trust_if(R"({"StringEquals":{"saml:aud":"urn:amazon:webservices"}})");
  EXPECT_EQ(said(request()), kDenied);
  world_.change_role([](identity::Role& role) {
    role.trust_policy = identity::make_document(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",)"
        R"("Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/other"}}]})");
  });
  EXPECT_EQ(said(request()), kDenied);
  world_.change_role([](identity::Role& role) {
    role.trust_policy = identity::make_document(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"AWS":"111122223333"}}]})");
  });
  EXPECT_EQ(said(request()), kDenied);
}

TEST_F(AssumeRoleWithSaml, TagsAndSourceIdentityNeedPermissionsOfTheirOwn) {
  const saml::ResponseText tagged =
      text(concat(attribute(concat(kAttribute, "PrincipalTag:team"), "red"),
                  attribute(concat(kAttribute, "TransitiveTagKeys"), "team"),
                  attribute(concat(kAttribute, "SourceIdentity"), "alice")));
  trust("", R"(sts:AssumeRoleWithSAML","sts:TagSession)");
  EXPECT_EQ(said(request(tagged)), kDenied);
  trust("", R"(sts:AssumeRoleWithSAML","sts:SetSourceIdentity)");
  EXPECT_EQ(said(request(tagged)), kDenied);
  trust("");

  const auto answer = assume(request(tagged));

  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->source_identity, "alice");
  EXPECT_TRUE(answer->packed_policy_size.has_value());
  const model::Session session = session_of(answer);
  EXPECT_EQ(session.tags, (std::vector<model::Tag>{{.key = "team", .value = "red"}}));
  EXPECT_EQ(session.transitive_keys, std::vector<std::string>{"team"});
  EXPECT_EQ(session.source_identity, "alice");
}

TEST_F(AssumeRoleWithSaml, LastsAsLongAsAllAllow) {
  AssumeRoleWithSAMLRequest longer = request();
  longer.duration_seconds = 7'200;
  EXPECT_EQ(said(longer),
            "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
            "this role.");
  world_.change_role([](identity::Role& role) { role.max_session_seconds = 43'200; });
  longer.duration_seconds = 10'000;
  EXPECT_EQ(assume(longer)->credentials->expiration, AuthzFixture::kNow.plus_seconds(7'200))
      << "SessionNotOnOrAfter";
  saml::ResponseText shorter = text(attribute(concat(kAttribute, "SessionDuration"), "900"));
  shorter.id = "_shorter";
  EXPECT_EQ(assume(request(shorter))->credentials->expiration,
            AuthzFixture::kNow.plus_seconds(900));
}

TEST_F(AssumeRoleWithSaml, RequestsAreWellFormed) {
  AssumeRoleWithSAMLRequest wrong = request();
  wrong.role_arn = "arn:aws:iam::111122223333:user/somebody";
  EXPECT_EQ(said(wrong), "ValidationError: Request ARN is invalid");
  wrong = request();
  wrong.principal_arn = "arn:aws:iam::111122223333:oidc-provider/idp";
  EXPECT_EQ(said(wrong), "ValidationError: Request ARN is invalid");
  wrong = request();
  wrong.saml_assertion = Secret(std::string("not base64!"));
  EXPECT_TRUE(
      said(wrong).starts_with("InvalidIdentityToken: Invalid base64 SAMLResponse (Service: "
                              "AWSOpenIdDiscoveryService; Status Code: 400; Error Code: "
                              "AuthSamlInvalidSamlResponseException; Request ID: "));
  wrong.saml_assertion = Secret(codec::encode_base64("<x/>"));
  EXPECT_EQ(said(wrong), "InvalidIdentityToken: Invalid SAMLResponse");
}

TEST_F(AssumeRoleWithSaml, TheProviderVouchesAsItIsNow) {
  AssumeRoleWithSAMLRequest elsewhere = request();
  elsewhere.principal_arn = "arn:aws:iam::111122223333:saml-provider/none";
  EXPECT_TRUE(said(elsewhere).starts_with(
      "InvalidIdentityToken: Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; "
      "Status Code: 400; Error Code: AuthSamlManifestNotFoundException; Request ID: "));

  put_provider([](identity::SamlProvider& provider) {
    provider.issuers[0].entity_id = "https://other.example.com";
  });
  EXPECT_TRUE(said(request()).starts_with(
      "InvalidIdentityToken: Issuer not present in specified provider (Service: "));
  put_provider([](identity::SamlProvider& provider) {
    provider.issuers[0].certificates = {saml::der_of(saml::kOtherCertificate)};
  });
  EXPECT_TRUE(said(request()).starts_with("InvalidIdentityToken: Response signature invalid "));
  put_provider([](identity::SamlProvider& provider) { provider.valid_until = AuthzFixture::kNow; });
  EXPECT_EQ(said(request()),
            "InvalidIdentityToken: The metadata of the specified provider is no longer valid.");
  put_provider([](identity::SamlProvider& provider) {
    provider.encryption = identity::AssertionEncryption::Required;
    provider.private_keys = {{.id = "KEY",
                              .added = {},
                              .pem = identity::make_shared_secret(std::string(saml::kServiceKey))}};
  });
  EXPECT_EQ(said(request()),
            "InvalidIdentityToken: The specified provider requires encrypted assertions.");
}

TEST_F(AssumeRoleWithSaml, AStatusOfRefusalIsTheProviders) {
  saml::ResponseText refused = text();
  refused.status = R"(<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester"/>)";
  EXPECT_EQ(said(request(refused)),
            "IDPRejectedClaim: The identity provider reported an error: "
            "urn:oasis:names:tc:SAML:2.0:status:Requester");
}

TEST_F(AssumeRoleWithSaml, RolesThatAreNotThereAreRefusedLikeOthers) {
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>(AuthzFixture::kRoleId);
  });
  EXPECT_EQ(said(request()), kDenied);
}

TEST_F(AssumeRoleWithSaml, ASessionPolicyLimitsTheSession) {
  AssumeRoleWithSAMLRequest limited = request();
  limited.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";
  const auto answer = assume(limited);
  EXPECT_TRUE(session_of(answer).has_session_policy);
  EXPECT_TRUE(answer->packed_policy_size.has_value());
  saml::ResponseText other = text();
  other.id = "_other";
  limited = request(other);
  limited.policy = "{";
  EXPECT_TRUE(said(limited).starts_with("MalformedPolicyDocument: "));
}

}  // namespace
}  // namespace signet::sts
