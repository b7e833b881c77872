#include "sts/saml_grant.h"

#include <functional>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "facts/sts_sentences.h"

namespace signet::sts {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'790'000'000);
constexpr const char* kRole = "arn:aws:iam::111122223333:role/team/reader";
constexpr const char* kProvider = "arn:aws:iam::111122223333:saml-provider/idp";
constexpr const char* kPrefix = "https://aws.amazon.com/SAML/Attributes/";
constexpr const char* kTooOld =
    "ExpiredTokenException: Token must be redeemed within 5 minutes of issuance";

class SamlGrants : public testing::Test {
 protected:
  SamlGrants() {
    provider_.account = "111122223333";
    provider_.name = "idp";
    provider_.uuid = "UUID";
    assertion_.id = "_1";
    assertion_.issuer = "https://idp.example.com/saml";
    assertion_.issued = kNow;
    assertion_.name_id = "alice";
    assertion_.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    assertion_.confirmations = {{.method = "urn:oasis:names:tc:SAML:2.0:cm:bearer",
                                 .recipient = "https://signin.aws.amazon.com/saml",
                                 .in_response_to = {},
                                 .not_before = {},
                                 .not_on_or_after = kNow.plus_seconds(300)}};
    assertion_.audiences = {{"urn:amazon:webservices"}};
    set("Role", {std::string(kRole) + "," + kProvider});
    set("RoleSessionName", {"alice@example.com"});
  }

  void set(const std::string& name, std::vector<std::string> values) {
    const std::string whole = std::string(kPrefix) + name;
    for (saml::Attribute& attribute : assertion_.attributes) {
      if (attribute.name == whole) {
        attribute.values = std::move(values);
        return;
      }
    }
    assertion_.attributes.push_back({.name = whole, .values = std::move(values)});
  }

  Result<SamlGrant> grant(Instant now = kNow) const {
    return judge(assertion_, provider_, kRole, now);
  }

  // What comes of the assertion after a change, which is undone.
  std::string after(const std::function<void()>& change) {
    const saml::Assertion before = assertion_;
    change();
    std::string said = outcome();
    assertion_ = before;
    return said;
  }

  std::string outcome(Instant now = kNow) const {
    const auto result = grant(now);
    if (result) {
      return "ok";
    }
    return std::string(facts::error_row(result.error().code).wire_code) + ": " +
           result.error().message;
  }

  const authz::ContextEntry* key(const SamlGrant& grant, std::string_view name) const {
    for (const authz::ContextEntry& entry : grant.keys) {
      if (entry.key == name) {
        return &entry;
      }
    }
    return nullptr;
  }

