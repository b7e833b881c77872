#include "authz/request_context.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "authz/authz_fixture_for_test.h"
#include "facts/condition_keys.h"

namespace signet::authz {
namespace {

using model::Session;
using model::SessionKind;
using Keys = std::map<std::string, std::string>;

// Every key with a slot that is present, and its value as text; lists joined by commas.
Keys present(const policy::RequestContext& context) {
  Keys keys;
  for (std::size_t i = 0; i < facts::kKeyCount; ++i) {
    const auto id = static_cast<facts::KeyId>(i);
    const policy::Value value = context.find(id);
    if (value.is_absent()) {
      continue;
    }
    policy::ValueBuffer buffer;
    std::string text(value.kind == policy::Value::Kind::List ? std::string_view()
                                                             : policy::value_text(value, buffer));
    for (const std::string_view item : value.list) {
      text += (text.empty() ? "" : ",") + std::string(item);
    }
    keys.emplace(facts::condition_key(id).name, std::move(text));
  }
  return keys;
}

std::string tag(const policy::RequestContext& context, std::string_view name) {
  const policy::Value value = context.find(policy::resolve_key(name));
  return value.is_absent() ? "(absent)" : std::string(value.text);
}

class RequestContextTest : public testing::Test {
 protected:
  // Fills for one check of a caller; valid until the next call.
  const policy::RequestContext& fill(const model::Caller& caller,
                                     const Check& check,
                                     const RequestInfo& request = AuthzFixture::request()) {
    caller_ = caller;
    check_ = check;
    request_ = request;
    snapshot_ = world_.snapshot();
    storage_ = {};
    context_ = std::make_unique<policy::RequestContext>();
    fill_context({*snapshot_, caller_, request_}, check_, storage_, *context_);
    return *context_;
  }

  Keys keys_of(const model::Caller& caller) {
    return present(fill(caller, {.action = "s3:ListAllMyBuckets", .resource = "*"}));
  }

  // What every signed call has.
  static Keys common() {
    return {{"aws:CurrentTime", "2026-09-21T14:13:20Z"},
            {"aws:EpochTime", "1790000000"},
            {"aws:SecureTransport", "true"},
            {"aws:SourceIp", "192.0.2.1"},
            {"aws:UserAgent", "agent/1"},
            {"aws:RequestedRegion", "eu-west-1"},
            {"aws:ViaAWSService", "false"},
            {"aws:PrincipalIsAWSService", "false"},
            {"aws:PrincipalAccount", "111122223333"},
            {"aws:ResourceAccount", "111122223333"}};
  }

  static Keys with(Keys keys, const Keys& more) {
    keys.insert(more.begin(), more.end());
    return keys;
  }

  static Keys user_keys() {
    return with(common(),
                {{"aws:PrincipalArn", "arn:aws:iam::111122223333:user/team/alice"},
                 {"aws:PrincipalType", "User"},
                 {"aws:userid", "AIDAALICE"},
                 {"aws:username", "alice"}});
  }

  static constexpr std::string_view kIssued = "2026-09-21T14:12:20Z";

  AuthzFixture world_;
  model::Caller caller_;
  Check check_;
  RequestInfo request_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
  ContextStorage storage_;
  std::unique_ptr<policy::RequestContext> context_;
};

TEST_F(RequestContextTest, ALongTermKeyHasNeitherMfaNorTokenKeys) {
  EXPECT_EQ(keys_of(AuthzFixture::user()), user_keys());
}

TEST_F(RequestContextTest, GetSessionTokenWithoutMfaSaysFalseAndHasNoAge) {
  EXPECT_EQ(keys_of(AuthzFixture::with_session(AuthzFixture::user(),
                                               AuthzFixture::session(SessionKind::SessionToken))),
            with(user_keys(),
                 {{"aws:TokenIssueTime", std::string(kIssued)},
                  {"aws:MultiFactorAuthPresent", "false"}}));
}

TEST_F(RequestContextTest, GetSessionTokenWithMfaSaysHowLongAgo) {
  Session session = AuthzFixture::session(SessionKind::SessionToken);
  session.mfa_time = AuthzFixture::kNow.plus_seconds(-45);
  EXPECT_EQ(keys_of(AuthzFixture::with_session(AuthzFixture::user(), session)),
            with(user_keys(),
                 {{"aws:TokenIssueTime", std::string(kIssued)},
                  {"aws:MultiFactorAuthPresent", "true"},
                  {"aws:MultiFactorAuthAge", "45"}}));
}

TEST_F(RequestContextTest, ARoleSessionSaysFalseEvenIfMfaWasGivenToAssumeIt) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.mfa_time = AuthzFixture::kNow;
  EXPECT_EQ(keys_of(AuthzFixture::role(session)),
            with(common(),
                 {{"aws:PrincipalArn", "arn:aws:iam::111122223333:role/team/reader"},
                  {"aws:PrincipalType", "AssumedRole"},
                  {"aws:userid", "AROAREADER:work"},
                  {"aws:TokenIssueTime", std::string(kIssued)},
                  {"aws:MultiFactorAuthPresent", "false"}}));
}

TEST_F(RequestContextTest, ARoleSessionCarriesItsSourceIdentity) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.source_identity = "alice";
  EXPECT_EQ(keys_of(AuthzFixture::role(session)).at("aws:SourceIdentity"), "alice");
}

