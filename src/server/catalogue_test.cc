#include "server/catalogue.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace signet::server {
namespace {

constexpr std::string_view kDocument =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";

std::string policy_json(std::string_view more = R"("name":"Mine",)",
                        std::string_view document = kDocument) {
  return "{" + std::string(more) + "\"document\":" + std::string(document) + "}";
}

TEST(ImportedPolicy, IsReadWithItsDefaults) {
  const auto policy = parse_imported_policy(policy_json());
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(identity::arn_of(*policy), "arn:aws:iam::aws:policy/Mine");
  EXPECT_EQ(policy->default_version, 1U);
  EXPECT_EQ(policy->default_document()->text(), kDocument);
  EXPECT_TRUE(policy->id.starts_with("ANPA"));
  EXPECT_EQ(policy->id.size(), 21U);
  EXPECT_EQ(policy->id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), std::string::npos);
  EXPECT_EQ(parse_imported_policy(policy_json())->id, policy->id);
  EXPECT_NE(parse_imported_policy(policy_json(R"("name":"Other",)"))->id, policy->id);
}

TEST(ImportedPolicy, TakesPathVersionArnAndDocumentAsText) {
  const auto policy = parse_imported_policy(
      R"({"name":"Mine","path":"/job-function/","version":"v7","description":"d",)"
      R"("arn":"arn:aws:iam::aws:policy/job-function/Mine","document":"{\"Version\":\"2012-10-17\",)"
      R"(\"Statement\":[]}"})");
  // An empty list of statements is no policy; everything before it was read.
  ASSERT_FALSE(policy);
  EXPECT_TRUE(policy.error().message.starts_with("\"document\": "));

  const auto good = parse_imported_policy(
      policy_json(R"("name":"Mine","path":"/job-function/","version":"v7",)"));
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(identity::arn_of(*good), "arn:aws:iam::aws:policy/job-function/Mine");
  EXPECT_EQ(good->default_version, 7U);
  EXPECT_EQ(good->next_version, 8U);
}

TEST(ImportedPolicy, RefusesWhatIsWrongAndSaysWhat) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{", "not a JSON object"},
      {policy_json(""), "\"name\""},
      {policy_json(R"("name":"",)"), "\"name\""},
      {policy_json(R"("name":"a/b",)"), "\"name\""},
      {policy_json(R"("name":"a b",)"), "\"name\""},
      {policy_json("\"name\":\"" + std::string(129, 'a') + "\","), "\"name\""},
      {policy_json(R"("name":"Mine","path":"x",)"), "\"path\""},
      {policy_json(R"("name":"Mine","path":"/x",)"), "\"path\""},
      {policy_json(R"("name":"Mine","version":"7",)"), "\"version\""},
      {policy_json(R"("name":"Mine","version":"v0",)"), "\"version\""},
      {policy_json(R"("name":"Mine","version":"v4294967296",)"), "\"version\""},
      {policy_json(R"("name":"Mine","arn":"arn:aws:iam::aws:policy/Other",)"), "\"arn\""},
      {R"({"name":"Mine"})", "\"document\""},
      {policy_json(R"("name":"Mine",)", "{}"), "\"document\""},
      {policy_json(R"("name":"Mine",)", "\"text\""), "\"document\""},
      {policy_json(R"("name":"Mine",)", "null"), "\"document\""},
  };
  for (const auto& [json, reason] : cases) {
    const auto policy = parse_imported_policy(json);
    ASSERT_FALSE(policy) << json;
    EXPECT_NE(policy.error().message.find(reason), std::string::npos) << policy.error().message;
  }
}

class CatalogueTest : public testing::Test {
 protected:
  CatalogueTest() : folder_(testing::TempDir() + "signet-catalogue-test") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  ~CatalogueTest() override { std::filesystem::remove_all(folder_); }

  CatalogueTest(const CatalogueTest&) = delete;
  CatalogueTest& operator=(const CatalogueTest&) = delete;
  CatalogueTest(CatalogueTest&&) = delete;
  CatalogueTest& operator=(CatalogueTest&&) = delete;

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_;
};

TEST_F(CatalogueTest, HasAwssPoliciesWithoutAnyFolder) {
  for (const std::string& folder : {std::string(), folder_ + "/missing", folder_}) {
    const auto catalogue = Catalogue::load(folder);
    ASSERT_TRUE(catalogue);
    EXPECT_NE((*catalogue)->find("arn:aws:iam::aws:policy/AdministratorAccess"), nullptr);
    EXPECT_EQ((*catalogue)->find("arn:aws:iam::aws:policy/Mine"), nullptr);
    EXPECT_GE((*catalogue)->all().size(), 30U);
  }
}

TEST_F(CatalogueTest, ImportsFilesAndLetsThemWinOverBuiltInOnes) {
  write("mine.json", policy_json());
  write("s3.json", policy_json(R"("name":"AmazonS3FullAccess",)"));
  write("notes.txt", "not looked at");
  const auto catalogue = Catalogue::load(folder_);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_NE((*catalogue)->find("arn:aws:iam::aws:policy/Mine"), nullptr);
  const auto* s3 = (*catalogue)->find("arn:aws:iam::aws:policy/AmazonS3FullAccess");
  ASSERT_NE(s3, nullptr);
  EXPECT_EQ(s3->default_document()->text(), kDocument);
}

TEST_F(CatalogueTest, OfTwoFilesWithOneArnTheLastByNameWins) {
  write("a.json", policy_json(R"("name":"Mine","description":"first",)"));
  write("b.json", policy_json(R"("name":"Mine","description":"second",)"));
  const auto catalogue = Catalogue::load(folder_);
  ASSERT_TRUE(catalogue);
  EXPECT_EQ((*catalogue)->find("arn:aws:iam::aws:policy/Mine")->description, "second");
}

TEST_F(CatalogueTest, ABadFileStopsTheStartAndIsNamed) {
  write("good.json", policy_json());
  write("bad.json", "{");
  const auto catalogue = Catalogue::load(folder_);
  ASSERT_FALSE(catalogue);
  EXPECT_NE(catalogue.error().message.find("bad.json"), std::string::npos);
}

TEST_F(CatalogueTest, AFolderThatCannotBeListedStopsTheStart) {
  write("file", "not a folder");
  EXPECT_FALSE(Catalogue::load(folder_ + "/file"));
}

}  // namespace
}  // namespace signet::server
