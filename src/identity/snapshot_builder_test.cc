#include "identity/snapshot_builder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "identity/fixture_for_test.h"
#include "identity/invariants.h"

namespace signet::identity {
namespace {

std::vector<AnyRecord> some_records() {
  std::vector<AnyRecord> records;
  Account account = make_account(kAccount);
  account.alias = "alias";
  records.emplace_back(std::move(account));
  records.emplace_back(make_account(kOtherAccount));
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    records.emplace_back(make_role("AROA" + n, "Role" + n));
    User user = make_user("AIDA" + n, "user" + n);
    user.group_ids = {"AGPA" + std::to_string(i % 3)};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P" + std::to_string(i % 2)};
    user.boundary = i % 5 == 0 ? "arn:aws:iam::111122223333:policy/P0" : "";
    records.emplace_back(std::move(user));
    records.emplace_back(make_key("AKIA" + n, "AIDA" + n));
    records.emplace_back(make_bucket("bucket" + n));
    records.emplace_back(make_provider("Issuer" + n + ".example.com"));
    records.emplace_back(make_saml_provider("Idp" + n));
    records.emplace_back(make_delegation("request" + n, i % 2 == 0 ? "" : "owner"));
    records.emplace_back(make_notification("note" + n));
    records.emplace_back(make_trust_anchor("anchor" + n, "alias" + n));
    records.emplace_back(make_anywhere_profile("anywhere" + n));
    records.emplace_back(make_revocation_list("crl" + n, "anchor" + n));
    records.emplace_back(make_anywhere_subject("subject" + n, "CN=" + n));
    records.emplace_back(make_server_certificate("ASCA" + n, "Cert" + n));
    records.emplace_back(make_signing_certificate("CERT" + n, i % 2 == 0 ? "" : "AIDA" + n));
    records.emplace_back(make_service_credential("ACCA" + n, "AIDA" + n, "Name" + n));
    MfaDevice device = make_device("device" + n);
    device.is_assigned = i % 2 == 0;
    records.emplace_back(std::move(device));
    records.emplace_back(make_profile("AIPA" + n, "profile" + n, i % 2 == 0 ? "" : "AROA" + n));
  }
  records.emplace_back(make_credential_report(""));
  OrgPolicies org;
  org.account = kAccount;
  org.scps.emplace_back();
  records.emplace_back(std::move(org));
  records.emplace_back(make_issuer("issuer"));
  records.emplace_back(make_issuer_key("RSA_0"));
  records.emplace_back(make_issuer_key("EC384_0"));
  for (int i = 0; i < 3; ++i) {
    records.emplace_back(make_group("AGPA" + std::to_string(i), "Group" + std::to_string(i)));
    records.emplace_back(make_policy("ANPA" + std::to_string(i), "P" + std::to_string(i)));
    records.emplace_back(LastUsed{.account = kAccount,
                                  .id = "AROA" + std::to_string(i),
                                  .at = Instant{1},
                                  .region = "r",
                                  .service = "s"});
    records.emplace_back(make_last_access("AROA" + std::to_string(i), "s3", Instant{1}));
    records.emplace_back(make_deletion_task("task/" + std::to_string(i)));
    records.emplace_back(make_report("report" + std::to_string(i)));
    records.emplace_back(Ticket{.kind = TicketKind::SpentToken,
                                .id_hash = std::string(1, static_cast<char>('a' + i)),
                                .account = kAccount,
                                .expires = Instant{5 - i},
                                .data = nullptr});
    records.emplace_back(SealingKey{.id = static_cast<std::uint32_t>(i),
                                    .bytes = make_shared_secret("b"),
                                    .not_before = Instant{},
                                    .not_after = Instant{}});
  }
  return records;
}

Result<Snapshot> build(std::vector<AnyRecord> records) {
  SnapshotBuilder builder(nullptr);
  for (AnyRecord& record : records) {
    TRY_STATUS(builder.add(std::move(record)));
  }
  return builder.build();
}

TEST(SnapshotBuilder, BuildsEveryIndexWhateverTheOrder) {
  for (const bool is_reversed : {false, true}) {
    std::vector<AnyRecord> records = some_records();
    if (is_reversed) {
      std::reverse(records.begin(), records.end());
    }

    const Result<Snapshot> snapshot = build(std::move(records));

    ASSERT_TRUE(snapshot.has_value()) << snapshot.error().cause;
    const std::vector<std::string> defects = verify_invariants(*snapshot);
    EXPECT_TRUE(defects.empty()) << defects.front();
    EXPECT_EQ(snapshot->table<Role>(kAccount).size(), 300u);
    EXPECT_EQ(snapshot->index<DevicesOfOwner>(kAccount).size(), 150u);
    EXPECT_EQ(snapshot->find<User>(kAccount, "USER299")->id, "AIDA299");
    EXPECT_EQ(snapshot->find_account_by_alias("alias")->id, kAccount);
    EXPECT_EQ(snapshot->members_of(*snapshot->find<Group>(kAccount, "group1")).size(), 100u);
    EXPECT_EQ(snapshot->policy_use(kAccount, "arn:aws:iam::111122223333:policy/P0").attachments,
              150u);
    EXPECT_EQ(snapshot->policy_use(kAccount, "arn:aws:iam::111122223333:policy/P0").boundaries,
              60u);
    EXPECT_EQ(snapshot->expired_tickets(Instant{5}, 9).front()->id_hash, "c");
    EXPECT_EQ(snapshot->sealing_keys().size(), 3u);
    EXPECT_EQ(snapshot->find<ServerCertificate>(kAccount, "cert299")->id, "ASCA299");
    EXPECT_EQ(snapshot->signing_certificates_of(kAccount, kAccount).size(), 150u);
    EXPECT_EQ(snapshot->service_credentials_of(kAccount, "AIDA7").size(), 1u);
    EXPECT_EQ(snapshot->pending_credential_reports().size(), 1u);
    ASSERT_NE(snapshot->find<OrgPolicies>(kAccount), nullptr);
    EXPECT_EQ(snapshot->find<OrgPolicies>(kAccount)->scps.size(), 1u);
    ASSERT_NE(snapshot->find_issuer("issuer"), nullptr);
    EXPECT_EQ(snapshot->find_issuer("issuer"), snapshot->find<WebIdentityIssuer>(kAccount));
    EXPECT_EQ(snapshot->find_issuer("another"), nullptr);
    EXPECT_EQ(snapshot->issuers().size(), 1u);
    EXPECT_EQ(snapshot->table<IssuerKey>(kAccount).size(), 2u);
  }
}

TEST(SnapshotBuilder, OfNothingIsEmpty) {
  const Result<Snapshot> snapshot = build({});

  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ(snapshot->account_count(), 0u);
  EXPECT_TRUE(verify_invariants(*snapshot).empty());
}

TEST(SnapshotBuilder, RefusesWhatContradicts) {
  struct Case {
    const char* name;
    AnyRecord extra;
  };

  Account same_alias = make_account("999999999999");
  same_alias.alias = "alias";
  Account same_canonical = make_account("999999999999");
  same_canonical.canonical_user_id = "canonical-111122223333";
  User stranger = make_user("AIDA-x", "x");
  stranger.account = "999999999999";
  Bucket same_bucket = make_bucket("bucket1");
  same_bucket.account = kOtherAccount;
  Role no_trust = make_role("AROA-x", "x");
  no_trust.trust_policy = nullptr;
  for (Case& c : std::vector<Case>{{"same name", make_user("AIDA-x", "USER1")},
                                   {"same id", make_user("AROA1", "x")},
                                   {"same alias", same_alias},
                                   {"same canonical id", same_canonical},
                                   {"missing account", stranger},
                                   {"same bucket", same_bucket},
                                   {"same key", make_key("AKIA1", "")},
                                   {"same provider", make_provider("Issuer1.example.com")},
                                   {"same SAML provider", make_saml_provider("Idp1")},
                                   {"invalid in itself", no_trust}}) {
    std::vector<AnyRecord> records = some_records();
    records.push_back(std::move(c.extra));

    EXPECT_FALSE(build(std::move(records)).has_value()) << c.name;
  }
}

}  // namespace
}  // namespace signet::identity
