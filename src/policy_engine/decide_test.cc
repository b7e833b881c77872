#include "policy_engine/decide.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "policy_engine/demand.h"
#include "policy_engine/index.h"

namespace {

std::atomic<std::uint64_t> g_allocations = 0;

}  // namespace

// Counts every allocation of this test program. Not inlined: GCC would take malloc() and delete for
// a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t size) {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}

[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace signet::policy {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/u";

std::string many_statements(int count) {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    text +=
        std::string(i > 0 ? "," : "") +
        R"({"Effect":"Allow","Action":["s3:Get*","sqs:*"],"Resource":["arn:aws:s3:::b)" + n +
        R"(/*","arn:aws:s3:::c/${aws:username}/)" + n + R"(*","arn:aws:sqs:*:*:q)" + n +
        R"("],"Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},"StringLike":{"aws:PrincipalTag/team":"r*"},)"
        R"("DateLessThan":{"aws:CurrentTime":"2030-01-01"},"NumericLessThan":{"s3:max-keys":"100"}}})";
  }
  return text + R"(,{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}]})";
}

struct Scene {
  Principal principal{
      .kind = PrincipalKind::User, .account = "111122223333", .arn = kUser, .entity_arn = kUser};
  std::vector<model::Tag> tags{{.key = "team", .value = "red"}};
  PolicySetRef set = PolicySet::make(
      SetKind::Identity, {{.policy = compile_text(many_statements(60)), .id = "p", .pins = {}}});
  GuardRailsRef scps = GuardRails::make(
      SetKind::Guard,
      {{{.policy = compile_text(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"),
         .id = "all",
         .pins = {}},
        {.policy =
             compile_text(R"({"Statement":{"Effect":"Deny","Action":"ec2:*","Resource":"*"}})"),
         .id = "no",
         .pins = {}}}});

  void fill(RequestContext& context) const {
    context.set(KeyId::AwsUsername, "u");
    context.set(KeyId::AwsSourceIp, "2001:db8::7");
    context.set_instant(KeyId::AwsCurrentTime, Instant::from_seconds(1'795'342'580));
    context.set_number(KeyId::S3MaxKeys, 10);
    context.set_tags(TagFamily::AwsPrincipalTag, tags);
    context.add("accounts.google.com:aud", "app");
  }
};

TEST(Decide, AllocatesNothingOnceASetHasSeenTheAction) {
  const Scene scene;
  const PolicyInputs inputs{
      .scps = scene.scps.get(), .identity = scene.set.get(), .boundary = scene.set.get()};
  const std::string_view resources[] = {"arn:aws:s3:::b7/k",
                                        "arn:aws:s3:::c/u/33x",
                                        "arn:aws:s3:::nothing",
                                        "*",
                                        "arn:aws:sqs:us-east-1:111122223333:q5"};
  const std::string_view actions[] = {
      "s3:GetObject", "sqs:SendMessage", "s3:DeleteObject", "ec2:RunInstances"};
  const auto ask_all = [&] {
    int allowed = 0;
    for (const std::string_view action : actions) {
      for (const std::string_view resource : resources) {
        RequestContext context;
        scene.fill(context);
        allowed +=
            decide({.action = action, .resource = resource}, scene.principal, context, inputs)
                    .is_allowed()
                ? 1
                : 0;
      }
    }
    return allowed;
  };
  const int first = ask_all();

  const std::uint64_t before = g_allocations.load();
  const int second = ask_all();
  const std::uint64_t after = g_allocations.load();

  EXPECT_EQ(after - before, 0U);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, 6);
}

// Asks a set of that many allowing statements from four threads; the number of wrong answers.
int wrong_answers_from_threads(int statements) {
  const Scene scene;
  const auto fresh = PolicySet::make(
      SetKind::Identity,
      {{.policy = compile_text(many_statements(statements)), .id = "p", .pins = {}}});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      RequestContext context;
      scene.fill(context);
      for (int i = 0; i < 400; ++i) {
        const std::string action = "s3:Get" + std::to_string(i % 97);
        const std::string resource = "arn:aws:s3:::b" + std::to_string(i % 280) + "/k";
        const Decision decision = decide({.action = action, .resource = resource},
                                         scene.principal,
                                         context,
                                         {.identity = fresh.get()});
        wrong += decision.is_allowed() == (i % 280 < statements) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return wrong.load();
}

TEST(Decide, AnswersAlikeFromManyThreadsOnAFreshSet) {
  EXPECT_EQ(wrong_answers_from_threads(200), 0);
  EXPECT_EQ(wrong_answers_from_threads(20), 0);
}

TEST(Decide, StaysRightWhenMoreActionsAreAskedThanAreKept) {
  const Scene scene;
  RequestContext context;
  scene.fill(context);
  int allowed = 0;
  constexpr int kAsked = static_cast<int>(SetIndex::kMaxClasses) + 200;
  for (int i = 0; i < kAsked; ++i) {
    const std::string action = "s3:Get" + std::to_string(i);
    allowed += decide({.action = action, .resource = "arn:aws:s3:::b1/k"},
                      scene.principal,
                      context,
                      {.identity = scene.set.get()})
                       .is_allowed()
                   ? 1
                   : 0;
  }
  EXPECT_EQ(allowed, kAsked);
  EXPECT_LE(scene.set->index().class_count.load(), SetIndex::kMaxClasses);
}

TEST(Decide, MatchesHostilePatternsInBoundedTime) {
  std::string stars;
  for (int i = 0; i < 2'000; ++i) {
    stars += "*a";
  }
  const auto set = PolicySet::make(
      SetKind::Identity,
      {{.policy = compile_text(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::)" +
            stars + R"(b"}})"),
        .id = "p",
        .pins = {}}});
  const Scene scene;
  const RequestContext context;
  const std::string resource = "arn:aws:s3:::" + std::string(20'000, 'a');
  EXPECT_FALSE(decide({.action = "s3:GetObject", .resource = resource},
                      scene.principal,
                      context,
                      {.identity = set.get()})
                   .is_allowed());
  EXPECT_TRUE(decide({.action = "s3:GetObject", .resource = resource + "b"},
                     scene.principal,
                     context,
                     {.identity = set.get()})
                  .is_allowed());
}

TEST(KeyDemand, NamesOnlyTheKeysSomePolicyCanRead) {
  const auto set = PolicySet::make(
      SetKind::Identity,
      {{.policy = compile_text(
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}",)"
            R"("Condition":{"StringEquals":{"s3:ExistingObjectTag/t":"v"}}},{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]})"),
        .id = "p",
        .pins = {}}});
  const KeyDemand reading = key_demand("s3:GetObject", {.identity = set.get()});
  const KeyDemand writing = key_demand("s3:PutObject", {.identity = set.get()});
  EXPECT_TRUE(reading.wants(TagFamily::S3ExistingObjectTag));
  EXPECT_TRUE(reading.wants(KeyId::AwsUsername));
  EXPECT_FALSE(reading.wants(TagFamily::AwsPrincipalTag));
  EXPECT_FALSE(writing.wants(TagFamily::S3ExistingObjectTag));
  EXPECT_FALSE(writing.wants(KeyId::AwsUsername));
}

TEST(RequestContext, SessionTagsHideTagsOfTheEntity) {
  const std::vector<model::Tag> session{{.key = "Team", .value = "blue"}};
  const std::vector<model::Tag> role{{.key = "team", .value = "red"},
                                     {.key = "dept", .value = "x"}};
  RequestContext context;
  context.set_tags(TagFamily::AwsPrincipalTag, session, role);
  EXPECT_EQ(context.find(resolve_key("aws:PrincipalTag/team")).text, "blue");
  EXPECT_EQ(context.find(resolve_key("aws:principaltag/DEPT")).text, "x");
  EXPECT_TRUE(context.find(resolve_key("aws:PrincipalTag/none")).is_absent());
}

TEST(RequestContext, KeepsMoreUnknownKeysThanFitInside) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < RequestContext::kInlineExtras + 10; ++i) {
    names.push_back("x:key" + std::to_string(i));
  }
  RequestContext context;
  for (const std::string& name : names) {
    context.add(name, name);
  }
  for (const std::string& name : names) {
    EXPECT_EQ(context.find(resolve_key(name)).text, name);
  }
}

}  // namespace
}  // namespace signet::policy
