#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "organizations/handlers.h"
#include "organizations/tree.h"

namespace signet::organizations {
namespace {

using authz::AuthzFixture;
using Texts = std::vector<std::string>;

constexpr const char* kManager = identity::kAccount;    // speaks for the organization
constexpr const char* kDeep = identity::kOtherAccount;  // in a unit of a unit
constexpr const char* kDelegate = "777788889999";       // speaks for it as well
constexpr const char* kLone = "999900001111";           // in no organization
constexpr const char* kStranger = "222233334444";       // manages another organization
constexpr const char* kTop = "o-exampleorgid/r-ab12/";
constexpr std::string_view kUnit = "ou-ab12-11111111";
constexpr std::string_view kInner = "ou-ab12-22222222";
constexpr std::string_view kDeny =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}})";
constexpr std::string_view kNamed =
    "arn:aws:organizations::111122223333:policy/o-exampleorgid/service_control_policy/p-named0001";
constexpr std::string_view kNotAdministrator =
    "AccessDenied: You don't have permissions to access this resource.";

class Organizations : public testing::Test {
 protected:
  Organizations() {
    world_.write([](identity::Transaction& transaction) {
      for (const char* id : {kDelegate, kLone, kStranger}) {
        transaction.put(identity::make_account(id));
      }
    });
    put({.account = kManager,
         .is_management = true,
         .organization_id = "o-exampleorgid",
         .path = kTop,
         .has_iam_access = true,
         .delegated_administrator = kDelegate});
    put({.account = kDeep,
         .organization_id = "o-exampleorgid",
         .path = concat(kTop, kUnit, "/", kInner, "/"),
         .scps = {
             {{full()}}, {{full()}}, {{full(), denial("no-iam")}}, {{full(), denial(kNamed)}}}});
    put({.account = kDelegate,
         .organization_id = "o-exampleorgid",
         .path = concat(kTop, kUnit, "/"),
         .scps = {{{full()}}, {{full()}}, {{full()}}}});
    put({.account = kStranger, .is_management = true, .organization_id = "o-another"});
  }

  static identity::OrgPolicy full() {
    return {.name = "FullAWSAccess", .document = authz::document("Allow", "*")};
  }

  static identity::OrgPolicy denial(std::string_view name) {
    return {.name = std::string(name), .document = identity::make_document(std::string(kDeny))};
  }

  void put(identity::OrgPolicies says) {
    world_.write([&](identity::Transaction& transaction) { transaction.put(std::move(says)); });
  }

  void change_manager(const std::function<void(identity::OrgPolicies&)>& change) {
    identity::OrgPolicies says = *world_.snapshot()->find<identity::OrgPolicies>(kManager);
    change(says);
    put(std::move(says));
  }

  template <class Request>
  auto call(const Request& request, std::string_view account = kManager) {
    return world_.call(AuthzFixture::root(account), request);
  }

  template <class Request>
  std::string outcome_of(const Request& request, std::string_view account = kManager) {
    return outcome(call(request, account));
  }

  // What `each` is called with: every operation but DescribeOrganization, on things that there are.
  template <class Each>
  static void for_each_call(const Each& each) {
    each("DescribeAccount", DescribeAccountRequest{.account_id = kDeep});
    each("DescribeOrganizationalUnit",
         DescribeOrganizationalUnitRequest{.organizational_unit_id = std::string(kUnit)});
    each("DescribePolicy", DescribePolicyRequest{.policy_id = "p-FullAWSAccess"});
    each("ListAccounts", ListAccountsRequest{});
    each("ListAccountsForParent", ListAccountsForParentRequest{.parent_id = std::string(kUnit)});
    each("ListAWSServiceAccessForOrganization", ListAWSServiceAccessForOrganizationRequest{});
    each("ListChildren",
         ListChildrenRequest{.parent_id = "r-ab12", .child_type = "ORGANIZATIONAL_UNIT"});
    each("ListDelegatedAdministrators", ListDelegatedAdministratorsRequest{});
    each("ListDelegatedServicesForAccount",
         ListDelegatedServicesForAccountRequest{.account_id = kDelegate});
    each("ListOrganizationalUnitsForParent",
         ListOrganizationalUnitsForParentRequest{.parent_id = "r-ab12"});
    each("ListParents", ListParentsRequest{.child_id = kDeep});
    each("ListPolicies", ListPoliciesRequest{.filter = std::string(kScp)});
    each("ListPoliciesForTarget",
         ListPoliciesForTargetRequest{.target_id = kDeep, .filter = std::string(kScp)});
    each("ListRoots", ListRootsRequest{});
    each("ListTagsForResource", ListTagsForResourceRequest{.resource_id = std::string(kUnit)});
    each("ListTargetsForPolicy", ListTargetsForPolicyRequest{.policy_id = "p-FullAWSAccess"});
  }

