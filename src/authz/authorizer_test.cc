#include "authz/authorizer.h"

#include <gtest/gtest.h>

#include "authz/authz_fixture_for_test.h"
#include "facts/errors.h"

namespace signet::authz {
namespace {

using identity::InlinePolicy;
using identity::kAccount;
using identity::kOtherAccount;
using model::CallerKind;
using model::Session;
using model::SessionKind;

constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/team/alice";
constexpr std::string_view kReader = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kNoIdentity =
    "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: iam:GetUser on "
    "resource: user bob because no identity-based policy allows the iam:GetUser action";

class AuthorizerTest : public testing::Test {
 protected:
  // "allowed", or the words of the denial.
  std::string answer(const model::Caller& caller, const CheckList& checks) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = AuthzFixture::request();
    const auto result = authorizer_.authorize({*snapshot, caller, request}, CheckList(checks));
    if (result) {
      return "allowed";
    }
    EXPECT_EQ(facts::error_row(result.error().code).wire_code, "AccessDenied");
    cause_ = result.error().cause;
    return result.error().message;
  }

  bool allows(const model::Caller& caller, const Check& check) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = AuthzFixture::request();
    return authorizer_.allows({*snapshot, caller, request}, check);
  }

  static Check get_user() {
    return {.action = "iam:GetUser",
            .resource = "arn:aws:iam::111122223333:user/bob",
            .wording = {.resource = "user bob"}};
  }

  static Check get_object(const identity::Bucket* bucket, std::string_view account = kAccount) {
    return {.action = "s3:GetObject",
            .resource = "arn:aws:s3:::bucket/key",
            .wording = {.resource = "arn:aws:s3:::bucket/key", .quotes_resource = true},
            .resource_account = std::string(account),
            .bucket = bucket};
  }

  static Check assume(const identity::Role* role) {
    return {.action = "sts:AssumeRole",
            .resource = std::string(kReader),
            .wording = {.resource = std::string(kReader), .hides_reason = true},
            .resource_account = kAccount,
            .role = role};
  }

  void give_user(identity::DocumentRef document) {
    world_.change_user([&](identity::User& user) {
      user.inline_policies = {InlinePolicy{.name = "only", .document = std::move(document)}};
    });
  }

  void give_role(identity::DocumentRef document) {
    world_.change_role([&](identity::Role& role) {
      role.inline_policies = {InlinePolicy{.name = "only", .document = std::move(document)}};
    });
  }

  void put_policy(std::string_view name, identity::DocumentRef document) {
    world_.write([&](identity::Transaction& transaction) {
      identity::ManagedPolicy policy =
          identity::make_policy("ANPA" + std::string(name), std::string(name));
      policy.versions.front().document = std::move(document);
      transaction.put(std::move(policy));
    });
  }

  static std::string arn_of_policy(std::string_view name) {
    return "arn:aws:iam::111122223333:policy/" + std::string(name);
  }

  // The bucket as it is in the snapshot that is current now, which the test keeps.
  const identity::Bucket* bucket_with(identity::DocumentRef document,
                                      std::vector<policy::PrincipalPin> pins = {}) {
    world_.write([&](identity::Transaction& transaction) {
      identity::Bucket bucket = identity::make_bucket("bucket");
      bucket.policy = std::move(document);
      bucket.policy_pins = std::move(pins);
      transaction.put(std::move(bucket));
    });
    kept_ = world_.snapshot();
    return kept_->find<identity::Bucket>("bucket");
  }

  const identity::Role* role_trusting(std::string_view principal, std::string_view id = {}) {
    world_.change_role([&](identity::Role& role) {
      role.trust_policy = document(
          "Allow", "sts:AssumeRole", R"("Principal":{"AWS":")" + std::string(principal) + R"("})");
      role.trust_pins.clear();
      if (!id.empty()) {
        role.trust_pins = {{.arn = std::string(principal), .id = std::string(id)}};
      }
    });
    kept_ = world_.snapshot();
    return kept_->find<identity::Role>(AuthzFixture::kRoleId);
  }

