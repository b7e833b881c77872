#include "analysis/recorded_use.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::analysis {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/ana";

std::string record(std::string_view time, std::string_view more) {
  return concat(R"({"eventTime":")",
                time,
                R"(","userIdentity":{"arn":")",
                kUser,
                R"(","accessKeyId":"AKIAONE"},)",
                more,
                "}");
}

constexpr std::string_view kListUsers =
    R"("eventSource":"iam.amazonaws.com","eventName":"ListUsers")";

TEST(RecordedUse, KeepsTheLastOfEach) {
  RecordedUse use;
  use.add(record("2026-11-05T10:00:00Z", kListUsers));
  use.add(record("2026-11-04T10:00:00Z", kListUsers));
  use.add(record(
      "2026-11-03T10:00:00Z",
      R"("eventSource":"s3.amazonaws.com","eventName":"HeadObject","additionalEventData":{"checkedActions":[{"action":"s3:GetObject","resource":"x"}]})"));
  EXPECT_EQ(use.last_of(kUser), "2026-11-05T10:00:00Z");
  EXPECT_EQ(use.last_of_key("AKIAONE"), "2026-11-05T10:00:00Z");
  EXPECT_EQ(use.last_of_service(kUser, "iam"), "2026-11-05T10:00:00Z");
  EXPECT_EQ(use.last_of_action(kUser, "iam:ListUsers"), "2026-11-05T10:00:00Z");
  EXPECT_EQ(use.last_of_action(kUser, "s3:GetObject"), "2026-11-03T10:00:00Z");
  EXPECT_EQ(use.last_of_action(kUser, "s3:HeadObject"), "") << "it is no action";
}

TEST(RecordedUse, RefusalsAndWhatIsNoRecordAreNoUse) {
  RecordedUse use;
  use.add(record("2026-11-05T10:00:00Z", concat(kListUsers, R"(,"errorCode":"AccessDenied")")));
  use.add("{");
  use.add("[]");
  use.add(R"({"eventTime":"2026-11-05T10:00:00Z"})");
  use.add(R"({"eventTime":"2026-11-05T10:00:00Z","userIdentity":{"arn":7}})");
  EXPECT_EQ(use.last_of(kUser), "");
  EXPECT_EQ(use.last_of_key("AKIAONE"), "");
  EXPECT_EQ(use.last_of_service(kUser, "iam"), "");
}

}  // namespace
}  // namespace signet::analysis
