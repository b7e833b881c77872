#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "policy_language/policy_json.h"
#include "policy_prove/documents.h"

// testdata/policy/proofs.json: documents with what AWS's own checks are documented to answer;
// custom_check_samples.json: AWS's published samples, whole.
namespace signet::policy::prove {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> texts_of(const PolicyJson& json, NodeId node) {
  std::vector<std::string> texts;
  each_text(json, node, [&texts](std::string_view text) { texts.emplace_back(text); });
  return texts;
}

DocumentKind kind_of(std::string_view name) {
  return name == "bucket"  ? DocumentKind::Resource
         : name == "trust" ? DocumentKind::Trust
                           : DocumentKind::Identity;
}

std::string_view name_of(ProofResult result) {
  return result == ProofResult::Pass ? "PASS" : result == ProofResult::Fail ? "FAIL" : "UNKNOWN";
}

std::expected<Proof, std::string> prove_case(const PolicyJson& json, NodeId node) {
  const std::string_view kind = json[json.member(node, "kind")].content;
  const std::vector<NamedDocument> now{
      {.name = "now", .text = std::string(json.raw(json.member(node, "now")))}};
  if (kind == "public bucket") {
    return prove_no_public_access(DocumentKind::Resource, now);
  }
  if (kind == "public trust") {
    return prove_no_public_access(DocumentKind::Trust, now);
  }
  const DocumentKind document = kind_of(kind);
  const NodeId before = json.member(node, "before");
  if (before == kNoNode) {
    return prove_access_not_granted(document,
                                    now,
                                    {.actions = texts_of(json, json.member(node, "actions")),
                                     .resources = texts_of(json, json.member(node, "resources")),
                                     .condition = {}});
  }
  const std::vector<NamedDocument> old{{.name = "before", .text = std::string(json.raw(before))}};
  return prove_no_new_access(document, now, old);
}

TEST(ProofCases, AreAnsweredAsDocumented) {
  const auto json = PolicyJson::parse(read_file(testdata_path("policy/proofs.json")));
  ASSERT_TRUE(json.has_value()) << json.error().message;
  ASSERT_GT((*json)[0].count, 25U);
  for (NodeId node = 1; node < (*json)[0].next; node = (*json)[node].next) {
    const std::string_view name = (*json)[json->member(node, "name")].content;
    const auto proof = prove_case(*json, node);
    ASSERT_TRUE(proof.has_value()) << name << ": " << proof.error();
    EXPECT_EQ(name_of(proof->result), (*json)[json->member(node, "expect")].content)
        << name << ": " << (proof->witness ? proof->witness->question : proof->reason);
  }
}

// What AWS answers, or what is answered here ("here", with its reason).
std::string_view expected_of(const PolicyJson& json, NodeId candidate) {
  const NodeId here = json.member(candidate, "here");
  return json[here == kNoNode ? json.member(candidate, "expect") : here].content;
}

TEST(CustomCheckSamples, AreAnsweredAsAwsSays) {
  const auto json = PolicyJson::parse(read_file(testdata_path("policy/custom_check_samples.json")));
  ASSERT_TRUE(json.has_value()) << json.error().message;
  const NodeId checks = json->member(0, "checks");
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (NodeId check = checks + 1; check < (*json)[checks].next; check = (*json)[check].next) {
    const std::string_view name = (*json)[json->member(check, "name")].content;
    const DocumentKind kind = kind_of((*json)[json->member(check, "kind")].content);
    const std::vector<NamedDocument> reference{
        {.name = "reference", .text = std::string(json->raw(json->member(check, "reference")))}};
    const NodeId candidates = json->member(check, "candidates");
    int number = 0;
    for (NodeId node = candidates + 1; node < (*json)[candidates].next; node = (*json)[node].next) {
      const std::vector<NamedDocument> candidate{
          {.name = "candidate", .text = std::string(json->raw(json->member(node, "policy")))}};
      const auto proof = prove_no_new_access(kind, candidate, reference);
      ASSERT_TRUE(proof.has_value()) << name << ": " << proof.error();
      ++number;
      EXPECT_EQ(name_of(proof->result), expected_of(*json, node))
          << name << " " << number << ": "
          << (proof->witness ? proof->witness->question : proof->reason);
      passed += proof->result == ProofResult::Pass ? 1 : 0;
      failed += proof->result == ProofResult::Fail ? 1 : 0;
    }
  }
  EXPECT_GT(passed, 80U);
  EXPECT_GT(failed, 100U);
}

}  // namespace
}  // namespace signet::policy::prove
