#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "base/testdata_for_test.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "oidc/issuer_keys.h"
#include "sts/handlers.h"
#include "sts/session_for_test.h"

// AssumeRoleWithWebIdentity. The tokens are a foreign library's (testdata/jose/web_identity.py).
namespace signet::sts {
namespace {

using authz::AuthzFixture;
using codec::Json;
using model::Session;
using model::SessionKind;

constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kProvider = "arn:aws:iam::111122223333:oidc-provider/idp.example.com/a";
constexpr std::string_view kDiscovery =
    "https://idp.example.com/a/.well-known/openid-configuration";

constexpr const char* kDenied =
    "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
constexpr const char* kInvalid =
    "InvalidIdentityToken: The web identity token provided could not be validated. See the "
    "AssumeRoleWithWebIdentity documentation for requirements.";
constexpr const char* kNoKeys =
    "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements";
constexpr const char* kNoJwt =
    "InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if "
    "you "
    "sent an Access Token)";

Json vectors() {
  std::ostringstream text;
  text << std::ifstream(testdata_path("jose/web_identity.json")).rdbuf();
  std::optional<Json> json = Json::parse(text.str());
  SIGNET_ASSERT(json.has_value());
  return *std::move(json);
}

class WebIdentityTest : public testing::Test {
 protected:
  WebIdentityTest() {
    world_.deps.issuer_keys = &keys_;
    world_.write([](identity::Transaction& transaction) {
      transaction.put(identity::OidcProvider{.account = identity::kAccount,
                                             .name = "idp.example.com/a",
                                             .created = AuthzFixture::kNow,
                                             .client_ids = {"client"},
                                             .thumbprints = {},
                                             .tags = {}});
    });
    trust({});
  }

  // The role trusts the provider under these conditions.
  void trust(std::string_view condition,
             std::string_view provider = kProvider,
             std::string_view actions =
                 R"(sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity)") {
    world_.change_role([&](identity::Role& role) {
      std::string text =
          concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[")",
                 actions,
                 R"("],"Principal":{"Federated":")",
                 provider,
                 R"("})",
                 condition.empty() ? "" : concat(R"(,"Condition":)", condition),
                 "}]}");
      role.trust_policy = identity::make_document(std::move(text));
    });
  }

  AssumeRoleWithWebIdentityRequest request(std::string_view token) {
    AssumeRoleWithWebIdentityRequest made;
    made.role_arn = kRole;
    made.role_session_name = "work";
    made.web_identity_token = Secret(std::string(vectors_.find("tokens")->string_at(token)));
    return made;
  }

  Result<AssumeRoleWithWebIdentityResponse> assume(
      const AssumeRoleWithWebIdentityRequest& request) {
    return world_.examined(request);
  }

  std::string with(std::string_view token) { return outcome(assume(request(token))); }

  Session session_of(const Result<AssumeRoleWithWebIdentityResponse>& answer) {
    return *session_behind(answer, world_);
  }

  // Whether a session may do something under a condition of its role's policy.
  bool may_under(const Session& session, std::string_view condition) {
    world_.change_role([&](identity::Role& role) {
      role.inline_policies = {
          {.name = "p",
           .document = authz::document(
               "Allow", "iam:ListUsers", concat(R"("Resource":"*","Condition":)", condition))}};
    });
    const auto state = world_.snapshot();
    const model::Caller caller = AuthzFixture::role(session);
    const api::RequestInfo info = world_.request_now();
    return world_.authorizer.allows(
        {*state, caller, info},
        {.action = "iam:ListUsers", .resource = "arn:aws:iam::111122223333:user/"});
  }

  std::expected<std::string, oidc::FetchFault> fetch(const std::string& url) {
    ++fetches_;
    if (fault_) {
      return std::unexpected(*fault_);
    }
    if (url == kDiscovery) {
      return R"({"issuer":"https://idp.example.com/a","jwks_uri":"https://keys.example.com/"})";
    }
    if (url == "https://accounts.google.com/.well-known/openid-configuration") {
      return R"({"issuer":"https://accounts.google.com","jwks_uri":"https://keys.example.com/"})";
    }
    EXPECT_EQ(url, "https://keys.example.com/");
    std::string set = R"({"keys":)";
    append_json(set, *vectors_.find("keys"));
    return set + "}";
  }