  AuthzFixture world_;
  Authorizer authorizer_;
  std::shared_ptr<const identity::Snapshot> kept_;
  std::string cause_;
};

TEST_F(AuthorizerTest, NoPolicyMeansNo) {
  EXPECT_EQ(answer(AuthzFixture::user(), {get_user()}), kNoIdentity);
}

TEST_F(AuthorizerTest, TheProofNamesItsChecksAndARefusalLeavesThem) {
  const auto snapshot = world_.snapshot();
  const RequestInfo request = AuthzFixture::request();
  CheckList allowed(1);
  allowed[0].action = "sts:GetCallerIdentity";
  allowed[0].resource = "*";
  allowed[0].grant = Grant::ToSignedIn;
  const auto proof =
      authorizer_.authorize({*snapshot, AuthzFixture::user(), request}, std::move(allowed));
  ASSERT_TRUE(proof);
  ASSERT_EQ(proof->checks().size(), 1U);
  EXPECT_EQ(proof->checks()[0].action, "sts:GetCallerIdentity");

  CheckList refused{get_user()};
  EXPECT_FALSE(
      authorizer_.authorize({*snapshot, AuthzFixture::user(), request}, std::move(refused)));
  EXPECT_EQ(refused.size(), 1U);  // NOLINT(bugprone-use-after-move): not taken
}

TEST_F(AuthorizerTest, NobodyPassesOnlyWhereEverybodyMay) {
  const auto snapshot = world_.snapshot();
  const RequestInfo request = AuthzFixture::request();
  const model::Caller nobody;
  Check check;
  check.action = "signin:GetConsolePage";
  check.resource = "*";
  check.grant = Grant::ToSignedIn;
  EXPECT_FALSE(authorizer_.allows({*snapshot, nobody, request}, check));
  check.grant = Grant::ToEverybody;
  EXPECT_TRUE(authorizer_.allows({*snapshot, nobody, request}, check));
}

TEST_F(AuthorizerTest, AnEmptyListOfChecksIsOurFaultAndRefused) {
  const auto snapshot = world_.snapshot();
  const RequestInfo request = AuthzFixture::request();
  const auto result = authorizer_.authorize({*snapshot, AuthzFixture::root(), request}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::ServiceFailure);
}

TEST_F(AuthorizerTest, EveryCheckMustBeAllowed) {
  give_user(document("Allow", "iam:GetUser"));
  EXPECT_EQ(answer(AuthzFixture::user(), {get_user()}), "allowed");
  Check other = get_user();
  other.action = "iam:TagUser";
  for (const CheckList& checks : {CheckList{get_user(), other}, CheckList{other, get_user()}}) {
    EXPECT_EQ(answer(AuthzFixture::user(), checks),
              "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: "
              "iam:TagUser on resource: user bob because no identity-based policy allows the "
              "iam:TagUser action");
  }
}

TEST_F(AuthorizerTest, ExplicitDenyNamesItsKindOfPolicy) {
  world_.change_user([](identity::User& user) {
    user.inline_policies = {{.name = "all", .document = document("Allow", "*")},
                            {.name = "deny", .document = document("Deny", "iam:GetUser")}};
  });
  EXPECT_EQ(answer(AuthzFixture::user(), {get_user()}),
            "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: "
            "iam:GetUser on resource: user bob with an explicit deny in an identity-based policy");
}

TEST_F(AuthorizerTest, AnExplicitDenyInAManagedPolicyNamesIt) {
  put_policy("no", document("Deny", "iam:GetUser"));
  give_user(document("Allow", "*"));
  world_.change_user([](identity::User& user) { user.attached_policies = {arn_of_policy("no")}; });
  EXPECT_TRUE(answer(AuthzFixture::user(), {get_user()})
                  .ends_with("with an explicit deny in an identity-based policy: "
                             "arn:aws:iam::111122223333:policy/no"));
}

