#include "iam/credential_report.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "codec/time.h"
#include "crypto/certificates_for_test.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

class CredentialReports : public ::testing::Test {
 protected:
  // The rows of a report that is made now.
  std::vector<std::string> rows() {
    const auto snapshot = world_.snapshot();
    std::string_view rest = text_ =
        credential_report(*snapshot, *snapshot->find<identity::Account>(IamFixture::kAccount));
    std::vector<std::string> lines;
    while (true) {
      const std::size_t end = rest.find('\n');
      lines.emplace_back(rest.substr(0, end));
      if (end == std::string_view::npos) {
        return lines;
      }
      rest.remove_prefix(end + 1);
    }
  }

  std::string generate() {
    const auto answer = world_.call(GenerateCredentialReportRequest{});
    return answer ? *answer->state : outcome(answer);
  }

  std::string get() {
    const auto answer = world_.call(GetCredentialReportRequest{});
    return answer ? *answer->content : outcome(answer);
  }

  [[nodiscard]] std::string now() const { return codec::format_iso8601(world_.now()); }

  IamFixture world_;
  std::string text_;
};

TEST_F(CredentialReports, TellOfRootAndOfUsersInTheOrderOfTheirNames) {
  world_.make_user("carol");
  world_.make_user("Bob");

  const std::vector<std::string> lines = rows();

  ASSERT_EQ(lines.size(), 4U) << "no line feed at the end";
  EXPECT_EQ(lines[0],
            "user,arn,user_creation_time,password_enabled,password_last_used,"
            "password_last_changed,password_next_rotation,mfa_active,access_key_1_active,"
            "access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
            "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
            "access_key_2_last_used_date,access_key_2_last_used_region,"
            "access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
            "cert_2_last_rotated");
  EXPECT_EQ(lines[1],
            concat("<root_account>,arn:aws:iam::111122223333:root,",
                   now(),
                   ",false,N/A,N/A,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,"
                   "N/A,false,N/A,false,N/A"));
  EXPECT_EQ(lines[2],
            concat("Bob,arn:aws:iam::111122223333:user/Bob,",
                   now(),
                   ",false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,"
                   "N/A,false,N/A"));
  EXPECT_TRUE(lines[3].starts_with("carol,"));
}

