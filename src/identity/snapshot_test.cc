#include "identity/snapshot.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "identity/invariants.h"
#include "identity/principals.h"
#include "identity/writing_fixture_for_test.h"

namespace signet::identity {
namespace {

class SnapshotTest : public testing::Test, public WritingFixture {
 protected:
  void TearDown() override { EXPECT_EQ(problems_, ""); }
};

TEST_F(SnapshotTest, FindsUsersWhateverTheCaseButArnsExactly) {
  write([](Transaction& t) {
    User user = make_user("AIDA1", "Alice");
    user.path = "/team/a/";
    t.put(std::move(user));
  });

  ASSERT_NE(snapshot_->find<User>(kAccount, "aLICE"), nullptr);
  EXPECT_EQ(snapshot_->find<User>(kAccount, "alice")->name, "Alice");
  EXPECT_EQ(snapshot_->find<User>("AIDA1")->name, "Alice");
  EXPECT_NE(snapshot_->find_by_arn<User>("arn:aws:iam::111122223333:user/team/a/Alice"), nullptr);
  for (const char* arn : {"arn:aws:iam::111122223333:user/team/a/alice",
                          "arn:aws:iam::111122223333:user/Alice",
                          "arn:aws:iam::111122223333:user/team/A/Alice",
                          "arn:aws:iam::444455556666:user/team/a/Alice",
                          "arn:aws:iam::111122223333:role/team/a/Alice",
                          "arn:aws:iam::111122223333:user",
                          "arn:aws:iam::111122223333:user/",
                          "arn:aws:iam::111122223333:userteam/a/Alice",
                          "arn:aws:iam:us-east-1:111122223333:user/team/a/Alice",
                          "arn:aws-cn:iam::111122223333:user/team/a/Alice",
                          "arn:aws:sts::111122223333:user/team/a/Alice",
                          ""}) {
    EXPECT_EQ(snapshot_->find_by_arn<User>(arn), nullptr) << arn;
  }
  EXPECT_EQ(snapshot_->find<User>(kOtherAccount, "Alice"), nullptr);
  EXPECT_EQ(snapshot_->find<User>("aida1"), nullptr);
  EXPECT_EQ(snapshot_->find<Role>("AIDA1"), nullptr);
}

TEST_F(SnapshotTest, KeepsACertificateOnceInEveryAccount) {
  write([](Transaction& t) {
    t.put(make_account(kOtherAccount));
    t.put(make_user("AIDA1", "alice"));
    t.put(make_signing_certificate("CERT", "AIDA1"));
    SigningCertificate of_root = make_signing_certificate("CERT", "");
    of_root.account = kOtherAccount;
    t.put(std::move(of_root));
  });

  EXPECT_EQ(snapshot_->find<SigningCertificate>({kAccount, "CERT"})->user_id, "AIDA1");
  EXPECT_EQ(snapshot_->find<SigningCertificate>({kOtherAccount, "CERT"})->user_id, "");
  EXPECT_EQ(snapshot_->find<SigningCertificate>({kAccount, "cert"}), nullptr);
  EXPECT_EQ(snapshot_->signing_certificates_of(kAccount, "AIDA1").size(), 1u);
  EXPECT_TRUE(snapshot_->signing_certificates_of(kAccount, kAccount).empty());
  EXPECT_EQ(snapshot_->signing_certificates_of(kOtherAccount, kOtherAccount).size(), 1u);
}

TEST_F(SnapshotTest, FindsServiceCredentialsByUserAndByTheirNameAtTheService) {
  write([](Transaction& t) {
    t.put(make_user("AIDA1", "alice"));
    t.put(make_service_credential("ACCA1", "AIDA1", "Alice-at-1"));
    ServiceCredential other = make_service_credential("ACCA2", "AIDA1", "Alice-at-1");
    other.service = "cassandra.amazonaws.com";
    t.put(std::move(other));
  });

  EXPECT_EQ(snapshot_->service_credentials_of(kAccount, "AIDA1").size(), 2u);
  EXPECT_TRUE(snapshot_->service_credentials_of(kAccount, "AIDA").empty());
  const auto* found =
      snapshot_->find_service_credential(kAccount, "codecommit.amazonaws.com", "alice-AT-1");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, "ACCA1");
  EXPECT_EQ(snapshot_->find_service_credential(kAccount, "bedrock.amazonaws.com", "alice-at-1"),
            nullptr);
}

TEST_F(SnapshotTest, ListsTheCredentialReportsThatAreStillToBeMade) {
  write([](Transaction& t) { t.put(make_credential_report("")); });
  ASSERT_EQ(snapshot_->pending_credential_reports().size(), 1u);
  EXPECT_EQ(snapshot_->pending_credential_reports().front()->account, kAccount);

  write([](Transaction& t) { t.put(make_credential_report("content")); });
  EXPECT_TRUE(snapshot_->pending_credential_reports().empty());
  EXPECT_EQ(snapshot_->find<CredentialReport>(kAccount)->content, "content");
}

TEST_F(SnapshotTest, FindsProvidersByTheCaseAndPathOfTheirUrl) {
  write([](Transaction& t) {
    t.put(make_provider("Issuer.example.com/a/b"));
    t.put(make_provider("issuer.example.com/a/b"));
  });
  const std::string arn = "arn:aws:iam::111122223333:oidc-provider/";

  EXPECT_EQ(snapshot_->table<OidcProvider>(kAccount).size(), 2u);
  for (const char* name : {"Issuer.example.com/a/b", "issuer.example.com/a/b"}) {
    ASSERT_NE(snapshot_->find<OidcProvider>(kAccount, name), nullptr) << name;
    EXPECT_EQ(snapshot_->find<OidcProvider>(arn + name)->name, name);
  }
  for (const char* name : {"ISSUER.example.com/a/b", "issuer.example.com/a", "b", ""}) {
    EXPECT_EQ(snapshot_->find<OidcProvider>(kAccount, name), nullptr) << name;
    EXPECT_EQ(snapshot_->find_by_arn<OidcProvider>(arn + name), nullptr) << name;
  }
  EXPECT_EQ(snapshot_->find<OidcProvider>(kOtherAccount, "issuer.example.com/a/b"), nullptr);
}

TEST_F(SnapshotTest, GroupMembersComeInNameOrderAndByPages) {
  write([](Transaction& t) {
    t.put(make_group("AGPA1", "devs"));
    t.put(make_group("AGPA2", "ops"));
    for (const char* name : {"delta", "Alpha", "charlie", "Bravo"}) {
      User user = make_user(std::string("AIDA-") + name, name);
      user.group_ids = {"AGPA1", "AGPA2"};
      t.put(std::move(user));
    }
    t.remove_from_group("AIDA-charlie", "AGPA2");
    t.remove_from_group("AIDA-charlie", "AGPA2");
    t.add_to_group("AIDA-delta", "AGPA1");
  });

  const auto names = [](const std::vector<const User*>& users) {
    std::vector<std::string> out;
    for (const User* user : users) {
      out.push_back(user->name);
    }
    return out;
  };
  const Group& devs = *snapshot_->find<Group>(kAccount, "devs");
  const Group& ops = *snapshot_->find<Group>(kAccount, "OPS");
  EXPECT_EQ(names(snapshot_->members_of(devs)),
            (std::vector<std::string>{"Alpha", "Bravo", "charlie", "delta"}));
  EXPECT_EQ(names(snapshot_->members_of(ops)),
            (std::vector<std::string>{"Alpha", "Bravo", "delta"}));
  EXPECT_EQ(names(snapshot_->members_of(devs, "", 2)),
            (std::vector<std::string>{"Alpha", "Bravo"}));
  EXPECT_EQ(names(snapshot_->members_of(devs, "bravo", 9)),
            (std::vector<std::string>{"charlie", "delta"}));
  EXPECT_EQ(names(snapshot_->members_of(devs, "bz", 9)),
            (std::vector<std::string>{"charlie", "delta"}));
  EXPECT_TRUE(snapshot_->members_of(devs, "delta").empty());
}

TEST_F(SnapshotTest, CountsAttachmentsAndBoundariesPerPolicy) {
  const std::string arn = "arn:aws:iam::111122223333:policy/P";
  const std::string admin = "arn:aws:iam::aws:policy/AdministratorAccess";
  write([&](Transaction& t) {
    t.put(make_policy("ANPA1", "P"));
    User user = make_user("AIDA1", "u");
    user.attached_policies = {arn, admin, arn};
    t.put(std::move(user));
    Group group = make_group("AGPA1", "g");
    group.attached_policies = {arn};
    t.put(std::move(group));
    Role role = make_role("AROA1", "r");
    role.attached_policies = {admin};
    role.boundary = arn;
    t.put(std::move(role));
  });

  EXPECT_EQ(snapshot_->policy_use(kAccount, arn).attachments, 2u);
  EXPECT_EQ(snapshot_->policy_use(kAccount, arn).boundaries, 1u);
  EXPECT_EQ(snapshot_->policy_use(kAccount, admin).attachments, 2u);
  EXPECT_EQ(snapshot_->policy_use(kOtherAccount, admin).attachments, 0u);
  const auto entities = snapshot_->entities_for_policy(kAccount, arn);
  ASSERT_EQ(entities.size(), 3u);
  EXPECT_EQ(entities[0].type, PrincipalType::User);
  EXPECT_EQ(entities[1].type, PrincipalType::Group);
  EXPECT_EQ(entities[2].type, PrincipalType::Role);
  EXPECT_TRUE(entities[2].is_boundary);

  write([&](Transaction& t) {
    User user = *t.view().find<User>(kAccount, "u");
    user.attached_policies.clear();
    t.put(std::move(user));
    t.erase<Group>("AGPA1");
    t.erase<Role>("AROA1");
    t.erase<ManagedPolicy>("ANPA1");
  });

  EXPECT_EQ(snapshot_->policy_use(kAccount, arn).attachments, 0u);
  EXPECT_EQ(snapshot_->find_by_arn<ManagedPolicy>(arn), nullptr);
}

TEST_F(SnapshotTest, FindsPoliciesOfAwsThroughTheCatalogue) {
  write([](Transaction&) {});
  const ManagedPolicy* admin =
      snapshot_->find_by_arn<ManagedPolicy>("arn:aws:iam::aws:policy/AdministratorAccess");

  ASSERT_NE(admin, nullptr);
  EXPECT_NE(admin->default_document()->policy(), nullptr);
  EXPECT_EQ(snapshot_->find_by_arn<ManagedPolicy>("arn:aws:iam::aws:policy/administratoraccess"),
            nullptr);
  EXPECT_EQ(
      snapshot_->find_by_arn<ManagedPolicy>("arn:aws:iam::111122223333:policy/AdministratorAccess"),
      nullptr);
}

TEST_F(SnapshotTest, PoliciesOfAUserIncludeThoseOfGroupsAndMissingOnes) {
  write([](Transaction& t) {
    Group group = make_group("AGPA1", "devs");
    group.inline_policies = {{"gi", make_document(kAllow)}};
    group.attached_policies = {"arn:aws:iam::aws:policy/AdministratorAccess"};
    t.put(std::move(group));
    User user = make_user("AIDA1", "alice");
    user.inline_policies = {{"z", make_document(kAllow)}, {"a", make_document(kAllow)}};
    user.attached_policies = {"arn:aws:iam::aws:policy/Unknown"};
    user.group_ids = {"AGPA1"};
    t.put(std::move(user));
  });

  const auto policies = snapshot_->policies_of(*snapshot_->find<User>(kAccount, "alice"));

  ASSERT_EQ(policies.size(), 5u);
  EXPECT_EQ(policies[0].id, "a");
  EXPECT_EQ(policies[1].id, "z");
  EXPECT_EQ(policies[2].id, "arn:aws:iam::aws:policy/Unknown");
  EXPECT_EQ(policies[2].document, nullptr);
  EXPECT_EQ(policies[3].group->name, "devs");
  EXPECT_EQ(policies[4].source, AppliedPolicy::Source::GroupAttached);
  EXPECT_NE(policies[4].document, nullptr);
}

TEST_F(SnapshotTest, EqualDocumentsAreOneObjectParsedOnce) {
  write([](Transaction& t) {
    t.put(make_role("AROA1", "one"));
    t.put(make_role("AROA2", "two"));
  });

  const Role* one = snapshot_->find<Role>(kAccount, "one");
  const Role* two = snapshot_->find<Role>(kAccount, "two");
  EXPECT_EQ(one->trust_policy, two->trust_policy);
  EXPECT_EQ(&one->trust_policy->policy(), &two->trust_policy->policy());
  EXPECT_NE(one->trust_policy->policy(), nullptr);
}

TEST_F(SnapshotTest, EqualListsOfEntitiesAreOneObject) {
  const auto make = [](std::string_view id, std::string_view name) {
    Role role = make_role(std::string(id), std::string(name));
    role.tags = {{"team", "red"}};
    role.attached_policies = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
    return role;
  };
  write([&](Transaction& t) {
    t.put(make("AROA1", "one"));
    t.put(make("AROA2", "two"));
  });

  const Role* one = snapshot_->find<Role>(kAccount, "one");
  const Role* two = snapshot_->find<Role>(kAccount, "two");
  EXPECT_EQ(&*one->tags, &*two->tags);
  EXPECT_EQ(&*one->attached_policies, &*two->attached_policies);
}

// Keys of tables view the entities: those of the older one must go with it.
TEST_F(SnapshotTest, AReplacedRoleIsFoundByItsNewSpelling) {
  const std::string policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const auto make = [&](std::string_view name) {
    Role role = make_role("AROA1", std::string(name));
    role.attached_policies = {policy};
    return role;
  };
  write([&](Transaction& t) { t.put(make("a-name-that-is-longer-than-others")); });
  const std::shared_ptr<const Snapshot> before = snapshot_;
  write([&](Transaction& t) { t.put(make("A-Name-That-Is-Longer-Than-Others")); });

  EXPECT_EQ(snapshot_->find<Role>(kAccount, "a-name-that-is-longer-than-OTHERS")->name,
            "A-Name-That-Is-Longer-Than-Others");
  ASSERT_EQ(snapshot_->entities_for_policy(kAccount, policy).size(), 1u);
  EXPECT_EQ(snapshot_->entities_for_policy(kAccount, policy).front().role->name,
            "A-Name-That-Is-Longer-Than-Others");
  EXPECT_EQ(snapshot_->policy_use(kAccount, policy).attachments, 1u);
  EXPECT_EQ(before->entities_for_policy(kAccount, policy).front().role->name,
            "a-name-that-is-longer-than-others");
  EXPECT_EQ(verify_invariants(*snapshot_), std::vector<std::string>());
}

TEST_F(SnapshotTest, ATextThatIsNoPolicyHasNoCompiledForm) {
  EXPECT_EQ(make_document("{}")->policy(), nullptr);
  EXPECT_EQ(make_document("not json")->policy(), nullptr);
}

TEST_F(SnapshotTest, AccessKeysBelongToUsersOrRoot) {
  write([](Transaction& t) {
    t.put(make_user("AIDA1", "alice"));
    t.put(make_key("AKIAUSER1", "AIDA1"));
    t.put(make_key("AKIAUSER2", "AIDA1"));
    t.put(make_key("AKIAROOT", ""));
  });

  EXPECT_EQ(snapshot_->access_keys_of(kAccount, "AIDA1").size(), 2u);
  ASSERT_EQ(snapshot_->access_keys_of(kAccount, kAccount).size(), 1u);
  EXPECT_TRUE(snapshot_->find<AccessKey>("AKIAROOT")->is_root());
  EXPECT_EQ(snapshot_->find<AccessKey>("akiaroot"), nullptr);
  EXPECT_EQ(snapshot_->find<AccessKey>(""), nullptr);

  write([](Transaction& t) {
    AccessKey key = *t.view().find<AccessKey>("AKIAUSER1");
    key.status = KeyStatus::Inactive;
    t.put(std::move(key));
    t.put(LastUsed{.account = kAccount,
                   .id = "AKIAUSER2",
                   .at = Instant{5},
                   .region = "us-east-1",
                   .service = "iam"});
    t.put(make_last_access("AKIAUSER2", "s3", Instant{5}));
    t.erase<AccessKey>("AKIAUSER2");
  });

  EXPECT_EQ(snapshot_->find<AccessKey>("AKIAUSER1")->status, KeyStatus::Inactive);
  EXPECT_EQ(snapshot_->find<AccessKey>("AKIAUSER1")->secret->reveal(secret_access()),
            "secret-of-AKIAUSER1");
  EXPECT_EQ(snapshot_->access_keys_of(kAccount, "AIDA1").size(), 1u);
  EXPECT_EQ(snapshot_->find<LastUsed>("AKIAUSER2"), nullptr);
  EXPECT_EQ(snapshot_->find<LastAccess>("AKIAUSER2"), nullptr);
}

TEST_F(SnapshotTest, MfaDevicesAreFoundBySerialAndOwner) {
  write([](Transaction& t) {
    t.put(make_user("AIDA1", "alice"));
    MfaDevice device = make_device("Phone");
    device.path = "/x/";
    t.put(device);
    device.is_assigned = true;
    device.user_id = "AIDA1";
    t.put(std::move(device));
    MfaDevice root = make_device("root-phone");
    root.is_assigned = true;
    t.put(std::move(root));
    t.put(make_device("spare"));
  });

  EXPECT_NE(snapshot_->find<MfaDevice>("arn:aws:iam::111122223333:mfa/x/Phone"), nullptr);
  EXPECT_EQ(snapshot_->find<MfaDevice>("arn:aws:iam::111122223333:mfa/Phone"), nullptr);
  EXPECT_EQ(snapshot_->mfa_devices_of(kAccount, "AIDA1").size(), 1u);
  EXPECT_EQ(snapshot_->mfa_devices_of(kAccount, kAccount).size(), 1u);
  EXPECT_EQ(snapshot_->table<MfaDevice>(kAccount).size(), 3u);
  EXPECT_EQ(snapshot_->index<DevicesOfOwner>(kAccount).size(), 2u);

  write([](Transaction& t) {
    MfaDevice device = *t.view().find<MfaDevice>(kAccount, "x/phone");
    device.is_assigned = false;
    device.user_id.clear();
    t.put(std::move(device));
    t.erase<User>("AIDA1");
  });

  EXPECT_EQ(snapshot_->index<DevicesOfOwner>(kAccount).size(), 1u);
}

TEST_F(SnapshotTest, TicketsExpireInOrderAndArePutAgainUnderAnotherTime) {
  const auto ticket = [](TicketKind kind, std::string hash, std::int64_t expires) {
    return Ticket{.kind = kind,
                  .id_hash = std::move(hash),
                  .account = kAccount,
                  .expires = Instant{expires},
                  .data = make_shared_secret("data")};
  };
  write([&](Transaction& t) {
    t.put(ticket(TicketKind::SigninToken, std::string("\0h1", 3), 300));
    t.put(ticket(TicketKind::ConsoleSession, std::string("\0h1", 3), -5));
    t.put(ticket(TicketKind::SigninToken, "h2", 100));
    t.put(ticket(TicketKind::SigninToken, "h3", 50));
    t.put(ticket(TicketKind::SigninToken, "h3", 400));
  });

  EXPECT_EQ(snapshot_->ticket_count("111122223333"), 0U) << "these have no holder";
  const auto expired = snapshot_->expired_tickets(Instant{301}, 10);
  ASSERT_EQ(expired.size(), 3u);
  EXPECT_EQ(expired[0]->kind, TicketKind::ConsoleSession);
  EXPECT_EQ(expired[1]->id_hash, "h2");
  EXPECT_EQ(snapshot_->expired_tickets(Instant{301}, 1).size(), 1u);
  EXPECT_TRUE(snapshot_->expired_tickets(Instant{-5}, 10).empty());
  EXPECT_EQ(snapshot_->find<Ticket>({TicketKind::SpentToken, "h2"}), nullptr);

  write([](Transaction& t) { t.erase<Ticket>({TicketKind::SigninToken, "h2"}); });

  EXPECT_EQ(snapshot_->find<Ticket>({TicketKind::SigninToken, "h2"}), nullptr);
  EXPECT_NE(snapshot_->find<Ticket>({TicketKind::SigninToken, "h3"}), nullptr);
}

TEST_F(SnapshotTest, SessionsAreFoundByOwnerIdAndOrigin) {
  const auto session =
      [](std::string id, std::string owner, std::int64_t issued, std::string origin) {
        return Ticket{.kind = TicketKind::ConsoleSession,
                      .id_hash = "hash of " + id,
                      .account = std::string(kAccount),
                      .expires = Instant::from_seconds(1000),
                      .data = make_shared_secret("{}"),
                      .session = SignInSession{.id = std::move(id),
                                               .owner = std::move(owner),
                                               .issued = Instant::from_seconds(issued),
                                               .origin = std::move(origin)}};
      };
  write([&](Transaction& t) {
    t.put(session("late", "AIDA1", 20, ""));
    t.put(session("early", "AIDA1", 10, "late"));
    t.put(session("other", "AIDA2", 5, ""));
  });
  const auto ids = [](const std::vector<const Ticket*>& tickets) {
    std::string all;
    for (const Ticket* ticket : tickets) {
      all += ticket->session->id + " ";
    }
    return all;
  };
  EXPECT_EQ(ids(snapshot_->sessions_of(kAccount, "AIDA1")), "early late ");
  EXPECT_EQ(ids(snapshot_->sessions_of(kAccount, "")), "early late other ");
  EXPECT_EQ(ids(snapshot_->sessions_of(kAccount, "AIDA")), "") << "no part of an id";
  EXPECT_EQ(ids(snapshot_->sessions_of(kOtherAccount, "")), "");
  EXPECT_EQ(ids(snapshot_->sessions_from("late")), "early ");
  EXPECT_EQ(ids(snapshot_->sessions_from("")), "");
  ASSERT_NE(snapshot_->find_session(kAccount, "late"), nullptr);
  EXPECT_EQ(snapshot_->find_session(kOtherAccount, "late"), nullptr);
  write([](Transaction& t) { t.erase<Ticket>({TicketKind::ConsoleSession, "hash of late"}); });
  EXPECT_EQ(snapshot_->find_session(kAccount, "late"), nullptr);
}

TEST_F(SnapshotTest, TicketsAreCountedByAccountAndHolder) {
  const auto ticket = [](std::string hash, std::string holder) {
    return Ticket{.kind = TicketKind::SigninToken,
                  .id_hash = std::move(hash),
                  .account = kAccount,
                  .expires = Instant{100},
                  .data = make_shared_secret("data"),
                  .holder = std::move(holder)};
  };
  write([&](Transaction& t) {
    t.put(ticket("h1", "ASIA1"));
    t.put(ticket("h2", "ASIA1"));
    t.put(ticket("h3", "ASIA2"));
    t.put(ticket("h4", ""));
  });
  EXPECT_EQ(snapshot_->ticket_count(kAccount), 3u) << "one has no holder";
  EXPECT_EQ(snapshot_->ticket_count(kAccount, "ASIA1"), 2u);
  EXPECT_EQ(snapshot_->ticket_count(kAccount, "ASIA3"), 0u);
  EXPECT_EQ(snapshot_->ticket_count("999999999999", "ASIA1"), 0u);
  ASSERT_EQ(snapshot_->tickets_of(kAccount, "ASIA1", 9).size(), 2u);
  EXPECT_EQ(snapshot_->tickets_of(kAccount, "ASIA1", 1).front()->id_hash, "h1");
  EXPECT_TRUE(snapshot_->tickets_of(kAccount, "ASIA", 9).empty()) << "whole holders";
  EXPECT_TRUE(snapshot_->tickets_of("999999999999", "ASIA1", 9).empty());

  write([&](Transaction& t) {
    t.put(ticket("h2", "ASIA2"));
    t.erase<Ticket>({TicketKind::SigninToken, "h3"});
  });
  EXPECT_EQ(snapshot_->ticket_count(kAccount), 2u);
  EXPECT_EQ(snapshot_->ticket_count(kAccount, "ASIA1"), 1u);
  EXPECT_EQ(snapshot_->ticket_count(kAccount, "ASIA2"), 1u);
}

TEST_F(SnapshotTest, CountsWhatQuotasAskFor) {
  write([](Transaction& t) {
    t.put(make_user("AIDA1", "u"));
    t.put(make_group("AGPA1", "g"));
    t.put(make_role("AROA1", "r"));
    t.put(make_profile("AIPA1", "i", "AROA1"));
    t.put(make_bucket("b1"));
    t.put(make_bucket("b2"));
    ManagedPolicy policy = make_policy("ANPA1", "P");
    policy.versions.push_back(
        {.number = 3, .document = make_document(kAllow), .created = Instant{}});
    policy.next_version = 4;
    t.put(std::move(policy));
    t.put(make_policy("ANPA2", "Q"));
  });

  EXPECT_EQ(snapshot_->table<User>(kAccount).size(), 1u);
  EXPECT_EQ(snapshot_->table<Group>(kAccount).size(), 1u);
  EXPECT_EQ(snapshot_->table<Role>(kAccount).size(), 1u);
  EXPECT_EQ(snapshot_->table<InstanceProfile>(kAccount).size(), 1u);
  EXPECT_EQ(snapshot_->table<Bucket>(kAccount).size(), 2u);
  EXPECT_EQ(snapshot_->table<ManagedPolicy>(kAccount).size(), 2u);
  EXPECT_EQ(snapshot_->parts<ManagedPolicy>(kAccount), 3u);
  EXPECT_EQ(snapshot_->table<User>(kOtherAccount).size(), 0u);
  EXPECT_EQ(snapshot_->instance_profiles_of(*snapshot_->find<Role>(kAccount, "r")).size(), 1u);
}

TEST_F(SnapshotTest, AnswersWhoPrincipalsAre) {
  write([](Transaction& t) {
    t.put(make_user("AIDA1", "alice"));
    Role role = make_role("AROA1", "Reader");
    role.path = "/p/";
    t.put(std::move(role));
  });
  const SnapshotPrincipals principals(*snapshot_);

  EXPECT_EQ(principals.id_of("arn:aws:iam::111122223333:user/alice"), "AIDA1");
  EXPECT_EQ(principals.id_of("arn:aws:iam::111122223333:role/p/Reader"), "AROA1");
  EXPECT_EQ(principals.arn_of("AROA1"), "arn:aws:iam::111122223333:role/p/Reader");
  EXPECT_EQ(principals.role_id_of(kAccount, "Reader"), "AROA1");
  EXPECT_TRUE(principals.has_account(kAccount));
  EXPECT_FALSE(principals.id_of("arn:aws:iam::111122223333:role/Reader").has_value());
  EXPECT_FALSE(principals.arn_of("AROA2").has_value());
  EXPECT_FALSE(principals.role_id_of(kAccount, "reader").has_value());
  EXPECT_FALSE(principals.has_account(kOtherAccount));
}

}  // namespace
}  // namespace signet::identity