TEST_F(AuthorizerTest, PoliciesOfGroupsCount) {
  world_.write([](identity::Transaction& transaction) {
    identity::Group group = identity::make_group("AGPAREADERS", "readers");
    group.inline_policies = {{.name = "p", .document = document("Allow", "iam:GetUser")}};
    transaction.put(group);
    transaction.add_to_group(AuthzFixture::kUserId, "AGPAREADERS");
  });
  EXPECT_EQ(answer(AuthzFixture::user(), {get_user()}), "allowed");
  world_.write([](identity::Transaction& transaction) {
    transaction.remove_from_group(AuthzFixture::kUserId, "AGPAREADERS");
  });
  EXPECT_EQ(answer(AuthzFixture::user(), {get_user()}), kNoIdentity);
}

TEST_F(AuthorizerTest, ABoundaryLimitsAndIsNamed) {
  put_policy("edge", document("Allow", "s3:*"));
  give_user(document("Allow", "*"));
  world_.change_user([](identity::User& user) { user.boundary = arn_of_policy("edge"); });
  EXPECT_TRUE(answer(AuthzFixture::user(), {get_user()})
                  .ends_with("because no permissions boundary allows the iam:GetUser action"));
  EXPECT_TRUE(allows(AuthzFixture::user(), get_object(nullptr)));

  put_policy("edge", document("Deny", "*"));
  EXPECT_TRUE(answer(AuthzFixture::user(), {get_user()})
                  .ends_with("with an explicit deny in a permissions boundary: "
                             "arn:aws:iam::111122223333:policy/edge"));
}

TEST_F(AuthorizerTest, ASessionPolicyLimitsAndIsNamed) {
  give_role(document("Allow", "*"));
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.access_key_id = "ASIALIMITED";
  session.has_session_policy = true;
  session.policy = document("Allow", "s3:*")->text();
  EXPECT_EQ(
      answer(AuthzFixture::role(session), {get_user()}),
      "User: arn:aws:sts::111122223333:assumed-role/reader/work is not authorized to perform: "
      "iam:GetUser on resource: user bob because no session policy allows the iam:GetUser "
      "action");
  EXPECT_TRUE(allows(AuthzFixture::role(session), get_object(nullptr)));
  EXPECT_EQ(answer(AuthzFixture::role(), {get_user()}), "allowed");
}

TEST_F(AuthorizerTest, ASessionPolicyNeverAdds) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.has_session_policy = true;
  session.policy = document("Allow", "*")->text();
  EXPECT_TRUE(answer(AuthzFixture::role(session), {get_user()})
                  .ends_with("because no identity-based policy allows the iam:GetUser action"));
}

TEST_F(AuthorizerTest, ManagedSessionPoliciesAreTakenAsTheyAreNow) {
  give_role(document("Allow", "*"));
  put_policy("now", document("Allow", "iam:GetUser"));
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.has_session_policy = true;
  session.policy_arns = {arn_of_policy("now")};
  EXPECT_EQ(answer(AuthzFixture::role(session), {get_user()}), "allowed");

  put_policy("now", document("Allow", "s3:*"));
  EXPECT_NE(answer(AuthzFixture::role(session), {get_user()}), "allowed");
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::ManagedPolicy>("ANPAnow");
  });
  EXPECT_NE(answer(AuthzFixture::role(session), {get_user()}), "allowed");
  EXPECT_TRUE(cause_.ends_with(": a policy that applies could not be read")) << cause_;
}

TEST_F(AuthorizerTest, ASessionPolicyThatCannotBeReadDenies) {
  give_role(document("Allow", "*"));
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.has_session_policy = true;
  session.policy = "{";
  EXPECT_NE(answer(AuthzFixture::role(session), {get_user()}), "allowed");
  EXPECT_TRUE(cause_.ends_with(": a policy that applies could not be read")) << cause_;
}

TEST_F(AuthorizerTest, APolicyThatCannotBeReadDeniesWhateverTheOthersAllow) {
  world_.change_user([](identity::User& user) {
    user.inline_policies = {{.name = "all", .document = document("Allow", "*")},
                            {.name = "broken", .document = identity::make_document("not JSON")}};
  });
  EXPECT_NE(answer(AuthzFixture::user(), {get_user()}), "allowed");
  EXPECT_TRUE(cause_.ends_with(": a policy that applies could not be read")) << cause_;
}

