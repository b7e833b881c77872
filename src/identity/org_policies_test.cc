#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "identity/fixture_for_test.h"
#include "identity/invariants.h"

namespace signet::identity {
namespace {

class OrgPoliciesTest : public testing::Test {
 protected:
  // The transaction's outcome; every index is looked at afterwards.
  std::string apply(const std::function<void(Transaction&)>& change) {
    const auto result =
        fixture_.directory().apply([&change](const Snapshot&, Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    snapshot_ = fixture_.directory().current();
    EXPECT_TRUE(verify_invariants(*snapshot_).empty());
    return result ? "" : result.error().cause;
  }

  void write(const std::function<void(Transaction&)>& change) { ASSERT_EQ(apply(change), ""); }

  std::string refusal(const std::function<void(Transaction&)>& change) {
    const auto before = fixture_.records();
    std::string cause = apply(change);
    EXPECT_EQ(fixture_.records(), before);
    return cause;
  }

  Fixture fixture_;
  std::shared_ptr<const Snapshot> snapshot_;
};

OrgPolicies make_org(std::vector<OrgLevel> scps) {
  OrgPolicies org;
  org.account = kAccount;
  org.organization_id = "o-1";
  org.path = "o-1/r-1/";
  org.scps = std::move(scps);
  return org;
}

TEST_F(OrgPoliciesTest, OrganizationPoliciesAreKeptPerAccountAndReloaded) {
  write([](Transaction& t) {
    t.put(make_account(kOtherAccount));
    t.put(make_org({OrgLevel{{{"a", make_document(kAllow)}}}, OrgLevel{}}));
  });
  fixture_.reopen();
  snapshot_ = fixture_.directory().current();

  const OrgPolicies* org = snapshot_->find<OrgPolicies>(kAccount);
  ASSERT_NE(org, nullptr);
  ASSERT_EQ(org->scps.size(), 2u);
  EXPECT_EQ(org->scps[0].policies.at(0).document->text(), kAllow);
  EXPECT_TRUE(org->scps[1].policies.empty());
  EXPECT_EQ(snapshot_->find<OrgPolicies>(kOtherAccount), nullptr);
  EXPECT_EQ(snapshot_->find<OrgPolicies>("999999999999"), nullptr);

  write([](Transaction& t) { t.erase<OrgPolicies>(kAccount); });
  EXPECT_EQ(snapshot_->find<OrgPolicies>(kAccount), nullptr);
}

TEST_F(OrgPoliciesTest, RefusesOrganizationPoliciesThatSayNothingClear) {
  const auto put = [this](OrgPolicies org) {
    return refusal([&org](Transaction& t) { t.put(org); });
  };
  OrgPolicies stranger = make_org({});
  stranger.account = kOtherAccount;
  OrgPolicies no_slash = make_org({});
  no_slash.path = "o-1/r-1";

  EXPECT_NE(put(stranger), "") << "its account does not exist";
  EXPECT_NE(put(no_slash), "") << "the path does not end in '/'";
  EXPECT_NE(put(make_org({OrgLevel{{{"a", nullptr}}}})), "") << "a policy without document";
  EXPECT_NE(refusal([](Transaction& t) { t.erase<OrgPolicies>(kAccount); }), "");
}

}  // namespace
}  // namespace signet::identity
