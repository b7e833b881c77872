#include "api/unserved.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::api {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=utf-8";

struct Request {
  const char* name;
  std::string_view service;
  std::string_view target;
  std::vector<http::HeaderView> headers;
  std::string_view body;
  ErrorForm form;
  std::string operation;
};

class UnservedTest : public testing::TestWithParam<Request> {};

TEST_P(UnservedTest, AnswersInTheCallersFormAndNamesItsOperation) {
  const Request& given = GetParam();
  const http::RequestHead head{.method = "POST", .target = given.target, .headers = given.headers};

  EXPECT_EQ(error_form(head, given.service), given.form);
  EXPECT_EQ(named_operation(head, given.body), given.operation);
}

const Request kRequests[] = {
    {"Query",
     "sns",
     "/",
     {{"Content-Type", kFormType}},
     "Action=ListTopics&Version=1",
     ErrorForm::Query,
     "ListTopics"},
    {"Ec2",
     "ec2",
     "/",
     {{"Content-Type", kFormType}},
     "Version=1&Action=DescribeRegions",
     ErrorForm::Ec2,
     "DescribeRegions"},
    {"Ec2InTheQuery", "ec2", "/?Action=DescribeRegions", {}, "", ErrorForm::Ec2, "DescribeRegions"},
    {"Json",
     "kms",
     "/",
     {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "TrentService.ListKeys"}},
     "{}",
     ErrorForm::Json,
     "ListKeys"},
    {"JsonTargetAlone",
     "kms",
     "/",
     {{"X-Amz-Target", "ListKeys"}},
     "",
     ErrorForm::Json,
     "ListKeys"},
    {"RestJsonWithoutBody", "lambda", "/2015-03-31/functions", {}, "", ErrorForm::Json, ""},
    {"RestJsonBody",
     "lambda",
     "/2015-03-31/functions",
     {{"Content-Type", "Application/JSON"}},
     "Action=x",
     ErrorForm::Json,
     ""},
    {"RestXml", "route53", "/2013-04-01/hostedzone", {}, "", ErrorForm::RestXml, ""},
    {"RestXmlBody",
     "cloudfront",
     "/2020-05-31/distribution",
     {{"Content-Type", "application/xml"}},
     "<a/>",
     ErrorForm::RestXml,
     ""},
    {"Cbor",
     "monitoring",
     "/service/GraniteServiceVersion20100801/operation/ListMetrics",
     {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}},
     "\xA0",
     ErrorForm::Cbor,
     "ListMetrics"},
    // Services with two protocols: the request tells.
    {"TwoProtocolsQuery",
     "ses",
     "/",
     {{"Content-Type", kFormType}},
     "Action=SendEmail",
     ErrorForm::Query,
     "SendEmail"},
    {"TwoProtocolsRest", "ses", "/v2/email/identities", {}, "", ErrorForm::Json, ""},
    {"UnknownService", "s2", "/", {{"X-Amz-Target", "Fresh.List"}}, "", ErrorForm::Json, "List"},
    {"MalformedForm",
     "sns",
     "/",
     {{"Content-Type", kFormType}},
     "Action=%zz",
     ErrorForm::Query,
     ""},
};

INSTANTIATE_TEST_SUITE_P(All, UnservedTest, testing::ValuesIn(kRequests), [](const auto& given) {
  return given.param.name;
});

http::Response answer(ErrorForm form, bool is_head = false) {
  return error_answer(
      form,
      {.code = ErrorCode::NotImplemented, .message = "The service 'a<b' is not served here."},
      "id-1",
      is_head);
}

TEST(ErrorAnswer, IsReadByEveryProtocol) {
  EXPECT_EQ(answer(ErrorForm::Json).body,
            R"({"__type":"NotImplemented","message":"The service 'a<b' is not served here."})");
  EXPECT_EQ(answer(ErrorForm::Query).body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse><Error><Type>Sender</Type>"
            "<Code>NotImplemented</Code><Message>The service 'a&lt;b' is not served here.</Message>"
            "</Error><RequestId>id-1</RequestId></ErrorResponse>");
  EXPECT_EQ(answer(ErrorForm::RestXml).body, answer(ErrorForm::Query).body);
  EXPECT_EQ(answer(ErrorForm::Ec2).body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>"
            "<Code>NotImplemented</Code><Message>The service 'a&lt;b' is not served here.</Message>"
            "</Error></Errors><RequestID>id-1</RequestID></Response>");
  EXPECT_EQ(answer(ErrorForm::Cbor).body,
            std::string("\xA2\x79\x00\x06__type\x79\x00\x0E"
                        "NotImplemented\x79\x00\x07message\x79\x00\x25",
                        4 + 6 + 3 + 14 + 3 + 7 + 3) +
                "The service 'a<b' is not served here.");
}

TEST(ErrorAnswer, SaysItInTheHeaders) {
  const http::Response json = answer(ErrorForm::Json);
  EXPECT_EQ(json.status, 501);
  EXPECT_EQ(json.headers.find("x-amzn-ErrorType"), "NotImplemented");
  EXPECT_EQ(json.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(json.headers.find("x-amzn-RequestId"), "id-1");
  EXPECT_EQ(answer(ErrorForm::Cbor).headers.find("smithy-protocol"), "rpc-v2-cbor");
}

TEST(ErrorAnswer, HasNoBodyForHead) {
  EXPECT_EQ(answer(ErrorForm::RestXml, true).body, "");
}

}  // namespace
}  // namespace signet::api
