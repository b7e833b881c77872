#include "iam/permission_cover.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

std::string statement(std::string_view effect,
                      std::string_view action,
                      std::string_view resource,
                      std::string_view more = "") {
  return concat(
      R"({"Effect":")", effect, R"(","Action":)", action, R"(,"Resource":)", resource, more, "}");
}

std::string policy_of(const std::string& statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

constexpr std::string_view kCondition =
    R"(,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})";
constexpr std::string_view kObjects = R"("arn:aws:s3:::b/*")";

class PermissionCover : public ::testing::Test {
 protected:
  // What a user with these statements has of what is asked for.
  Cover cover(const std::string& statements, const std::string& demanded) {
    const model::Caller caller =
        world_.make_caller(concat("u", std::to_string(++users_)), policy_of(statements));
    return cover(caller, *identity::make_document(policy_of(demanded)));
  }

  Cover cover(const model::Caller& caller, const identity::StoredDocument& demanded) {
    const auto snapshot = world_.snapshot();
    return cover_of({.snapshot = *snapshot, .caller = caller, .request = {}}, demanded);
  }

  IamFixture world_;
  int users_ = 0;
};

const std::string kDemand = statement("Allow", R"(["s3:GetObject","s3:PutObject"])", kObjects);

TEST_F(PermissionCover, IsCertainWhereAllIsAllowed) {
  EXPECT_EQ(cover(statement("Allow", R"("*")", R"("*")"), kDemand), Cover::Yes);
  EXPECT_EQ(cover(statement("Allow", R"("S3:*object")", R"("arn:aws:s3:::b*")"), kDemand),
            Cover::Yes);
  EXPECT_EQ(cover(statement("Allow", R"("s3:GetObject")", kObjects) + "," +
                      statement("Allow", R"("s3:PutObject")", R"("*")"),
                  kDemand),
            Cover::Yes);
}

TEST_F(PermissionCover, IsMissingWhereSomethingIsNotAllowed) {
  EXPECT_EQ(cover(statement("Allow", R"("sqs:*")", R"("*")"), kDemand), Cover::No);
  EXPECT_EQ(cover(statement("Allow", R"("s3:GetObject")", R"("*")"), kDemand), Cover::No);
  EXPECT_EQ(cover(statement("Allow", R"("s3:*")", R"("arn:aws:s3:::other/*")"), kDemand),
            Cover::No);
  EXPECT_EQ(cover(statement("Allow", R"("s3:*")", R"("arn:aws:s3:::b/public/*")"), kDemand),
            Cover::No)
      << "only a part of the objects";
}

TEST_F(PermissionCover, IsMissingWhereSomethingIsDenied) {
  const std::string all = statement("Allow", R"("*")", R"("*")") + ",";
  EXPECT_EQ(cover(all + statement("Deny", R"("s3:PutObject")", R"("*")"), kDemand), Cover::No);
  EXPECT_EQ(cover(all + statement("Deny", R"("*")", R"("arn:aws:s3:::b/secret/*")"), kDemand),
            Cover::No);
  EXPECT_EQ(cover(all + statement("Deny", R"("s3:DeleteObject")", R"("*")"), kDemand), Cover::Yes);
  EXPECT_EQ(cover(all + statement("Deny", R"("*")", R"("arn:aws:s3:::c/*")"), kDemand), Cover::Yes);
}

TEST_F(PermissionCover, IsUnsureWhereConditionsDecide) {
  const std::string all = statement("Allow", R"("*")", R"("*")") + ",";
  EXPECT_EQ(cover(statement("Allow", R"("*")", R"("*")", kCondition), kDemand), Cover::Unsure);
  EXPECT_EQ(cover(all + statement("Deny", R"("*")", R"("*")", kCondition), kDemand), Cover::Unsure);
  EXPECT_EQ(cover(statement("Allow", R"("*")", R"("arn:aws:s3:::${aws:username}*")"), kDemand),
            Cover::Unsure);
  EXPECT_EQ(cover(statement("Allow", R"("sqs:*")", R"("*")", kCondition), kDemand), Cover::No);
  EXPECT_EQ(cover(statement("Allow", R"("*")", R"("*")"),
                  statement("Allow", R"("s3:GetObject")", kObjects, kCondition)),
            Cover::Yes)
      << "who may do it always may do it sometimes";
}

TEST_F(PermissionCover, TakesActionsWithWildcardsApart) {
  const std::string wish = statement("Allow", R"("s3:*BucketTagging")", R"("arn:aws:s3:::b")");
  EXPECT_EQ(
      cover(statement("Allow", R"(["s3:GetBucketTagging","s3:PutBucketTagging"])", R"("*")"), wish),
      Cover::Yes);
  EXPECT_EQ(cover(statement("Allow", R"(["s3:GetBucketTagging"])", R"("*")"), wish), Cover::No);
  EXPECT_EQ(cover(statement("Allow", R"("nothing:*")", R"("*")"),
                  statement("Allow", R"("nothing:*")", R"("*")")),
            Cover::Yes);
}

TEST_F(PermissionCover, LooksAtWhatIsExcepted) {
  EXPECT_EQ(cover(R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", kDemand), Cover::Yes);
  EXPECT_EQ(cover(R"({"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"})", kDemand),
            Cover::No);
  EXPECT_EQ(cover(R"({"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::c/*"})", kDemand),
            Cover::Yes);
  EXPECT_NE(cover(R"({"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/x*"})", kDemand),
            Cover::Yes);
  EXPECT_EQ(cover(statement("Allow", R"("*")", R"("*")"),
                  R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})"),
            Cover::Yes);
  EXPECT_NE(cover(statement("Allow", R"("s3:*")", R"("*")"),
                  R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})"),
            Cover::Yes);
}

TEST_F(PermissionCover, IsLimitedByBoundarySessionAndOrganization) {
  const model::Caller user = world_.make_caller("limited", std::string(kAllowAll));
  const auto demanded = identity::make_document(policy_of(kDemand));
  ASSERT_EQ(cover(user, *demanded), Cover::Yes);

  model::Caller scoped = user;
  auto session = std::make_shared<model::Session>();
  session->has_session_policy = true;
  session->policy = policy_of(statement("Allow", R"("s3:Get*")", R"("*")"));
  scoped.session = session;
  EXPECT_EQ(cover(scoped, *demanded), Cover::No);

  ASSERT_EQ(outcome(world_.call(CreatePolicyRequest{
                .policy_name = "limit",
                .policy_document = policy_of(statement("Allow", R"("s3:Get*")", R"("*")"))})),
            "ok");
  ASSERT_EQ(outcome(world_.call(PutUserPermissionsBoundaryRequest{
                .user_name = "limited",
                .permissions_boundary = "arn:aws:iam::111122223333:policy/limit"})),
            "ok");
  EXPECT_EQ(cover(user, *demanded), Cover::No);

  world_.write([](identity::Transaction& transaction) {
    identity::OrgPolicies org;
    org.account = IamFixture::kAccount;
    org.scps = {{.policies = {{.name = "s",
                               .document = identity::make_document(
                                   policy_of(statement("Allow", R"("s3:Get*")", R"("*")")))}}}};
    transaction.put(std::move(org));
  });
  EXPECT_EQ(cover(IamFixture::root(), *demanded), Cover::No);
}

TEST_F(PermissionCover, OfTheDeadIsNone) {
  model::Caller gone = world_.make_caller("gone", std::string(kAllowAll));
  gone.principal_id = "AIDANOBODY";
  EXPECT_EQ(cover(gone, *identity::make_document(policy_of(kDemand))), Cover::No);
  EXPECT_EQ(cover(IamFixture::root(), *identity::make_document("{")), Cover::No);
}

TEST(Patterns, CoverOrDoNot) {
  EXPECT_TRUE(pattern_covers("*", "a*b?"));
  EXPECT_TRUE(pattern_covers("a*", "a?c*"));
  EXPECT_TRUE(pattern_covers("a?", "a?"));
  EXPECT_FALSE(pattern_covers("a?", "a*"));
  EXPECT_FALSE(pattern_covers("a?", "ab")) << "may say no where it is so";
  EXPECT_FALSE(pattern_covers("ab*", "a*"));
}

TEST(Patterns, MeetOrDoNot) {
  EXPECT_TRUE(patterns_meet("", ""));
  EXPECT_TRUE(patterns_meet("*", ""));
  EXPECT_TRUE(patterns_meet("a*c", "ab*"));
  EXPECT_TRUE(patterns_meet("a*", "*a"));
  EXPECT_TRUE(patterns_meet("?b", "a?"));
  EXPECT_TRUE(patterns_meet("**", "?"));
  EXPECT_FALSE(patterns_meet("a*", "b*"));
  EXPECT_FALSE(patterns_meet("?", ""));
  EXPECT_FALSE(patterns_meet("a", "ab"));
  EXPECT_FALSE(patterns_meet("*a", "*b"));
  EXPECT_FALSE(patterns_meet("a?c", "a*d"));
}

}  // namespace
}  // namespace signet::iam
