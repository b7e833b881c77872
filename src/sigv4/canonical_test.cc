#include "sigv4/canonical.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::sigv4 {
namespace {

std::string canonical_query(std::string_view raw) {
  Scratch scratch;
  std::string out;
  append_canonical_query(out, raw, {.is_presigned = true}, scratch);
  return out;
}

TEST(CanonicalQuery, SortsRecodesAndReadsPlusAsSpace) {
  EXPECT_EQ(canonical_query("b=2&a=1&a=0&A=3"), "A=3&a=0&a=1&b=2");
  EXPECT_EQ(canonical_query("a"), "a=");
  EXPECT_EQ(canonical_query("a=&&b"), "a=&b=");
  EXPECT_EQ(canonical_query("a=b=c"), "a=b%3Dc");
  EXPECT_EQ(canonical_query("a=%7e%2f%zz%"), "a=~%2F%25zz%25");
  EXPECT_EQ(canonical_query("a=x+y"), "a=x%20y");
  EXPECT_EQ(canonical_query("a=x%20y"), "a=x%20y");
  EXPECT_EQ(canonical_query("a=x%2By"), "a=x%2By");
  EXPECT_EQ(canonical_query("X-Amz-Signature=1&a=2&X-Amz-Signature=3"), "a=2");
  EXPECT_EQ(canonical_query("a-b=1&a=2"), "a=2&a-b=1");  // by encoded name, not by the joined text
}

std::string canonical_path(std::string_view raw, bool normalize) {
  std::string out = "kept";
  append_canonical_path(out, raw, normalize);
  return out.substr(4);
}

TEST(CanonicalPath, NormalizesAndEncodesTwiceButForS3) {
  EXPECT_EQ(canonical_path("", true), "/");
  EXPECT_EQ(canonical_path("/a%20b", true), "/a%2520b");
  EXPECT_EQ(canonical_path("/a/./b//../c/", true), "/a/c/");
  EXPECT_EQ(canonical_path("/..", true), "/");
  EXPECT_EQ(canonical_path("/../../a", true), "/a");
  EXPECT_EQ(canonical_path("/a%20b", false), "/a%20b");
  EXPECT_EQ(canonical_path("/a b", false), "/a%20b");
  EXPECT_EQ(canonical_path("//a/../b/", false), "//a/../b/");
  EXPECT_EQ(canonical_path("/a%2fb%7e", false), "/a/b~");
  EXPECT_EQ(canonical_path("/%2Fb/k", false), "//b/k");
  EXPECT_EQ(canonical_path("/a%252Fb", false), "/a%252Fb");
  EXPECT_EQ(canonical_path("/a+b", false), "/a%2Bb");
}

TEST(CanonicalHeaders, TrimsCollapsesAndJoins) {
  const std::vector<HeaderView> headers{{"B", "  x   y\t z \r\n  w "},
                                        {"a", "1"},
                                        {"A", "2  3"},
                                        {"c", "  "},
                                        {"long", "12345678901234567890 x"}};
  std::string out;
  append_canonical_headers(
      out, {.method = "GET", .target = "/", .headers = headers}, "a;b;c;d;long");

  EXPECT_EQ(out, "a:1,2 3\nb:x y z w\nc:\nd:\nlong:12345678901234567890 x\n");
}

}  // namespace
}  // namespace signet::sigv4
