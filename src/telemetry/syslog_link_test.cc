#include "telemetry/syslog_link.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::telemetry {
namespace {

TEST(Syslog, IsFoundAtItsPort) {
  EXPECT_EQ(syslog_endpoint("syslog://logs.example")->port, 601);
  EXPECT_EQ(syslog_endpoint("syslog://logs.example:514")->port, 514);
  EXPECT_EQ(syslog_endpoint("syslog://[::1]")->host, "::1");
  EXPECT_FALSE(syslog_endpoint("syslog://logs.example")->is_tls);
  EXPECT_EQ(syslog_endpoint("syslog+tls://logs.example")->port, 6514);
  EXPECT_EQ(syslog_endpoint("syslog+tls://[::1]:7000")->port, 7000);
  EXPECT_TRUE(syslog_endpoint("syslog+tls://logs.example")->is_tls);
  for (const char* url : {"",
                          "syslog://",
                          "syslog://a:0",
                          "syslog://a/b",
                          "udp://a",
                          "http://a",
                          "syslog+tls://",
                          "syslog+udp://a",
                          "syslog+tls://a/b"}) {
    EXPECT_FALSE(syslog_endpoint(url)) << url;
  }
}

// RFC 5424 6, behind the length of RFC 6587 3.4.1.
TEST(Syslog, WritesARecordAsItsMessage) {
  std::string out;
  append_syslog(out, R"({"eventTime":"2026-11-30T10:00:00Z"})", "host-1", 42, Instant{});
  const std::string message =
      R"(<110>1 2026-11-30T10:00:00.000Z host-1 signet 42 audit - {"eventTime":"2026-11-30T10:00:00Z"})";

  EXPECT_EQ(out, std::to_string(message.size()) + " " + message);
}

TEST(Syslog, TellsARefusalByItsSeverityAndKeepsWhatIsNoRecord) {
  std::string out;
  append_syslog(out, R"({"errorCode":"AccessDenied"})", "", 1, Instant{});
  append_syslog(out, "no json", "h", 1, Instant{});

  EXPECT_NE(out.find("<108>1 1970-01-01T00:00:00.000Z - signet 1 audit - "), std::string::npos)
      << out;
  EXPECT_TRUE(out.ends_with("<110>1 1970-01-01T00:00:00.000Z h signet 1 audit - no json")) << out;
}

TEST(Syslog, SaysThatNobodyListens) {
  for (const bool is_tls : {false, true}) {
    SyslogLink link({.is_tls = is_tls, .host = "127.0.0.1", .port = 1, .authority = {}}, {});

    EXPECT_NE(link.send("1 a").find("cannot connect"), std::string::npos);
  }
}

}  // namespace
}  // namespace signet::telemetry
