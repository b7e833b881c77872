#include "sigv4/presigned_v2.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::sigv4 {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr Instant kNow = Instant::from_seconds(1767225600);  // an hour before the links end

// A link that botocore 1.42's HmacV1QueryAuth made with AKIDEXAMPLE and "secret" at kNow.
struct Link {
  std::string name;
  std::string method;
  std::string target;
  std::string host_bucket;
  Headers headers;
};

const std::vector<Link>& links() {
  static const std::vector<Link> all{
      {"path with escapes",
       "GET",
       "/b/k%20e/y%2B%C3%BC?AWSAccessKeyId=AKIDEXAMPLE&Signature=%2BVUsv3QXauCPrliYi2dThPJF0CQ%3D"
       "&Expires=1767229200",
       "",
       {}},
      {"session token",
       "GET",
       "/b/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=b5ydsMVbepXOoUpRwIcY9lmABn8%3D"
       "&x-amz-security-token=tok%2B%2F%3D&Expires=1767229200",
       "",
       {}},
      {"upload with a content type",
       "PUT",
       "/b/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=Igv%2FJDcX6upg%2FigC%2BVIwkjclmek%3D"
       "&content-type=text%2Fplain&Expires=1767229200",
       "",
       {{"Content-Type", "text/plain"}}},
      {"signed parameters",
       "GET",
       "/b/k?versionId=3&response-content-type=text%2Fhtml%20x&acl&AWSAccessKeyId=AKIDEXAMPLE"
       "&Signature=IE%2FBcgslwk0augUkWICtrduo15M%3D&Expires=1767229200",
       "",
       {}},
      {"bucket in the host",
       "GET",
       "/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=faeyYBh2GBFLFbhWMS0vS7kR8kY%3D&Expires=1767229200",
       "b",
       {}},
      {"listing",
       "GET",
       "/b?list-type=2&prefix=x%20y&encoding-type=url&AWSAccessKeyId=AKIDEXAMPLE"
       "&Signature=bZpijMct3m9idzMcF5LAxBJKI0U%3D&Expires=1767229200",
       "",
       {}},
      {"headers in the query",
       "PUT",
       "/b/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=WxmFYOoXXMaWgmtTzB7ShIHAbps%3D"
       "&x-amz-meta-colour=red%20and%20blue&x-amz-acl=private&Expires=1767229200",
       "",
       {}}};
  return all;
}

Result<ParsedAuth> parse_link(const Link& link, Scratch& scratch, Instant now = kNow) {
  std::vector<HeaderView> views;
  for (const auto& [name, value] : link.headers) {
    views.push_back({name, value});
  }
  return parse_presigned_v2(
      {.method = link.method, .target = link.target, .headers = views}, now, scratch);
}