  Json vectors_ = vectors();
  int fetches_ = 0;
  std::optional<oidc::FetchFault> fault_;
  oidc::IssuerKeys keys_{[this](const std::string& url) { return fetch(url); },
                         [] {
                           return std::int64_t{1};
                         }};
  api::ApiFixture world_;
};

TEST_F(WebIdentityTest, AnswersCredentialsOfTheRoleAndWhoVouches) {
  const auto answer = assume(request("good"));
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->subject_from_web_identity_token, "subject-1");
  EXPECT_EQ(answer->provider, kProvider);
  EXPECT_EQ(answer->audience, "client");
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/reader/work");
  EXPECT_EQ(answer->assumed_role_user->assumed_role_id, "AROAREADER:work");
  EXPECT_EQ(answer->credentials->expiration, AuthzFixture::kNow.plus_seconds(3600));
  EXPECT_FALSE(answer->packed_policy_size);
  EXPECT_FALSE(answer->source_identity);

  const Session session = session_of(answer);
  EXPECT_EQ(session.kind, SessionKind::WebIdentity);
  EXPECT_EQ(session.principal_id, AuthzFixture::kRoleId);
  EXPECT_EQ(session.federated_provider, kProvider);
  EXPECT_FALSE(session.is_chained);
  EXPECT_FALSE(session.mfa_time);
  EXPECT_EQ(with("rsa"), "ok");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(WebIdentityTest, JudgesEachTokenOfAForeignLibrary) {
  const auto missing = [](std::string_view claim) {
    return concat("InvalidIdentityToken: Missing a required claim: ", claim, ".");
  };
  const auto no_provider = [](std::string_view issuer) {
    return concat(
        "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://",
        issuer);
  };
  const std::string audience = "InvalidIdentityToken: Incorrect token audience";
  const std::string old =
      "ExpiredTokenException: Token must be redeemed within 24 hours of issuance";
  const std::string role =
      "InvalidIdentityToken: The target role ARN is not present in the roles claim of the identity "
      "token";
  const std::map<std::string_view, std::string> expected{
      {"no issuer", missing("iss")},
      {"no subject", missing("sub")},
      {"empty subject", missing("sub")},
      {"subject is a number", missing("sub")},
      {"no audience", missing("aud")},
      {"no end", missing("exp")},
      {"no issue time", missing("iat")},
      {"end is a text", missing("exp")},
      {"party is a list", missing("azp")},
      {"issuer without scheme", no_provider("idp.example.com/a")},
      {"other issuer", no_provider("idp.example.com/b")},
      {"plain http", no_provider("http://idp.example.com/a")},
      {"own", no_provider("1.tokens.sts.global.api.aws")},
      {"wrong audience", audience},
      {"wrong party", audience},
      {"two audiences",
       "InvalidIdentityToken: Token audience contains more than one audience while authorized "
       "party "
       "is not present"},
      {"expired",
       "ExpiredTokenException: Token expired: current date/time 1790000000 must be before the "
       "expiration date/time 1790000000"},
      {"a day old", old},
      {"issued too far ahead", kInvalid},
      {"not yet", kInvalid},
      {"begin is a text", kInvalid},
      {"other role", role},
      {"role by pattern", role},
      {"no roles", role},
      {"tag with two values", kInvalid},
      {"tag without value", kInvalid},
      {"tag is a number", kInvalid},
      {"tags are a list", kInvalid},
      {"tag with a bad sign", kInvalid},
      {"too many tags", kInvalid},
      {"transitive keys are numbers", kInvalid},
      {"short source identity", kInvalid},
      {"reserved source identity", kInvalid},
      {"source identity is a list", kInvalid},
      {"tags twice",
       "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
       "insensitive."},
      {"reserved tag",
       "InvalidParameterValue: Tag keys starting with \"aws:\" are reserved for internal use."},
      {"transitive key without tag",
       "InvalidParameterValue: The specified transitive tag key must be included in the requested "
       "tags."},
      {"signed by another", kInvalid},
      {"unknown key", kNoKeys},
      {"no key id", kNoKeys},
      {"hmac with the public key", kNoJwt},
      {"unsigned", kNoJwt},
      {"google", kDenied},
      {"google without scheme", kDenied},
  };
  for (const auto& [name, token] : vectors_.find("tokens")->members()) {
    const auto refusal = expected.find(name);
    EXPECT_EQ(with(name), refusal != expected.end() ? refusal->second : "ok") << name;
  }
}

