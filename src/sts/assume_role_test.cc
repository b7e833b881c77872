#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "mfa/totp.h"
#include "sts/handlers.h"
#include "sts/session_for_test.h"
#include "token/context_assertion.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;
using model::Session;
using model::SessionKind;

constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/team/alice";
constexpr std::string_view kRoleSession = "arn:aws:iam::111122223333:role/team/reader";

std::string denied(std::string_view action, std::string_view caller = kAlice) {
  return "AccessDenied: User: " + std::string(caller) +
         " is not authorized to perform: " + std::string(action) +
         " on resource: " + std::string(kRole);
}

class AssumeRoleTest : public testing::Test {
 protected:
  AssumeRoleTest() { trust(R"("Principal":"*")"); }

  // The role trusts under these terms, for all three actions unless others are given.
  void trust(
      std::string_view terms,
      std::string_view actions = R"(sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity)") {
    world_.change_role([&](identity::Role& role) {
      std::string text = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[")";
      text += actions;
      text += R"("],)";
      text += terms;
      text += "}]}";
      role.trust_policy = identity::make_document(std::move(text));
    });
  }

  static AssumeRoleRequest request() {
    return {.role_arn = std::string(kRole), .role_session_name = "work"};
  }

  Result<AssumeRoleResponse> assume(const AssumeRoleRequest& request,
                                    const model::Caller& caller = AuthzFixture::user()) {
    return world_.call(caller, request, request.token_code.has_value());
  }

  // What the issued token holds.
  Session session_of(const Result<AssumeRoleResponse>& answer) {
    return *session_behind(answer, world_);
  }

  // A caller with the session that was issued.
  model::Caller caller_of(const Result<AssumeRoleResponse>& answer) {
    return AuthzFixture::role(session_of(answer));
  }

  identity::MfaDevice give_device() {
    identity::MfaDevice device = identity::make_device("phone");
    device.is_assigned = true;
    device.user_id = AuthzFixture::kUserId;
    world_.write([&](identity::Transaction& transaction) { transaction.put(device); });
    return device;
  }

  std::string code_of(const identity::MfaDevice& device) {
    return mfa::totp_code(device.seed->reveal(secret_access()), mfa::step_of(world_.clock.now()));
  }

  api::ApiFixture world_;
};

TEST_F(AssumeRoleTest, AnswersCredentialsOfTheRoleForAnHour) {
  const auto answer = assume(request());
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/reader/work");
  EXPECT_EQ(answer->assumed_role_user->assumed_role_id, "AROAREADER:work");
  EXPECT_TRUE(answer->credentials->access_key_id.starts_with("ASIA"));
  EXPECT_EQ(answer->credentials->expiration, AuthzFixture::kNow.plus_seconds(3600));
  EXPECT_FALSE(answer->packed_policy_size);
  EXPECT_FALSE(answer->source_identity);

  const Session session = session_of(answer);
  EXPECT_EQ(session.kind, SessionKind::AssumedRole);
  EXPECT_EQ(session.principal_id, AuthzFixture::kRoleId);
  EXPECT_EQ(session.access_key_id, answer->credentials->access_key_id);
  EXPECT_FALSE(session.is_chained);
  EXPECT_FALSE(session.mfa_time);
}

TEST_F(AssumeRoleTest, TellsTheSizeOfTheTokenAndPadsIt) {
  AssumeRoleRequest call = request();
  const auto plain = assume(call);
  ASSERT_EQ(outcome(plain), "ok");
  const auto size = static_cast<std::int64_t>(plain->credentials->session_token.size());
  EXPECT_EQ(plain->session_token_size, size);
  EXPECT_EQ(plain->session_token_utilization, (size * 100 + 4607) / 4608);

  call.minimum_session_token_size = 4096;
  const auto padded = assume(call);
  ASSERT_EQ(outcome(padded), "ok");
  EXPECT_GE(padded->credentials->session_token.size(), 4096U);
  EXPECT_EQ(padded->session_token_size,
            static_cast<std::int64_t>(padded->credentials->session_token.size()));
  EXPECT_GE(padded->session_token_utilization, 88);
  EXPECT_EQ(session_of(padded).principal_id, AuthzFixture::kRoleId);
}

