#include "oidc/address.h"

#include <gtest/gtest.h>

namespace signet::oidc {
namespace {

Reach reach(std::string_view text) {
  const std::optional<Address> address = address_of(text);
  EXPECT_TRUE(address) << text;
  return address ? reach_of(*address) : Reach::Public;
}

TEST(Address, IsPublicWhereTheRegistriesSayNothing) {
  for (const char* text : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "223.255.255.255",
                           "2606:4700::1",
                           "2a00:1450::1",
                           "::ffff:8.8.8.8"}) {
    EXPECT_EQ(reach(text), Reach::Public) << text;
  }
}

TEST(Address, IsPrivateOnThisMachineAndInNetworksOfOnesOwn) {
  for (const char* text : {"127.0.0.1",
                           "127.255.255.255",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "::1",
                           "fd00::1",
                           "fc00::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1"}) {
    EXPECT_EQ(reach(text), Reach::Private) << text;
  }
}

TEST(Address, IsForbiddenWhereNoIssuerCanBe) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "169.254.169.254",
                           "::ffff:169.254.169.254",
                           "192.0.0.8",
                           "192.0.2.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "fe80::1",
                           "ff02::1",
                           "fec0::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "64:ff9b::7f00:1",
                           "::7f00:1",
                           "4000::1",
                           "fd00:ec2::254:1::bad"}) {
    if (const std::optional<Address> address = address_of(text)) {
      EXPECT_EQ(reach_of(*address), Reach::Forbidden) << text;
    }
  }
}

TEST(Address, IsReadInItsUsualFormsOnly) {
  for (const char* text : {"", "1", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "localhost", "[::1]"}) {
    EXPECT_FALSE(address_of(text)) << text;
  }
}

}  // namespace
}  // namespace signet::oidc
