#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "authz/authorizer.h"
#include "identity/fixture_for_test.h"

// Service and resource control policies through the Authorizer: policy-semantics 7.1, R-7.3 to
// R-7.5, T28 to T32.
namespace signet::authz {
namespace {

using identity::kAccount;
using identity::kOtherAccount;
using identity::OrgLevel;
using identity::OrgPolicies;
using policy::PolicyType;
using policy::Verdict;

constexpr const char* kFull =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr const char* kFullRcp =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
constexpr const char* kDenyS3 =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]})";
constexpr const char* kDenyIam =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]})";
constexpr const char* kAllowIamOnly =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]})";
constexpr const char* kDenyOutsiders =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}}]})";
constexpr const char* kDenyIamRcp =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}]})";

OrgLevel level(std::vector<const char*> documents) {
  OrgLevel made;
  for (const char* text : documents) {
    made.policies.push_back({.name = "p" + std::to_string(made.policies.size()),
                             .document = identity::make_document(text)});
  }
  return made;
}

// A bucket "b" of kAccount open to everyone of both accounts, and users that may do everything.
class OrganizationTest : public testing::Test {
 protected:
  OrganizationTest() {
    write([](identity::Transaction& t) {
      t.put(identity::make_account(kOtherAccount));
      t.put(user_entity("AIDA1", "u", kAccount));
      t.put(user_entity("AIDA2", "other", kOtherAccount));
      identity::Bucket bucket = identity::make_bucket("b");
      bucket.policy = identity::make_document(
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
              "Principal":{"AWS":["111122223333","444455556666"]},"Action":"s3:*","Resource":"*"}]})");
      t.put(std::move(bucket));
      identity::Role linked = identity::make_role("AROA1", "linked");
      linked.path = "/aws-service-role/x.amazonaws.com/";
      linked.inline_policies.push_back({"all", identity::make_document(kFull)});
      t.put(std::move(linked));
    });
  }

  static identity::User user_entity(std::string id, std::string name, std::string account) {
    identity::User user = identity::make_user(std::move(id), std::move(name));
    user.account = std::move(account);
    user.inline_policies.push_back({"all", identity::make_document(kFull)});
    return user;
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto result = fixture_.directory().apply(
        [&change](const identity::Snapshot&, identity::Transaction& t) -> Status {
          change(t);
          return {};
        });
    ASSERT_TRUE(result.has_value()) << result.error().cause;
    snapshot_ = fixture_.directory().current();
  }

  void put_org(const OrgPolicies& org) {
    write([&org](identity::Transaction& t) { t.put(org); });
  }

  static OrgPolicies member(std::vector<OrgLevel> scps, std::vector<OrgLevel> rcps = {}) {
    OrgPolicies org;
    org.account = kAccount;
    org.organization_id = "o-1";
    org.path = "o-1/r-1/ou-1/";
    org.scps = std::move(scps);
    org.rcps = std::move(rcps);
    return org;
  }

  static model::Caller user() {
    return {.kind = model::CallerKind::User,
            .account = kAccount,
            .arn = "arn:aws:iam::111122223333:user/u",
            .principal_arn = "arn:aws:iam::111122223333:user/u",
            .principal_id = "AIDA1",
            .user_id = "AIDA1",
            .name = "u"};
  }

  static model::Caller other() {
    return {.kind = model::CallerKind::User,
            .account = kOtherAccount,
            .arn = "arn:aws:iam::444455556666:user/other",
            .principal_arn = "arn:aws:iam::444455556666:user/other",
            .principal_id = "AIDA2",
            .user_id = "AIDA2",
            .name = "other"};
  }

  static model::Caller root() {
    return {.kind = model::CallerKind::Root,
            .account = kAccount,
            .arn = "arn:aws:iam::111122223333:root",
            .principal_arn = "arn:aws:iam::111122223333:root",
            .principal_id = kAccount,
            .user_id = kAccount};
  }

  static model::Caller linked_session() {
    auto session = std::make_shared<model::Session>();
    session->kind = model::SessionKind::AssumedRole;
    session->session_name = "s";
    return {
        .kind = model::CallerKind::AssumedRole,
        .account = kAccount,
        .arn = "arn:aws:sts::111122223333:assumed-role/linked/s",
        .principal_arn = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/linked",
        .principal_id = "AROA1",
        .user_id = "AROA1:s",
        .name = "linked",
        .access_key_id = "ASIA1",
        .session = std::move(session)};
  }

  [[nodiscard]] Check get_object() const {
    return {.action = "s3:GetObject",
            .resource = "arn:aws:s3:::b/k",
            .wording = {.resource = "arn:aws:s3:::b/k"},
            .resource_account = kAccount,
            .bucket = snapshot_->find<identity::Bucket>("b")};
  }

  static Check list_users() {
    return {.action = "iam:ListUsers", .resource = "arn:aws:iam::111122223333:user/"};
  }

  policy::Decision decide(const model::Caller& caller, const Check& check) {
    return authorizer_.decide({*snapshot_, caller, request_}, check);
  }

  void expect(const model::Caller& caller, const Check& check, Verdict verdict, PolicyType type) {
    const policy::Decision decision = decide(caller, check);
    EXPECT_EQ(name_of(decision.verdict), name_of(verdict));
    EXPECT_EQ(name_of(decision.type), name_of(type));
  }

  identity::Fixture fixture_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
  Authorizer authorizer_;
  RequestInfo request_{.request_id = "r",
                       .source_ip = "127.0.0.1",
                       .user_agent = {},
                       .referer = {},
                       .region = "us-east-1",
                       .now = Instant{}};
};

