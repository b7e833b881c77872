#include "s3/encoded_words.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::s3 {
namespace {

// As recorded from S3.
TEST(EncodedWords, AreOfWhatIsNotPrintableAscii) {
  EXPECT_EQ(shown_metadata("plain =?_ text\t~"), "plain =?_ text\t~");
  EXPECT_EQ(shown_metadata("=?UTF-8?B?YWJj?="), "=?UTF-8?B?YWJj?=");
  EXPECT_EQ(shown_metadata("\u00C4M\u00C4Z\u00D5\u00D1 S3"),
            "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=");
  EXPECT_EQ(shown_metadata("test_\u2014_file%E2%80%94_\u00E9_2\U0001F451.pdf"),
            "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=F0=9F=91=91.pdf?=");
  EXPECT_EQ(shown_metadata(std::string_view("\0\1\2\3\4", 5)), "=?UTF-8?B?AAECAwQ=?=");
}

TEST(EncodedWords, BytesThatAreNoUtf8CountAsLatin1) {
  EXPECT_EQ(shown_metadata("caf\xE9"), "=?UTF-8?Q?caf=C3=A9?=");
}

TEST(EncodedWords, OfHeadersAreDecoded) {
  EXPECT_EQ(stored_metadata("=?UTF-8?Q?actually-ascii?="), "actually-ascii");
  EXPECT_EQ(stored_metadata("=?UTF-8?B?YWJj?="), "abc");
  EXPECT_EQ(stored_metadata("=?utf-8?q?a_b=3D=C3=A9?="), "a b=\u00E9");
  // No space between two words; other text stays.
  EXPECT_EQ(stored_metadata("=?UTF-8?Q?a?= =?UTF-8?B?Yg==?="), "ab");
  EXPECT_EQ(stored_metadata("x =?UTF-8?Q?a?= y"), "x a y");
  EXPECT_EQ(stored_metadata(""), "");
  for (const std::string_view text : {"plain",
                                      "a=?b",
                                      "x=?UTF-8?Q?a?=",
                                      "=?UTF-8?B?=GGG?=",
                                      "=?UTF-8?Q?=C?=",
                                      "=?UTF-8?Q?=FF?=",
                                      "=?KOI8-R?Q?a?=",
                                      "=?UTF-8?X?a?=",
                                      "=?UTF-8?Q?a",
                                      "=?",
                                      "=?UTF-8?Q?a?= =?UTF-8?Q?=Z?="}) {
    EXPECT_EQ(stored_metadata(text), text);
  }
}

TEST(EncodedWords, OtherHeadersAreLatin1) {
  EXPECT_EQ(latin1_or_spaces("a\u2014_\u00E9"), "a _\xE9");
  EXPECT_EQ(latin1_or_spaces("a\xFFz"), "a z");
  EXPECT_EQ(latin1_or_spaces(""), "");
}

TEST(EncodedWords, NoneIsLongerThanRfc2047Allows) {
  std::string long_value;
  for (int i = 0; i < 100; ++i) {
    long_value += "a\u00E9b";
  }
  std::string_view left = long_value = shown_metadata(long_value);
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(' '));
    EXPECT_LE(word.size(), 75U);
    EXPECT_TRUE(word.starts_with("=?UTF-8?Q?") && word.ends_with("?=")) << word;
    left.remove_prefix(std::min(word.size() + 1, left.size()));
  }
  EXPECT_EQ(shown_metadata(""), "");
}

}  // namespace
}  // namespace signet::s3
