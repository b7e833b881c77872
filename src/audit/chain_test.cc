#include "audit/chain.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::audit {
namespace {

std::string two_lines() {
  std::string text;
  ChainPoint point;
  append_chained(text, "{\"a\":1}", point, true);
  append_chained(text, "{\"a\":2}\n", point, false);
  return text;
}

TEST(Chain, WritesPlaceAndDigestAsLastMembers) {
  std::string text;
  ChainPoint point;

  append_chained(text, "{\"a\":1}\n", point, true);

  // sha256("000...0" + the covered bytes), computed with coreutils' sha256sum.
  const std::string covered =
      "{\"a\":1,\"sequence\":1,\"previous\":\"" + std::string(64, '0') + "\"";
  EXPECT_EQ(
      text,
      covered +
          ",\"chain\":\"e826d77304707a3bc964a4f50f70ff6305da914b74beab133ca12d9cedf58f1f\"}\n");
  EXPECT_EQ(point.sequence, 1U);
}

TEST(Chain, DigestCoversTheOneBefore) {
  const std::string text = two_lines();
  const std::string_view second = std::string_view(text).substr(text.find('\n') + 1);

  const auto first = read_chain_tail(text.substr(0, text.find('\n')));
  const auto tail = read_chain_tail(second.substr(0, second.size() - 1));

  ASSERT_TRUE(first && tail);
  EXPECT_EQ(tail->point.sequence, 2U);
  EXPECT_TRUE(tail->previous.empty());
  EXPECT_EQ(chain_digest(first->point.digest, tail->covered), tail->point.digest);
  EXPECT_NE(chain_digest(std::string(64, '0'), tail->covered), tail->point.digest);
}

TEST(Chain, ReadsNoTailWhereThereIsNone) {
  const std::string digest(64, 'a');
  for (const std::string& line :
       {std::string(),
        std::string("{\"a\":1}"),
        "{\"sequence\":1,\"chain\":\"" + digest.substr(1) + "\"}",
        "{\"a\":1,\"sequence\":0,\"chain\":\"" + digest + "\"}",
        "{\"a\":1,\"sequence\":01,\"chain\":\"" + digest + "\"}",
        "{\"a\":1,\"sequence\":-1,\"chain\":\"" + digest + "\"}",
        "{\"a\":1,\"sequence\":1,\"chain\":\"" + std::string(64, 'A') + "\"}",
        "\"a\":1,\"sequence\":1,\"chain\":\"" + digest + "\"}",
        "{\"a\":1,\"sequence\":1,\"chain\":\"" + digest + "\"} "}) {
    EXPECT_FALSE(read_chain_tail(line)) << line;
  }
}

TEST(Chain, HeadTextComesBack) {
  const ChainPoint point{.sequence = 12, .digest = std::string(64, 'b')};

  EXPECT_EQ(read_head(format_head(point)), point);
  EXPECT_FALSE(read_head(""));
  EXPECT_FALSE(read_head("12 abc\n"));
  EXPECT_FALSE(read_head("x " + point.digest + "\n"));
  EXPECT_FALSE(read_head("12 " + point.digest));
}

}  // namespace
}  // namespace signet::audit