TEST_F(OrganizationTest, WithoutOrganizationNothingIsLimited) {
  EXPECT_TRUE(decide(user(), get_object()).is_allowed());
  EXPECT_TRUE(decide(root(), list_users()).is_allowed());
  EXPECT_TRUE(decide(other(), get_object()).is_allowed());
}

TEST_F(OrganizationTest, T28RootOfAMemberAccountIsDeniedByTheScp) {
  put_org(member({level({kFull}), level({kFull, kDenyS3})}));

  expect(root(), get_object(), Verdict::ExplicitlyDenied, PolicyType::Scp);
  EXPECT_TRUE(decide(root(), list_users()).is_allowed());
}

TEST_F(OrganizationTest, T29EveryLevelMustAllow) {
  put_org(member({level({kFull}), level({kAllowIamOnly}), level({kFull})}));

  expect(user(), get_object(), Verdict::ImplicitlyDenied, PolicyType::Scp);
  EXPECT_TRUE(decide(user(), list_users()).is_allowed());

  put_org(member({level({kFull}), level({})}));
  expect(user(), list_users(), Verdict::ImplicitlyDenied, PolicyType::Scp);
}

TEST_F(OrganizationTest, T30TheManagementAccountIsNotLimited) {
  OrgPolicies org = member({level({kDenyS3})}, {level({kDenyOutsiders})});
  org.is_management = true;
  put_org(org);

  EXPECT_TRUE(decide(user(), get_object()).is_allowed());
  EXPECT_TRUE(decide(root(), get_object()).is_allowed());
  EXPECT_TRUE(decide(other(), get_object()).is_allowed());
}

TEST_F(OrganizationTest, T31ServiceLinkedRolesAreNotLimited) {
  put_org(member({level({kFull, kDenyIam})}));

  EXPECT_TRUE(decide(linked_session(), list_users()).is_allowed());
  expect(user(), list_users(), Verdict::ExplicitlyDenied, PolicyType::Scp);
}

TEST_F(OrganizationTest, T32RcpsReachCallersFromOutside) {
  put_org(member({level({kFull})}, {level({kFullRcp, kDenyOutsiders})}));

  expect(other(), get_object(), Verdict::ExplicitlyDenied, PolicyType::Rcp);
  expect({}, get_object(), Verdict::ExplicitlyDenied, PolicyType::Rcp);
  EXPECT_TRUE(decide(user(), get_object()).is_allowed());

  OrgPolicies theirs = member({level({kFull})});
  theirs.account = kOtherAccount;
  put_org(theirs);
  EXPECT_TRUE(decide(other(), get_object()).is_allowed());
}

TEST_F(OrganizationTest, RcpsOfTheCallersAccountDoNotReachResourcesElsewhere) {
  OrgPolicies theirs = member({level({kFull})}, {level({})});
  theirs.account = kOtherAccount;
  put_org(theirs);

  EXPECT_TRUE(decide(other(), get_object()).is_allowed());
}

TEST_F(OrganizationTest, ScpsOfTheResourcesAccountDoNotReachOutsiders) {
  put_org(member({level({kDenyS3})}));

  EXPECT_TRUE(decide(other(), get_object()).is_allowed());
  expect(user(), get_object(), Verdict::ExplicitlyDenied, PolicyType::Scp);
}

