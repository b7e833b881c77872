#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

constexpr const char* kCodeCommit = "codecommit.amazonaws.com";
constexpr const char* kBedrock = "bedrock.amazonaws.com";

class ServiceCredentials : public ::testing::Test {
 protected:
  ServiceCredentials() { world_.make_user("bob"); }

  auto create(const char* service,
              std::optional<std::int64_t> days = {},
              const char* user = "bob") {
    return world_.call(CreateServiceSpecificCredentialRequest{
        .user_name = user, .service_name = service, .credential_age_days = days});
  }

  // The id of a new one.
  std::string created(const char* service, std::optional<std::int64_t> days = {}) {
    const auto answer = create(service, days);
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? answer->service_specific_credential->service_specific_credential_id : "";
  }

  auto reset(const std::string& id, const char* user = "bob") {
    return world_.call(ResetServiceSpecificCredentialRequest{.user_name = user,
                                                             .service_specific_credential_id = id});
  }

  std::string set(const std::string& id, const char* status, const char* user = "bob") {
    return outcome(world_.call(UpdateServiceSpecificCredentialRequest{
        .user_name = user, .service_specific_credential_id = id, .status = status}));
  }

  std::string erase(const std::string& id, const char* user = "bob") {
    return outcome(world_.call(DeleteServiceSpecificCredentialRequest{
        .user_name = user, .service_specific_credential_id = id}));
  }

  auto list(std::optional<std::string> service = {}) {
    return world_.call(ListServiceSpecificCredentialsRequest{.user_name = "bob",
                                                             .service_name = std::move(service)});
  }

  const identity::ServiceCredential& kept(const std::string& id) {
    snapshot_ = world_.snapshot();
    return *snapshot_->find<identity::ServiceCredential>(id);
  }

  static std::string text_in(const std::optional<Secret>& secret) {
    return secret ? std::string(secret->reveal(secret_access())) : std::string();
  }

  IamFixture world_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
};

TEST_F(ServiceCredentials, OfSomeServicesAreAUserNameAndAPassword) {
  const auto answer = create("CodeCommit.amazonaws.com");
  ASSERT_EQ(outcome(answer), "ok");
  const ServiceSpecificCredential& shown = *answer->service_specific_credential;
  EXPECT_EQ(shown.service_name, kCodeCommit);
  EXPECT_EQ(shown.service_user_name, "bob-at-111122223333");
  EXPECT_EQ(text_in(shown.service_password).size(), 60U);
  EXPECT_FALSE(shown.service_credential_alias.has_value());
  EXPECT_FALSE(shown.service_credential_secret.has_value());
  EXPECT_FALSE(shown.expiration_date.has_value());
  EXPECT_TRUE(shown.service_specific_credential_id.starts_with("ACCA"));
  EXPECT_EQ(shown.user_name, "bob");
  EXPECT_EQ(shown.status, "Active");
  EXPECT_EQ(shown.create_date, world_.now());
  EXPECT_EQ(kept(shown.service_specific_credential_id).secret_digest,
            crypto::as_view(crypto::sha256(text_in(shown.service_password))));
}