  // What the call needs, of root of the first account.
  template <class Request>
  api::Check check_of(const Request& request, std::string_view account = kManager) {
    const auto state = world_.snapshot();
    const model::Caller caller = AuthzFixture::root(account);
    const api::RequestInfo info = world_.request_now();
    const auto list = checks(
        request, {.snapshot = *state, .caller = caller, .request = info, .deps = world_.deps});
    EXPECT_EQ(outcome(list), "ok");
    return list && list->size() == 1 ? list->front() : api::Check();
  }

  api::ApiFixture world_;
};

TEST_F(Organizations, EverybodyInOneMayAskWhichItIs) {
  for (const char* account : {kManager, kDeep, kDelegate}) {
    const auto told = call(DescribeOrganizationRequest(), account);
    ASSERT_EQ(outcome(told), "ok") << account;
    EXPECT_EQ(told->organization->id, "o-exampleorgid");
    EXPECT_EQ(told->organization->arn,
              "arn:aws:organizations::111122223333:organization/o-exampleorgid");
    EXPECT_EQ(told->organization->master_account_id, kManager);
    EXPECT_EQ(told->organization->feature_set, "ALL");
    EXPECT_EQ(told->organization->available_policy_types->size(), 2U);
  }
  EXPECT_EQ(call(DescribeOrganizationRequest(), kStranger)->organization->id, "o-another");
  EXPECT_EQ(outcome_of(DescribeOrganizationRequest(), kLone),
            "AWSOrganizationsNotInUseException: Your account is not a member of an organization.");
}

TEST_F(Organizations, OnlyWhoSpeaksForItSeesMore) {
  for_each_call([this](std::string_view name, const auto& request) {
    EXPECT_EQ(outcome_of(request, kManager), "ok") << name;
    EXPECT_EQ(outcome_of(request, kDelegate), "ok") << name;
    EXPECT_EQ(outcome_of(request, kDeep), kNotAdministrator) << name;
    EXPECT_TRUE(outcome_of(request, kLone).starts_with("AWSOrganizationsNotInUse")) << name;
  });
  EXPECT_EQ(outcome_of(DescribeResourcePolicyRequest(), kDeep), kNotAdministrator);
  EXPECT_TRUE(
      outcome_of(DescribeResourcePolicyRequest()).starts_with("ResourcePolicyNotFoundException"));
}

TEST_F(Organizations, AnAdministratorWhoIsOneNoLongerSeesNothingMore) {
  change_manager([](identity::OrgPolicies& says) { says.delegated_administrator.clear(); });
  for_each_call([this](std::string_view name, const auto& request) {
    EXPECT_EQ(outcome_of(request, kDelegate), kNotAdministrator) << name;
  });
}

TEST_F(Organizations, WithoutItsManagementAccountNobodySpeaksForIt) {
  change_manager([](identity::OrgPolicies& says) {
    says.is_management = false;
    says.has_iam_access = false;
    says.delegated_administrator.clear();
  });
  for_each_call([this](std::string_view name, const auto& request) {
    EXPECT_EQ(outcome_of(request, kManager), kNotAdministrator) << name;
  });
  const auto told = call(DescribeOrganizationRequest(), kDeep);
  ASSERT_EQ(outcome(told), "ok");
  EXPECT_FALSE(told->organization->master_account_id);
}

// Root of an account may do everything that its own policies say; users need a permission.
TEST_F(Organizations, EveryCallNeedsItsOwnPermission) {
  const auto allow = [this](std::string_view action) {
    world_.change_user([action](identity::User& user) {
      user.inline_policies = {{.name = "p", .document = authz::document("Allow", action)}};
    });
  };
  for_each_call([&](std::string_view name, const auto& request) {
    allow("s3:*");
    const std::string refused = outcome(world_.call(AuthzFixture::user(), request));
    EXPECT_TRUE(
        refused.starts_with("AccessDenied: User: arn:aws:iam::111122223333:user/team/alice "
                            "is not authorized to perform: organizations:"))
        << name << ": " << refused;
    EXPECT_NE(refused.find(name), std::string::npos) << refused;
    allow(concat("organizations:", name));
    EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), request)), "ok") << name;
  });
}

