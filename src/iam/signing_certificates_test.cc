#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/certificates_for_test.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

constexpr std::string_view kId = "RSH5QJA3UI3S4T3ZUWWMFRA6HKFP2YFZ";  // base32 of kLeaf's SHA-1

class SigningCertificates : public ::testing::Test {
 protected:
  SigningCertificates() { world_.make_user("bob"); }

  auto upload(std::string_view body, std::optional<std::string> user = "bob") {
    return world_.call(UploadSigningCertificateRequest{.user_name = std::move(user),
                                                       .certificate_body = std::string(body)});
  }

  std::string set(const char* status, const char* user = "bob") {
    return outcome(world_.call(UpdateSigningCertificateRequest{
        .user_name = user, .certificate_id = std::string(kId), .status = status}));
  }

  std::string erase(const char* user) {
    return outcome(world_.call(
        DeleteSigningCertificateRequest{.user_name = user, .certificate_id = std::string(kId)}));
  }

  std::string listed_status() {
    const auto list = world_.call(ListSigningCertificatesRequest{.user_name = "bob"});
    return list && list->certificates.size() == 1 ? list->certificates[0].status : "";
  }

  IamFixture world_;
};

TEST_F(SigningCertificates, AreKnownByTheirBytes) {
  const auto answer = upload(crypto::kLeaf);
  ASSERT_EQ(outcome(answer), "ok");
  const SigningCertificate& shown = answer->certificate;
  EXPECT_EQ(shown.certificate_id, kId);
  EXPECT_EQ(shown.user_name, "bob");
  EXPECT_EQ(shown.certificate_body, crypto::kLeaf) << "as it was uploaded";
  EXPECT_EQ(shown.status, "Active");
  EXPECT_EQ(shown.upload_date, world_.now());
}

TEST_F(SigningCertificates, MustBeReadableAndValid) {
  for (const std::string_view body :
       {std::string_view("garbage"), crypto::kExpiredLeaf, crypto::kFutureLeaf, crypto::kLeafKey}) {
    EXPECT_EQ(outcome(upload(body)),
              concat("MalformedCertificate: Certificate ", body, " is malformed."));
  }
  const std::string two = concat(crypto::kLeaf, crypto::kRoot);
  EXPECT_EQ(outcome(upload(two)),
            concat("MalformedCertificate: Certificate ", two, " is malformed."));
  EXPECT_EQ(outcome(upload("garbage", "nobody")),
            "NoSuchEntity: The user with name nobody cannot be found.");
  EXPECT_EQ(outcome(upload(crypto::kRsa)), "ok");
}

TEST_F(SigningCertificates, AreUploadedAgainByTheirOwnerAlone) {
  const Instant first = world_.now();
  ASSERT_EQ(outcome(upload(crypto::kLeaf)), "ok");
  ASSERT_EQ(set("Inactive"), "ok");
  world_.advance_seconds(60);

  const auto again = upload(concat("\n", crypto::kLeaf));

  ASSERT_EQ(outcome(again), "ok");
  EXPECT_EQ(again->certificate.certificate_id, kId);
  EXPECT_EQ(again->certificate.upload_date, first);
  EXPECT_EQ(again->certificate.status, "Active") << "the answer says so";
  EXPECT_EQ(listed_status(), "Inactive") << "but it is not";
  world_.make_user("carol");
  EXPECT_EQ(outcome(upload(crypto::kLeaf, "carol")),
            "DuplicateCertificate: Duplicate certificate uploaded.");
  const auto elsewhere =
      world_.call(IamFixture::root(IamFixture::kOther),
                  UploadSigningCertificateRequest{.certificate_body = std::string(crypto::kLeaf)});
  EXPECT_EQ(outcome(elsewhere), "ok") << "another account";
}

TEST_F(SigningCertificates, AreTwoAtMost) {
  ASSERT_EQ(outcome(upload(crypto::kLeaf)), "ok");
  ASSERT_EQ(outcome(upload(crypto::kRoot)), "ok");
  EXPECT_EQ(outcome(upload(crypto::kOther)),
            "LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2");
  EXPECT_EQ(outcome(upload(crypto::kLeaf)), "ok") << "it is there already";
}

TEST_F(SigningCertificates, AreSwitchedAndDeleted) {
  ASSERT_EQ(outcome(upload(crypto::kLeaf)), "ok");
  EXPECT_EQ(set("Inactive"), "ok");
  EXPECT_EQ(listed_status(), "Inactive");
  EXPECT_EQ(set("Expired"), "InvalidInput: Operation does not support status Expired");
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})),
            "DeleteConflict: Cannot delete entity, must delete certificates first.");
  world_.make_user("carol");
  const std::string missing =
      concat("NoSuchEntity: The Certificate with id ", kId, " cannot be found.");
  EXPECT_EQ(erase("carol"), missing) << "another user's";
  EXPECT_EQ(set("Active", "carol"), missing);
  EXPECT_EQ(erase("bob"), "ok");
  EXPECT_EQ(erase("bob"), missing);
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})), "ok");
}

TEST_F(SigningCertificates, OfRootAreRootsOwn) {
  const auto answer = upload(crypto::kLeaf, {});
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->certificate.user_name, "");
  EXPECT_EQ(listed_status(), "");
  EXPECT_EQ(world_.call(ListSigningCertificatesRequest{})->certificates.size(), 1U);
  const auto summary = world_.call(GetAccountSummaryRequest{});
  bool is_counted = false;
  for (const auto& [key, value] : *summary->summary_map) {
    is_counted |= key == "AccountSigningCertificatesPresent" && value == 1;
  }
  EXPECT_TRUE(is_counted);
  EXPECT_EQ(outcome(upload(crypto::kLeaf)),
            "DuplicateCertificate: Duplicate certificate uploaded.");
}

TEST_F(SigningCertificates, AreTheCallersWhenNobodyIsNamed) {
  const model::Caller bob = world_.make_caller("bob2", kAllowAll);
  const auto answer = world_.call(
      bob, UploadSigningCertificateRequest{.certificate_body = std::string(crypto::kLeaf)});
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->certificate.user_name, "bob2");
  world_.make_role("r");
  EXPECT_EQ(outcome(world_.call(world_.session("r"), ListSigningCertificatesRequest{})),
            "ValidationError: Must specify userName when calling with non-User credentials");
}

}  // namespace
}  // namespace signet::iam
