#include "telemetry/otlp.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace signet::telemetry {
namespace {

const Reporter kReporter{.version = "1", .instance = "node"};

TEST(Otlp, WritesSpansAsTheProtocolsJsonHasThem) {
  const std::array<std::pair<std::string_view, std::string_view>, 2> attributes{
      {{"rpc.method", "AssumeRole"}, {"error.type", ""}}};
  std::string span;
  append_span(span,
              {.trace_id = "0102",
               .span_id = "0a",
               .parent_id = "0b",
               .name = "sts/AssumeRole",
               .end = Instant{2000},
               .took_us = 1500,
               .is_fault = true,
               .attributes = attributes});

  EXPECT_EQ(
      span,
      R"({"traceId":"0102","spanId":"0a","parentSpanId":"0b","name":"sts/AssumeRole","kind":2,)"
      R"("startTimeUnixNano":"1998500000","endTimeUnixNano":"2000000000",)"
      R"("attributes":[{"key":"rpc.method","value":{"stringValue":"AssumeRole"}}],)"
      R"("status":{"code":2}})");
  const std::string request = trace_request(kReporter, "{}\n{\"a\":1}\n");
  EXPECT_TRUE(request.ends_with(R"("spans":[{},{"a":1}]}]}]})")) << request;
  EXPECT_TRUE(request.starts_with(R"({"resourceSpans":[{"resource":)")) << request;
}

TEST(Otlp, KeepsAnAuditRecordAsItIs) {
  const std::string record =
      R"({"eventTime":"1970-01-01T00:00:01Z","eventName":"CreateUser","errorCode":"AccessDenied"})";
  std::string out;
  append_log_record(out, record, Instant{5000});

  EXPECT_NE(out.find(R"("timeUnixNano":"1000000000")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("severityText":"WARN")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"(\"eventName\":\"CreateUser\")"), std::string::npos) << out;
}

TEST(Otlp, TellsWhatMayBeTriedAgainFromWhatMayNot) {
  EXPECT_EQ(judge_answer(200, "{}").delivery, Delivery::Taken);
  EXPECT_EQ(judge_answer(200, "").delivery, Delivery::Taken);
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_EQ(judge_answer(status, "").delivery, Delivery::Failed) << status;
  }
  for (const int status : {301, 400, 401, 404, 500}) {
    EXPECT_EQ(judge_answer(status, "").delivery, Delivery::Refused) << status;
  }
}

TEST(Otlp, CountsWhatACollectorTookAndDidNotWant) {
  const DeliveryResult result =
      judge_answer(200, R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})");

  EXPECT_EQ(result.delivery, Delivery::Taken);
  EXPECT_EQ(result.rejected, 3U);
  EXPECT_EQ(result.reason, "too old");
  EXPECT_EQ(judge_answer(200, R"({"partialSuccess":{"rejectedSpans":"-3"}})").rejected, 0U);
}

TEST(Otlp, KnowsTheUrlsOfCollectors) {
  for (const char* url :
       {"http://localhost:4318", "https://c.example/otlp/", "http://[::1]:4318"}) {
    EXPECT_TRUE(is_collector_url(url)) << url;
  }
  for (const char* url : {"",
                          "localhost:4318",
                          "grpc://a:1",
                          "http://",
                          "http://a:0",
                          "http://a/?b",
                          "http://user@a/"}) {
    EXPECT_FALSE(is_collector_url(url)) << url;
  }
}

// The years 4052 and 1901 have no place in 64 bits of nanoseconds.
TEST(LogRecord, ATimeThatDoesNotFitIsUnknown) {
  for (const char* time : {"4052-11-30T10:00:00Z", "1901-01-01T00:00:00Z"}) {
    std::string record;
    append_log_record(record, std::string(R"({"eventTime":")") + time + R"("})", Instant{1000});
    EXPECT_NE(record.find(R"("timeUnixNano":"0")"), std::string::npos) << record;
    EXPECT_NE(record.find(R"("observedTimeUnixNano":"1000000000")"), std::string::npos) << record;
  }
}

}  // namespace
}  // namespace signet::telemetry
