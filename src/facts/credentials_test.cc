#include "facts/credentials.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(Credentials, AreThoseOfTheTableOrOfTheServicesOwnRow) {
  EXPECT_EQ(credentials_of(Operation::ListUsers).sessions, Sessions::SessionTokenWithMfa);
  EXPECT_EQ(credentials_of(Operation::GetAccessKeyInfo).sessions, Sessions::Roles);
  EXPECT_EQ(credentials_of(Operation::AssumeRole).sessions, Sessions::SessionToken);
  EXPECT_EQ(credentials_of(Operation::GetCallerIdentity).sessions, Sessions::Any);
  EXPECT_EQ(credentials_of(Operation::GetSessionToken).sessions, Sessions::None);
  EXPECT_EQ(credentials_of(Operation::GetFederationToken).sessions, Sessions::None);
  EXPECT_TRUE(credentials_of(Operation::AssumeRole).needs_signature);
  EXPECT_FALSE(credentials_of(Operation::AssumeRoleWithSAML).needs_signature);
  EXPECT_FALSE(credentials_of(Operation::AssumeRoleWithWebIdentity).needs_signature);
}

}  // namespace
}  // namespace signet::facts
