#include "http/trusted_proxies.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::http {
namespace {

TrustedProxies trusting(std::initializer_list<std::string_view> ranges) {
  TrustedProxies proxies;
  for (const std::string_view range : ranges) {
    EXPECT_TRUE(proxies.add(range)) << range;
  }
  return proxies;
}

TEST(TrustedProxies, HoldsAddressesOfItsRangesAndNoOthers) {
  const TrustedProxies proxies =
      trusting({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "::ffff:198.51.100.0/120"});

  for (const std::string_view inside : {"10.0.0.0",
                                        "10.255.255.255",
                                        "::ffff:10.1.2.3",
                                        "192.0.2.7",
                                        "2001:db8:7fff::1",
                                        "198.51.100.200"}) {
    EXPECT_TRUE(proxies.contains(inside)) << inside;
  }
  for (const std::string_view outside : {"11.0.0.0",
                                         "9.255.255.255",
                                         "192.0.2.6",
                                         "2001:db8:8000::1",
                                         "198.51.101.0",
                                         "::10.1.2.3",
                                         "::1",
                                         "",
                                         "localhost",
                                         "10.0.0.1:80",
                                         "10.0.0.1 "}) {
    EXPECT_FALSE(proxies.contains(outside)) << outside;
  }
}

TEST(IsLoopback, KnowsTheAddressesOfThisMachine) {
  for (const std::string_view own :
       {"127.0.0.1", "127.255.0.9", "::1", "0:0::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(own)) << own;
  }
  for (const std::string_view other : {"0.0.0.0",
                                       "::",
                                       "128.0.0.1",
                                       "::127.0.0.1",
                                       "127.0.0.1.example",
                                       "127.1",
                                       "localhost",
                                       ""}) {
    EXPECT_FALSE(is_loopback(other)) << other;
  }
}

TEST(TrustedProxies, TrustsNobodyWhenEmpty) {
  EXPECT_TRUE(TrustedProxies().is_empty());
  EXPECT_FALSE(TrustedProxies().contains("127.0.0.1"));
}

TEST(TrustedProxies, RefusesWhatIsNoRange) {
  struct Case {
    std::string_view range;
    std::string_view reason;
  };

  for (const Case& given : {Case{"", "expected an IP address"},
                            Case{"proxy.example", "expected an IP address"},
                            Case{"10.0.0", "expected an IP address"},
                            Case{"10.0.0.0/", "from 1 to 32"},
                            Case{"10.0.0.0/33", "from 1 to 32"},
                            Case{"10.0.0.0/-1", "from 1 to 32"},
                            Case{"10.0.0.0/8/8", "from 1 to 32"},
                            Case{"2001:db8::/129", "from 1 to 128"},
                            Case{"10.0.0.1/8", "bits set beyond the prefix"},
                            Case{"2001:db8::1/64", "bits set beyond the prefix"},
                            Case{"0.0.0.0/0", "let any client say who it is"},
                            Case{"::/0", "let any client say who it is"}}) {
    TrustedProxies proxies;
    const auto added = proxies.add(given.range);
    ASSERT_FALSE(added) << given.range;
    EXPECT_NE(added.error().find(given.reason), std::string::npos) << added.error();
    EXPECT_TRUE(proxies.is_empty());
  }
}

constexpr std::string_view kPeer = "10.0.0.1";
constexpr std::string_view kHttp = " http";
constexpr std::string_view kHttps = " https";
constexpr std::string_view kClosed = "10.0.0.1 http";

struct Case {
  const char* name;
  std::vector<HeaderView> headers;
  std::string client;  // address and scheme; empty: the proxy says nothing
};

class ForwardedClientTest : public testing::TestWithParam<Case> {};

TEST_P(ForwardedClientTest, FindsTheRightMostAddressThatIsNoProxy) {
  const auto client =
      forwarded_client(trusting({"10.0.0.0/8", "fd00::/8"}), GetParam().headers, kPeer);

  std::string found;
  if (client) {
    found = client->address;
    found += client->is_secure ? kHttps : kHttp;
  }
  EXPECT_EQ(found, GetParam().client);
}

const Case kCases[] = {
    {"Nothing", {}, ""},
    {"OtherHeaders",
     {{"X-Real-IP", "192.0.2.1"}, {"Via", "1.1 proxy"}, {"X-Forwarded-Host", "h"}},
     ""},
    // X-Forwarded-For and -Proto.
    {"For", {{"X-Forwarded-For", "192.0.2.1"}}, "192.0.2.1 http"},
    {"ForAndProto",
     {{"x-forwarded-for", "192.0.2.1"}, {"X-FORWARDED-PROTO", "HTTPS"}},
     "192.0.2.1 https"},
    {"ProtoHttp",
     {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "http"}},
     "192.0.2.1 http"},
    {"ProtoAlone", {{"X-Forwarded-Proto", "https"}}, "10.0.0.1 https"},
    {"ClaimOnTheLeftIsNotLookedAt",
     {{"X-Forwarded-For", "127.0.0.1, 192.0.2.1"}},
     "192.0.2.1 http"},
    {"GarbageOnTheLeftIsNotLookedAt",
     {{"X-Forwarded-For", "<script>, \"x, 192.0.2.1"}, {"X-Forwarded-Proto", "https"}},
     "192.0.2.1 https"},
    {"OverTrustedHops", {{"X-Forwarded-For", "192.0.2.1,10.9.9.9 ,\tfd00::7"}}, "192.0.2.1 http"},
    {"StopsAtTheFirstStranger",
     {{"X-Forwarded-For", "10.0.0.9, 192.0.2.1, 10.9.9.9"}},
     "192.0.2.1 http"},
    {"OnlyTrustedHops", {{"X-Forwarded-For", "10.0.0.9, 10.0.0.8"}}, "10.0.0.9 http"},
    {"LinesCountAsOneList",
     {{"X-Forwarded-For", "192.0.2.66"}, {"X-Forwarded-For", "192.0.2.1"}},
     "192.0.2.1 http"},
    {"TrustedLineLeadsToTheLineBefore",
     {{"X-Forwarded-For", "192.0.2.66, 192.0.2.1"}, {"X-Forwarded-For", "10.0.0.2"}},
     "192.0.2.1 http"},
    {"EmptyElements", {{"X-Forwarded-For", " , 192.0.2.1 , ,"}}, "192.0.2.1 http"},
    {"EmptyList", {{"X-Forwarded-For", ""}}, "10.0.0.1 http"},
    {"Port", {{"X-Forwarded-For", "192.0.2.1:4711"}}, "192.0.2.1 http"},
    {"Ipv6", {{"X-Forwarded-For", "2001:DB8:0:0::1"}}, "2001:db8::1 http"},
    {"Ipv6InBrackets", {{"X-Forwarded-For", "[2001:db8::1]"}}, "2001:db8::1 http"},
    {"Ipv6AndPort", {{"X-Forwarded-For", "[2001:db8::1]:443"}}, "2001:db8::1 http"},
    {"MappedIsIpv4", {{"X-Forwarded-For", "::FFFF:192.0.2.1"}}, "192.0.2.1 http"},
    {"MappedHopIsAProxy", {{"X-Forwarded-For", "192.0.2.1, ::ffff:10.0.0.3"}}, "192.0.2.1 http"},
    // What cannot be read fails closed.
    {"Name", {{"X-Forwarded-For", "client.example"}}, std::string(kClosed)},
    {"Unknown",
     {{"X-Forwarded-For", "unknown"}, {"X-Forwarded-Proto", "https"}},
     std::string(kClosed)},
    {"GarbageBehindAProxy",
     {{"X-Forwarded-For", "192.0.2.1, x, 10.0.0.9"}, {"X-Forwarded-Proto", "https"}},
     std::string(kClosed)},
    {"LeadingZero", {{"X-Forwarded-For", "192.0.2.01"}}, std::string(kClosed)},
    {"ShortForm", {{"X-Forwarded-For", "127.1"}}, std::string(kClosed)},
    {"Zone", {{"X-Forwarded-For", "fe80::1%eth0"}}, std::string(kClosed)},
    {"BadPort", {{"X-Forwarded-For", "192.0.2.1:port"}}, std::string(kClosed)},
    {"PortTooHigh", {{"X-Forwarded-For", "192.0.2.1:65536"}}, std::string(kClosed)},
    {"Ipv4InBrackets", {{"X-Forwarded-For", "[192.0.2.1]"}}, std::string(kClosed)},
    {"OpenBracket", {{"X-Forwarded-For", "[2001:db8::1"}}, std::string(kClosed)},
    {"BehindBracket", {{"X-Forwarded-For", "[2001:db8::1]x"}}, std::string(kClosed)},
    {"Quoted", {{"X-Forwarded-For", "\"192.0.2.1\""}}, std::string(kClosed)},
    {"ProtoOfAnotherKind",
     {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "ftp"}},
     std::string(kClosed)},
    {"ProtoClaimedByTheClient",
     {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https, http"}},
     "192.0.2.1 http"},
    {"ProtoOfOneHop",
     {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "http, https"}},
     "192.0.2.1 http"},
    {"ProtoOfAllHops",
     {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https, https"}},
     "192.0.2.1 https"},
    // Forwarded.
    {"Forwarded", {{"Forwarded", "for=192.0.2.1;proto=https;by=10.0.0.1"}}, "192.0.2.1 https"},
    {"ForwardedInAnyCase", {{"forwarded", "Proto=HTTPS;FOR=192.0.2.1"}}, "192.0.2.1 https"},
    {"ForwardedQuoted",
     {{"Forwarded", R"(for="[2001:db8:cafe::17]:4711"; proto="https")"}},
     "2001:db8:cafe::17 https"},
    {"ForwardedEscape",
     {{"Forwarded", R"(for="192.0\.2.1";host="a\",for=192.0.2.9")"}},
     "192.0.2.1 http"},
    {"ForwardedWithoutProto", {{"Forwarded", "for=192.0.2.1"}}, "192.0.2.1 http"},
    {"ForwardedRightMost",
     {{"Forwarded", "for=127.0.0.1;proto=https, for=192.0.2.1;proto=http"}},
     "192.0.2.1 http"},
    {"ForwardedOverTrustedHops",
     {{"Forwarded", "for=192.0.2.1;proto=https, for=10.0.0.9;proto=http"}},
     "192.0.2.1 https"},
    {"ForwardedLines",
     {{"Forwarded", "for=\"unclosed"}, {"Forwarded", "for=192.0.2.1;proto=https"}},
     "192.0.2.1 https"},
    {"ForwardedProtoAlone", {{"Forwarded", "proto=https"}}, "10.0.0.1 https"},
    {"ForwardedEmptyParts", {{"Forwarded", ",;for=192.0.2.1;,"}}, "192.0.2.1 http"},
    {"ForwardedUnknown", {{"Forwarded", "for=unknown;proto=https"}}, std::string(kClosed)},
    {"ForwardedHidden", {{"Forwarded", "for=_proxy;proto=https"}}, std::string(kClosed)},
    {"ForwardedUnquotedPort",
     {{"Forwarded", "for=192.0.2.1:80;proto=https"}},
     std::string(kClosed)},
    {"ForwardedOpenQuote", {{"Forwarded", "proto=https;for=\"192.0.2.1"}}, std::string(kClosed)},
    {"ForwardedOpenEscape", {{"Forwarded", "proto=https;for=\"192.0.2.1\\"}}, std::string(kClosed)},
    {"ForwardedTwice", {{"Forwarded", "for=192.0.2.1;for=192.0.2.2"}}, std::string(kClosed)},
    {"ForwardedProtoTwice",
     {{"Forwarded", "for=192.0.2.1;proto=http;proto=https"}},
     std::string(kClosed)},
    {"ForwardedNoValue", {{"Forwarded", "for=;proto=https"}}, std::string(kClosed)},
    {"ForwardedNoName", {{"Forwarded", "=192.0.2.1"}}, std::string(kClosed)},
    {"ForwardedNoEquals", {{"Forwarded", "192.0.2.1"}}, std::string(kClosed)},
    {"ForwardedJunkBehindQuote", {{"Forwarded", R"(for="192.0.2.1"x)"}}, std::string(kClosed)},
    {"ForwardedOddProto", {{"Forwarded", "for=192.0.2.1;proto=ftp"}}, std::string(kClosed)},
    // Both families: a client must not slip one past a proxy that sets the other.
    {"BothAgree",
     {{"Forwarded", "for=192.0.2.1;proto=https"},
      {"X-Forwarded-For", "192.0.2.1"},
      {"X-Forwarded-Proto", "https"}},
     "192.0.2.1 https"},
    {"BothComplete",
     {{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-Proto", "https"}},
     "192.0.2.1 https"},
    {"BothNameOthers",
     {{"Forwarded", "for=127.0.0.1;proto=https"},
      {"X-Forwarded-For", "192.0.2.1"},
      {"X-Forwarded-Proto", "https"}},
     std::string(kClosed)},
    {"BothDifferInScheme",
     {{"Forwarded", "proto=https"},
      {"X-Forwarded-For", "192.0.2.1"},
      {"X-Forwarded-Proto", "http"}},
     std::string(kClosed)},
    {"OneOfBothUnreadable",
     {{"Forwarded", "for="}, {"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}},
     std::string(kClosed)},
};

INSTANTIATE_TEST_SUITE_P(All,
                         ForwardedClientTest,
                         testing::ValuesIn(kCases),
                         [](const auto& given) { return given.param.name; });

TEST(ClientNetwork, IsTheAddressOrTheNetworkOfAnIpv6Client) {
  EXPECT_EQ(client_network("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_network("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(client_network("2001:db8:1:2::"), "2001:db8:1:2::");
  EXPECT_EQ(client_network("::1"), "::");
  EXPECT_EQ(client_network("nonsense"), "nonsense");
  EXPECT_EQ(client_network(""), "");
}

}  // namespace
}  // namespace signet::http
