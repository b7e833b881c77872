#include "api/pipeline.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::api {
namespace {

constexpr Error kRefused{.code = ErrorCode{1}, .message = {}, .fields = {}, .cause = {}};

// Writes down what it is asked for, in order.
class Recorded final : public Steps {
 public:
  bool must_wait(Step step) override { return waits_before == step; }

  Status admit() override { return take("admit"); }

  Status route() override { return take("route"); }

  Status authenticate() override { return take("authenticate"); }

  Status decode() override { return take("decode"); }

  Status checks() override { return take("checks"); }

  Status authorize() override { return take("authorize"); }

  Status handle() override { return take("handle"); }

  http::Response encode(const Status& outcome) override {
    told += outcome ? "encode " : "encode-refusal ";
    return {.status = outcome ? 200 : 400};
  }

  Status record(const Status& outcome, const http::Response& answer) override {
    told += "record ";
    EXPECT_EQ(answer.status, outcome ? 200 : 400);
    return can_record ? Status() : std::unexpected(kRefused);
  }

  void send(http::Response answer) override { told += "send " + std::to_string(answer.status); }

  std::string told;
  std::string refuses_at;
  std::optional<Step> waits_before;
  bool can_record = true;

 private:
  Status take(const std::string& step) {
    told += step + " ";
    return step == refuses_at ? std::unexpected(kRefused) : Status();
  }
};

TEST(Pipeline, TakesTheStepsInOrder) {
  Recorded request;
  proceed(request, Step::Admit);
  EXPECT_EQ(request.told,
            "admit route authenticate decode checks authorize handle encode record send 200");
}

TEST(Pipeline, NothingBehindARefusalHappensButItsAnswerAndItsRecord) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"admit", "admit "},
      {"route", "admit route "},
      {"authenticate", "admit route authenticate "},
      {"decode", "admit route authenticate decode "},
      {"checks", "admit route authenticate decode checks "},
      {"authorize", "admit route authenticate decode checks authorize "},
      {"handle", "admit route authenticate decode checks authorize handle "}};
  for (const auto& [step, before] : cases) {
    Recorded request;
    request.refuses_at = step;
    proceed(request, Step::Admit);
    EXPECT_EQ(request.told, before + "encode-refusal record send 400");
  }
}

TEST(Pipeline, StopsWhereItHasToWaitAndGoesOnFromThere) {
  Recorded request;
  request.waits_before = Step::Decode;
  proceed(request, Step::Admit);
  EXPECT_EQ(request.told, "admit route authenticate ");

  request.told.clear();
  request.waits_before = Step::Encode;
  proceed(request, Step::Decode);
  EXPECT_EQ(request.told, "decode checks authorize handle ") << "neither answered nor recorded";

  request.told.clear();
  request.waits_before.reset();
  proceed(request, Step::Encode);
  EXPECT_EQ(request.told, "encode record send 200");
}

TEST(Pipeline, WhatMustBeRecordedAndCannotBeIsRefused) {
  Recorded request;
  request.can_record = false;
  proceed(request, Step::Admit);
  EXPECT_TRUE(request.told.ends_with("handle encode record encode-refusal send 400"))
      << request.told;
}

TEST(Pipeline, ARefusedRequestTakesNoFurtherStepWhereverItGoesOn) {
  Recorded request;
  request.outcome() = std::unexpected(kRefused);
  proceed(request, Step::Handle);
  EXPECT_EQ(request.told, "encode-refusal record send 400");
}

}  // namespace
}  // namespace signet::api
