#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "policy_language/policy_json.h"
#include "policy_prove/documents.h"

// testdata/policy/proofs.json: documents with what AWS's own checks are documented to answer.
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
  const DocumentKind document = kind == "bucket"  ? DocumentKind::Resource
                                : kind == "trust" ? DocumentKind::Trust
                                                  : DocumentKind::Identity;
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
    const std::string_view result = proof->result == ProofResult::Pass   ? "PASS"
                                    : proof->result == ProofResult::Fail ? "FAIL"
                                                                         : "UNKNOWN";
    EXPECT_EQ(result, (*json)[json->member(node, "expect")].content)
        << name << ": " << (proof->witness ? proof->witness->question : proof->reason);
  }
}

}  // namespace
}  // namespace signet::policy::prove