TEST_F(RequestContextTest, AFederatedUserHasNoMfaAndNoUserName) {
  EXPECT_EQ(keys_of(AuthzFixture::federated(AuthzFixture::session(SessionKind::FederatedUser))),
            with(common(),
                 {{"aws:PrincipalArn", "arn:aws:sts::111122223333:federated-user/work"},
                  {"aws:PrincipalType", "FederatedUser"},
                  {"aws:userid", "111122223333:work"},
                  {"aws:TokenIssueTime", std::string(kIssued)}}));
}

TEST_F(RequestContextTest, WebIdentityAndSamlSessionsHaveNoMfaButTheirProviderAndClaims) {
  for (const SessionKind kind : {SessionKind::WebIdentity, SessionKind::Saml}) {
    Session session = AuthzFixture::session(kind);
    session.federated_provider = "accounts.example.com";
    session.claims = {{"accounts.example.com:sub", "42"}};
    const Keys keys = keys_of(AuthzFixture::role(session));
    EXPECT_FALSE(keys.contains("aws:MultiFactorAuthPresent"));
    EXPECT_EQ(keys.at("aws:FederatedProvider"), "accounts.example.com");
    EXPECT_EQ(tag(*context_, "accounts.example.com:sub"), "42");
  }
}

TEST_F(RequestContextTest, RootIsAnAccount) {
  EXPECT_EQ(keys_of(AuthzFixture::root()),
            with(common(),
                 {{"aws:PrincipalArn", "arn:aws:iam::111122223333:root"},
                  {"aws:PrincipalType", "Account"},
                  {"aws:userid", "111122223333"}}));
}

TEST_F(RequestContextTest, AnonymousHasNoPrincipalArn) {
  Keys expected = with(common(), {{"aws:PrincipalType", "Anonymous"}, {"aws:userid", "anonymous"}});
  expected["aws:PrincipalAccount"] = "anonymous";
  expected.erase("aws:PrincipalIsAWSService");
  expected.erase("aws:ResourceAccount");
  EXPECT_EQ(keys_of(model::Caller{}), expected);
}

TEST_F(RequestContextTest, AServiceCallsInItsOwnNameForWhomItNames) {
  const policy::RequestContext& context =
      fill(model::Caller(),
           {.action = "sts:AssumeRole",
            .resource = "arn:aws:iam::111122223333:role/r",
            .request_tags = {{"x509Subject/CN", "machine"}},
            .federation = Federation::Service,
            .federated_provider = "rolesanywhere.amazonaws.com"});

  const Keys keys = present(context);
  EXPECT_EQ(keys.at("aws:PrincipalIsAWSService"), "true");
  EXPECT_EQ(keys.at("aws:PrincipalServiceName"), "rolesanywhere.amazonaws.com");
  for (const char* absent : {"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType"}) {
    EXPECT_FALSE(keys.contains(absent)) << absent;
  }
  EXPECT_EQ(tag(context, "aws:PrincipalTag/x509Subject/CN"), "machine");
  EXPECT_EQ(tag(context, "aws:RequestTag/x509Subject/CN"), "machine");
}

TEST_F(RequestContextTest, HeadersThatWereNotSentAreAbsent) {
  RequestInfo request = AuthzFixture::request();
  request.user_agent = {};
  request.source_ip = {};
  const Keys keys = present(fill(AuthzFixture::user(), {.action = "s3:GetObject"}, request));
  EXPECT_FALSE(keys.contains("aws:UserAgent"));
  EXPECT_FALSE(keys.contains("aws:referer"));
  EXPECT_FALSE(keys.contains("aws:SourceIp"));

  request.referer = "https://example.com/";
  EXPECT_EQ(
      present(fill(AuthzFixture::user(), {.action = "s3:GetObject"}, request)).at("aws:referer"),
      "https://example.com/");
}

