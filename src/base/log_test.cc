#include "base/log.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/assertion.h"
#include "base/strings.h"

namespace signet {
namespace {

// What log() writes to standard error.
std::string logged(LogLevel level,
                   std::string_view event,
                   std::initializer_list<LogField> fields = {}) {
  testing::internal::CaptureStderr();
  log(level, event, fields);
  return testing::internal::GetCapturedStderr();
}

// The line without its time, which stands first.
std::string without_time(std::string_view line) {
  const std::size_t at = line.find("\"level\"");
  return at == std::string_view::npos ? std::string(line) : std::string(line.substr(at));
}

TEST(Log, IsOneLineOfJsonWithTimeLevelEventAndFields) {
  const std::string line =
      logged(LogLevel::Warning, "tls_key_readable", {{"path", "/k"}, {"n", "2"}});
  EXPECT_TRUE(line.starts_with("{\"time\":\"20")) << line;
  EXPECT_EQ(line.substr(32, 3), "Z\",") << "milliseconds and UTC: " << line;
  EXPECT_EQ(without_time(line),
            "\"level\":\"warning\",\"event\":\"tls_key_readable\",\"path\":\"/k\",\"n\":\"2\"}\n");
}

TEST(Log, HostileTextCannotBeginAnotherLineOrField) {
  const std::string line =
      logged(LogLevel::Error, "x", {{"name", std::string_view("a\"\\\n\r\0b\x1F", 8)}});
  EXPECT_EQ(
      without_time(line),
      "\"level\":\"error\",\"event\":\"x\",\"name\":\"a\\\"\\\\\\u000a\\u000d\\u0000b\\u001f\"}\n");
}

TEST(Log, WhatIsNoUtf8IsReplaced) {
  const std::string line =
      logged(LogLevel::Error, "x", {{"name", "a\xFF\xC3z"}, {"other", "\xC3\xA9"}});
  EXPECT_TRUE(is_utf8(line));
  EXPECT_EQ(without_time(line),
            "\"level\":\"error\",\"event\":\"x\",\"name\":\"a\\ufffd\\ufffdz\",\"other\":"
            "\"\xC3\xA9\"}\n");
}

TEST(Log, ForPeopleIsOneLineOfWords) {
  set_log_form(LogForm::Text);
  const std::string line = logged(
      LogLevel::Warning, "signature_refused", {{"ip", "::1"}, {"hint", "a \"b\"\n level=x"}});
  set_log_form(LogForm::Json);
  ASSERT_TRUE(line.starts_with("20")) << line;
  EXPECT_EQ(line.substr(10, 1), " ");
  EXPECT_EQ(line.substr(23),
            "Z warning signature_refused ip=::1 hint=\"a \\\"b\\\"\\u000a level=x\"\n");
}

TEST(Log, LinesBelowTheLevelAreDropped) {
  ASSERT_EQ(log_level(), LogLevel::Info);
  EXPECT_EQ(logged(LogLevel::Debug, "x"), "");
  EXPECT_NE(logged(LogLevel::Info, "x"), "");

  set_log_level(LogLevel::Error);
  EXPECT_EQ(logged(LogLevel::Warning, "x"), "");
  EXPECT_NE(logged(LogLevel::Error, "x"), "");
  set_log_level(LogLevel::Info);
}

TEST(Check, ABrokenInvariantEndsTheProcessAndSaysWhere) {
  EXPECT_DEATH(SIGNET_ASSERT(1 + 1 == 3), "broken invariant: 1 \\+ 1 == 3 \\(.*log_test.cc:");
}

TEST(Check, AKeptInvariantCostsNothing) {
  int evaluated = 0;
  SIGNET_ASSERT(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

}  // namespace
}  // namespace signet