TEST_F(WebIdentityTest, RefusesWhatIsNoToken) {
  for (const char* text : {"an-opaque-access-token", "a.b.c", "eyJ9.eyJ9."}) {
    AssumeRoleWithWebIdentityRequest call = request("good");
    call.web_identity_token = Secret(std::string(text));
    EXPECT_EQ(outcome(assume(call)), kNoJwt) << text;
  }
  EXPECT_EQ(fetches_, 0);
}

TEST_F(WebIdentityTest, EndsToTheSecond) {
  EXPECT_EQ(with("one second left"), "ok");
  world_.clock.set(AuthzFixture::kNow.plus_seconds(1));
  EXPECT_TRUE(with("one second left").starts_with("ExpiredTokenException"));
}

TEST_F(WebIdentityTest, AsksNoIssuerThatTheAccountDoesNotTrust) {
  EXPECT_TRUE(with("other issuer").starts_with("InvalidIdentityToken: No OpenIDConnect provider"));
  AssumeRoleWithWebIdentityRequest call = request("good");
  call.role_arn = "arn:aws:iam::444455556666:role/team/reader";
  EXPECT_TRUE(outcome(assume(call)).starts_with("InvalidIdentityToken: No OpenIDConnect provider"));
  EXPECT_EQ(fetches_, 0);
}

TEST_F(WebIdentityTest, TellsApartWhyThereAreNoKeys) {
  using Kind = oidc::FetchFault::Kind;
  const auto under = [this](Kind kind) {
    fault_ = oidc::FetchFault{.kind = kind, .cause = "why"};
    oidc::IssuerKeys fresh([this](const std::string& url) { return fetch(url); },
                           [] { return std::int64_t{1}; });
    world_.deps.issuer_keys = &fresh;
    const auto answer = assume(request("good"));
    EXPECT_FALSE(answer);
    EXPECT_EQ(answer ? "" : answer.error().cause, "why") << "for the operator";
    return outcome(answer);
  };
  EXPECT_EQ(under(Kind::Unreachable),
            "IDPCommunicationError: The request could not be fulfilled because the identity "
            "provider (IDP) that was asked to verify the incoming identity token could not be "
            "reached.");
  EXPECT_EQ(under(Kind::Certificate),
            "InvalidIdentityToken: OpenIDConnect provider's HTTPS certificate doesn't match "
            "configured thumbprint");
  EXPECT_EQ(under(Kind::Refused), kNoKeys);
  world_.deps.issuer_keys = nullptr;
  EXPECT_EQ(with("good"), kNoKeys);
}

TEST_F(WebIdentityTest, AnswersAMissingRoleLikeATrustThatRefuses) {
  trust({}, "arn:aws:iam::111122223333:oidc-provider/idp.example.com/b");
  EXPECT_EQ(with("good"), kDenied);
  trust({}, "idp.example.com/a");
  EXPECT_EQ(with("good"), kDenied);
  trust({}, kProvider, "sts:AssumeRole");
  EXPECT_EQ(with("good"), kDenied);
  AssumeRoleWithWebIdentityRequest call = request("good");
  for (const char* arn : {"arn:aws:iam::111122223333:role/team/READER",
                          "arn:aws:iam::111122223333:role/reader",
                          "arn:aws:iam::111122223333:role/team/other"}) {
    call.role_arn = arn;
    EXPECT_EQ(outcome(assume(call)), kDenied) << arn;
  }
  for (const char* arn : {"arn:aws:iam::111122223333:user/team/reader",
                          "role/team/reader/x-y-z",
                          "arn:aws:s3:::bucket-of-mine"}) {
    call.role_arn = arn;
    EXPECT_EQ(outcome(assume(call)), "ValidationError: Request ARN is invalid") << arn;
  }
}

