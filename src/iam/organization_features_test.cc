#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"
#include "identity/entities.h"

namespace signet::iam {
namespace {

using Features = std::vector<std::string>;

constexpr std::string_view kManagement = IamFixture::kAccount;
constexpr std::string_view kMember = IamFixture::kOther;

class OrganizationFeatures : public testing::Test {
 protected:
  OrganizationFeatures() {
    put({.account = std::string(kManagement),
         .is_management = true,
         .organization_id = "o-example",
         .has_iam_access = true});
    put({.account = std::string(kMember), .organization_id = "o-example"});
  }

  void put(identity::OrgPolicies org) {
    world_.write([&](identity::Transaction& transaction) { transaction.put(org); });
  }

  void change(const std::function<void(identity::OrgPolicies&)>& edit) {
    identity::OrgPolicies org = *world_.snapshot()->find<identity::OrgPolicies>(kManagement);
    edit(org);
    put(std::move(org));
  }

  // What a call answers: the features, or the code of the error.
  template <class Request>
  Features answer(std::string_view account, const Request& request) {
    const auto done = world_.call(IamFixture::root(account), request);
    if (!done) {
      return {std::string(facts::error_row(done.error().code).wire_code)};
    }
    EXPECT_EQ(done->organization_id, "o-example");
    return done->enabled_features.value_or(Features{"absent"});
  }

  template <class Request>
  Features answer(const Request& request) {
    return answer(kManagement, request);
  }

  IamFixture world_;
};

}  // namespace

TEST_F(OrganizationFeatures, AreTurnedOnAndOff) {
  EXPECT_EQ(answer(ListOrganizationsFeaturesRequest{}), Features{});
  EXPECT_EQ(answer(EnableOrganizationsRootSessionsRequest{}), Features{"RootSessions"});
  EXPECT_EQ(answer(EnableOrganizationsRootSessionsRequest{}), Features{"RootSessions"});
  EXPECT_EQ(answer(EnableOrganizationsRootCredentialsManagementRequest{}),
            (Features{"RootCredentialsManagement", "RootSessions"}));
  EXPECT_EQ(answer(ListOrganizationsFeaturesRequest{}),
            (Features{"RootCredentialsManagement", "RootSessions"}));
  EXPECT_EQ(answer(DisableOrganizationsRootSessionsRequest{}),
            Features{"RootCredentialsManagement"});
  EXPECT_EQ(answer(DisableOrganizationsRootCredentialsManagementRequest{}), Features{});
  EXPECT_EQ(answer(DisableOrganizationsRootCredentialsManagementRequest{}), Features{});
}

TEST_F(OrganizationFeatures, AreNotForMembers) {
  for (const Features& got : {answer(kMember, ListOrganizationsFeaturesRequest{}),
                              answer(kMember, EnableOrganizationsRootSessionsRequest{}),
                              answer(kMember, DisableOrganizationsRootSessionsRequest{})}) {
    EXPECT_EQ(got, Features{"AccountNotManagementOrDelegatedAdministratorException"});
  }
}

TEST_F(OrganizationFeatures, ADelegatedAdministratorListsAndTurnsOffOnly) {
  change([](identity::OrgPolicies& org) { org.delegated_administrator = kMember; });
  ASSERT_EQ(answer(EnableOrganizationsRootSessionsRequest{}), Features{"RootSessions"});

  EXPECT_EQ(answer(kMember, ListOrganizationsFeaturesRequest{}), Features{"RootSessions"});
  EXPECT_EQ(answer(kMember, EnableOrganizationsRootCredentialsManagementRequest{}),
            Features{"CallerIsNotManagementAccountException"});
  EXPECT_EQ(answer(kMember, DisableOrganizationsRootSessionsRequest{}), Features{});
}

TEST_F(OrganizationFeatures, NeedTrustedAccessAllFeaturesAndAnOrganization) {
  change([](identity::OrgPolicies& org) { org.has_iam_access = false; });
  EXPECT_EQ(outcome(world_.call(ListOrganizationsFeaturesRequest{})),
            "ServiceAccessNotEnabledException: Trusted Access for IAM not enabled by organization "
            "of input account 111122223333.");
  change([](identity::OrgPolicies& org) { org.is_billing_only = true; });
  EXPECT_EQ(answer(EnableOrganizationsRootSessionsRequest{}),
            Features{"OrganizationNotInAllFeaturesModeException"});
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::OrgPolicies>(kManagement);
  });
  EXPECT_EQ(answer(ListOrganizationsFeaturesRequest{}), Features{"OrganizationNotFoundException"});
  EXPECT_EQ(answer(kMember, ListOrganizationsFeaturesRequest{}),
            Features{"OrganizationNotFoundException"});
}

TEST_F(OrganizationFeatures, ThePermissionIsLookedAtFirst) {
  change([](identity::OrgPolicies& org) { org.has_iam_access = false; });
  const model::Caller bob = world_.make_caller(
      "bob",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})");

  EXPECT_EQ(outcome(world_.call(bob, ListOrganizationsFeaturesRequest{})).substr(0, 13),
            "AccessDenied:");
}

}  // namespace signet::iam
