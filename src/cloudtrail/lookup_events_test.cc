#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "audit/folder_for_test.h"
#include "audit/sink.h"
#include "base/strings.h"
#include "cloudtrail/handlers.h"
#include "codec/base64.h"
#include "codec/time.h"

namespace signet::cloudtrail {
namespace {

using authz::AuthzFixture;
using Texts = std::vector<std::string>;

constexpr std::int64_t kDay = 86'400;
constexpr std::string_view kBadToken =
    "InvalidNextTokenException: The token is not valid, or not of a call with these parameters.";

class LookupEvents : public audit::FolderTest {
 protected:
  LookupEvents() {
    auto opened = audit::Sink::open({.path = path_}, world_.clock);
    SIGNET_ASSERT(opened.has_value());
    sink_ = *std::move(opened);
    world_.deps.trail = sink_.get();
  }

  // An event of that many seconds ago.
  void add(std::string_view id,
           std::int64_t seconds_ago,
           std::string_view name = "CreateUser",
           std::string_view account = identity::kAccount,
           std::string_view region = "eu-west-1") {
    sink_->append(concat(R"({"eventVersion":"1.11","eventTime":")",
                         codec::format_iso8601(AuthzFixture::kNow.plus_seconds(-seconds_ago)),
                         R"(","eventID":")",
                         id,
                         R"(","eventSource":"iam.amazonaws.com","eventName":")",
                         name,
                         R"(","awsRegion":")",
                         region,
                         R"(","userIdentity":{"type":"Root"},"readOnly":false,)",
                         R"("recipientAccountId":")",
                         account,
                         "\",\"eventCategory\":\"Management\"}\n"));
    sink_->flush();
  }

  auto call(const LookupEventsRequest& request = {}) {
    return world_.call(AuthzFixture::root(), request);
  }

  static Texts ids_of(const Result<LookupEventsResponse>& answer) {
    Texts ids;
    for (const Event& event : answer ? *answer->events : std::vector<Event>()) {
      ids.push_back(event.event_id.value_or(""));
    }
    return ids;
  }

  Texts ids(const LookupEventsRequest& request = {}) {
    const auto answer = call(request);
    EXPECT_EQ(outcome(answer), "ok");
    return ids_of(answer);
  }

  static Instant ago(std::int64_t seconds) { return AuthzFixture::kNow.plus_seconds(-seconds); }

  static LookupEventsRequest with(std::string_view key, std::string_view value) {
    LookupEventsRequest request;
    request.lookup_attributes = {
        {.attribute_key = std::string(key), .attribute_value = std::string(value)}};
    return request;
  }

  api::ApiFixture world_;
  std::unique_ptr<audit::Sink> sink_;
};

TEST_F(LookupEvents, TellsTheNewestFirstOfThisAccountAndRegionAlone) {
  add("old", 20);
  add("other-account", 15, "CreateUser", identity::kOtherAccount);
  add("other-region", 12, "CreateUser", identity::kAccount, "us-east-1");
  add("new", 10);
  EXPECT_EQ(ids(), (Texts{"new", "old"}));
  EXPECT_EQ(ids_of(world_.call(AuthzFixture::root(identity::kOtherAccount), LookupEventsRequest())),
            Texts{"other-account"});
}

TEST_F(LookupEvents, NeedsPermission) {
  add("one", 1);
  const auto refused = world_.call(AuthzFixture::user(), LookupEventsRequest());
  EXPECT_TRUE(outcome(refused).starts_with("AccessDenied")) << outcome(refused);
  EXPECT_NE(outcome(refused).find("cloudtrail:LookupEvents"), std::string::npos);
  world_.change_user([](identity::User& user) {
    user.inline_policies = {
        {.name = "p", .document = authz::document("Allow", "cloudtrail:LookupEvents")}};
  });
  EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), LookupEventsRequest())), "ok");
}

TEST_F(LookupEvents, ReachesBackNinetyDays) {
  add("too-old", 90 * kDay + 1);
  add("oldest", 90 * kDay);
  add("late", 5);
  EXPECT_EQ(ids(), (Texts{"late", "oldest"}));
  EXPECT_EQ(ids({.start_time = ago(400 * kDay)}), (Texts{"late", "oldest"}))
      << "asking for more gets no more";
}

TEST_F(LookupEvents, BothEndsOfTheTimeBelongToIt) {
  for (const int second : {30, 20, 10}) {
    add(std::to_string(second), second);
  }
  EXPECT_EQ(ids({.start_time = ago(20)}), (Texts{"10", "20"}));
  EXPECT_EQ(ids({.end_time = ago(20)}), (Texts{"20", "30"}));
  EXPECT_EQ(ids({.start_time = ago(20), .end_time = ago(20)}), Texts{"20"});
  EXPECT_EQ(ids({.start_time = ago(19), .end_time = ago(11)}), Texts{});
  EXPECT_EQ(outcome(call({.start_time = ago(10), .end_time = ago(11)})),
            "InvalidTimeRangeException: The start time is after the end time.");
}

// A record is written when its call ends: a short call may stand before a long one that began
// earlier.
TEST_F(LookupEvents, WhatIsOutOfOrderByLessThanADayIsFound) {
  add("first", 10);
  add("began-long-before", kDay + 15);
  EXPECT_EQ(ids({.start_time = ago(20)}), Texts{"first"});
}

