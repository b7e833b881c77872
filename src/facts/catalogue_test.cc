#include "facts/catalogue.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "facts/policy_findings.h"

namespace signet::facts {
namespace {

bool lists(std::string_view names, std::string_view wanted) {
  NameList list(names);
  for (auto name = list.next(); name; name = list.next()) {
    if (*name == wanted) {
      return true;
    }
  }
  return false;
}

TEST(Catalogue, KnowsAnActionByAnyCase) {
  const CatalogueService* service = find_service("S3");
  ASSERT_NE(service, nullptr);

  const auto action = service->action("getOBJECT");

  ASSERT_TRUE(action.has_value());
  EXPECT_EQ(action->name, "GetObject");
  EXPECT_EQ(action->level, AccessLevel::Read);
  EXPECT_TRUE(lists(action->resources, "object")) << action->resources;
  EXPECT_TRUE(lists(action->keys, "s3:ExistingObjectTag/*")) << action->keys;
}

TEST(Catalogue, KnowsServicesThatHaveEnded) {
  ASSERT_NE(find_retired_service("MobileHub"), nullptr);
  EXPECT_EQ(find_retired_service("mobilehub")->name, "AWS Mobile Hub");
  EXPECT_EQ(find_service("mobilehub"), nullptr);
  EXPECT_EQ(find_retired_service("s3"), nullptr);
  EXPECT_EQ(find_retired_service(""), nullptr);
}

TEST(Catalogue, KnowsNoInventedNames) {
  EXPECT_EQ(find_service("s4"), nullptr);
  EXPECT_EQ(find_service(""), nullptr);
  EXPECT_FALSE(find_service("s3")->action("GetObjct").has_value());
  EXPECT_FALSE(find_service("s3")->action("").has_value());
  EXPECT_FALSE(find_service("s3")->resource("objects").has_value());
  EXPECT_FALSE(find_catalogue_key("s3:prefixes").has_value());
  EXPECT_FALSE(find_catalogue_key("s3:ExistingObjectTag/").has_value());
}

TEST(Catalogue, TakesActionsOfManagedPoliciesThatTheReferenceLeavesOut) {
  const auto action = find_service("account")->action("SendPhoneNumberVerification");

  ASSERT_TRUE(action.has_value());
  EXPECT_EQ(action->level, AccessLevel::Unknown);
}

TEST(Catalogue, TellsTypesAndListsOfKeys) {
  const auto tag = find_catalogue_key("s3:existingobjecttag/Team");
  const auto keys = find_catalogue_key("dynamodb:LeadingKeys");
  const auto function = find_catalogue_key("lambda:SourceFunctionArn");
  const auto nested = find_catalogue_key("kms:EncryptionContext:aws:s3:arn");

  ASSERT_TRUE(tag && keys && function && nested);
  EXPECT_EQ(tag->type, KeyType::String);
  EXPECT_FALSE(tag->is_of_caller);
  EXPECT_TRUE(keys->is_list);
  EXPECT_EQ(function->type, KeyType::Arn);
  EXPECT_TRUE(function->is_of_caller);
}

TEST(Catalogue, EveryTextIsReadToItsEnd) {
  std::size_t actions = 0;
  for (const CatalogueService& service : services()) {
    std::string_view rest = service.actions;
    std::set<std::string> types;
    std::string_view resources = service.resources;
    for (auto type = next_resource(resources); type; type = next_resource(resources)) {
      EXPECT_TRUE(type->arn.starts_with("arn:") || type->arn == "*") << type->arn;
      types.insert(std::string(type->name));
    }
    for (auto action = next_action(rest); action; action = next_action(rest)) {
      ++actions;
      NameList list(action->resources);
      for (auto name = list.next(); name; name = list.next()) {
        const std::string_view bare =
            name->ends_with('!') ? name->substr(0, name->size() - 1) : *name;
        EXPECT_TRUE(types.contains(std::string(bare)))
            << service.prefix << ":" << action->name << " " << bare;
      }
    }
  }
  EXPECT_GT(actions, 20'000U);
}

TEST(PolicyFindings, NamesAreUniqueAndSpelledAsIds) {
  std::set<std::string_view> seen;
  for (const PolicyFinding& finding : policy_findings()) {
    EXPECT_TRUE(seen.insert(finding.name).second) << finding.name;
    EXPECT_TRUE(finding.aws.empty() || seen.insert(finding.aws).second) << finding.aws;
  }
  EXPECT_EQ(policy_finding(FindingId::PassRoleWithStar).aws, "PASS_ROLE_WITH_STAR_IN_RESOURCE");
}

}  // namespace
}  // namespace signet::facts