TEST_F(OrganizationTest, ASilentRcpLevelDenies) {
  put_org(member({level({kFull})}, {level({kFullRcp}), level({})}));

  expect(user(), get_object(), Verdict::ImplicitlyDenied, PolicyType::Rcp);
}

TEST_F(OrganizationTest, RcpsDoNotReachIam) {
  put_org(member({level({kFull})}, {level({kFullRcp, kDenyIamRcp})}));

  EXPECT_TRUE(decide(user(), list_users()).is_allowed());
}

TEST_F(OrganizationTest, APolicyThatCannotBeReadDenies) {
  put_org(member({level({kFull, "not a policy"})}));

  const policy::Decision decision = decide(user(), list_users());
  EXPECT_FALSE(decision.is_allowed());
  EXPECT_TRUE(decision.is_error);
}

TEST_F(OrganizationTest, ChangesApplyToTheNextDecision) {
  put_org(member({level({kFull, kDenyS3})}));
  EXPECT_FALSE(decide(user(), get_object()).is_allowed());

  put_org(member({level({kFull})}));
  EXPECT_TRUE(decide(user(), get_object()).is_allowed());

  put_org(member({level({kDenyS3})}));
  EXPECT_FALSE(decide(user(), get_object()).is_allowed());

  write([](identity::Transaction& t) { t.erase<identity::OrgPolicies>(kAccount); });
  EXPECT_TRUE(decide(user(), get_object()).is_allowed());
}

TEST_F(OrganizationTest, OrganizationKeysArePresentForMembersOnly) {
  const auto denies_when = [this](const std::string& condition) {
    write([&condition](identity::Transaction& t) {
      identity::User changed = user_entity("AIDA1", "u", kAccount);
      const std::string deny =
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":)" +
          condition + "}]}";
      changed.inline_policies.push_back({"deny", identity::make_document(deny)});
      t.put(std::move(changed));
    });
    return !decide(user(), get_object()).is_allowed();
  };
  const std::vector<std::string> conditions = {
      R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})",
      R"({"StringEquals":{"aws:ResourceOrgID":"o-1"}})",
      R"({"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}})",
      R"({"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":"o-1/r-1/ou-1/"}})"};
  for (const std::string& condition : conditions) {
    EXPECT_FALSE(denies_when(condition)) << condition;
  }

  put_org(member({level({kFull})}));

  for (const std::string& condition : conditions) {
    EXPECT_TRUE(denies_when(condition)) << condition;
  }
}

// What DecodeAuthorizationMessage shows (aws-wire 3.5).
class RefusalDescriptionTest : public OrganizationTest {
 protected:
  std::string describe(const model::Caller& caller, const Check& check) {
    return authorizer_.describe_refusal({*snapshot_, caller, request_}, {check}).message;
  }

  std::string record(const model::Caller& caller, const Check& check, bool is_whole = true) {
    return authorizer_.describe_refusal({*snapshot_, caller, request_}, {check}, is_whole).record;
  }
};