TEST_F(LookupEvents, OneAttributeMayBeAskedFor) {
  add("made", 3, "CreateUser");
  add("gone", 2, "DeleteUser");
  EXPECT_EQ(ids(with("EventName", "DeleteUser")), Texts{"gone"});
  EXPECT_EQ(ids(with("EventId", "made")), Texts{"made"});
  EXPECT_EQ(ids(with("Username", "root")), (Texts{"gone", "made"}));
  EXPECT_EQ(ids(with("EventName", "deleteuser")), Texts{});
  LookupEventsRequest none;
  none.lookup_attributes.emplace();
  EXPECT_EQ(ids(none).size(), 2U);
  LookupEventsRequest two = with("EventName", "CreateUser");
  two.lookup_attributes->push_back({.attribute_key = "ReadOnly", .attribute_value = "false"});
  EXPECT_EQ(outcome(call(two)),
            "InvalidLookupAttributesException: Only one lookup attribute can be given.");
}

TEST_F(LookupEvents, PagesHaveEveryEventOnceWhileTheTrailGrows) {
  for (int i = 9; i >= 1; --i) {
    add(std::to_string(i), i, i % 2 == 0 ? "DeleteUser" : "CreateUser");
  }
  for (const LookupEventsRequest& asked :
       {LookupEventsRequest(), with("EventName", "CreateUser")}) {
    const Texts all = ids(asked);
    LookupEventsRequest request = asked;
    request.max_results = 2;
    Texts seen;
    for (int pages = 0; pages < 9; ++pages) {
      const auto page = call(request);
      ASSERT_EQ(outcome(page), "ok");
      EXPECT_LE(page->events->size(), 2U);
      const Texts of_page = ids_of(page);
      seen.insert(seen.end(), of_page.begin(), of_page.end());
      request.next_token = page->next_token;
      if (!request.next_token) {
        break;
      }
      add("later", 0);
    }
    EXPECT_FALSE(request.next_token);
    EXPECT_EQ(seen, all);
  }
}

TEST_F(LookupEvents, NoMoreThanFiftyUnlessAsked) {
  for (int i = 0; i < 51; ++i) {
    add(std::to_string(i), 60 - i);
  }
  const auto page = call();
  EXPECT_EQ(page->events->size(), 50U);
  EXPECT_TRUE(page->next_token);
  EXPECT_EQ(ids({.next_token = page->next_token}), Texts{"0"});
}

TEST_F(LookupEvents, ATokenIsForTheSameQuestionOfTheSameAccountAlone) {
  for (int i = 0; i < 3; ++i) {
    add(std::to_string(i), 9 - i);
    add(concat("other-", std::to_string(i)), 9 - i, "CreateUser", identity::kOtherAccount);
  }
  LookupEventsRequest request{.max_results = 1};
  const std::string token = call(request)->next_token.value_or("");
  ASSERT_FALSE(token.empty());

  LookupEventsRequest again{.next_token = token};
  EXPECT_EQ(ids(again), (Texts{"1", "0"})) << "pages may have another length";
  EXPECT_EQ(outcome(world_.call(AuthzFixture::root(identity::kOtherAccount), again)), kBadToken);
  LookupEventsRequest other = with("EventName", "CreateUser");
  other.next_token = token;
  EXPECT_EQ(outcome(call(other)), kBadToken);
  EXPECT_EQ(outcome(call({.start_time = ago(100), .next_token = token})), kBadToken);
  EXPECT_EQ(outcome(call({.end_time = ago(0), .next_token = token})), kBadToken);

  const std::string digest = codec::decode_base64(token)->substr(0, 33);
  for (const std::string& text : {std::string(),
                                  std::string("!"),
                                  token + "A",
                                  codec::encode_base64(digest),
                                  codec::encode_base64(digest + "1"),
                                  codec::encode_base64(digest + "1:"),
                                  codec::encode_base64(digest + "1:-5"),
                                  codec::encode_base64(digest + "x:5"),
                                  codec::encode_base64(digest + "1:5:6"),
                                  codec::encode_base64("0" + digest + "1:5")}) {
    EXPECT_EQ(outcome(call({.next_token = text})), kBadToken) << text;
  }
}

TEST_F(LookupEvents, InsightsAreNotComputed) {
  add("one", 1);
  EXPECT_EQ(ids({.event_category = "insight"}), Texts{});
}

TEST_F(LookupEvents, WithoutATrailSaysSo) {
  audit::Sink none;
  for (const audit::Sink* trail :
       {static_cast<const audit::Sink*>(&none), static_cast<const audit::Sink*>(nullptr)}) {
    world_.deps.trail = trail;
    EXPECT_TRUE(outcome(call()).starts_with("UnsupportedOperationException")) << outcome(call());
  }
}

TEST_F(LookupEvents, LinesThatAreNoRecordsAreNoEvents) {
  add("before", 3);
  for (const std::string_view line : {"{\"eventID\":\"x\"}\n", "{}\n"}) {
    sink_->append(line);
  }
  add("after", 1);
  EXPECT_EQ(ids(), (Texts{"after", "before"}));
}

}  // namespace
}  // namespace signet::cloudtrail