Status check(const Link& link, std::string_view secret = "secret") {
  std::vector<HeaderView> views;
  for (const auto& [name, value] : link.headers) {
    views.push_back({name, value});
  }
  const RequestView request{.method = link.method, .target = link.target, .headers = views};
  Scratch scratch;
  const ParsedAuth parsed = TRY(parse_presigned_v2(request, kNow, scratch));
  return verify_presigned_v2(parsed, request, link.host_bucket, secret, scratch);
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

TEST(PresignedV2, VerifiesWhatBotocoreSigned) {
  for (const Link& link : links()) {
    SCOPED_TRACE(link.name);
    EXPECT_TRUE(is_presigned_v2({.method = link.method, .target = link.target, .headers = {}}));
    EXPECT_TRUE(check(link).has_value());
    EXPECT_FALSE(check(link, "Secret").has_value());
  }
}

TEST(PresignedV2, ReadsKeyAndToken) {
  Scratch scratch;
  const auto parsed = parse_link(links()[1], scratch);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(parsed->session_token, "tok+/=");
  EXPECT_EQ(parsed->payload, PayloadKind::Unsigned);
  EXPECT_TRUE(parsed->scope.empty());
}

TEST(PresignedV2, CoversMethodPathBucketHeadersAndParameters) {
  struct Change {
    std::string name;
    std::size_t link;
    std::function<void(Link&)> bend;
  };

  const std::vector<Change> changes{
      {"method",
       0,
       [](Link& link) {
         link.method = "DELETE";
       }},
      {"key",
       0,
       [](Link& link) {
         replace(link.target, "k%20e", "k%20f");
       }},
      {"expiry",
       0,
       [](Link& link) {
         replace(link.target, "1767229200", "1767229201");
       }},
      {"another bucket by host",
       4,
       [](Link& link) {
         link.host_bucket = "c";
       }},
      {"path style for a host",
       4,
       [](Link& link) {
         link.host_bucket = "";
       }},
      {"host style for a path",
       0,
       [](Link& link) {
         link.host_bucket = "b";
       }},
      {"token",
       1,
       [](Link& link) {
         replace(link.target, "=tok", "=tik");
       }},
      {"no token",
       1,
       [](Link& link) {
         replace(link.target, "&x-amz-security-token=tok%2B%2F%3D", "");
       }},
      {"token twice",
       1,
       [](Link& link) {
         link.headers = {{"x-amz-security-token", "tok+/="}};
       }},
      {"content type",
       2,
       [](Link& link) {
         link.headers = {{"Content-Type", "text/html"}};
       }},
      {"content md5",
       2,
       [](Link& link) {
         link.headers.emplace_back("Content-MD5", "x");
       }},
      {"a copy instead",
       2,
       [](Link& link) {
         link.headers.emplace_back("X-Amz-Copy-Source", "/other/key");
       }},
      {"version",
       3,
       [](Link& link) {
         replace(link.target, "versionId=3", "versionId=4");
       }},
      {"another subresource",
       3,
       [](Link& link) {
         replace(link.target, "&acl", "&tagging");
       }},
      {"a subresource more",
       0,
       [](Link& link) {
         link.target += "&acl";
       }},
      {"an escaped subresource",
       0,
       [](Link& link) {
         link.target += "&%61cl";
       }},
      {"a value more",
       3,
       [](Link& link) {
         replace(link.target, "&acl", "&acl=");
       }},
      {"an acl in the query",
       0,
       [](Link& link) {
         link.target += "&x-amz-acl=public-read";
       }},
      {"metadata in the query",
       6,
       [](Link& link) {
         replace(link.target, "red", "green");
       }},
      {"metadata in the head too",
       6,
       [](Link& link) {
         link.headers.emplace_back("x-amz-meta-colour", "red and blue");
       }},
      {"signature",
       0,
       [](Link& link) {
         replace(link.target, "VUsv", "VUsw");
       }},
      {"signature's padding",
       0,
       [](Link& link) {
         replace(link.target, "Q%3D", "Q");
       }},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.name);
    Link link = links()[change.link];
    change.bend(link);
    const Status status = check(link);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::S3SignatureDoesNotMatch);
  }
}

TEST(PresignedV2, TellsWhatItSigned) {
  const Status status = check(links()[4], "another");
  ASSERT_FALSE(status.has_value());
  const std::vector<std::pair<std::string, std::string>> first{status.error().fields.begin(),
                                                               status.error().fields.begin() + 3};
  EXPECT_EQ(first,
            (std::vector<std::pair<std::string, std::string>>{
                {"AWSAccessKeyId", "AKIDEXAMPLE"},
                {"StringToSign", "GET\n\n\n1767229200\n/b/k"},
                {"SignatureProvided", "faeyYBh2GBFLFbhWMS0vS7kR8kY="}}));
  EXPECT_EQ(status.error().fields.size(), 4U) << "no canonical request in version 2";
}

