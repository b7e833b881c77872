#include "analysis/recorded_access.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::analysis {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/ana";
constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/deploy";

std::string of_user(std::string_view rest, std::string_view arn = kUser) {
  return concat(R"({"eventTime":"2026-11-05T10:00:00Z","userIdentity":{"type":"IAMUser","arn":")",
                arn,
                R"("},)",
                rest,
                "}");
}

std::string get_user(std::string_view more = "") {
  return concat(
      R"("eventSource":"iam.amazonaws.com","eventName":"GetUser","resources":[{"ARN":"arn:aws:iam::111122223333:user/bob"}])",
      more);
}

TEST(RecordedAccess, TakesTheActionOfTheEventAndItsResource) {
  RecordedAccess recorded{std::string(kUser)};
  recorded.add(of_user(get_user()));
  recorded.add(of_user(get_user()));
  ASSERT_EQ(recorded.accesses().size(), 1U);
  const auto& [access, uses] = *recorded.accesses().begin();
  EXPECT_EQ(access, (Access{"iam:GetUser", "arn:aws:iam::111122223333:user/bob"}));
  EXPECT_EQ(uses.count, 2U);
  EXPECT_EQ(uses.first, "2026-11-05T10:00:00Z");
  EXPECT_EQ(recorded.records(), 2U);
}

TEST(RecordedAccess, TakesWhatARecordSaysWasChecked) {
  RecordedAccess recorded{std::string(kUser)};
  recorded.add(of_user(
      R"("eventSource":"s3.amazonaws.com","eventName":"HeadObject","resources":[{"ARN":"arn:aws:s3:::b/k"}],"additionalEventData":{"checkedActions":[{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k"},{"action":"s3:GetObjectTagging","resource":"arn:aws:s3:::b/k"}]})"));
  EXPECT_EQ(recorded.accesses().size(), 2U);
  EXPECT_TRUE(recorded.accesses().contains({"s3:GetObject", "arn:aws:s3:::b/k"}));
  EXPECT_TRUE(recorded.unexplained().empty());
}

TEST(RecordedAccess, CountsASessionAsItsRole) {
  const std::string line = concat(
      R"({"eventTime":"2026-11-05T10:00:00Z","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/deploy/s","sessionContext":{"sessionIssuer":{"arn":")",
      kRole,
      R"("}}},"eventSource":"iam.amazonaws.com","eventName":"ListUsers","resources":null})");
  RecordedAccess of_role{std::string(kRole)};
  of_role.add(line);
  EXPECT_TRUE(of_role.accesses().contains({"iam:ListUsers", "*"}));
  RecordedAccess of_session{"arn:aws:sts::111122223333:assumed-role/deploy/s"};
  of_session.add(line);
  EXPECT_TRUE(of_session.accesses().contains({"iam:ListUsers", "*"}));
}

TEST(RecordedAccess, FindsTheRoleOfASessionWhateverItsPath) {
  const auto line = [](std::string_view role) {
    return concat(
        R"({"eventTime":"2026-11-05T10:00:00Z","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/deploy/s","sessionContext":{"sessionIssuer":{"arn":")",
        role,
        R"("}}},"eventSource":"iam.amazonaws.com","eventName":"ListUsers","resources":null})");
  };
  RecordedAccess of_session{"arn:aws:sts::111122223333:assumed-role/deploy/s"};
  of_session.add(line("arn:aws:iam::111122223333:role/team/deploy-more"));
  of_session.add(line("arn:aws:iam::999999999999:role/team/deploy"));
  of_session.add(line("arn:aws:iam::111122223333:user/team/deploy"));
  EXPECT_TRUE(of_session.accesses().empty());
  of_session.add(line("arn:aws:iam::111122223333:role/team/deploy"));
  EXPECT_TRUE(of_session.accesses().contains({"iam:ListUsers", "*"}));
}

TEST(RecordedAccess, LeavesOutOthersRefusalsAndWhatIsNoRecord) {
  RecordedAccess recorded{std::string(kUser)};
  for (const std::string& line :
       {of_user(get_user(), "arn:aws:iam::111122223333:user/anabel"),
        of_user(get_user(), "arn:aws:iam::999999999999:user/ana"),
        of_user(get_user(R"(,"requestParameters":{"arn":"arn:aws:iam::111122223333:user/ana"})"),
                "arn:aws:iam::111122223333:user/bob"),
        of_user(get_user(R"(,"errorCode":"AccessDenied")")),
        std::string(kUser),
        std::string("{"),
        concat("[\"", kUser, "\"]"),
        concat(R"({"userIdentity":")", kUser, "\"}"),
        std::string()}) {
    recorded.add(line);
  }
  EXPECT_TRUE(recorded.accesses().empty());
  EXPECT_EQ(recorded.records(), 0U);
}

TEST(RecordedAccess, LeavesOutWhatNeedsNoPermission) {
  RecordedAccess recorded{std::string(kUser)};
  recorded.add(of_user(R"("eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity")"));
  EXPECT_TRUE(recorded.accesses().empty());
  EXPECT_EQ(recorded.records(), 1U);
}

TEST(RecordedAccess, TellsEventsWithoutAKnownAction) {
  RecordedAccess recorded{std::string(kUser)};
  recorded.add(of_user(R"("eventSource":"s3.amazonaws.com","eventName":"HeadObject")"));
  EXPECT_TRUE(recorded.accesses().empty());
  EXPECT_EQ(recorded.unexplained().at("s3:HeadObject"), 1U);
}

TEST(RecordedAccess, HoldsToTheTimesBothIncluded) {
  const auto count = [](std::string since, std::string until) {
    RecordedAccess recorded(std::string(kUser), std::move(since), std::move(until));
    recorded.add(of_user(get_user()));
    return recorded.records();
  };
  EXPECT_EQ(count("2026-11-05", "2026-11-05"), 1U);
  EXPECT_EQ(count("2026-11-06", ""), 0U);
  EXPECT_EQ(count("", "2026-11-04"), 0U);
  EXPECT_EQ(count("2026-11-05T10:00:01", ""), 0U);
  EXPECT_EQ(count("", "2026-11-05T10"), 1U);
}

}  // namespace
}  // namespace signet::analysis
