#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "policy_language/policy_json.h"
#include "policy_telling/batch.h"

namespace signet::policy {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Settings settings_of(const PolicyJson& json, NodeId node) {
  Settings settings;
  if (node == kNoNode) {
    return settings;
  }
  for (NodeId name = node + 1; name < json[node].next; name = json[name + 1].next) {
    EXPECT_TRUE(set_by_name(settings, json[name].content, json[name + 1].content == "true"))
        << json[name].content;
  }
  return settings;
}

// Asks one case of a data file and compares verdict and reason.
void check_case(const PolicyJson& json, NodeId node) {
  const std::string label = std::string(json[json.member(node, "id")].content) + " " +
                            std::string(json[json.member(node, "note")].content);
  BatchEvaluator evaluator(settings_of(json, json.member(node, "settings")));
  std::string line;
  const bool is_decided = evaluator.evaluate(json.raw(json.member(node, "question")), line);
  const NodeId expect = json.member(node, "expect");
  const bool wants_error = json.member(expect, "error") != kNoNode;
  EXPECT_EQ(is_decided, !wants_error) << label << ": " << line;
  if (!is_decided || wants_error) {
    return;
  }
  const auto answer = PolicyJson::parse(line);
  ASSERT_TRUE(answer.has_value()) << label << ": " << line;
  for (const std::string_view field : {"verdict", "reason"}) {
    EXPECT_EQ((*answer)[answer->member(answer->root(), field)].content,
              json[json.member(expect, field)].content)
        << label << ": " << line;
  }
}

class CaseFile : public testing::TestWithParam<const char*> {};

TEST_P(CaseFile, EveryCaseIsDecidedAsDocumented) {
  const auto json = PolicyJson::parse(read_file(testdata_path("policy/") + GetParam()));
  ASSERT_TRUE(json.has_value()) << json.error().message;
  ASSERT_TRUE(json->is(json->root(), JsonKind::Array));
  ASSERT_GT((*json)[json->root()].count, 0U);
  for (NodeId node = json->root() + 1; node < (*json)[json->root()].next;
       node = (*json)[node].next) {
    check_case(*json, node);
  }
}

INSTANTIATE_TEST_SUITE_P(Policy,
                         CaseFile,
                         testing::Values("truth_table.json", "rules.json", "questions.json"));

}  // namespace
}  // namespace signet::policy