TEST_F(RequestContextTest, TheOwnerOfTheResourceIsTheOneTheCheckNames) {
  const auto& context =
      fill(AuthzFixture::user(),
           {.action = "s3:GetObject", .resource_account = identity::kOtherAccount});
  EXPECT_EQ(present(context).at("aws:ResourceAccount"), identity::kOtherAccount);
}

TEST_F(RequestContextTest, TagsThatNobodyHasAreAbsent) {
  const auto& context = fill(AuthzFixture::user(), {.action = "iam:GetUser"});
  EXPECT_EQ(tag(context, "aws:PrincipalTag/team"), "(absent)");
  EXPECT_EQ(tag(context, "aws:ResourceTag/team"), "(absent)");
  EXPECT_EQ(tag(context, "iam:ResourceTag/team"), "(absent)");
  EXPECT_EQ(tag(context, "aws:RequestTag/team"), "(absent)");
  EXPECT_FALSE(present(context).contains("aws:TagKeys"));
}

TEST_F(RequestContextTest, SessionTagsHideTheRolesOwnWhateverTheCase) {
  world_.change_role([](identity::Role& role) { role.tags = {{"Team", "blue"}, {"cost", "1"}}; });
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.tags = {{"team", "red"}};
  const auto& context = fill(AuthzFixture::role(session), {.action = "s3:GetObject"});
  EXPECT_EQ(tag(context, "aws:PrincipalTag/Team"), "red");
  EXPECT_EQ(tag(context, "aws:PrincipalTag/team"), "red");
  EXPECT_EQ(tag(context, "aws:PrincipalTag/cost"), "1");
}

TEST_F(RequestContextTest, AFederatedUserHasItsIssuersTags) {
  world_.change_user([](identity::User& user) { user.tags = {{"team", "blue"}}; });
  const auto& context =
      fill(AuthzFixture::federated(AuthzFixture::session(SessionKind::FederatedUser)),
           {.action = "s3:GetObject"});
  EXPECT_EQ(tag(context, "aws:PrincipalTag/team"), "blue");
}

TEST_F(RequestContextTest, ResourceTagsAreIamsOwnForIdentityActionsOnly) {
  const std::vector<model::Tag> tags = {{"team", "blue"}, {"cost", "1"}};
  const Check check{.action = "sts:AssumeRole", .resource_tags = &tags};
  const auto& context = fill(AuthzFixture::user(), check);
  EXPECT_EQ(tag(context, "aws:ResourceTag/team"), "blue");
  EXPECT_EQ(tag(context, "iam:ResourceTag/team"), "blue");
  EXPECT_EQ(tag(context, "iam:ResourceTag/cost"), "1");

  const auto& of_s3 =
      fill(AuthzFixture::user(), {.action = "s3:GetObject", .resource_tags = &tags});
  EXPECT_EQ(tag(of_s3, "iam:ResourceTag/team"), "(absent)");
}

TEST_F(RequestContextTest, RequestTagsComeWithTheirKeys) {
  const auto& context =
      fill(AuthzFixture::user(),
           {.action = "iam:TagUser", .request_tags = {{"team", "blue"}, {"cost", "1"}}});
  EXPECT_EQ(tag(context, "aws:RequestTag/team"), "blue");
  EXPECT_EQ(present(context).at("aws:TagKeys"), "team,cost");
  EXPECT_EQ(tag(context, "aws:RequestTag/other"), "(absent)");
}

TEST_F(RequestContextTest, KeysOfTheCheckAreAddedAndMayOverrule) {
  const Check check{
      .action = "sts:AssumeRole",
      .context = {{.key = "sts:ExternalId", .values = {"42"}},
                  {.key = "sts:TransitiveTagKeys", .values = {"a", "b"}, .is_list = true},
                  {.key = "aws:MultiFactorAuthPresent", .values = {"true"}}}};
  const auto& context =
      fill(AuthzFixture::with_session(AuthzFixture::user(),
                                      AuthzFixture::session(SessionKind::SessionToken)),
           check);
  const Keys keys = present(context);
  EXPECT_EQ(keys.at("sts:ExternalId"), "42");
  EXPECT_EQ(keys.at("sts:TransitiveTagKeys"), "a,b");
  EXPECT_EQ(keys.at("aws:MultiFactorAuthPresent"), "true");
}

}  // namespace
}  // namespace signet::authz