TEST_F(Organizations, OfOneThatTheCallerIsNotInNothingIsFound) {
  EXPECT_TRUE(outcome_of(DescribeAccountRequest{.account_id = kDeep}, kStranger)
                  .starts_with("AccountNotFoundException"));
  EXPECT_TRUE(outcome_of(DescribeAccountRequest{.account_id = kStranger})
                  .starts_with("AccountNotFoundException"));
  const auto accounts = call(ListAccountsRequest(), kStranger);
  ASSERT_EQ(accounts->accounts->size(), 1U);
  EXPECT_EQ(accounts->accounts->front().id, kStranger);
}

TEST_F(Organizations, AnIdOfAnotherKindIsNotThere) {
  const Texts none = {"", "ou-ab12-33333333", "p-1234567890", "123"};
  const auto with = [&none](Texts more) {
    more.insert(more.end(), none.begin(), none.end());
    return more;
  };
  for (const std::string& id : with({std::string(kUnit), "r-ab12", "p-FullAWSAccess"})) {
    EXPECT_TRUE(outcome_of(DescribeAccountRequest{.account_id = id})
                    .starts_with("AccountNotFoundException"))
        << id;
    EXPECT_TRUE(outcome_of(ListDelegatedServicesForAccountRequest{.account_id = id})
                    .starts_with("AccountNotFoundException"))
        << id;
  }
  for (const std::string& id : with({kDeep, "r-ab12"})) {
    EXPECT_TRUE(outcome_of(DescribeOrganizationalUnitRequest{.organizational_unit_id = id})
                    .starts_with("OrganizationalUnitNotFoundException"))
        << id;
  }
  for (const std::string& id : with({kDeep, "p-FullAWSAccess"})) {
    EXPECT_TRUE(outcome_of(ListAccountsForParentRequest{.parent_id = id})
                    .starts_with("ParentNotFoundException"))
        << id;
    EXPECT_TRUE(outcome_of(ListChildrenRequest{.parent_id = id, .child_type = "ACCOUNT"})
                    .starts_with("ParentNotFoundException"))
        << id;
    EXPECT_TRUE(outcome_of(ListOrganizationalUnitsForParentRequest{.parent_id = id})
                    .starts_with("ParentNotFoundException"))
        << id;
  }
  for (const std::string& id : with({"r-ab12"})) {
    EXPECT_TRUE(
        outcome_of(ListParentsRequest{.child_id = id}).starts_with("ChildNotFoundException"))
        << id;
  }
  for (const std::string& id : {std::string("p-0000000000"), std::string(kUnit), std::string()}) {
    EXPECT_TRUE(
        outcome_of(DescribePolicyRequest{.policy_id = id}).starts_with("PolicyNotFoundException"))
        << id;
    EXPECT_TRUE(outcome_of(ListTargetsForPolicyRequest{.policy_id = id})
                    .starts_with("PolicyNotFoundException"))
        << id;
  }
  for (const std::string& id : none) {
    EXPECT_TRUE(outcome_of(ListTagsForResourceRequest{.resource_id = id})
                    .starts_with("TargetNotFoundException"))
        << id;
  }
}

