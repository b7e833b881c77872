#include "facts/web_identity_claims.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

bool has(std::string_view issuer, std::string_view claim) {
  const std::vector<std::string_view> claims = claims_of_issuer(issuer);
  return std::ranges::find(claims, claim) != claims.end();
}

TEST(WebIdentityClaims, BelongToTheirIssuers) {
  EXPECT_TRUE(has("token.actions.githubusercontent.com", "repository_id"));
  EXPECT_TRUE(has("token.actions.githubusercontent.com/my-enterprise", "actor"));
  EXPECT_TRUE(has("token.actions.acme.ghe.com", "workflow"));
  EXPECT_TRUE(has("gitlab.com", "project_id"));
  EXPECT_TRUE(has("oidc.circleci.com/org/11111111-2222", "oidc.circleci.com/project-id"));
  EXPECT_TRUE(has("accounts.google.com", "google/organization_number"));
}

TEST(WebIdentityClaims, BelongToNobodyElse) {
  for (const char* issuer : {"",
                             "idp.example.com",
                             "gitlab.com.example.com",
                             "gitlab.com/",
                             "token.actions.githubusercontent.com/a/b",
                             "oidc.circleci.com/org/",
                             "token.actions..ghe.com",
                             "token.actions.a/b.ghe.com"}) {
    EXPECT_TRUE(claims_of_issuer(issuer).empty()) << issuer;
  }
  EXPECT_FALSE(has("gitlab.com", "repository_id"));
}

}  // namespace
}  // namespace signet::facts
