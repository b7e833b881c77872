#include "agent/role_session.h"

#include <gtest/gtest.h>

#include "agent/aws_hosts.h"
#include "agent/trust_store.h"
#include "base/clock.h"
#include "codec/time.h"
#include "http/server.h"

namespace signet::agent {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'796'032'800);

// Answers AssumeRole and GetCallerIdentity as a server does, with a new key each time.
class FakeSts final : public http::Handler {
 public:
  explicit FakeSts(std::int64_t life_seconds) : life_(life_seconds) {}

  class Answering final : public http::Exchange {
   public:
    explicit Answering(FakeSts& sts) : sts_(sts) {}

    http::BodyPlan begin(const http::RequestHead& head, http::Call /*call*/) override {
      asks_time_ = head.target == "/_signet/clock";
      return {};
    }

    void finish(std::string_view body, http::Call call) override {
      call.answer(asks_time_ ? sts_.time() : sts_.answer(body));
    }

   private:
    FakeSts& sts_;
    bool asks_time_ = false;
  };

  http::ExchangePtr open(const http::RequestHead& /*head*/) override {
    return http::ExchangePtr(new Answering(*this));
  }

  http::Response time() const {
    return {.body = R"({"now":")" + codec::format_iso8601_ms(Instant{until_ms_}) + R"("})"};
  }

  http::Response answer(std::string_view body) {
    if (refuses_) {
      return {.status = 400, .body = R"({"Error":{"Code":"AccessDenied","Message":"no"}})"};
    }
    if (body.find("GetCallerIdentity") != std::string_view::npos) {
      return {.body = R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":)"
                      R"({"Account":"123456789012"}}})"};
    }
    asked_ = body;
    const std::string key = "ASIA" + std::to_string(++made_);
    return {.body = R"({"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":)"
                    R"({"AccessKeyId":")" +
                    key + R"(","SecretAccessKey":"s","SessionToken":"t","Expiration":)" +
                    std::to_string((until_ms_ / 1000) + life_) + "}}}}"};
  }

  void moved_to(Instant now) { until_ms_ = now.unix_ms; }

  void refuse() { refuses_ = true; }

  [[nodiscard]] int made() const { return made_; }

  [[nodiscard]] const std::string& asked() const { return asked_; }

 private:
  std::int64_t life_;
  std::int64_t until_ms_ = kNow.unix_ms;
  int made_ = 0;
  bool refuses_ = false;
  std::string asked_;
};

class RoleSessionTest : public testing::Test {
 protected:
  void start(std::int64_t life_seconds) {
    sts_ = std::make_unique<FakeSts>(life_seconds);
    http::ServerOptions options;
    options.listeners.emplace_back();
    server_ = std::move(*http::Server::start(std::move(options), *sts_, clock_));
    session_ = std::make_unique<RoleSession>(
        StsCaller({.port = server_->port()},
                  "us-east-1",
                  {.access_key_id = "AKIA1", .secret_access_key = "secret", .session_token = {}},
                  clock_),
        RoleWish{.role = "role/team/worker", .session_name = "signet"});
  }

  std::string key() {
    const auto credentials = session_->current();
    return credentials ? credentials->keys.access_key_id : credentials.error();
  }

  void pass(std::int64_t seconds) {
    clock_.advance_seconds(seconds);
    sts_->moved_to(clock_.now());
  }

  ManualClock clock_{kNow};
  std::unique_ptr<FakeSts> sts_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<RoleSession> session_;
};

TEST_F(RoleSessionTest, KeepsCredentialsWhileTheyAreGoodForAQuarterOfAnHour) {
  start(3600);

  EXPECT_EQ(key(), "ASIA1");
  pass(3600 - RoleSession::kLeastSeconds - 1);
  EXPECT_EQ(key(), "ASIA1");
  pass(1);
  EXPECT_EQ(key(), "ASIA2");
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(RoleSessionTest, ShortOnesAreRenewedAtHalfOfTheirLife) {
  start(900);

  EXPECT_EQ(key(), "ASIA1");
  pass(449);
  EXPECT_EQ(key(), "ASIA1");
  pass(1);
  EXPECT_EQ(key(), "ASIA2");
}

TEST_F(RoleSessionTest, ARoleWithoutAnArnIsOfTheCallersAccount) {
  start(3600);

  EXPECT_EQ(session_->current()->role_arn, "arn:aws:iam::123456789012:role/team/worker");
  EXPECT_NE(sts_->asked().find("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Fworker"),
            std::string::npos);
}

TEST_F(RoleSessionTest, ARefusalIsToldAndNothingOldIsGiven) {
  start(900);
  EXPECT_EQ(key(), "ASIA1");
  sts_->refuse();
  pass(600);

  EXPECT_EQ(key(), "AccessDenied: no");
}

TEST(AwsHosts, AreAwsServicesSignInAndConsoleInEveryPartition) {
  for (const std::string_view host : {"sts.amazonaws.com",
                                      "sts.eu-west-1.amazonaws.com",
                                      "bucket.with.dots.s3.us-east-1.amazonaws.com",
                                      "sts.cn-north-1.amazonaws.com.cn",
                                      "signin.aws.amazon.com",
                                      "eu-west-1.signin.aws.amazon.com",
                                      "console.aws.amazon.com",
                                      "us-east-1.console.aws.amazon.com",
                                      "signin.us-east-1.api.aws",
                                      "us-east-1.oauth.signin.aws",
                                      "signin.amazonaws.cn",
                                      "signin.amazonaws-us-gov.com"}) {
    EXPECT_TRUE(is_aws_host(host)) << host;
  }
}

TEST(AwsHosts, AreNoOthers) {
  for (const std::string_view host : {"",
                                      "aws.amazon.com",
                                      "docs.aws.amazon.com",
                                      "amazon.com",
                                      "notamazonaws.com",
                                      "amazonaws.com.example.com",
                                      "sts.amazonaws.com.",
                                      "example.com"}) {
    EXPECT_FALSE(is_aws_host(host)) << host;
  }
}

TEST(TrustStore, IsAJavaKeyStoreWithOneTrustedCertificate) {
  const std::string store = java_trust_store("DER", 1);

  EXPECT_TRUE(store.starts_with("\xFE\xED\xFE\xED"));
  EXPECT_NE(store.find("DER"), std::string::npos);
  EXPECT_EQ(store.size(), 4U * 4 + 2 + 10 + 8 + 2 + 5 + 4 + 3 + 20);
}

}  // namespace
}  // namespace signet::agent