TEST_F(AssumeRoleTest, AMissingRoleIsAnsweredLikeATrustThatRefuses) {
  trust(R"("Principal":{"AWS":"444455556666"})");
  const std::string refused = outcome(assume(request()));
  EXPECT_EQ(refused, denied("sts:AssumeRole"));

  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>(AuthzFixture::kRoleId);
  });
  EXPECT_EQ(outcome(assume(request())), refused);
}

TEST_F(AssumeRoleTest, NameCaseAndPathMustBeRight) {
  for (const std::string_view arn : {"arn:aws:iam::111122223333:role/reader",
                                     "arn:aws:iam::111122223333:role/team/Reader",
                                     "arn:aws:iam::444455556666:role/team/reader"}) {
    AssumeRoleRequest wrong = request();
    wrong.role_arn = arn;
    EXPECT_EQ(outcome(assume(wrong)),
              "AccessDenied: User: " + std::string(kAlice) +
                  " is not authorized to perform: sts:AssumeRole on resource: " + std::string(arn));
  }
}

TEST_F(AssumeRoleTest, WhatIsNoArnIsInvalid) {
  for (const std::string_view text :
       {"reader-but-long-enough-text", "arn:aws:iam::111122223333:", "arn::iam::1:role/x"}) {
    AssumeRoleRequest wrong = request();
    wrong.role_arn = text;
    EXPECT_EQ(outcome(assume(wrong)), "ValidationError: " + std::string(text) + " is invalid");
  }
}

TEST_F(AssumeRoleTest, RootAssumesNothing) {
  EXPECT_EQ(outcome(assume(request(), AuthzFixture::root())),
            "AccessDenied: Roles may not be assumed by root accounts.");
}

TEST_F(AssumeRoleTest, DurationIsLimitedByTheRole) {
  AssumeRoleRequest longer = request();
  longer.duration_seconds = 3601;
  EXPECT_EQ(outcome(assume(longer)),
            "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
            "this role.");
  world_.change_role([](identity::Role& role) { role.max_session_seconds = 43'200; });
  longer.duration_seconds = 43'200;
  const auto answer = assume(longer);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->credentials->expiration, AuthzFixture::kNow.plus_seconds(43'200));
  EXPECT_EQ(assume(request())->credentials->expiration, AuthzFixture::kNow.plus_seconds(3600))
      << "the default does not follow the role's maximum";
}

TEST_F(AssumeRoleTest, ChainingIsLimitedToAnHour) {
  world_.change_role([](identity::Role& role) { role.max_session_seconds = 43'200; });
  AssumeRoleRequest longer = request();
  longer.duration_seconds = 3601;
  const std::string refused =
      "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles "
      "assumed by role chaining.";
  EXPECT_EQ(outcome(assume(longer, AuthzFixture::role())), refused);
  EXPECT_EQ(
      outcome(assume(longer,
                     AuthzFixture::with_session(AuthzFixture::user(),
                                                AuthzFixture::session(SessionKind::SessionToken)))),
      refused);
  longer.duration_seconds = 3600;
  EXPECT_TRUE(session_of(assume(longer, AuthzFixture::role())).is_chained);
}

TEST_F(AssumeRoleTest, ExternalIdMustBeTheOneTheTrustNames) {
  trust(R"("Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"42"}})");
  AssumeRoleRequest with_id = request();
  EXPECT_EQ(outcome(assume(with_id)), denied("sts:AssumeRole"));
  with_id.external_id = "43";
  EXPECT_EQ(outcome(assume(with_id)), denied("sts:AssumeRole"));
  with_id.external_id = "42";
  EXPECT_EQ(outcome(assume(with_id)), "ok");
}

TEST_F(AssumeRoleTest, SessionNameMustFitTheTrust) {
  trust(
      R"("Principal":"*","Condition":{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}})");
  AssumeRoleRequest named = request();
  EXPECT_EQ(outcome(assume(named)), denied("sts:AssumeRole"));
  named.role_session_name = "alice";
  EXPECT_EQ(outcome(assume(named)), "ok");
}

TEST_F(AssumeRoleTest, MfaCountsForTheTrustOnly) {
  trust(R"("Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}})");
  const identity::MfaDevice device = give_device();
  EXPECT_EQ(outcome(assume(request())), denied("sts:AssumeRole"));

  AssumeRoleRequest with_mfa = request();
  with_mfa.serial_number = device.serial();
  with_mfa.token_code = code_of(device);
  const auto answer = assume(with_mfa);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_FALSE(session_of(answer).mfa_time);
  EXPECT_EQ(world_.snapshot()->find<identity::MfaDevice>(device.serial())->state.last_step,
            mfa::step_of(world_.clock.now()))
      << "stored as spent";

  EXPECT_EQ(outcome(assume(with_mfa)),
            "AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please "
            "verify your MFA serial number is valid and associated with this user.");
}

TEST_F(AssumeRoleTest, AnMfaSessionSatisfiesTheTrustWithoutACode) {
  trust(R"("Principal":"*","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}})");
  Session session = AuthzFixture::session(SessionKind::SessionToken);
  EXPECT_EQ(outcome(assume(request(), AuthzFixture::with_session(AuthzFixture::user(), session))),
            denied("sts:AssumeRole"));
  session.mfa_time = AuthzFixture::kNow.plus_seconds(-299);
  EXPECT_EQ(outcome(assume(request(), AuthzFixture::with_session(AuthzFixture::user(), session))),
            "ok");
  session.mfa_time = AuthzFixture::kNow.plus_seconds(-300);
  EXPECT_EQ(outcome(assume(request(), AuthzFixture::with_session(AuthzFixture::user(), session))),
            denied("sts:AssumeRole"));
}

