#include "facts/wire/pattern.h"

#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "codec/hex.h"
#include "facts/patterns.h"

namespace signet::facts {
namespace {

std::map<std::string, const Pattern*, std::less<>> by_text() {
  std::map<std::string, const Pattern*, std::less<>> found;
  for (const Pattern* pattern : kAllPatterns) {
    found.emplace(pattern->text, pattern);
  }
  return found;
}

// Cases recorded from Python's `re` by tools/record_pattern_cases.py.
TEST(Pattern, DecidesAsPythonDoes) {
  std::ifstream file(testdata_path("facts/pattern_cases.tsv"));
  const auto patterns = by_text();
  std::map<std::string, int> verdicts;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    const auto found = patterns.find(line.substr(0, first));
    ASSERT_NE(found, patterns.end()) << line;
    const auto text = codec::decode_hex(line.substr(first + 1, second - first - 1));
    ASSERT_TRUE(text) << line;
    const std::string verdict = line.substr(second + 1);
    EXPECT_EQ(matches(*found->second, *text), verdict == "yes") << line;
    ++verdicts[verdict];
  }
  EXPECT_GT(verdicts["yes"], 500);
  EXPECT_GT(verdicts["no"], 1000);
}

TEST(Pattern, KnowsNegatedClasses) {
  const auto patterns = by_text();
  const auto found = patterns.find("[^:]+:.+");
  ASSERT_NE(found, patterns.end());
  for (const char* key : {"aws:SecureTransport", "a:b:c", "^:x", "\xc3\xa9:x"}) {
    EXPECT_TRUE(matches(*found->second, key)) << key;
  }
  for (const char* other : {"", "a", ":a", "::", "a:"}) {
    EXPECT_FALSE(matches(*found->second, other)) << other;
  }
}

TEST(Pattern, NothingMatchesMalformedUtf8) {
  for (const Pattern* pattern : kAllPatterns) {
    for (const char* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "/\xf4\x90\x80\x80/"}) {
      EXPECT_FALSE(matches(*pattern, text)) << pattern->text;
    }
  }
}

TEST(Pattern, TakesLinearTime) {
  const std::string slashes(1'000'000, '/');
  const std::string dashes = "a" + std::string(1'000'000, '-');
  for (const Pattern* pattern : kAllPatterns) {
    static_cast<void>(matches(*pattern, slashes));
    static_cast<void>(matches(*pattern, dashes));
  }
}

}  // namespace
}  // namespace signet::facts