// So refusals are the same for what is there and for what is not.
TEST_F(Organizations, WhatIsNotThereIsAskedForAsEverything) {
  EXPECT_EQ(check_of(DescribeAccountRequest{.account_id = kDeep}).resource,
            "arn:aws:organizations::111122223333:account/o-exampleorgid/444455556666");
  EXPECT_EQ(check_of(DescribeAccountRequest{.account_id = kLone}).resource, "*");
  EXPECT_EQ(check_of(DescribeAccountRequest{.account_id = kDeep}, kLone).resource, "*");
  EXPECT_EQ(check_of(ListParentsRequest{.child_id = std::string(kInner)}).resource,
            concat("arn:aws:organizations::111122223333:ou/o-exampleorgid/", kInner));
  EXPECT_EQ(check_of(ListChildrenRequest{.parent_id = "r-ab12", .child_type = "ACCOUNT"}).resource,
            "arn:aws:organizations::111122223333:root/o-exampleorgid/r-ab12");
  EXPECT_EQ(check_of(DescribePolicyRequest{.policy_id = "p-named0001"}).resource, kNamed);
  EXPECT_EQ(check_of(DescribePolicyRequest{.policy_id = "p-FullAWSAccess"}).resource,
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess");
}

TEST_F(Organizations, PoliciesSayTheirTypeToWhoIsAsked) {
  const api::Check described = check_of(DescribePolicyRequest{.policy_id = "p-named0001"});
  ASSERT_EQ(described.context.size(), 1U);
  EXPECT_EQ(described.context[0].key, "organizations:PolicyType");
  EXPECT_EQ(described.context[0].values, Texts{std::string(kScp)});
  EXPECT_TRUE(check_of(DescribePolicyRequest{.policy_id = "p-none"}).context.empty());
  const api::Check listed = check_of(ListPoliciesRequest{.filter = std::string(kRcp)});
  ASSERT_EQ(listed.context.size(), 1U);
  EXPECT_EQ(listed.context[0].values, Texts{std::string(kRcp)});
}

TEST_F(Organizations, IsATreeOfWhatItsAccountsSay) {
  const auto state = world_.snapshot();
  const auto tree = Tree::of(*state, kManager);
  ASSERT_EQ(outcome(tree), "ok");
  EXPECT_EQ(tree->nodes().size(), 6U) << "a root, two units, three accounts";

  const Node* deep = tree->find(kDeep);
  ASSERT_NE(deep, nullptr);
  EXPECT_EQ(deep->parent, kInner);
  EXPECT_EQ(deep->path, concat(kTop, kUnit, "/", kInner, "/", kDeep, "/"));
  EXPECT_EQ(tree->find(kInner)->parent, kUnit);
  EXPECT_EQ(tree->find(kUnit)->parent, "r-ab12");
  EXPECT_EQ(tree->find("r-ab12")->parent, "");
  EXPECT_EQ(tree->find("r-ab12")->kind, NodeKind::Root);
  EXPECT_EQ(tree->find(kStranger), nullptr);

  const PolicyNode* full = tree->find_policy("p-FullAWSAccess");
  ASSERT_NE(full, nullptr);
  EXPECT_TRUE(full->is_aws);
  EXPECT_EQ(full->targets,
            (Texts{"r-ab12", std::string(kUnit), std::string(kInner), kDeep, kDelegate}))
      << "each once, from the root down";
  EXPECT_EQ(tree->find_policy("p-named0001")->targets, Texts{kDeep});
}

TEST_F(Organizations, IdsThatAreMadeHereAreTheSameAtEveryCallAndOfAwsForm) {
  put({.account = kStranger,
       .is_management = true,
       .organization_id = "o-another",
       .scps = {{{denial("mine")}}},
       .rcps = {{{denial("mine")}}}});
  const auto state = world_.snapshot();
  std::set<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    const auto tree = Tree::of(*state, kStranger);
    for (const auto& [id, policy] : tree->policies()) {
      EXPECT_EQ(id.size(), 12U) << id;
      EXPECT_TRUE(id.starts_with("p-"));
      EXPECT_EQ(policy.name, "mine");
      EXPECT_TRUE(policy.arn.starts_with(
          concat("arn:aws:organizations::", kStranger, ":policy/o-another/")))
          << policy.arn;
      ids.insert(id);
    }
    const Node* account = tree->find(kStranger);
    EXPECT_EQ(tree->find(account->parent)->kind, NodeKind::Root) << "made, as it says no path";
    EXPECT_TRUE(account->parent.starts_with("r-")) << account->parent;
    EXPECT_EQ(account->parent.size(), 6U);
  }
  EXPECT_EQ(ids.size(), 2U) << "an SCP and an RCP of one name and text are two";
}

TEST_F(Organizations, OneForBillingAloneHasNoPolicyTypes) {
  change_manager([](identity::OrgPolicies& says) { says.is_billing_only = true; });
  const auto told = call(DescribeOrganizationRequest());
  EXPECT_EQ(told->organization->feature_set, "CONSOLIDATED_BILLING");
  EXPECT_TRUE(told->organization->available_policy_types->empty());
}

