#include <string>

#include <gtest/gtest.h>

#include "ctl/command_for_test.h"

namespace signet::ctl {
namespace {

// The worked example of AWS's documentation of Signature Version 4.
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kSignature =
    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

std::string request_with(std::string_view signature, std::string_view end_of_line = "\r\n") {
  std::string text;
  for (const std::string& line :
       {std::string("GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1"),
        std::string("Host: iam.amazonaws.com"),
        std::string("Content-Type: application/x-www-form-urlencoded; charset=utf-8"),
        std::string("X-Amz-Date: 20150830T123600Z"),
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, Signature=" +
            std::string(signature),
        std::string()}) {
    text += line;
    text += end_of_line;
  }
  return text;
}

class Sigv4ExplainTest : public CommandTest {
 protected:
  static Ran explain(const std::string& file) {
    return signet({"sigv4", "explain", file, "--secret-key", std::string(kSecret)});
  }
};

TEST_F(Sigv4ExplainTest, AGoodSignatureMatches) {
  const Ran ran = explain(file("request", request_with(kSignature)));
  EXPECT_EQ(ran.code, kOk);
  EXPECT_NE(ran.out.find("they match\n"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find(kSecret), std::string::npos);
}

TEST_F(Sigv4ExplainTest, LinesMayEndAsEditorsEndThem) {
  EXPECT_EQ(explain(file("request", request_with(kSignature, "\n"))).code, kOk);
}

TEST_F(Sigv4ExplainTest, AWrongSignatureIsShownBesideTheRightOne) {
  const Ran ran = explain(file("request", request_with(std::string(64, '0'))));
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_NE(ran.out.find("signature computed: " + std::string(kSignature)), std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("signature provided: " + std::string(64, '0')), std::string::npos);
}

TEST_F(Sigv4ExplainTest, WhatIsNoSignedRequestIsAFailure) {
  EXPECT_EQ(explain(file("nonsense", "nonsense")).err,
            "signet: not an HTTP request: expected a request line, headers, an empty line and the "
            "body\n");
  EXPECT_EQ(explain(file("unsigned", "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).err,
            "signet: the request carries no SigV4 credential scope\n");
}

TEST_F(Sigv4ExplainTest, ABatchAnswersALineForEachLine) {
  const Ran ran = signet_reading("nonsense\n\n{\"id\":\"b\"}\n", {"sigv4", "explain", "--batch"});
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_TRUE(ran.out.starts_with("{\"error\":")) << ran.out;
  EXPECT_TRUE(ran.out.ends_with("{\"id\":\"b\",\"error\":\"timestamp must be ISO-8601\"}\n"))
      << ran.out;
}

}  // namespace
}  // namespace signet::ctl