TEST_F(WebIdentityTest, ShowsTheTrustPolicyTheIssuersKeysAndNoCaller) {
  const auto under = [this](std::string_view condition, std::string_view token) {
    trust(condition);
    return with(token) == "ok";
  };
  EXPECT_TRUE(under(R"({"StringEquals":{"idp.example.com/a:sub":"subject-1","idp.example.com/a:aud":
      "client","sts:RoleSessionName":"work"},"StringLike":{"aws:FederatedProvider":"*idp.example.com/a"}})",
                    "good"));
  EXPECT_FALSE(under(R"({"StringEquals":{"idp.example.com/a:sub":"subject-2"}})", "good"));
  EXPECT_FALSE(under(R"({"StringEquals":{"idp.example.com/b:sub":"subject-1"}})", "good"));
  EXPECT_TRUE(under(R"({"Null":{"aws:PrincipalArn":"true","aws:PrincipalAccount":"true",
      "aws:PrincipalType":"true","aws:userid":"true","aws:username":"true"}})",
                    "good"));

  EXPECT_TRUE(
      under(R"({"StringEquals":{"idp.example.com/a:aud":"client","idp.example.com/a:oaud":"x"}})",
            "party"));
  EXPECT_TRUE(under(R"({"Null":{"idp.example.com/a:oaud":"true"}})", "good"));
  EXPECT_TRUE(under(R"({"ForAnyValue:StringEquals":{"idp.example.com/a:amr":"otp"},"StringEquals":
      {"idp.example.com/a:email":"a@example.com"}})",
                    "mail"));
  EXPECT_TRUE(under(R"({"Null":{"idp.example.com/a:email":"true"}})", "mail that nobody verified"));
  EXPECT_TRUE(under(
      R"({"Null":{"idp.example.com/a:groups":"true","idp.example.com/a:iss":"true"}})", "mail"))
      << "other claims are no keys";

  EXPECT_TRUE(under(R"({"Bool":{"sts:RoleAuthorizedByIdp":"true"}})", "role"));
  EXPECT_TRUE(under(R"({"Bool":{"sts:RoleAuthorizedByIdp":"true"}})", "roles"));
  EXPECT_FALSE(under(R"({"Bool":{"sts:RoleAuthorizedByIdp":"true"}})", "good"));
}

TEST_F(WebIdentityTest, KnowsTheProvidersOfEveryAccountByTheirHost) {
  trust(R"({"StringEquals":{"accounts.google.com:aud":"google-client"}})", "accounts.google.com");
  EXPECT_EQ(with("google"), "ok");
  EXPECT_EQ(with("google without scheme"), "ok");
  const auto answer = assume(request("google"));
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->provider, "accounts.google.com");
  EXPECT_EQ(answer->audience, "google-client");
  trust(R"({"StringEquals":{"accounts.google.com:google/organization_number":"12345",
      "accounts.google.com:oaud":"x"}})",
        "accounts.google.com");
  EXPECT_EQ(with("google"), "ok");
  trust(R"({"NumericEquals":{"accounts.google.com:google/organization_number":"12346"}})",
        "accounts.google.com");
  EXPECT_EQ(with("google"), kDenied);
}

