#include "authz/shared_sets.h"

#include <array>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace signet::authz {
namespace {

using policy::PolicyMember;
using policy::PolicyRef;
using policy::SetKind;

constexpr const char* kAll =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

std::vector<PolicyMember> members(const PolicyRef& policy, const std::string& id) {
  return {PolicyMember{.policy = policy, .id = id, .pins = {}}};
}

TEST(SharedSets, OneSetForOneListOfPolicies) {
  SharedSets sets;
  const PolicyRef policy = policy::compile_text(kAll);
  const auto first = sets.get(SetKind::Identity, members(policy, "p"));

  EXPECT_EQ(sets.get(SetKind::Identity, members(policy, "p")), first);
  EXPECT_NE(sets.get(SetKind::Identity, members(policy, "q")), first) << "names are shown";
  EXPECT_NE(sets.get(SetKind::Resource, members(policy, "p")), first) << "kinds differ in meaning";
  EXPECT_NE(sets.get(SetKind::Identity, members(policy::compile_text(kAll), "p")), first);
  auto two = members(policy, "p");
  two.push_back(two.front());
  EXPECT_NE(sets.get(SetKind::Identity, two), first);
  EXPECT_NE(sets.get(SetKind::Identity, {}), first);
}

TEST(SharedSets, PinsTellSetsApart) {
  SharedSets sets;
  auto pinned = members(policy::compile_text(kAll), "p");
  pinned.front().pins = {{.arn = "arn:aws:iam::111122223333:user/a", .id = "AIDAA"}};
  const auto first = sets.get(SetKind::Resource, pinned);
  EXPECT_EQ(sets.get(SetKind::Resource, pinned), first);
  pinned.front().pins.front().id = "AIDAB";
  EXPECT_NE(sets.get(SetKind::Resource, pinned), first);
}

TEST(SharedSets, HoldNoSetAlive) {
  SharedSets sets;
  const PolicyRef policy = policy::compile_text(kAll);
  std::weak_ptr<const policy::PolicySet> gone = sets.get(SetKind::Identity, members(policy, "p"));
  EXPECT_TRUE(gone.expired());
  const auto kept = sets.get(SetKind::Identity, members(policy, "kept"));
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(sets.get(SetKind::Identity, members(policy, id))->members().front().id, id);
  }
  EXPECT_LE(sets.size(), 128U);
  EXPECT_EQ(sets.get(SetKind::Identity, members(policy, "kept")), kept);
}

TEST(SharedSets, RailsOfTheSameLevelsAreOne) {
  SharedSets sets;
  const PolicyRef policy = policy::compile_text(kAll);
  const SharedSets::Levels levels{members(policy, "root"), members(policy, "unit")};
  const auto first = sets.get_rails(SetKind::Guard, levels);
  ASSERT_EQ(first->levels().size(), 2U);
  EXPECT_EQ(sets.get_rails(SetKind::Guard, levels), first);
  EXPECT_NE(sets.get_rails(SetKind::ResourceGuard, levels), first);
  EXPECT_NE(sets.get_rails(SetKind::Guard, {levels[1], levels[0]}), first);
  EXPECT_NE(sets.get_rails(SetKind::Guard, {levels[0]}), first);
}

TEST(SharedSets, ThreadsThatAskAtOnceGetOneSet) {
  SharedSets sets;
  const PolicyRef policy = policy::compile_text(kAll);
  for (int round = 0; round < 50; ++round) {
    const std::string id = std::to_string(round);
    std::barrier start(4);
    std::array<policy::PolicySetRef, 4> got;
    {
      std::vector<std::jthread> threads;
      for (auto& set : got) {
        threads.emplace_back([&] {
          start.arrive_and_wait();
          set = sets.get(SetKind::Identity, members(policy, id));
        });
      }
    }
    for (const auto& set : got) {
      EXPECT_EQ(set, got.front());
    }
  }
}

}  // namespace
}  // namespace signet::authz