TEST_F(RefusalDescriptionTest, ShowsTheDenyingStatementAndTheContext) {
  put_org(member({level({kFull, kDenyS3})}));

  const std::string json = describe(user(), get_object());

  EXPECT_TRUE(json.starts_with(
      R"({"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"",)"
      R"("effect":"DENY","principals":{"items":[]},"principalGroups":{"items":[]},)"
      R"("actions":{"items":[{"value":"s3:*"}]},"resources":{"items":[{"value":"*"}]},)"
      R"("conditions":{"items":[]}}]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA1",)"
      R"("name":"u","arn":"arn:aws:iam::111122223333:user/u"},"action":"s3:GetObject",)"
      R"("resource":"arn:aws:s3:::b/k","conditions":{"items":[)"))
      << json;
  EXPECT_NE(json.find(R"({"key":"aws:SourceIp","values":{"items":[{"value":"127.0.0.1"}]}})"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"key":"aws:PrincipalOrgPaths","values":{"items":[{"value":)"),
            std::string::npos);
  EXPECT_EQ(json.find("aws:MultiFactorAuthAge"), std::string::npos) << "absent keys are not shown";
}

TEST_F(RefusalDescriptionTest, AnImplicitDenialMatchesNothing) {
  put_org(member({level({kAllowIamOnly})}));

  const std::string json = describe(user(), get_object());

  EXPECT_TRUE(json.starts_with(
      R"({"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},)"))
      << json;
}

TEST_F(RefusalDescriptionTest, IsNotForEveryone) {
  EXPECT_EQ(describe(user(), get_object()), "") << "nothing is refused";

  put_org(member({level({kDenyS3, kDenyIam})}));
  EXPECT_EQ(describe({}, get_object()), "") << "anonymous";
  Check elsewhere = list_users();
  elsewhere.resource_account = kOtherAccount;
  EXPECT_EQ(describe(user(), elsewhere), "") << "another account's resource";
  Check hidden = list_users();
  hidden.wording.hides_reason = true;
  EXPECT_EQ(describe(user(), hidden), "") << "the reason is hidden";
  Check worded = list_users();
  worded.wording.text = "no";
  EXPECT_EQ(describe(user(), worded), "") << "the text is fixed";
  EXPECT_NE(describe(user(), list_users()), "");
}

TEST_F(RefusalDescriptionTest, TheRecordNamesReasonKindStatementAndContext) {
  put_org(member({level({kFull, kDenyS3})}));

  const std::string json = record(user(), get_object());

  EXPECT_TRUE(json.starts_with(
      R"({"reason":"with an explicit deny in a service control policy","verdict":"ExplicitlyDenied",)"
      R"("policyType":"scp","policyAccount":"111122223333","action":"s3:GetObject",)"
      R"("resource":"arn:aws:s3:::b/k","denials":[{"policy":)"))
      << json;
  EXPECT_NE(json.find(R"("statement":0}],"context":{)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("aws:SourceIp":"127.0.0.1")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("aws:PrincipalOrgPaths":["o-1/r-1/ou-1/"])"), std::string::npos) << json;
  EXPECT_EQ(json.find("aws:MultiFactorAuthAge"), std::string::npos) << "absent keys are not shown";
}

TEST_F(RefusalDescriptionTest, TheRecordSaysWhatWasInTheWayOfAnAllowance) {
  write([](identity::Transaction& t) {
    identity::User changed = user_entity("AIDA1", "u", kAccount);
    changed.inline_policies = {{"near", identity::make_document(R"({"Version":"2012-10-17",
      "Statement":[{"Sid":"Mine","Effect":"Allow","Action":"s3:GetObject","Resource":"*",
      "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]})")}};
    t.put(std::move(changed));
  });

  const std::string json = record(user(), get_object());

  const std::string nearest =
      R"("nearest":[{"policy":"near","statement":0,"sid":"Mine","unmet":[{"part":)"
      R"x("Condition Bool aws:MultiFactorAuthPresent","wanted":"true","given":"(absent)")x";
  EXPECT_NE(json.find(nearest), std::string::npos) << json;
}

TEST_F(RefusalDescriptionTest, TheRecordIsMadeWhereTheCallerIsToldNothing) {
  put_org(member({level({kDenyS3, kDenyIam})}));
  Check hidden = list_users();
  hidden.wording.hides_reason = true;
  EXPECT_NE(record(user(), hidden), "");
  Check worded = list_users();
  worded.wording.text = "no";
  EXPECT_NE(record(user(), worded), "");
  Check elsewhere = list_users();
  elsewhere.resource_account = kOtherAccount;
  EXPECT_NE(record(user(), elsewhere).find(R"("policyAccount":"111122223333")"), std::string::npos);
  EXPECT_NE(record({}, get_object()).find(R"("policyType":"resource")"), std::string::npos);
}

TEST_F(RefusalDescriptionTest, TheReasonAloneIsMadeWhereThereIsNoTimeForMore) {
  put_org(member({level({kFull, kDenyS3})}));

  EXPECT_EQ(record(user(), get_object(), false),
            R"({"reason":"with an explicit deny in a service control policy","verdict":)"
            R"("ExplicitlyDenied","policyType":"scp","policyAccount":"111122223333","action":)"
            R"("s3:GetObject","resource":"arn:aws:s3:::b/k"})");
}

TEST_F(RefusalDescriptionTest, ALongTextIsCut) {
  put_org(member({level({kFull, kDenyS3})}));
  const std::string agent(5000, 'x');
  request_.user_agent = agent;

  EXPECT_LT(record(user(), get_object()).size(), 2500U);
  EXPECT_LE(record({}, get_object()).size(), 2048U);
}

}  // namespace
}  // namespace signet::authz