TEST_F(WebIdentityTest, TakesTagsAndSourceIdentityInBothForms) {
  for (const char* form : {"tags", "flat tags"}) {
    SCOPED_TRACE(form);
    const auto answer = assume(request(form));
    ASSERT_EQ(outcome(answer), "ok");
    EXPECT_EQ(answer->source_identity, "jane");
    EXPECT_TRUE(answer->packed_policy_size);
    const Session session = session_of(answer);
    EXPECT_EQ(session.tags.size(), 2U);
    EXPECT_EQ(session.transitive_keys, (std::vector<std::string>{"Team"}));
    EXPECT_EQ(session.source_identity, "jane");
    EXPECT_TRUE(may_under(session, R"({"StringEquals":{"aws:PrincipalTag/Team":"red",
        "aws:PrincipalTag/Cost":"7","aws:SourceIdentity":"jane"}})"));
  }
}

TEST_F(WebIdentityTest, NeedsTheTrustForTagsAndSourceIdentity) {
  trust({}, kProvider, R"(sts:AssumeRoleWithWebIdentity","sts:TagSession)");
  EXPECT_EQ(with("tags"), kDenied);
  trust({}, kProvider, R"(sts:AssumeRoleWithWebIdentity","sts:SetSourceIdentity)");
  EXPECT_EQ(with("tags"), kDenied);
  EXPECT_EQ(with("good"), "ok");
  trust(R"({"StringEquals":{"aws:RequestTag/Team":"red","sts:SourceIdentity":"jane"},
      "ForAllValues:StringEquals":{"sts:TransitiveTagKeys":"Team","aws:TagKeys":["Team","Cost"]}})");
  EXPECT_EQ(with("tags"), "ok");
  trust(R"({"StringEquals":{"aws:RequestTag/Team":"blue"}})");
  EXPECT_EQ(with("tags"), kDenied);
}

TEST_F(WebIdentityTest, LeavesTheSessionSomeKeysOnly) {
  const Session session = session_of(assume(request("mail")));
  EXPECT_TRUE(may_under(session, R"({"StringEquals":{"idp.example.com/a:sub":"subject-1",
      "idp.example.com/a:aud":"client"},"ForAnyValue:StringEquals":{"idp.example.com/a:amr":"pwd"}})"));
  EXPECT_TRUE(
      may_under(session, R"({"ForAllValues:StringEquals":{"idp.example.com/a:amr":["pwd","otp"]},
      "Null":{"idp.example.com/a:amr":"false"}})"));
  EXPECT_FALSE(
      may_under(session, R"({"ForAllValues:StringEquals":{"idp.example.com/a:amr":"pwd"}})"));
  EXPECT_TRUE(may_under(session, R"({"Null":{"idp.example.com/a:email":"true"}})"));
  EXPECT_TRUE(may_under(session,
                        concat(R"({"StringEquals":{"aws:FederatedProvider":")",
                               kProvider,
                               R"("},"Null":{"aws:MultiFactorAuthPresent":"true"}})")));
}

