#include "authz/shared_sets.h"

#include <string>

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

}  // namespace
}  // namespace signet::authz