TEST_F(ServiceCredentials, OfOthersAreAnApiKey) {
  const auto answer = create(kBedrock, 30);
  ASSERT_EQ(outcome(answer), "ok");
  const ServiceSpecificCredential& shown = *answer->service_specific_credential;
  EXPECT_EQ(shown.service_credential_alias, "bob-at-111122223333");
  const std::string key = text_in(shown.service_credential_secret);
  ASSERT_TRUE(key.starts_with("ABSK"));
  EXPECT_TRUE(codec::decode_base64(key.substr(4))->starts_with("bob-at-111122223333:"));
  EXPECT_FALSE(shown.service_user_name.has_value());
  EXPECT_FALSE(shown.service_password.has_value());
  EXPECT_EQ(shown.expiration_date, world_.now().plus_seconds(30 * 86'400));
}

TEST_F(ServiceCredentials, AreForTheServicesThatHaveThem) {
  EXPECT_EQ(outcome(create("sqs.amazonaws.com")),
            "NoSuchEntity: No such service sqs.amazonaws.com is supported for Service Specific "
            "Credentials");
  EXPECT_TRUE(outcome(create("code commit")).starts_with("ValidationError: "));
  EXPECT_EQ(outcome(create("sqs.amazonaws.com", {}, "nobody")),
            "NoSuchEntity: The user with name nobody cannot be found.")
      << "the user is looked for first";
  EXPECT_EQ(outcome(list("sqs.amazonaws.com")).substr(0, 13), "NoSuchEntity:");
}

TEST_F(ServiceCredentials, AreTwoAtMostForEachService) {
  ASSERT_EQ(outcome(create(kCodeCommit)), "ok");
  EXPECT_EQ(create(kCodeCommit)->service_specific_credential->service_user_name,
            "bob+1-at-111122223333");
  EXPECT_EQ(outcome(create(kCodeCommit)),
            "LimitExceeded: Cannot exceed quota for "
            "ContextSpecificCredentialsPerUserPerContext: 2");
  EXPECT_EQ(outcome(create(kBedrock)), "ok");
}

TEST_F(ServiceCredentials, KeepTheirNameWhenTheUserIsRenamed) {
  const std::string id = created(kCodeCommit);
  ASSERT_EQ(outcome(world_.call(UpdateUserRequest{.user_name = "bob", .new_user_name = "rob"})),
            "ok");
  world_.make_user("bob");

  const auto renamed = world_.call(ListServiceSpecificCredentialsRequest{.user_name = "rob"});
  ASSERT_EQ(renamed->service_specific_credentials->size(), 1U);
  EXPECT_EQ(renamed->service_specific_credentials->front().user_name, "rob");
  EXPECT_EQ(renamed->service_specific_credentials->front().service_user_name,
            "bob-at-111122223333");
  EXPECT_EQ(create(kCodeCommit)->service_specific_credential->service_user_name,
            "bob+1-at-111122223333")
      << "what the other has is not given twice";
  EXPECT_EQ(
      erase(id, "bob"),
      concat("ValidationError: User bob does not have a service specific credential with id ", id));
  EXPECT_EQ(erase(id, "rob"), "ok");
}

TEST_F(ServiceCredentials, GetANewSecretAndNothingElse) {
  const auto first = create(kBedrock, 1);
  const std::string id = first->service_specific_credential->service_specific_credential_id;
  const std::string digest = kept(id).secret_digest;
  ASSERT_EQ(set(id, "Inactive"), "ok");
  world_.advance_seconds(60);

  const auto answer = reset(id);

  ASSERT_EQ(outcome(answer), "ok");
  const ServiceSpecificCredential& shown = *answer->service_specific_credential;
  EXPECT_NE(text_in(shown.service_credential_secret),
            text_in(first->service_specific_credential->service_credential_secret));
  EXPECT_NE(kept(id).secret_digest, digest);
  EXPECT_EQ(shown.status, "Inactive");
  EXPECT_EQ(shown.create_date, first->service_specific_credential->create_date);
  EXPECT_EQ(shown.expiration_date, first->service_specific_credential->expiration_date);
  EXPECT_EQ(shown.service_credential_alias, "bob-at-111122223333");
}

TEST_F(ServiceCredentials, ExpireByTheClockAlone) {
  const std::string id = created(kBedrock, 1);
  EXPECT_EQ(set(id, "Expired"), "InvalidInput: Operation does not support status Expired");
  world_.advance_seconds(86'399);
  EXPECT_EQ(list()->service_specific_credentials->front().status, "Active");
  world_.advance_seconds(1);
  EXPECT_EQ(list()->service_specific_credentials->front().status, "Expired");
  EXPECT_EQ(set(id, "Active"), "ok");
  EXPECT_EQ(list()->service_specific_credentials->front().status, "Expired")
      << "nothing brings it back";
  EXPECT_EQ(reset(id)->service_specific_credential->status, "Expired");
}

TEST_F(ServiceCredentials, AreListedByServiceOfOneUserOrOfAll) {
  static_cast<void>(created(kCodeCommit));
  static_cast<void>(created(kBedrock));
  world_.make_user("carol");
  ASSERT_EQ(outcome(create(kCodeCommit, {}, "carol")), "ok");

  EXPECT_EQ(list()->service_specific_credentials->size(), 2U);
  EXPECT_EQ(list("")->service_specific_credentials->size(), 2U);
  EXPECT_EQ(list("CODECOMMIT.amazonaws.com")->service_specific_credentials->size(), 1U);
  const auto all = world_.call(ListServiceSpecificCredentialsRequest{.all_users = true});
  EXPECT_EQ(all->service_specific_credentials->size(), 3U);
  const auto page = world_.call(ListServiceSpecificCredentialsRequest{
      .service_name = kCodeCommit, .all_users = true, .max_items = 1});
  EXPECT_EQ(page->service_specific_credentials->size(), 1U);
  EXPECT_EQ(page->is_truncated, true);
  EXPECT_EQ(outcome(world_.call(
                ListServiceSpecificCredentialsRequest{.user_name = "bob", .all_users = true})),
            "InvalidInput: Cannot list credentials for all users if a username is given");
  EXPECT_EQ(outcome(world_.call(
                ListServiceSpecificCredentialsRequest{.user_name = "bob", .all_users = false})),
            "ok");
}

TEST_F(ServiceCredentials, AreFoundInTheirAccountAndKeepTheirUser) {
  const std::string id = created(kCodeCommit);
  const std::string absent = "NoSuchEntity: No such credential ACCA00000000000000000 exists";
  EXPECT_EQ(erase("ACCA00000000000000000"), absent);
  EXPECT_EQ(outcome(reset("ACCA00000000000000000")), absent);
  const auto stranger = IamFixture::root(IamFixture::kOther);
  ASSERT_EQ(outcome(world_.call(stranger, CreateUserRequest{.user_name = "bob"})), "ok");
  EXPECT_EQ(outcome(world_.call(stranger,
                                DeleteServiceSpecificCredentialRequest{
                                    .user_name = "bob", .service_specific_credential_id = id})),
            concat("NoSuchEntity: No such credential ", id, " exists"));
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})),
            "DeleteConflict: Cannot delete entity, must remove referenced objects first.");
  EXPECT_EQ(erase(id), "ok");
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})), "ok");
}