TEST_F(AssumeRoleTest, MfaMustBeWholeRightAndTheCallersOwn) {
  const identity::MfaDevice device = give_device();
  const std::string half =
      "AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one "
      "time pass code.";
  const std::string unknown =
      "AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify "
      "your MFA serial number is valid and associated with this user.";
  AssumeRoleRequest call = request();
  call.serial_number = device.serial();
  EXPECT_EQ(outcome(assume(call)), half);
  call.token_code = code_of(device);
  call.serial_number.reset();
  EXPECT_EQ(outcome(assume(call)), half);
  call.serial_number = "arn:aws:iam::111122223333:mfa/none";
  EXPECT_EQ(outcome(assume(call)), unknown);
  call.serial_number = device.serial();
  EXPECT_EQ(outcome(assume(call, AuthzFixture::role())), unknown) << "a role has no device";
  call.token_code = "000000" == code_of(device) ? "000001" : "000000";
  EXPECT_EQ(outcome(assume(call)),
            "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

TEST_F(AssumeRoleTest, TheDeviceOfAnotherUserIsNoDevice) {
  identity::MfaDevice device = give_device();
  world_.write([&](identity::Transaction& transaction) {
    transaction.put(identity::make_user("AIDABOB", "bob"));
    device.user_id = "AIDABOB";
    transaction.put(device);
  });
  AssumeRoleRequest call = request();
  call.serial_number = device.serial();
  call.token_code = code_of(device);
  EXPECT_TRUE(outcome(assume(call)).starts_with("AccessDenied: MultiFactorAuthentication failed"));
}

TEST_F(AssumeRoleTest, TagsNeedTagSession) {
  AssumeRoleRequest tagged = request();
  tagged.tags = {{"team", "blue"}};
  trust(R"("Principal":"*")", "sts:AssumeRole");
  EXPECT_EQ(outcome(assume(tagged)), denied("sts:TagSession"));

  trust(R"("Principal":"*")", R"(sts:AssumeRole","sts:TagSession)");
  const auto answer = assume(tagged);
  EXPECT_EQ(session_of(answer).tags, (std::vector<model::Tag>{{"team", "blue"}}));
  EXPECT_TRUE(answer->packed_policy_size);
}

TEST_F(AssumeRoleTest, TagsAreSeenByTheTrust) {
  trust(R"("Principal":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"blue"}})");
  AssumeRoleRequest tagged = request();
  tagged.tags = {{"team", "red"}};
  EXPECT_EQ(outcome(assume(tagged)), denied("sts:AssumeRole"));
  tagged.tags = {{"team", "blue"}};
  EXPECT_EQ(outcome(assume(tagged)), "ok");
}

TEST_F(AssumeRoleTest, TagFaultsAreInvalidParameterValues) {
  AssumeRoleRequest tagged = request();
  tagged.tags = {{"team", "a"}, {"Team", "b"}};
  EXPECT_EQ(outcome(assume(tagged)),
            "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  tagged.tags = {{"team", "a"}};
  tagged.transitive_tag_keys = {"cost"};
  EXPECT_EQ(outcome(assume(tagged)),
            "InvalidParameterValue: The specified transitive tag key must be included in the "
            "requested tags.");
  tagged.transitive_tag_keys = {};
  tagged.tags = {{"AWS:team", "a"}};
  EXPECT_TRUE(outcome(assume(tagged)).starts_with("InvalidParameterValue: "));
}

TEST_F(AssumeRoleTest, TransitiveTagsGoOnAndCannotBeChanged) {
  AssumeRoleRequest first = request();
  first.tags = {{"team", "blue"}, {"cost", "1"}};
  first.transitive_tag_keys = {"TEAM"};
  const model::Caller chained = caller_of(assume(first));

  const Session next = session_of(assume(request(), chained));
  EXPECT_EQ(next.tags, (std::vector<model::Tag>{{"team", "blue"}}));
  EXPECT_EQ(next.transitive_keys, std::vector<std::string>{"team"});

  for (const char* value : {"blue", "red"}) {
    AssumeRoleRequest second = request();
    second.tags = {{"Team", value}};
    EXPECT_EQ(
        outcome(assume(second, chained)),
        "InvalidParameterValue: One of the specified transitive tag keys can't be set because "
        "it conflicts with a transitive tag key from the calling session.");
  }
}

TEST_F(AssumeRoleTest, InheritedTagsNeedTagSessionToo) {
  AssumeRoleRequest first = request();
  first.tags = {{"team", "blue"}};
  first.transitive_tag_keys = {"team"};
  const model::Caller chained = caller_of(assume(first));
  trust(R"("Principal":"*")", "sts:AssumeRole");
  EXPECT_EQ(outcome(assume(request(), chained)), denied("sts:TagSession", chained.arn));
}

TEST_F(AssumeRoleTest, TheTrustSeesTheRolesOwnTagsWhateverIsInherited) {
  world_.change_role([](identity::Role& role) { role.tags = {{"team", "own"}}; });
  AssumeRoleRequest first = request();
  first.tags = {{"team", "blue"}};
  first.transitive_tag_keys = {"team"};
  const model::Caller chained = caller_of(assume(first));
  for (const std::string_view key : {"aws:ResourceTag/team", "iam:ResourceTag/team"}) {
    trust(concat(R"("Principal":"*","Condition":{"StringEquals":{")", key, R"(":"own"}})"));
    EXPECT_EQ(outcome(assume(request(), chained)), "ok");
    EXPECT_EQ(outcome(assume(request())), "ok");
    trust(concat(R"("Principal":"*","Condition":{"StringEquals":{")", key, R"(":"blue"}})"));
    EXPECT_EQ(outcome(assume(request(), chained)), denied("sts:AssumeRole", chained.arn));
    EXPECT_EQ(outcome(assume(request())), denied("sts:AssumeRole"));
  }
  // In the session the inherited tag counts.
  trust(R"("Principal":"*")");
  EXPECT_EQ(session_of(assume(request(), chained)).tags,
            (std::vector<model::Tag>{{"team", "blue"}}));
}

TEST_F(AssumeRoleTest, SourceIdentityNeedsItsPermissionAndSticks) {
  AssumeRoleRequest first = request();
  first.source_identity = "alice";
  trust(R"("Principal":"*")", "sts:AssumeRole");
  EXPECT_EQ(outcome(assume(first)), denied("sts:SetSourceIdentity"));

  trust(R"("Principal":"*")");
  const auto answer = assume(first);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->source_identity, "alice");
  const model::Caller chained = caller_of(answer);

  EXPECT_EQ(session_of(assume(request(), chained)).source_identity, "alice");
  EXPECT_EQ(outcome(assume(first, chained)), "ok");
  AssumeRoleRequest other = request();
  other.source_identity = "mallory";
  EXPECT_EQ(outcome(assume(other, chained)), denied("sts:SetSourceIdentity", chained.arn));

  trust(R"("Principal":"*")", "sts:AssumeRole");
  EXPECT_EQ(outcome(assume(request(), chained)), denied("sts:SetSourceIdentity", chained.arn))
      << "an inherited one counts as passed";
}

TEST_F(AssumeRoleTest, OnlyASourceIdentityThatTheCallSetsIsAKeyOfTheCall) {
  AssumeRoleRequest first = request();
  first.source_identity = "alice";
  const model::Caller chained = caller_of(assume(first));
  trust(R"("Principal":"*","Condition":{"StringEquals":{"sts:SourceIdentity":"alice"}})");
  EXPECT_EQ(outcome(assume(request(), chained)), denied("sts:AssumeRole", chained.arn));
  EXPECT_EQ(outcome(assume(first, chained)), "ok");
  trust(R"("Principal":"*","Condition":{"StringEquals":{"aws:SourceIdentity":"alice"}})");
  EXPECT_EQ(outcome(assume(request(), chained)), "ok");
}

TEST_F(AssumeRoleTest, SessionPoliciesAreValidatedAndMeasured) {
  AssumeRoleRequest call = request();
  call.policy = "{";
  EXPECT_TRUE(outcome(assume(call)).starts_with("MalformedPolicyDocument: "));
  call.policy = std::string(kRoleSession);
  EXPECT_TRUE(outcome(assume(call)).starts_with("MalformedPolicyDocument: "));

  call.policy = authz::document("Allow", "s3:GetObject")->text();
  const auto answer = assume(call);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_GT(answer->packed_policy_size.value_or(0), 0);
  const Session session = session_of(answer);
  EXPECT_TRUE(session.has_session_policy);
  EXPECT_EQ(session.policy, *call.policy);
}

TEST_F(AssumeRoleTest, ManagedSessionPoliciesMustExistInTheRolesAccount) {
  AssumeRoleRequest call = request();
  call.policy_arns = {{.arn = "arn:aws:iam::aws:policy/AdministratorAccess"}};
  EXPECT_EQ(session_of(assume(call)).policy_arns,
            std::vector<std::string>{"arn:aws:iam::aws:policy/AdministratorAccess"});

  for (const char* arn : {"arn:aws:iam::111122223333:policy/none",
                          "arn:aws:iam::aws:policy/None",
                          "arn:aws:iam::444455556666:policy/theirs"}) {
    call.policy_arns = {{.arn = arn}};
    EXPECT_EQ(
        outcome(assume(call)),
        "ValidationError: Policy " + std::string(arn) + " does not exist or is not attachable.");
  }
  call.policy_arns = {{.arn = "no arn"}};
  EXPECT_EQ(outcome(assume(call)), "ValidationError: no arn is invalid");
  call.policy_arns.assign(11, {.arn = "arn:aws:iam::aws:policy/AdministratorAccess"});
  EXPECT_TRUE(outcome(assume(call)).starts_with("ValidationError: "));
}

TEST_F(AssumeRoleTest, TooMuchPolicyIsPackedPolicyTooLarge) {
  AssumeRoleRequest call = request();
  std::string text = authz::document("Allow", "s3:GetObject")->text();
  text += std::string(2049 - text.size(), ' ');
  call.policy = text;
  EXPECT_EQ(outcome(assume(call)),
            "PackedPolicyTooLarge: Packed policy consumes 100% of allotted space, please use "
            "smaller policy.");
  text.pop_back();
  call.policy = text;
  EXPECT_EQ(outcome(assume(call)), "ok");
}

TEST_F(AssumeRoleTest, TooMuchOfTagsIsToldApart) {
  AssumeRoleRequest call = request();
  for (int i = 1; i <= 9; ++i) {
    call.tags.push_back({concat("T", std::to_string(i)), std::string(250, 'a')});
  }
  EXPECT_EQ(outcome(assume(call)),
            "PackedPolicyTooLarge: Packed size of session tags consumes 498% of allotted space.");
  call.policy = authz::document("Allow", "s3:GetObject")->text();
  EXPECT_EQ(outcome(assume(call)),
            "PackedPolicyTooLarge: Packed size of session tags consumes 498% of allotted space.");

  call.tags = {{"T", std::string(256, 'a')}, {"U", std::string(190, 'a')}};
  EXPECT_TRUE(outcome(assume(call)).starts_with("PackedPolicyTooLarge: Packed policy consumes 1"));
  call.policy.reset();
  const auto answer = assume(call);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->packed_policy_size, 99);
}

constexpr std::string_view kIdentityCenter = "arn:aws:iam::aws:contextProvider/IdentityCenter";
constexpr std::string_view kInvalidContext =
    "InvalidContextAssertion: The context assertion is malformed, expired, or not from a trusted "
    "context provider.";

class ProvidedContextsTest : public AssumeRoleTest {
 protected:
  [[nodiscard]] token::ContextAssertion assertion() const {
    return {.expires = world_.clock.now().plus_seconds(300),
            .account = "111122223333",
            .user_id = "jane",
            .identity_store_arn = "arn:aws:identitystore::111122223333:identitystore/d-1",
            .instance_arn = "arn:aws:sso:::instance/ssoins-1234567890abcdef",
            .application_arn = "arn:aws:sso::111122223333:application/ssoins-1/apl-1",
            .credential_id = "c-1"};
  }

  std::string sealed(const token::ContextAssertion& assertion) {
    return token::seal_context_assertion(
               world_.rings.current(), assertion, world_.clock.now(), world_.random)
        .value_or("");
  }

  AssumeRoleRequest with(std::string text, std::string_view provider = kIdentityCenter) {
    AssumeRoleRequest call = request();
    call.provided_contexts = {
        {.provider_arn = std::string(provider), .context_assertion = std::move(text)}};
    return call;
  }
};

TEST_F(ProvidedContextsTest, NeedSetContextAndStayWithTheSession) {
  const std::string text = sealed(assertion());
  EXPECT_EQ(outcome(assume(with(text))), denied("sts:SetContext"));

  trust(R"("Principal":"*","Condition":{"ForAllValues:ArnEquals":{"sts:RequestContextProviders":)"
        R"("arn:aws:iam::aws:contextProvider/IdentityCenter"},"StringEquals":)"
        R"({"sts:RequestContext/identitystore:UserId":"jane"}})",
        R"(sts:AssumeRole","sts:SetContext)");
  const Session session = session_of(assume(with(text)));
  EXPECT_EQ(session.claim("identitystore:UserId"), "jane");
  EXPECT_EQ(session.claim("identitycenter:InstanceArn"), assertion().instance_arn);
  EXPECT_EQ(session.claim("identitycenter:CredentialId"), "c-1");

  token::ContextAssertion other = assertion();
  other.user_id = "joe";
  EXPECT_EQ(outcome(assume(with(sealed(other)))), denied("sts:AssumeRole"));
}

TEST_F(ProvidedContextsTest, AreRefusedUnlessThisServerVouchesForThemNow) {
  trust(R"("Principal":"*")", R"(sts:AssumeRole","sts:SetContext)");
  const std::string text = sealed(assertion());
  ASSERT_EQ(outcome(assume(with(text))), "ok");
  EXPECT_EQ(outcome(assume(with("abcd"))), kInvalidContext);
  EXPECT_EQ(outcome(assume(with(text, "arn:aws:iam::aws:contextProvider/Other"))), kInvalidContext);
  for (std::size_t i = 0; i < text.size(); i += 5) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(assume(with(changed))), kInvalidContext) << i;
  }

  AssumeRoleRequest twice = with(text);
  twice.provided_contexts.push_back(twice.provided_contexts.front());
  EXPECT_EQ(outcome(assume(twice)), kInvalidContext);

  token::ContextAssertion foreign = assertion();
  foreign.account = "444455556666";
  EXPECT_EQ(outcome(assume(with(sealed(foreign)))), kInvalidContext);

  world_.clock.advance_seconds(300);
  EXPECT_EQ(outcome(assume(with(text))), kInvalidContext);
}

TEST_F(ProvidedContextsTest, DoNotFollowTheNextRole) {
  trust(R"("Principal":"*")", R"(sts:AssumeRole","sts:SetContext)");
  const auto first = assume(with(sealed(assertion())));
  // The policy that STS attaches leaves such a session nothing here but sts:SetContext.
  EXPECT_EQ(outcome(assume(request(), caller_of(first))).substr(0, 12), "AccessDenied");
}

TEST_F(AssumeRoleTest, EveryAnswerHasCredentialsOfItsOwn) {
  const auto first = assume(request());
  const auto second = assume(request());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->credentials->access_key_id, second->credentials->access_key_id);
  EXPECT_FALSE(first->credentials->secret_access_key.equals(
      second->credentials->secret_access_key.reveal(secret_access())));
  EXPECT_NE(first->credentials->session_token, second->credentials->session_token);
}

}  // namespace
}  // namespace signet::sts
