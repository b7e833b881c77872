#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

using Properties = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kRole = "AWSServiceRoleForIAMRoleManager";

std::string put(IamFixture& world, const model::Caller& caller, Properties properties) {
  return outcome(
      world.call(caller, PutAccountPropertiesRequest{.properties = std::move(properties)}));
}

std::string put(IamFixture& world, Properties properties) {
  return put(world, IamFixture::root(), std::move(properties));
}

Properties got(IamFixture& world) {
  const auto answer = world.call(GetAccountPropertiesRequest{});
  return answer ? answer->properties.value_or(Properties()) : Properties();
}

std::string allow(std::string_view actions, std::string_view more = R"("Resource":"*")") {
  return concat(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":)",
                actions,
                ",",
                more,
                "}}");
}

}  // namespace

TEST(AccountProperties, AreShownAlsoWhenNeverSet) {
  IamFixture world;

  EXPECT_EQ(got(world), (Properties{{"RoleManager/Enabled", "false"}}));
}

TEST(AccountProperties, KeepWhatWasPutAndDropWhatIsUnknownBesideIt) {
  IamFixture world;

  EXPECT_EQ(put(world, {{"RoleManager/Enabled", "true"}, {"RoleManager/Other", "x"}}), "ok");
  EXPECT_EQ(got(world), (Properties{{"RoleManager/Enabled", "true"}}));
  EXPECT_EQ(put(world, {{"RoleManager/Enabled", "false"}}), "ok");
  EXPECT_EQ(got(world), (Properties{{"RoleManager/Enabled", "false"}}));
}

TEST(AccountProperties, RefuseWhatIsNoProperty) {
  IamFixture world;
  const auto refused = [&](const char* sentence, Properties properties) {
    EXPECT_EQ(put(world, std::move(properties)), concat("InvalidInput: ", sentence));
  };

  for (const char* key : {"RoleManager", "RoleManager/", "/Enabled"}) {
    refused(concat("Property key must be in format Namespace/PropertyName: ", key).c_str(),
            {{key, "true"}});
  }
  refused("Unsupported namespace: Other", {{"Other/Enabled", "true"}});
  refused("RoleManager namespace requires Enabled property", {{"RoleManager/Other", "true"}});
  refused("RoleManager namespace requires Enabled property",
          {{"RoleManager/Enabled/Other", "true"}});
  refused("All properties must belong to the same namespace",
          {{"RoleManager/Enabled", "true"}, {"Other/Enabled", "true"}});
  for (const char* value : {"FALSE", "0", " true", "yes"}) {
    refused("Enabled must be 'true' or 'false'", {{"RoleManager/Enabled", value}});
  }
  EXPECT_EQ(got(world), (Properties{{"RoleManager/Enabled", "false"}}));
}

TEST(AccountProperties, TurningRoleManagerOnMakesItsRoleWhichStays) {
  IamFixture world;
  ASSERT_EQ(put(world, {{"RoleManager/Enabled", "true"}}), "ok");

  const identity::Role* role = world.snapshot()->find<identity::Role>(IamFixture::kAccount, kRole);
  ASSERT_NE(role, nullptr);
  EXPECT_EQ(role->path, "/aws-service-role/role-manager.iam.amazonaws.com/");
  const std::string id = role->id;
  ASSERT_EQ(put(world, {{"RoleManager/Enabled", "false"}}), "ok");
  ASSERT_EQ(put(world, {{"RoleManager/Enabled", "true"}}), "ok");
  EXPECT_EQ(world.snapshot()->find<identity::Role>(IamFixture::kAccount, kRole)->id, id);
}

TEST(AccountProperties, TurningRoleManagerOnNeedsThePermissionToMakeItsRole) {
  IamFixture world;
  const std::string role =
      R"("Resource":"arn:aws:iam::111122223333:role/aws-service-role/role-manager.iam.amazonaws.com/)"
      R"(AWSServiceRoleForIAMRoleManager","Condition":{"StringEquals":{"iam:AWSServiceName":)"
      R"("role-manager.iam.amazonaws.com"}})";
  const model::Caller without = world.make_caller("bob", allow(R"("iam:PutAccountProperties")"));

  EXPECT_EQ(put(world, without, {{"RoleManager/Enabled", "true"}}).substr(0, 13), "AccessDenied:");
  EXPECT_EQ(put(world, without, {{"RoleManager/Enabled", "false"}}), "ok");
  const model::Caller with = world.make_caller(
      "ann",
      concat(
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PutAccountProperties",)",
          R"("Resource":"*"},{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole",)",
          role,
          "}]}"));
  EXPECT_EQ(put(world, with, {{"RoleManager/Enabled", "true"}}), "ok");
}

TEST(AccountProperties, NamespacesAreConditionKeys) {
  IamFixture world;
  const std::string only = allow(
      R"(["iam:PutAccountProperties","iam:GetAccountProperties"])",
      R"("Resource":"*","Condition":{"ForAllValues:StringEquals":{"iam:AccountPropertyNamespaces":"RoleManager"}})");
  const model::Caller bob = world.make_caller("bob", only);

  EXPECT_EQ(outcome(world.call(bob, GetAccountPropertiesRequest{})), "ok");
  EXPECT_EQ(put(world, bob, {{"RoleManager/Enabled", "false"}}), "ok");
  EXPECT_EQ(put(world, bob, {{"Other/Enabled", "false"}}).substr(0, 13), "AccessDenied:");
}

}  // namespace signet::iam