  saml::Assertion assertion_;
  identity::SamlProvider provider_;
};

TEST_F(SamlGrants, SayWhoAndForHowLong) {
  assertion_.session_not_on_or_after = kNow.plus_seconds(7200);
  set("SessionDuration", {"1800"});
  set("SourceIdentity", {"alice"});
  set("PrincipalTag:team", {"red"});
  set("PrincipalTag:cost", {"1"});
  set("TransitiveTagKeys", {"TEAM"});

  const auto made = grant();

  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->subject, "alice");
  EXPECT_EQ(made->subject_type, "persistent");
  EXPECT_EQ(made->issuer, "https://idp.example.com/saml");
  EXPECT_EQ(made->recipient, "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(made->session_name, "alice@example.com");
  EXPECT_EQ(made->source_identity, "alice");
  EXPECT_EQ(made->session_seconds, 1800);
  EXPECT_EQ(made->session_end, kNow.plus_seconds(7200));
  EXPECT_EQ(made->tags.requested.size(), 2U);
  EXPECT_EQ(made->tags.transitive, std::vector<std::string>{"TEAM"});
  EXPECT_EQ(made->redeemable_until, kNow.plus_seconds(300));
}

TEST_F(SamlGrants, NameTheProviderByAHash) {
  assertion_.issuer = "https://example.com/saml";
  provider_.account = "123456789012";
  provider_.name = "MySAMLIdP";
  set("Role", {std::string(kRole) + ",arn:aws:iam::123456789012:saml-provider/MySAMLIdP"});

  const auto made = grant();

  ASSERT_TRUE(made.has_value());
  // printf 'https://example.com/saml123456789012/MySAMLIdP' | openssl sha1 -binary | base64
  EXPECT_EQ(made->name_qualifier, "1uAJanUnBc2XeUkHURMht+xam2c=");
}

TEST_F(SamlGrants, GiveTrustPoliciesTheirKeys) {
  assertion_.attributes.push_back(
      {.name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", .values = {"staff", "member"}});
  assertion_.attributes.push_back(
      {.name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", .values = {"alice@example.com"}});
  assertion_.attributes.push_back({.name = "urn:oid:2.5.4.3", .values = {"Alice"}});
  const auto made = grant();
  ASSERT_TRUE(made.has_value());
  const auto text = [&](std::string_view name) {
    const auto* entry = key(*made, name);
    return entry == nullptr || entry->is_list ? std::string("none") : entry->values.front();
  };

  EXPECT_EQ(text("saml:aud"), "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(text("saml:iss"), "https://idp.example.com/saml");
  EXPECT_EQ(text("saml:sub"), "alice");
  EXPECT_EQ(text("saml:sub_type"), "persistent");
  EXPECT_EQ(text("saml:doc"), "111122223333/idp");
  EXPECT_EQ(text("saml:namequalifier"), made->name_qualifier);
  EXPECT_EQ(text("saml:edupersonprincipalname"), "alice@example.com");
  const auto* affiliation = key(*made, "saml:edupersonaffiliation");
  ASSERT_NE(affiliation, nullptr);
  EXPECT_TRUE(affiliation->is_list);
  EXPECT_EQ(affiliation->values, (std::vector<std::string>{"staff", "member"}));
  EXPECT_NE(key(*made, "saml:cn"), nullptr);
  EXPECT_EQ(key(*made, "saml:edupersonnickname"), nullptr) << "absent stays absent";
}

TEST_F(SamlGrants, KnowSubjectTypesByTheirShortNamesAndOthersWhole) {
  const auto type = [&](const char* format) {
    assertion_.name_id_format = format;
    return grant()->subject_type;
  };
  EXPECT_EQ(type("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"), "transient");
  EXPECT_EQ(type("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
  EXPECT_EQ(type(""), "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
}

TEST_F(SamlGrants, NeedASubject) {
  EXPECT_EQ(after([&] { assertion_.name_id.clear(); }),
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML");
}

TEST_F(SamlGrants, AreForTheirTimeAlone) {
  EXPECT_EQ(outcome(kNow.plus_seconds(299)), "ok");
  EXPECT_EQ(outcome(kNow.plus_seconds(300)), kTooOld);
  const auto with_end = [&](std::optional<Instant>& end) {
    return after([&] { end = kNow; });
  };
  EXPECT_EQ(with_end(assertion_.not_on_or_after), kTooOld);
  EXPECT_EQ(with_end(assertion_.session_not_on_or_after), kTooOld);
  EXPECT_EQ(after([&] { assertion_.confirmations[0].not_on_or_after = kNow; }), kTooOld);
  EXPECT_EQ(after([&] { assertion_.issued = kNow.plus_seconds(-300); }), kTooOld);

  const std::string early =
      "InvalidIdentityToken: The SAML assertion is not valid yet. Compare the clocks.";
  EXPECT_EQ(after([&] { assertion_.issued = kNow.plus_seconds(60); }), "ok") << "clocks differ";
  EXPECT_EQ(after([&] { assertion_.issued = kNow.plus_seconds(61); }), early);
  EXPECT_EQ(after([&] { assertion_.not_before = kNow.plus_seconds(61); }), early);
  EXPECT_EQ(after([&] { assertion_.confirmations[0].not_before = kNow.plus_seconds(61); }), early);
}

TEST_F(SamlGrants, AreConfirmedOnceByABearerWithRecipientAndEnd) {
  const std::string missing =
      "InvalidIdentityToken: Responses must contain SubjectConfirmatonData with a Recipient and "
      "NotOnOrAfter";
  EXPECT_EQ(after([&] { assertion_.confirmations.clear(); }), missing);
  EXPECT_EQ(after([&] { assertion_.confirmations.push_back(assertion_.confirmations[0]); }),
            missing);
  EXPECT_EQ(after([&] {
              assertion_.confirmations[0].method = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches";
            }),
            missing);
  EXPECT_EQ(after([&] { assertion_.confirmations[0].recipient.clear(); }), missing);
  EXPECT_EQ(after([&] { assertion_.confirmations[0].not_on_or_after.reset(); }), missing);
}

TEST_F(SamlGrants, AreSentToAnEndpointOfAws) {
  const auto to = [&](const char* url) {
    return after([&] { assertion_.confirmations[0].recipient = url; });
  };
  for (const char* url : {"https://signin.aws.amazon.com/saml",
                          "https://signin.aws.amazon.com/static/saml",
                          "https://eu-central-1.signin.aws.amazon.com/saml",
                          "https://signin.aws.amazon.com/saml/acs/UUID",
                          "https://us-east-1.signin.aws.amazon.com/saml/acs/UUID"}) {
    EXPECT_EQ(to(url), "ok") << url;
  }
  const std::string wrong =
      "InvalidIdentityToken: The SAML response is not for an endpoint of AWS: compare Recipient "
      "and Destination.";
  for (const char* url : {"http://signin.aws.amazon.com/saml",
                          "https://signin.aws.amazon.com/saml/",
                          "https://signin.aws.amazon.com/SAML",
                          "https://signin.aws.amazon.com.evil.example/saml",
                          "https://evil.example/signin.aws.amazon.com/saml",
                          "https://evilsignin.aws.amazon.com/saml",
                          "https://.signin.aws.amazon.com/saml",
                          "https://a.b.signin.aws.amazon.com/saml",
                          "https://user@signin.aws.amazon.com/saml",
                          "https://signin.aws.amazon.com:443/saml",
                          "https://signin.aws.amazon.com/saml/acs/OTHER",
                          "https://signin.aws.amazon.com"}) {
    EXPECT_EQ(to(url), wrong) << url;
  }
  EXPECT_EQ(after([&] { assertion_.destination = "https://elsewhere.example.com/saml"; }), wrong);
  EXPECT_EQ(after([&] { assertion_.was_encrypted = true; }), wrong)
      << "an encrypted one is sent to the provider's own endpoint";
}

TEST_F(SamlGrants, AnswerNoTwoQuestions) {
  EXPECT_EQ(after([&] {
              assertion_.in_response_to = "_a";
              assertion_.confirmations[0].in_response_to = "_a";
            }),
            "ok");
  EXPECT_EQ(after([&] {
              assertion_.in_response_to = "_a";
              assertion_.confirmations[0].in_response_to = "_b";
            }),
            "InvalidIdentityToken: Invalid SAMLResponse");
}

TEST_F(SamlGrants, AreForAws) {
  const std::string wrong =
      "InvalidIdentityToken: Response does not contain the required audience.";
  const auto for_whom = [&](std::vector<std::vector<std::string>> audiences) {
    return after([&] { assertion_.audiences = std::move(audiences); });
  };
  EXPECT_EQ(for_whom({{"https://signin.aws.amazon.com/saml"}}), "ok");
  EXPECT_EQ(for_whom({{"other", "urn:amazon:webservices"}}), "ok");
  EXPECT_EQ(for_whom({}), wrong);
  EXPECT_EQ(for_whom({{}}), wrong);
  EXPECT_EQ(for_whom({{"urn:amazon:webservices:other"}}), wrong);
  EXPECT_EQ(for_whom({{"urn:amazon:webservices"}, {"other"}}), wrong) << "each must be met";
}

TEST_F(SamlGrants, AreForARoleTogetherWithTheProvider) {
  const std::string missing =
      "InvalidIdentityToken: SAML Assertion doesn't contain the requested Role and Metadata in "
      "the attributes";
  const auto with_roles = [&](std::vector<std::string> values) {
    return after([&] { set("Role", std::move(values)); });
  };
  EXPECT_EQ(with_roles({std::string(kProvider) + "," + kRole}), "ok") << "in either order";
  EXPECT_EQ(with_roles({"x", std::string(kRole) + " , " + kProvider}), "ok");
  EXPECT_EQ(with_roles({}), missing);
  EXPECT_EQ(with_roles({kRole, kProvider}), missing) << "a pair is one value";
  EXPECT_EQ(with_roles({std::string(kRole) + ",arn:aws:iam::111122223333:saml-provider/other"}),
            missing);
  EXPECT_EQ(with_roles({std::string("arn:aws:iam::111122223333:role/team/Reader,") + kProvider}),
            missing);
  EXPECT_EQ(with_roles({std::string(kRole) + "," + kProvider + ","}), missing);
}

TEST_F(SamlGrants, HaveNamesOfTheRightForm) {
  const std::string form =
      "InvalidIdentityToken: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
  const auto named = [&](std::vector<std::string> values) {
    return after([&] { set("RoleSessionName", std::move(values)); });
  };
  EXPECT_EQ(named({}), "InvalidIdentityToken: RoleSessionName is required in AuthnResponse");
  EXPECT_EQ(named({"a"}), form);
  EXPECT_EQ(named({"a b"}), form);
  EXPECT_EQ(named({std::string(65, 'a')}), form);
  EXPECT_EQ(named({"alice", "bob"}),
            "InvalidIdentityToken: The SAML attribute "
            "https://aws.amazon.com/SAML/Attributes/RoleSessionName has no value that can be "
            "used.");
  const std::string identity =
      "InvalidIdentityToken: Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin "
      "with \"aws:\"";
  EXPECT_EQ(after([&] { set("SourceIdentity", {"a/b"}); }), identity);
  EXPECT_EQ(after([&] { set("SourceIdentity", {"aws:alice"}); }), identity);
  EXPECT_EQ(after([&] { set("SourceIdentity", {std::string(256, 'a')}); }), "ok");
}

TEST_F(SamlGrants, HaveDurationsAndTagsOfTheRightForm) {
  const auto refused = [&](const std::string& name, std::vector<std::string> values) {
    const std::string said = after([&] { set(name, std::move(values)); });
    return said.starts_with("InvalidIdentityToken: The SAML attribute " + std::string(kPrefix));
  };
  for (const char* seconds : {"899", "43201", "x", "", "-1"}) {
    EXPECT_TRUE(refused("SessionDuration", {seconds})) << seconds;
  }
  EXPECT_TRUE(refused("PrincipalTag:team", {"red", "blue"}));
  EXPECT_TRUE(refused("PrincipalTag:team", {}));
  EXPECT_TRUE(refused("PrincipalTag:", {"red"}));
  EXPECT_TRUE(refused("PrincipalTag:te<m", {"red"}));
  EXPECT_TRUE(refused("PrincipalTag:team", {"re|d"}));
  EXPECT_TRUE(refused("PrincipalTag:" + std::string(129, 'k'), {"red"}));
  EXPECT_TRUE(refused("PrincipalTag:team", {std::string(257, 'v')}));
  EXPECT_EQ(
      after([&] { set("PrincipalTag:aws:team", {"red"}); }),
      "InvalidParameterValue: Tag keys starting with \"aws:\" are reserved for internal use.");
  EXPECT_EQ(after([&] {
              set("PrincipalTag:team", {"red"});
              set("PrincipalTag:TEAM", {"red"});
            }),
            "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  EXPECT_EQ(after([&] { set("TransitiveTagKeys", {"team"}); }),
            "InvalidParameterValue: The specified transitive tag key must be included in the "
            "requested tags.");
}

TEST_F(SamlGrants, PropagateWhatTheContextProviderNames) {
  EXPECT_TRUE(grant()->propagated.empty());
  provider_.propagation.context =
      identity::ContextProvider{.subject_source = "mail",
                                .subject_type = "user",
                                .subject_type_source = {},
                                .keys = {{.source = "urn:dept", .target = "department"},
                                         {.source = "absent", .target = "absent"}}};
  assertion_.attributes.push_back({.name = "mail", .values = {"alice@example.com"}});
  assertion_.attributes.push_back({.name = "urn:dept", .values = {"sales"}});

  const auto granted = grant();

  ASSERT_TRUE(granted) << granted.error().message;
  // The issuer is the key that signed, of which this assertion has none.
  EXPECT_EQ(granted->propagated,
            (std::vector<model::Tag>{
                {.key = "aws:OriginIdentity/FederatedProviderArn", .value = kProvider},
                {.key = "aws:OriginIdentity/Subject", .value = "alice@example.com"},
                {.key = "aws:OriginIdentity/SubjectType", .value = "user"},
                {.key = "aws:TransactionContext/IdentityProvider/department", .value = "sales"}}));

  const std::string refused =
      "InvalidIdentityToken: The claim mail cannot be propagated: it must be one text of at most "
      "128 characters.";
  saml::Attribute& mail = assertion_.attributes[assertion_.attributes.size() - 2];
  mail.values = {"a", "b"};
  EXPECT_EQ(outcome(), refused);
  mail.values = {std::string(129, 'a')};
  EXPECT_EQ(outcome(), refused);
}

}  // namespace
}  // namespace signet::sts