TEST_F(WebIdentityTest, PropagatesClaimsThatTheProviderNames) {
  const auto propagate = [this](identity::ContextProvider context) {
    world_.write([&](identity::Transaction& transaction) {
      identity::OidcProvider provider =
          *transaction.view().find<identity::OidcProvider>(identity::kAccount, "idp.example.com/a");
      provider.propagation.context = std::move(context);
      transaction.put(std::move(provider));
    });
  };
  EXPECT_FALSE(assume(request("context"))->trusted_identity_propagation_context);
  propagate({.subject_source = "sub",
             .subject_type = "",
             .subject_type_source = "kind",
             .keys = {{.source = "tid", .target = "tenant"},
                      {.source = "level", .target = "level"},
                      {.source = "absent", .target = "absent"}}});
  const auto answer = assume(request("context"));
  ASSERT_EQ(outcome(answer), "ok");
  ASSERT_TRUE(answer->trusted_identity_propagation_context);
  const auto& shown = *answer->trusted_identity_propagation_context;
  EXPECT_EQ(shown.origin_identity->subject->reveal(secret_access()), "subject-1");
  EXPECT_EQ(shown.origin_identity->subject_type->reveal(secret_access()), "workload");
  EXPECT_EQ(shown.origin_identity->issuer->reveal(secret_access()), "idp.example.com/a");
  EXPECT_EQ(shown.origin_identity->federated_provider_arn, kProvider);
  EXPECT_EQ(shown.transaction_context->identity_provider->size(), 2U);
  EXPECT_TRUE(may_under(session_of(answer), R"({"StringEquals":{"aws:OriginIdentity/Subject":
      "subject-1","aws:OriginIdentity/SubjectType":"workload","aws:OriginIdentity/Issuer":
      "idp.example.com/a","aws:TransactionContext/IdentityProvider/tenant":"tenant-1",
      "aws:TransactionContext/IdentityProvider/level":"7"},
      "Null":{"aws:TransactionContext/IdentityProvider/absent":"true"}})"));

  EXPECT_EQ(with("good"), "ok") << "claims that are not there are no keys";
  propagate({.subject_source = "long", .subject_type = {}, .subject_type_source = {}, .keys = {}});
  EXPECT_EQ(with("context"),
            "InvalidIdentityToken: The claim long cannot be propagated: it must be one "
            "text of at most 128 characters.");
  propagate(
      {.subject_source = "sub", .subject_type = {}, .subject_type_source = "tid", .keys = {}});
  EXPECT_TRUE(with("context").starts_with("InvalidIdentityToken: The claim tid"));
}

TEST_F(WebIdentityTest, TokensOfThisServerAreNoProofToIt) {
  const std::string name = "signet.example.com/_issuer/0b5c";
  world_.write([&](identity::Transaction& transaction) {
    transaction.put(identity::OidcProvider{.account = identity::kAccount,
                                           .name = name,
                                           .created = AuthzFixture::kNow,
                                           .client_ids = {"client"},
                                           .thumbprints = {},
                                           .tags = {}});
  });
  const auto part = [](std::string_view json) {
    return codec::encode_base64url(json);
  };
  AssumeRoleWithWebIdentityRequest call = request("good");
  call.web_identity_token = Secret(
      concat(part(R"({"alg":"ES256","kid":"1"})"),
             ".",
             part(concat(R"({"iss":"https://)",
                         name,
                         R"(","sub":"s","aud":"client","iat":1790000000,"exp":1790000060})")),
             ".",
             part("signature")));
  fault_ = oidc::FetchFault{.kind = oidc::FetchFault::Kind::Unreachable, .cause = "why"};
  EXPECT_TRUE(outcome(assume(call)).starts_with("IDPCommunicationError"))
      << "of somebody else, who is asked for keys";

  world_.write([&](identity::Transaction& transaction) {
    transaction.put(identity::WebIdentityIssuer{.account = identity::kAccount,
                                                .id = "0b5c",
                                                .is_enabled = true,
                                                .created = AuthzFixture::kNow});
  });
  EXPECT_TRUE(outcome(assume(call)).starts_with("InvalidIdentityToken: No OpenIDConnect provider"));
}

TEST_F(WebIdentityTest, BoundsDurationAndSessionPolicies) {
  AssumeRoleWithWebIdentityRequest call = request("good");
  call.duration_seconds = 3601;
  EXPECT_EQ(outcome(assume(call)),
            "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
            "this role.");
  call.duration_seconds = 900;
  call.policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
  const auto answer = assume(call);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->credentials->expiration, AuthzFixture::kNow.plus_seconds(900));
  EXPECT_GT(answer->packed_policy_size.value_or(0), 0);
  EXPECT_FALSE(may_under(session_of(answer), "{}")) << "the session policy has no iam";
  call.policy = "{}";
  EXPECT_TRUE(outcome(assume(call)).starts_with("MalformedPolicyDocument"));
}

TEST_F(WebIdentityTest, TakesNoAccessTokens) {
  AssumeRoleWithWebIdentityRequest call = request("good");
  call.provider_id = "www.amazon.com";
  EXPECT_TRUE(outcome(assume(call)).starts_with("NotImplemented: ProviderId"));
}

}  // namespace
}  // namespace signet::sts