TEST(PresignedV2, RefusesBeforeItLooksAtTheSignature) {
  struct Case {
    std::string name;
    std::function<void(Link&)> bend;
    ErrorCode code;
  };

  const auto add = [](std::string text) {
    return [text](Link& link) {
      link.target += text;
    };
  };
  const std::vector<Case> cases{
      {"no expiry",
       [](Link& link) { replace(link.target, "&Expires=1767229200", ""); },
       ErrorCode::AccessDenied},
      {"empty key",
       [](Link& link) { replace(link.target, "AKIDEXAMPLE", ""); },
       ErrorCode::AccessDenied},
      {"expiry in words",
       [](Link& link) { replace(link.target, "1767229200", "tomorrow"); },
       ErrorCode::AccessDenied},
      {"negative expiry",
       [](Link& link) { replace(link.target, "1767229200", "-1"); },
       ErrorCode::AccessDenied},
      {"endless expiry",
       [](Link& link) { replace(link.target, "1767229200", "9223372036854775807"); },
       ErrorCode::AccessDenied},
      {"past",
       [](Link& link) { replace(link.target, "1767229200", "1767225600"); },
       ErrorCode::AccessDenied},
      {"a subresource that is not signed", add("&encryption"), ErrorCode::InvalidArgument},
      {"a precondition that is not signed", add("&If-Match=x"), ErrorCode::InvalidArgument},
      {"two keys", add("&AWSAccessKeyId=OTHER"), ErrorCode::InvalidArgument},
      {"two expiries", add("&Expires=1767229999"), ErrorCode::InvalidArgument},
      {"escaped second key", add("&AWSAccessKey%49d=OTHER"), ErrorCode::InvalidArgument},
      {"version 4 as well", add("&X-Amz-Signature=00"), ErrorCode::InvalidArgument},
      {"a header as well",
       [](Link& link) { link.headers = {{"Authorization", "AWS a:b"}}; },
       ErrorCode::InvalidArgument},
      {"nothing but a signature",
       [](Link& link) { link.target = "/b/k?Signature=abc"; },
       ErrorCode::AccessDenied},
      {"nothing but a key",
       [](Link& link) { link.target = "/b/k?AWSAccessKeyId=AKIDEXAMPLE"; },
       ErrorCode::AccessDenied},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Link link = links()[0];
    one.bend(link);
    Scratch scratch;
    const auto parsed = parse_link(link, scratch);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().code, one.code);
  }
}

// Made with botocore's HmacV1QueryAuth, the header given. An unsigned one is a wrong signature
// first (recorded 2026-02).
TEST(PresignedV2, TakesNoBodyInChunks) {
  struct Case {
    std::string hash;
    std::string signature;
  };

  const std::vector<Case> cases{
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "ZoHJAYRSkRfyFDTqVWmoWTZ6cUc%3D"},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "qbtWdyToXQS1VpFi6iip4Da4d8o%3D"},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", "RQQMe8q2ytKUIHIDDdPCEteorDE%3D"},
      {"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "4%2BGezB9y52NRbq5kfq2IBhI6E1s%3D"},
      {"abc", "PP5HmgTCA20YSm7xAFvZEjObwmI%3D"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.hash);
    const std::string target =
        "/b/k?AWSAccessKeyId=AKIDEXAMPLE&Expires=1767229200&Signature=" + one.signature;
    Link link{"", "PUT", target, "", {{"x-amz-content-sha256", one.hash}}};
    const Status refused = check(link);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidRequest);

    link.target.back() = link.target.back() == 'D' ? 'E' : 'D';
    const Status wrong = check(link);
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, ErrorCode::S3SignatureDoesNotMatch);
  }
}

TEST(PresignedV2, SeesWhatIsLeftOfALink) {
  const auto sees = [](std::string_view target, std::vector<HeaderView> headers = {}) {
    return is_presigned_v2({.method = "GET", .target = target, .headers = headers});
  };
  EXPECT_TRUE(sees("/b/k?Signature=abc"));
  EXPECT_TRUE(sees("/b/k?AWSAccessKeyId=abc"));
  EXPECT_FALSE(sees("/b/k?Expires=1767229200"));
  EXPECT_FALSE(sees("/b/k?AWSAccessKeyId=abc", {{"Authorization", "x"}}));
  EXPECT_FALSE(sees("/b/k?AWSAccessKeyId=abc&X-Amz-Signature=00"));
  EXPECT_TRUE(sees("/b/k?Signature=abc", {{"Authorization", "x"}})) << "two mechanisms";
}

TEST(PresignedV2, EndsAtItsSecond) {
  Scratch scratch;
  const Instant end = Instant::from_seconds(1767229200);
  EXPECT_TRUE(parse_link(links()[0], scratch, Instant{end.unix_ms - 1}).has_value());
  const auto late = parse_link(links()[0], scratch, end);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().message, "Request has expired");
  EXPECT_EQ(late.error().fields.front().second, "2026-01-01T01:00:00Z");
}

}  // namespace
}  // namespace signet::sigv4