TEST_F(AuthorizerTest, ABrokenBoundaryDenies) {
  put_policy("edge", identity::make_document("not JSON"));
  give_user(document("Allow", "*"));
  world_.change_user([](identity::User& user) { user.boundary = arn_of_policy("edge"); });
  EXPECT_NE(answer(AuthzFixture::user(), {get_user()}), "allowed");
}

TEST_F(AuthorizerTest, AFederatedUserWithoutSessionPolicyMayDoNothing) {
  give_user(document("Allow", "*"));
  Session session = AuthzFixture::session(SessionKind::FederatedUser);
  EXPECT_EQ(
      answer(AuthzFixture::federated(session), {get_object(nullptr)}),
      "User: arn:aws:sts::111122223333:federated-user/work is not authorized to perform: "
      "s3:GetObject on resource: \"arn:aws:s3:::bucket/key\" because no session policy allows "
      "the s3:GetObject action");
}

TEST_F(AuthorizerTest, AFederatedUserMayDoWhatIssuerAndSessionPolicyBothAllow) {
  give_user(document("Allow", "s3:GetObject"));
  Session session = AuthzFixture::session(SessionKind::FederatedUser);
  session.has_session_policy = true;
  session.policy = document("Allow", "s3:*")->text();
  EXPECT_TRUE(allows(AuthzFixture::federated(session), get_object(nullptr)));
  Check put = get_object(nullptr);
  put.action = "s3:PutObject";
  EXPECT_FALSE(allows(AuthzFixture::federated(session), put));
}

TEST_F(AuthorizerTest, AFederatedUserOfRootIsLimitedByItsSessionPolicyAlone) {
  Session session = AuthzFixture::session(SessionKind::FederatedUser);
  EXPECT_FALSE(allows(AuthzFixture::federated(session, kAccount), get_object(nullptr)));
  session.has_session_policy = true;
  session.policy = document("Allow", "s3:GetObject")->text();
  session.access_key_id = "ASIAANOTHER";
  EXPECT_TRUE(allows(AuthzFixture::federated(session, kAccount), get_object(nullptr)));
  Check put = get_object(nullptr);
  put.action = "s3:PutObject";
  EXPECT_FALSE(allows(AuthzFixture::federated(session, kAccount), put));
  EXPECT_FALSE(
      allows(AuthzFixture::federated(session, kAccount), get_object(nullptr, kOtherAccount)))
      << "another account's resources need its grant";
}

TEST_F(AuthorizerTest, AFederatedUserWhoseIssuerIsGoneMayDoNothing) {
  Session session = AuthzFixture::session(SessionKind::FederatedUser);
  session.has_session_policy = true;
  session.policy = document("Allow", "*")->text();
  EXPECT_FALSE(allows(AuthzFixture::federated(session, "AIDAGONE"), get_object(nullptr)));
}

TEST_F(AuthorizerTest, RootMayDoEverythingInItsAccountAndNothingElsewhere) {
  EXPECT_EQ(answer(AuthzFixture::root(), {get_user()}), "allowed");
  Check foreign = get_user();
  foreign.resource = "arn:aws:iam::444455556666:user/bob";
  foreign.resource_account = kOtherAccount;
  EXPECT_NE(answer(AuthzFixture::root(), {foreign}), "allowed");
}

