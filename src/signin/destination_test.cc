#include "signin/destination.h"

#include <gtest/gtest.h>

namespace signet::signin {
namespace {

struct Case {
  const char* name;
  std::string_view destination;
  std::string_view path;  // empty: refused
};

class DestinationTest : public testing::TestWithParam<Case> {};

TEST_P(DestinationTest, LeadsToTheConsoleOrNowhere) {
  const auto path = console_path_of(GetParam().destination, "signet.test:9311");
  EXPECT_EQ(path.value_or(""), GetParam().path);
}

constexpr std::string_view kFront = "/_console/";

constexpr Case kCases[] = {
    {"AwsConsole", "https://console.aws.amazon.com/", kFront},
    {"AwsConsoleWithPath", "https://console.aws.amazon.com/s3/home?region=eu-west-1#x", kFront},
    {"AwsRegionalConsole", "https://eu-west-1.console.aws.amazon.com", kFront},
    {"AwsChina", "https://console.amazonaws.cn/", kFront},
    {"AwsGovernment", "https://console.amazonaws-us-gov.com/", kFront},
    {"AwsUpperCase", "https://CONSOLE.AWS.AMAZON.COM/", kFront},
    {"OwnRoot", "http://signet.test:9311/", kFront},
    {"OwnWithoutPath", "http://signet.test:9311", kFront},
    {"OwnPage", "http://signet.test:9311/_console/iam?tab=1", "/_console/iam?tab=1"},
    {"OwnHttps", "https://signet.test:9311/_console/", kFront},
    {"OwnHostUpperCase", "http://SIGNET.test:9311/_console/", kFront},
    {"Path", "/_console/iam", "/_console/iam"},
    {"PathRoot", "/", kFront},
    {"Empty", "", ""},
    {"OtherHost", "https://evil.example/", ""},
    {"OtherPort", "http://signet.test:1/_console/", ""},
    {"SuffixOfLabel", "https://evilaws.amazon.com/", ""},
    {"SuffixInPath", "https://evil.example/aws.amazon.com", ""},
    {"PrefixOfHost", "https://console.aws.amazon.com.evil.example/", ""},
    {"UserInfo", "https://console.aws.amazon.com@evil.example/", ""},
    {"UserInfoOfOurs", "https://evil@signet.test:9311/", ""},
    {"ProtocolRelative", "//evil.example/_console/", ""},
    {"Backslash", "https://signet.test:9311\\@evil.example/", ""},
    {"BackslashPath", "/\\evil.example", ""},
    {"Javascript", "javascript:alert(1)", ""},
    {"Data", "data:text/html,x", ""},
    {"UpperCaseScheme", "HTTPS://console.aws.amazon.com/", ""},
    {"Relative", "_console/", ""},
    {"OtherPath", "/bucket/key", ""},
    {"OtherOwnPath", "http://signet.test:9311/bucket", ""},
    {"DoubleSlash", "/_console//evil.example", ""},
    {"DotDot", "/_console/../bucket", ""},
    {"LineFeed", "/_console/\nSet-Cookie: a=b", ""},
    {"CarriageReturn", "https://console.aws.amazon.com/\r\n", ""},
    {"Space", "https://console.aws.amazon.com/ x", ""},
    {"Quote", "/_console/\"onload=", ""},
    {"Angle", "/_console/<script>", ""},
    {"NotAscii", "/_console/\xC3\xA4", ""},
};

INSTANTIATE_TEST_SUITE_P(All, DestinationTest, testing::ValuesIn(kCases), [](const auto& given) {
  return given.param.name;
});

}  // namespace
}  // namespace signet::signin