TEST_F(Organizations, PoliciesAreThoseOfTheirTarget) {
  const auto of = [this](std::string_view target, std::string_view type) {
    const auto answer = call(ListPoliciesForTargetRequest{.target_id = std::string(target),
                                                          .filter = std::string(type)});
    Texts ids;
    for (const PolicySummary& policy : answer ? *answer->policies : std::vector<PolicySummary>()) {
      ids.push_back(policy.id.value_or(""));
    }
    return ids;
  };
  EXPECT_EQ(of(kDeep, kScp), (Texts{"p-FullAWSAccess", "p-named0001"}));
  EXPECT_EQ(of(kInner, kScp).size(), 2U);
  EXPECT_EQ(of("r-ab12", kScp), Texts{"p-FullAWSAccess"});
  EXPECT_EQ(of("r-ab12", kRcp), Texts{});
  EXPECT_EQ(of(kManager, kScp), Texts{});
  EXPECT_EQ(call(DescribePolicyRequest{.policy_id = "p-named0001"})->policy->content, kDeny);
}

TEST_F(Organizations, DelegatesAreNamedForIamAlone) {
  const auto count = [this](std::optional<std::string> service) {
    return call(ListDelegatedAdministratorsRequest{.service_principal = std::move(service)})
        ->delegated_administrators->size();
  };
  EXPECT_EQ(count(std::nullopt), 1U);
  EXPECT_EQ(count("iam.amazonaws.com"), 1U);
  EXPECT_EQ(count("sso.amazonaws.com"), 0U);
  const auto services = [this](const char* account) {
    return call(ListDelegatedServicesForAccountRequest{.account_id = account})
        ->delegated_services->size();
  };
  EXPECT_EQ(services(kDelegate), 1U);
  EXPECT_EQ(services(kDeep), 0U);
  EXPECT_EQ(call(ListAWSServiceAccessForOrganizationRequest())->enabled_service_principals->size(),
            1U);
  change_manager([](identity::OrgPolicies& says) { says.has_iam_access = false; });
  EXPECT_EQ(call(ListAWSServiceAccessForOrganizationRequest())->enabled_service_principals->size(),
            0U);
}

TEST_F(Organizations, PagesHaveEveryItemOnceInOrder) {
  for (const std::int64_t size : {1, 2, 3, 20}) {
    Texts ids;
    ListAccountsRequest request{.max_results = size};
    for (int pages = 0; pages < 4; ++pages) {
      const auto page = call(request);
      ASSERT_EQ(outcome(page), "ok");
      EXPECT_LE(page->accounts->size(), static_cast<std::size_t>(size));
      for (const Account& account : *page->accounts) {
        ids.push_back(account.id.value_or(""));
      }
      request.next_token = page->next_token;
      if (!request.next_token) {
        break;
      }
    }
    EXPECT_FALSE(request.next_token);
    EXPECT_EQ(ids, (Texts{kManager, kDeep, kDelegate})) << size;
  }
}

TEST_F(Organizations, ATokenIsForItsOwnListAlone) {
  const auto token = call(ListAccountsRequest{.max_results = 1})->next_token;
  ASSERT_TRUE(token);
  constexpr std::string_view kInvalid =
      "ValidationError: You provided a NextToken that is not valid for this list.";
  EXPECT_EQ(outcome_of(ListRootsRequest{.next_token = token}), kInvalid);
  EXPECT_EQ(outcome_of(ListAccountsRequest{.next_token = token}, kStranger), kInvalid)
      << "of another organization";
  const auto of_unit = call(ListChildrenRequest{
      .parent_id = std::string(kUnit), .child_type = "ACCOUNT", .max_results = 1});
  EXPECT_FALSE(of_unit->next_token) << "there is one";
  const std::string list = "ListAccounts/o-exampleorgid/";
  for (const std::string& text : {std::string(),
                                  std::string("x"),
                                  *token + "A",
                                  codec::encode_base64(list),
                                  codec::encode_base64("ListAccounts/o-exampleorgix/\n1"),
                                  codec::encode_base64(list + "\n"),
                                  codec::encode_base64(list + "\n-1"),
                                  codec::encode_base64(list + "\n1x"),
                                  codec::encode_base64(list + "\n99999999999999999999")}) {
    EXPECT_EQ(outcome_of(ListAccountsRequest{.next_token = text}), kInvalid) << text;
  }
  const auto beyond =
      call(ListAccountsRequest{.next_token = codec::encode_base64(list + "\n1000000")});
  ASSERT_EQ(outcome(beyond), "ok");
  EXPECT_TRUE(beyond->accounts->empty()) << "accounts may have gone meanwhile";
  EXPECT_FALSE(beyond->next_token);
}

}  // namespace
}  // namespace signet::organizations
