#include "server/admin.h"

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "api/pages_for_test.h"

namespace signet::server {
namespace {

using Kind = ClockChange::Kind;
using Params = std::vector<std::pair<std::string, std::string>>;

struct ClockCase {
  const char* name;
  Params params;
  std::string_view body;
  Kind kind;
  std::int64_t milliseconds;  // the target, or the shift
};

class ClockChangeTest : public testing::TestWithParam<ClockCase> {};

TEST_P(ClockChangeTest, IsRead) {
  const ClockCase& given = GetParam();
  const auto change = read_clock_change({.params = given.params, .body = given.body});
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_EQ(change->kind, given.kind);
  EXPECT_EQ(given.kind == Kind::Set ? change->target.unix_ms : change->shift_ms,
            given.milliseconds);
}

const ClockCase kGood[] = {
    {"SetIso", {}, R"({"set":"2026-01-01T00:00:00Z"})", Kind::Set, 1'767'225'600'000},
    {"SetSeconds", {}, R"({"set":1767225600})", Kind::Set, 1'767'225'600'000},
    {"SetFraction", {}, R"({"now":1767225600.5})", Kind::Set, 1'767'225'600'500},
    {"SetText", {}, R"({"time":"1767225600"})", Kind::Set, 1'767'225'600'000},
    {"SetAt", {{"at", "1767225600"}}, "", Kind::Set, 1'767'225'600'000},
    {"ShiftSeconds", {}, R"({"shift_seconds":3600})", Kind::Shift, 3'600'000},
    {"ShiftBack", {}, R"({"shift":-30})", Kind::Shift, -30'000},
    {"ShiftText", {}, R"({"advance":"30"})", Kind::Shift, 30'000},
    {"Offset", {}, R"({"offset_seconds":0.25})", Kind::Shift, 250},
    {"Seconds", {{"seconds", "10"}}, "", Kind::Shift, 10'000},
    {"Delta", {{"delta", "1"}}, "", Kind::Shift, 1'000},
    {"Reset", {}, R"({"reset":true})", Kind::Reset, 0},
    {"ResetForm", {{"reset", "1"}}, "", Kind::Reset, 0},
    {"ResetBare", {{"reset", ""}}, "", Kind::Reset, 0},
    {"SpaceBefore", {}, " \n {\"shift\":1}", Kind::Shift, 1'000},
    {"JsonUnderForm", {{"{\"shift\":1}", ""}}, "{\"shift\":1}", Kind::Shift, 1'000},
};

INSTANTIATE_TEST_SUITE_P(Good, ClockChangeTest, testing::ValuesIn(kGood), [](const auto& given) {
  return given.param.name;
});

TEST(ClockChange, RefusesEverythingElse) {
  for (const std::string_view body : {
           "",
           "{",
           "{}",
           "[]",
           R"({"set":"yesterday"})",
           R"({"set":""})",
           R"({"set":null})",
           R"({"set":"2026-13-01T00:00:00Z"})",
           R"({"shift":"one hour"})",
           R"({"shift":"nan"})",
           R"({"shift":"inf"})",
           R"({"shift":"-inf"})",
           R"({"shift":1e300})",
           R"({"shift":"1e12"})",
           R"({"shift":"30 "})",
           R"({"shift":true})",
           R"({"set":"nan"})",
           R"({"reset":false})",
           R"({"shift":1,"set":1})",
           R"({"shift":1,"shift":1})",
           R"({"unknown":1})",
       }) {
    EXPECT_FALSE(read_clock_change({.body = body})) << body;
  }
  EXPECT_FALSE(read_clock_change({.params = {{"shift", "1"}}, .body = R"({"shift":1})"}));
}

class AdminTest : public testing::Test {
 protected:
  // What an event loop answers at once, or else what a page's thread does.
  http::Response send(AdminService& admin,
                      std::string_view method,
                      std::string_view path,
                      std::string_view body = {}) {
    const http::RequestHead head{.method = method, .target = path, .headers = headers_};
    authz::RequestInfo info = world_.request_now();
    info.source_ip = peer_;
    const api::WebRequest request{
        .method = method, .path = std::string(path), .params = {}, .head = &head, .body = body};
    api::PageCall call(
        {.directory = world_.directory(), .authorizer = world_.authorizer, .deps = world_.deps},
        admin,
        request,
        info);
    was_at_once_ = call.invocation().run_mode() == api::RunMode::Read;
    return call.answer();
  }

  AdminService make(bool is_dev, bool shows_metrics = false) {
    return AdminService({.metrics = [] { return std::string("metrics 1\n"); },
                         .troubles = [this] { return troubles_; },
                         .reset = [this]() -> Status {
                           ++resets_;
                           return {};
                         },
                         .clock_changed = [this]() -> Status {
                           ++changes_;
                           return {};
                         }},
                        clock_,
                        {.is_dev = is_dev, .shows_metrics = shows_metrics});
  }

  api::ApiFixture world_;
  SystemClock clock_;
  std::vector<std::string> troubles_;
  std::vector<http::HeaderView> headers_;
  std::string peer_ = "127.0.0.1";
  bool was_at_once_ = false;
  int resets_ = 0;
  int changes_ = 0;
};

TEST_F(AdminTest, HealthAndReadinessAreForEverybodyAndNeedNoThread) {
  AdminService admin = make(false);
  peer_ = "192.0.2.1";
  EXPECT_EQ(send(admin, "GET", "/_signet/health").body, "{\"status\":\"ok\"}\n");
  EXPECT_TRUE(was_at_once_);
  EXPECT_EQ(send(admin, "HEAD", "/_signet/ready").status, 200);
  EXPECT_TRUE(was_at_once_);
}

TEST_F(AdminTest, ReadinessFailsWithItsReasonsAndHealthNamesThem) {
  AdminService admin = make(false);
  troubles_ = {"the disk is full", "audit \"records\" were lost"};

  const http::Response ready = send(admin, "GET", "/_signet/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body,
            "{\"status\":\"not ready\",\"reasons\":[\"the disk is full\","
            "\"audit \\\"records\\\" were lost\"]}\n");
  const http::Response health = send(admin, "GET", "/_signet/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_NE(health.body.find("\"degraded\""), std::string::npos);

  troubles_.clear();
  EXPECT_EQ(send(admin, "GET", "/_signet/ready").status, 200);
}

TEST_F(AdminTest, MetricsAreForThisMachineOnly) {
  AdminService admin = make(false);
  EXPECT_EQ(send(admin, "GET", "/_signet/metrics").body, "metrics 1\n");
  EXPECT_TRUE(was_at_once_);

  peer_ = "192.0.2.1";
  EXPECT_EQ(send(admin, "GET", "/_signet/metrics").status, 403);

  AdminService open = make(false, true);
  EXPECT_EQ(send(open, "GET", "/_signet/metrics").status, 200);
}

TEST_F(AdminTest, MetricsAreNotForWhomAProxyOnThisMachinePassesOn) {
  AdminService admin = make(false);
  for (const std::string_view name : {"Forwarded", "X-Forwarded-For"}) {
    headers_ = {{name, "192.0.2.1"}};
    EXPECT_EQ(send(admin, "GET", "/_signet/metrics").status, 403) << name;
  }
}

TEST_F(AdminTest, WithoutDevThereIsNoResetAndNoClock) {
  AdminService admin = make(false);
  for (const char* path : {"/_signet/reset", "/_signet/clock"}) {
    EXPECT_EQ(send(admin, "POST", path, R"({"shift":1})").status, 404);
    EXPECT_EQ(send(admin, "GET", path).status, 404);
  }
  EXPECT_EQ(resets_ + changes_, 0);
}

TEST_F(AdminTest, DevResetsByPostOnly) {
  AdminService admin = make(true);
  EXPECT_EQ(send(admin, "GET", "/_signet/reset").status, 405);
  EXPECT_EQ(resets_, 0);
  EXPECT_EQ(send(admin, "POST", "/_signet/reset").status, 200);
  EXPECT_EQ(resets_, 1);
}

TEST_F(AdminTest, DevShiftsTheClockAndSaysSo) {
  AdminService admin = make(true);
  const std::int64_t before = clock_.now().seconds();
  EXPECT_EQ(send(admin, "POST", "/_signet/clock", R"({"shift":100000})").status, 200);
  EXPECT_GE(clock_.now().seconds(), before + 100'000);
  EXPECT_EQ(changes_, 1);
  EXPECT_TRUE(send(admin, "GET", "/_signet/clock").body.starts_with("{\"now\":\"20"));
  EXPECT_EQ(send(admin, "POST", "/_signet/clock", R"({"reset":true})").status, 200);
  EXPECT_LT(clock_.now().seconds(), before + 100'000);
}

TEST_F(AdminTest, TheClockStaysWithinTheCalendar) {
  AdminService admin = make(true);
  for (const char* body : {R"({"set":-1})",
                           R"({"shift":-9e10})",
                           R"({"set":253402300800})",
                           R"({"shift":1e11})",
                           R"({"shift":"x"})"}) {
    const bool is_allowed = std::string_view(body) == R"({"shift":1e11})";
    EXPECT_EQ(send(admin, "POST", "/_signet/clock", body).status, is_allowed ? 200 : 400) << body;
  }
  EXPECT_EQ(send(admin, "POST", "/_signet/clock", R"({"shift":1e11})").status, 200);
  EXPECT_EQ(send(admin, "POST", "/_signet/clock", R"({"shift":1e11})").status, 400);
  EXPECT_EQ(changes_, 2);
}

TEST_F(AdminTest, UnknownEndpointsAreNotFound) {
  AdminService admin = make(true);
  EXPECT_EQ(send(admin, "GET", "/_signet/").status, 404);
  EXPECT_EQ(send(admin, "POST", "/_signet/health").status, 404);
  EXPECT_TRUE(admin.handles("GET", "/_signet/anything", ""));
  EXPECT_FALSE(admin.handles("GET", "/_signets", ""));
}

}  // namespace
}  // namespace signet::server