TEST_F(CredentialReports, TellOfPasswordsKeysDevicesAndCertificates) {
  const Instant at = world_.now();
  world_.make_user("bob");
  world_.write([&](identity::Transaction& t) {
    identity::User bob = *t.view().find<identity::User>(IamFixture::kAccount, "bob");
    bob.login = identity::LoginProfile{
        .password_hash = "h", .previous_hashes = {}, .created = at, .changed = at};
    const std::string id = bob.id;
    t.put(std::move(bob));
    t.put(identity::LastUsed{.account = std::string(IamFixture::kAccount),
                             .id = id,
                             .at = at.plus_seconds(60),
                             .region = "r",
                             .service = "signin"});
    identity::MfaDevice device;
    device.account = IamFixture::kAccount;
    device.name = "phone";
    device.seed = identity::make_shared_secret("seed");
    device.is_assigned = true;
    device.user_id = id;
    t.put(std::move(device));
    for (const char* key_id : {"AKIA1", "AKIA2"}) {
      identity::AccessKey key;
      key.id = key_id;
      key.account = IamFixture::kAccount;
      key.user_id = id;
      key.secret = identity::make_shared_secret("secret");
      key.created = at;
      key.status = key.id == "AKIA1" ? identity::KeyStatus::Inactive : identity::KeyStatus::Active;
      t.put(std::move(key));
    }
    t.put(identity::LastUsed{.account = std::string(IamFixture::kAccount),
                             .id = "AKIA2",
                             .at = at.plus_seconds(120),
                             .region = "eu-west-1",
                             .service = "s3"});
  });
  ASSERT_EQ(outcome(world_.call(UpdateAccountPasswordPolicyRequest{.max_password_age = 90})), "ok");
  ASSERT_EQ(outcome(world_.call(UploadSigningCertificateRequest{
                .user_name = "bob", .certificate_body = std::string(crypto::kRoot)})),
            "ok");

  const std::string time = codec::format_iso8601(at);
  EXPECT_EQ(rows()[2],
            concat("bob,arn:aws:iam::111122223333:user/bob,",
                   time,
                   ",true,",
                   codec::format_iso8601(at.plus_seconds(60)),
                   ",",
                   time,
                   ",",
                   codec::format_iso8601(at.plus_seconds(90 * 86'400)),
                   ",true,true,",
                   time,
                   ",",
                   codec::format_iso8601(at.plus_seconds(120)),
                   ",eu-west-1,s3,false,",
                   time,
                   ",N/A,N/A,N/A,true,",
                   time,
                   ",false,N/A"));
}

TEST_F(CredentialReports, PutInactiveCertificatesFirst) {
  world_.make_user("bob");
  const auto upload = [&](std::string_view body) {
    return world_
        .call(UploadSigningCertificateRequest{.user_name = "bob",
                                              .certificate_body = std::string(body)})
        ->certificate.certificate_id;
  };
  static_cast<void>(upload(crypto::kRoot));
  world_.advance_seconds(10);
  const std::string newer = upload(crypto::kOther);
  ASSERT_EQ(outcome(world_.call(UpdateSigningCertificateRequest{
                .user_name = "bob", .certificate_id = newer, .status = "Inactive"})),
            "ok");

  EXPECT_TRUE(rows()[2].ends_with(
      concat(",false,", now(), ",true,", codec::format_iso8601(world_.now().plus_seconds(-10)))));
}

TEST_F(CredentialReports, QuoteNamesAndPathsWithCommas) {
  ASSERT_EQ(outcome(world_.call(CreateUserRequest{.path = "/a,\"b\"/", .user_name = "x,y"})), "ok");
  EXPECT_TRUE(rows()[2].starts_with(R"("x,y","arn:aws:iam::111122223333:user/a,""b""/x,y",)"));
}

TEST_F(CredentialReports, SayThatAPasswordWasNeverUsed) {
  world_.write([&](identity::Transaction& t) {
    identity::Account account = *t.view().find<identity::Account>(IamFixture::kAccount);
    account.root_login = identity::LoginProfile{
        .password_hash = "h", .previous_hashes = {}, .created = {}, .changed = world_.now()};
    t.put(std::move(account));
  });
  EXPECT_TRUE(rows()[1].starts_with(concat("<root_account>,arn:aws:iam::111122223333:root,",
                                           now(),
                                           ",true,no_information,",
                                           now(),
                                           ",not_supported,false,")));
}

TEST_F(CredentialReports, AreAskedForMadeAndKeptForFourHours) {
  EXPECT_EQ(get(), "ReportNotPresent: ");
  EXPECT_EQ(generate(), "STARTED");
  EXPECT_EQ(get(), "ReportInProgress: ");
  EXPECT_EQ(generate(), "INPROGRESS");

  world_.make_credential_reports();

  EXPECT_EQ(generate(), "COMPLETE");
  const std::string report = get();
  EXPECT_TRUE(report.starts_with("user,arn,"));
  world_.make_user("bob");
  world_.advance_seconds(4 * 3600 - 1);
  EXPECT_EQ(get(), report) << "as it was made";
  EXPECT_EQ(generate(), "COMPLETE");

  world_.advance_seconds(1);
  EXPECT_EQ(get(), "ReportExpired: ");
  EXPECT_EQ(generate(), "STARTED");
  EXPECT_EQ(get(), "ReportInProgress: ");
  world_.make_credential_reports();
  EXPECT_NE(get().find("\nbob,"), std::string::npos);
}

TEST_F(CredentialReports, AreEachAccountsOwn) {
  ASSERT_EQ(generate(), "STARTED");
  world_.make_credential_reports();
  EXPECT_EQ(
      outcome(world_.call(IamFixture::root(IamFixture::kOther), GetCredentialReportRequest{})),
      "ReportNotPresent: ");
}

}  // namespace
}  // namespace signet::iam