TEST_F(AuthorizerTest, ABucketPolicyAloneLetsAUserOfItsAccountIn) {
  const auto* bucket =
      bucket_with(document("Allow",
                           "s3:GetObject",
                           R"("Resource":"arn:aws:s3:::bucket/*","Principal":{"AWS":")" +
                               std::string(kAlice) + R"("})"),
                  {{.arn = std::string(kAlice), .id = std::string(AuthzFixture::kUserId)}});
  EXPECT_TRUE(allows(AuthzFixture::user(), get_object(bucket)));
  EXPECT_FALSE(allows(AuthzFixture::role(), get_object(bucket)));
  EXPECT_FALSE(allows(model::Caller{}, get_object(bucket)));
}

TEST_F(AuthorizerTest, AUserMadeAgainUnderANamedArnIsNotTheOneThatWasMeant) {
  const auto* bucket =
      bucket_with(document("Allow",
                           "s3:GetObject",
                           R"("Resource":"arn:aws:s3:::bucket/*","Principal":{"AWS":")" +
                               std::string(kAlice) + R"("})"),
                  {{.arn = std::string(kAlice), .id = "AIDAFORMER"}});
  EXPECT_FALSE(allows(AuthzFixture::user(), get_object(bucket)));
}

TEST_F(AuthorizerTest, ABucketPolicyDeniesEvenAnAdministrator) {
  give_user(document("Allow", "*"));
  const auto* bucket = bucket_with(
      document("Deny", "s3:*", R"("Resource":"arn:aws:s3:::bucket/*","Principal":"*")"));
  EXPECT_EQ(answer(AuthzFixture::user(), {get_object(bucket)}),
            "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: "
            "s3:GetObject on resource: \"arn:aws:s3:::bucket/key\" with an explicit deny in a "
            "resource-based policy");
  EXPECT_FALSE(allows(AuthzFixture::root(), get_object(bucket)));
}

TEST_F(AuthorizerTest, AnonymousNeedsAPolicyForEveryone) {
  EXPECT_EQ(answer(model::Caller{}, {get_object(nullptr)}), "Access Denied");
  const auto* bucket = bucket_with(
      document("Allow", "s3:GetObject", R"("Resource":"arn:aws:s3:::bucket/*","Principal":"*")"));
  EXPECT_TRUE(allows(model::Caller{}, get_object(bucket)));
  Check put = get_object(bucket);
  put.action = "s3:PutObject";
  EXPECT_EQ(answer(model::Caller{}, {put}), "Access Denied");
}

TEST_F(AuthorizerTest, NoPermissionNeededIsNotForAnonymous) {
  const Check check{.action = "s3:GetObject", .resource = "*", .grant = Grant::ToSignedIn};
  EXPECT_TRUE(allows(AuthzFixture::user(), check));
  EXPECT_FALSE(allows(model::Caller{}, check));
}

TEST_F(AuthorizerTest, AnotherAccountsBucketNeedsBothSidesAndTellsNoReason) {
  const model::Caller stranger = [] {
    model::Caller caller = AuthzFixture::root(kOtherAccount);
    return caller;
  }();
  const auto* closed = bucket_with(nullptr);
  EXPECT_EQ(answer(stranger, {get_object(closed)}), "Access Denied");
  const auto* open = bucket_with(
      document("Allow",
               "s3:GetObject",
               R"("Resource":"arn:aws:s3:::bucket/*","Principal":{"AWS":"444455556666"})"));
  EXPECT_TRUE(allows(stranger, get_object(open)));

  EXPECT_FALSE(allows(AuthzFixture::user(), get_object(open)));
}

TEST_F(AuthorizerTest, AnAccessControlListGrantsAsABucketPolicyWould) {
  const auto listed = [this](AclGrant grant) {
    Check check = get_object(bucket_with(nullptr));
    check.acl = grant;
    return check;
  };
  const model::Caller stranger = AuthzFixture::root(kOtherAccount);
  for (const AclGrant grant : {AclGrant::NoList, AclGrant::Nothing}) {
    EXPECT_FALSE(allows(stranger, listed(grant)));
    EXPECT_FALSE(allows(model::Caller{}, listed(grant)));
    EXPECT_FALSE(allows(AuthzFixture::user(), listed(grant)));
  }
  EXPECT_TRUE(allows(stranger, listed(AclGrant::ToAccount)));
  EXPECT_TRUE(allows(stranger, listed(AclGrant::ToEverybody)));
  EXPECT_TRUE(allows(model::Caller{}, listed(AclGrant::ToEverybody)));
  EXPECT_FALSE(allows(AuthzFixture::user(), listed(AclGrant::ToAccount)))
      << "its own account's policies pass that on";

  const auto* denying = bucket_with(
      document("Deny", "s3:*", R"("Resource":"arn:aws:s3:::bucket/*","Principal":"*")"));
  for (const model::Caller& caller : {stranger, model::Caller{}, AuthzFixture::root()}) {
    Check check = get_object(denying);
    check.acl = AclGrant::ToEverybody;
    EXPECT_FALSE(allows(caller, check)) << caller.arn;
  }
}

TEST_F(AuthorizerTest, AnObjectOfAnotherAccountIsNotTheBucketPolicysToGive) {
  const auto* open = bucket_with(
      document("Allow", "s3:GetObject", R"("Resource":"arn:aws:s3:::bucket/*","Principal":"*")"));
  const model::Caller stranger = AuthzFixture::root(kOtherAccount);
  const auto of = [&](ObjectOwner owner, AclGrant grant) {
    Check check = get_object(open);
    check.object_owner = owner;
    check.acl = grant;
    return check;
  };
  for (const model::Caller& caller : {AuthzFixture::root(), stranger, model::Caller{}}) {
    EXPECT_TRUE(allows(caller, of(ObjectOwner::OfBucket, AclGrant::Nothing)));
    EXPECT_FALSE(allows(caller, of(ObjectOwner::Another, AclGrant::Nothing)));
    EXPECT_TRUE(allows(caller, of(ObjectOwner::Another, AclGrant::ToEverybody)));
  }
  EXPECT_TRUE(allows(AuthzFixture::root(), of(ObjectOwner::Another, AclGrant::ToAccount)));
  EXPECT_TRUE(allows(stranger, of(ObjectOwner::Caller, AclGrant::Nothing)));
  EXPECT_FALSE(allows(model::Caller{}, of(ObjectOwner::Caller, AclGrant::Nothing)));
  EXPECT_FALSE(allows(AuthzFixture::user(), of(ObjectOwner::Another, AclGrant::ToAccount)))
      << "nothing of its own allows it";
}

TEST_F(AuthorizerTest, ATrustPolicyMustAllowWhateverTheCallerMay) {
  give_user(document("Allow", "*"));
  const auto* role = role_trusting("arn:aws:iam::111122223333:user/somebody-else");
  EXPECT_EQ(answer(AuthzFixture::user(), {assume(role)}),
            "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: "
            "sts:AssumeRole on resource: arn:aws:iam::111122223333:role/team/reader");
}

TEST_F(AuthorizerTest, ATrustThatNamesTheUserIsEnough) {
  EXPECT_TRUE(allows(AuthzFixture::user(), assume(role_trusting(kAlice, AuthzFixture::kUserId))));
  EXPECT_FALSE(allows(AuthzFixture::user(), assume(role_trusting(kAlice, "AIDAFORMER"))));
}

TEST_F(AuthorizerTest, ATrustOfTheAccountLeavesItToTheIdentityPolicies) {
  EXPECT_FALSE(allows(AuthzFixture::user(), assume(role_trusting("111122223333"))));
  give_user(document("Allow", "sts:AssumeRole"));
  EXPECT_TRUE(allows(AuthzFixture::user(), assume(role_trusting("111122223333"))));
  EXPECT_FALSE(allows(AuthzFixture::user(), assume(role_trusting("444455556666"))));
}

TEST_F(AuthorizerTest, ARoleWithoutAReadableTrustPolicyCannotBeAssumed) {
  give_user(document("Allow", "*"));
  world_.change_role(
      [](identity::Role& role) { role.trust_policy = identity::make_document("{}x"); });
  kept_ = world_.snapshot();
  EXPECT_FALSE(
      allows(AuthzFixture::user(), assume(kept_->find<identity::Role>(AuthzFixture::kRoleId))));
}

TEST_F(AuthorizerTest, ARoleDoesNotTrustItself) {
  give_role(document("Allow", "*"));
  const auto* role = role_trusting(kAlice, AuthzFixture::kUserId);
  EXPECT_FALSE(allows(AuthzFixture::role(), assume(role)));
}

TEST_F(AuthorizerTest, ChecksMaySayExactlyWhatADenialSays) {
  Check check = get_user();
  check.wording.text = "no";
  EXPECT_EQ(answer(AuthzFixture::user(), {check}), "no");
}

TEST_F(AuthorizerTest, ConditionsSeeTheRequest) {
  give_user(
      document("Allow",
               "iam:GetUser",
               R"("Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}})"));
  EXPECT_FALSE(allows(AuthzFixture::user(), get_user())) << "absent is not true";
  Session session = AuthzFixture::session(SessionKind::SessionToken);
  EXPECT_FALSE(allows(AuthzFixture::with_session(AuthzFixture::user(), session), get_user()));
  session.mfa_time = AuthzFixture::kNow;
  session.access_key_id = "ASIAWITHMFA";
  EXPECT_TRUE(allows(AuthzFixture::with_session(AuthzFixture::user(), session), get_user()));
}

TEST_F(AuthorizerTest, AWriteIsSeenByTheNextDecision) {
  EXPECT_FALSE(allows(AuthzFixture::user(), get_user()));
  give_user(document("Allow", "iam:GetUser"));
  EXPECT_TRUE(allows(AuthzFixture::user(), get_user()));
  give_user(document("Deny", "iam:GetUser"));
  EXPECT_FALSE(allows(AuthzFixture::user(), get_user()));
}

TEST_F(AuthorizerTest, TagsAndMfaCountAtOnce) {
  const Check check{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/red/k"};
  const auto red =
      document("Allow", "s3:*", R"("Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team}/*")");
  const auto without_mfa =
      document("Deny",
               "s3:*",
               R"("Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}})");
  const auto tag = [this](std::string_view value) {
    world_.change_user(
        [&](identity::User& user) { user.tags = {{.key = "team", .value = std::string(value)}}; });
  };
  give_user(red);
  tag("red");
  EXPECT_TRUE(allows(AuthzFixture::user(), check));
  tag("blue");
  EXPECT_FALSE(allows(AuthzFixture::user(), check));
  tag("red");
  EXPECT_TRUE(allows(AuthzFixture::user(), check));

  world_.change_user([&](identity::User& user) {
    user.inline_policies.push_back({.name = "mfa", .document = without_mfa});
  });
  model::Session session = AuthzFixture::session(model::SessionKind::SessionToken);
  EXPECT_FALSE(allows(AuthzFixture::with_session(AuthzFixture::user(), session), check));
  session.mfa_time = AuthzFixture::kNow;
  EXPECT_TRUE(allows(AuthzFixture::with_session(AuthzFixture::user(), session), check));
  EXPECT_TRUE(allows(AuthzFixture::user(), check)) << "long-term keys say nothing of MFA";
}

// As AssumeRole does with an MFA code.
TEST_F(AuthorizerTest, AKeyThatACheckSetsCountsForThatCheckAlone) {
  give_user(
      document("Allow",
               "s3:*",
               R"("Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}})"));
  const Check plain{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
  Check check = plain;
  check.texts.add(facts::KeyId::AwsMultiFactorAuthPresent, "true");

  EXPECT_FALSE(allows(AuthzFixture::user(), plain));
  EXPECT_TRUE(allows(AuthzFixture::user(), check));
  EXPECT_FALSE(allows(AuthzFixture::user(), plain));
}

TEST_F(AuthorizerTest, DecideGivesTheReasonWithoutBorrowing) {
  give_user(document("Allow", "iam:GetUser"));
  const auto snapshot = world_.snapshot();
  const RequestInfo request = AuthzFixture::request();
  const policy::Decision decision =
      authorizer_.decide({*snapshot, AuthzFixture::user(), request}, get_user());
  EXPECT_TRUE(decision.is_allowed());
  EXPECT_EQ(decision.type, policy::PolicyType::Identity);
  EXPECT_EQ(decision.statement.set, nullptr);
}

}  // namespace
}  // namespace signet::authz