TEST_F(ServiceCredentials, TellPoliciesTheirServiceAndAge) {
  const auto creation = world_.checks_of(
      IamFixture::root(),
      CreateServiceSpecificCredentialRequest{
          .user_name = "bob", .service_name = "Bedrock.amazonaws.com", .credential_age_days = 7});
  ASSERT_EQ(creation->size(), 1U);
  ASSERT_EQ((*creation)[0].context.size(), 2U);
  EXPECT_EQ((*creation)[0].context[0].key, "iam:ServiceSpecificCredentialServiceName");
  EXPECT_EQ((*creation)[0].context[0].values.front(), kBedrock);
  EXPECT_EQ((*creation)[0].context[1].values.front(), "7");
  const std::string id = created(kCodeCommit);
  const auto change =
      world_.checks_of(IamFixture::root(),
                       ResetServiceSpecificCredentialRequest{.user_name = "bob",
                                                             .service_specific_credential_id = id});
  EXPECT_EQ((*change)[0].context[0].values.front(), kCodeCommit);
  EXPECT_EQ((*change)[0].resource, "arn:aws:iam::111122223333:user/bob");
}

TEST_F(ServiceCredentials, ArePolicedByServiceAndAge) {
  const model::Caller limited = world_.make_caller(
      "limited",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*Credential*",)"
      R"("Resource":"arn:aws:iam::111122223333:user/bob","Condition":{)"
      R"("StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},)"
      R"("NumericLessThanEquals":{"iam:ServiceSpecificCredentialAgeDays":"90"}}}]})");
  const auto create_as = [&](const char* service, std::optional<std::int64_t> days) {
    return outcome(world_.call(limited,
                               CreateServiceSpecificCredentialRequest{.user_name = "bob",
                                                                      .service_name = service,
                                                                      .credential_age_days = days}))
        .substr(0, 13);
  };
  EXPECT_EQ(create_as(kBedrock, 90), "ok");
  EXPECT_EQ(create_as(kBedrock, 91), "AccessDenied:");
  EXPECT_EQ(create_as(kBedrock, {}), "AccessDenied:") << "no age is no small age";
  EXPECT_EQ(create_as(kCodeCommit, 1), "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(limited, ListServiceSpecificCredentialsRequest{.all_users = true}))
                .substr(0, 13),
            "AccessDenied:");
}

}  // namespace
}  // namespace signet::iam
