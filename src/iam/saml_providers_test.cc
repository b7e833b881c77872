#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/certificate_key.h"
#include "crypto/sha256.h"
#include "iam/fixture_for_test.h"
#include "saml/documents_for_test.h"

namespace signet::iam {
namespace {

constexpr const char* kArn = "arn:aws:iam::111122223333:saml-provider/Idp.one";
constexpr const char* kNone = "arn:aws:iam::111122223333:saml-provider/none";
constexpr const char* kMissing =
    "NoSuchEntity: Manifest not found for arn arn:aws:iam::111122223333:saml-provider/none";
constexpr const char* kUnreadable = "InvalidInput: Could not parse metadata.";

std::string key_hash(std::string_view certificate) {
  std::string text;
  codec::append_hex(text,
                    crypto::sha256(crypto::key_of_certificate(saml::der_of(certificate))->der));
  return text;
}

class SamlProviders : public ::testing::Test {
 protected:
  static CreateSAMLProviderRequest request(std::string name = "Idp.one") {
    return {.saml_metadata_document = saml::metadata(), .name = std::move(name)};
  }

  static CreateSAMLProviderRequest with_key(std::string_view pem, const char* mode = nullptr) {
    CreateSAMLProviderRequest made = request();
    made.add_private_key = Secret(std::string(pem));
    if (mode != nullptr) {
      made.assertion_encryption_mode = mode;
    }
    return made;
  }

  std::string create(const CreateSAMLProviderRequest& request) {
    return outcome(world_.call(request));
  }

  std::string create() { return create(request()); }

  std::string update(UpdateSAMLProviderRequest request) {
    request.saml_provider_arn = kArn;
    return outcome(world_.call(request));
  }

  GetSAMLProviderResponse get() {
    auto got = world_.call(GetSAMLProviderRequest{.saml_provider_arn = kArn});
    EXPECT_EQ(outcome(got), "ok");
    return got ? *std::move(got) : GetSAMLProviderResponse{};
  }

  std::string get_as(const model::Caller& caller, const char* arn) {
    return outcome(world_.call(caller, GetSAMLProviderRequest{.saml_provider_arn = arn}));
  }

  IamFixture world_;
};

TEST_F(SamlProviders, AreShownAsTheyWereMade) {
  CreateSAMLProviderRequest made = request();
  made.tags = {{"k", "v"}};
  const auto answer = world_.call(made);

  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->saml_provider_arn, kArn);
  EXPECT_EQ(answer->tags->size(), 1U);
  const auto got = get();
  EXPECT_EQ(got.saml_metadata_document, saml::metadata());
  EXPECT_EQ(got.create_date, world_.now());
  EXPECT_GT(*got.valid_until, world_.now().plus_seconds(std::int64_t{99} * 365 * 24 * 3600));
  EXPECT_EQ(got.saml_provider_uuid->size(), 32U);
  EXPECT_EQ(got.assertion_encryption_mode, "Allowed");
  EXPECT_TRUE(got.private_key_list->empty());
  EXPECT_EQ(got.tags->size(), 1U);
  ASSERT_EQ(got.saml_key_hashes->size(), 1U);
  EXPECT_EQ(got.saml_key_hashes->front().issuer_url, saml::kEntityId);
  EXPECT_EQ(got.saml_key_hashes->front().key_hashes,
            std::vector<std::string>{key_hash(saml::kIdpCertificate)});
  const auto list = world_.call(ListSAMLProvidersRequest{});
  ASSERT_EQ(list->saml_provider_list->size(), 1U);
  EXPECT_EQ(list->saml_provider_list->front().arn, kArn);
  EXPECT_EQ(list->saml_provider_list->front().valid_until, got.valid_until);
  EXPECT_EQ(list->saml_provider_list->front().create_date, got.create_date);
}

TEST_F(SamlProviders, EndWhenTheirMetadataDoes) {
  CreateSAMLProviderRequest made = request();
  made.saml_metadata_document = saml::entity(saml::kEntityId,
                                             saml::key_descriptor(saml::kIdpCertificate),
                                             R"( validUntil="2030-01-01T00:00:00Z")");
  ASSERT_EQ(create(made), "ok");

  EXPECT_EQ(get().valid_until, Instant::from_seconds(1'893'456'000));
}

TEST_F(SamlProviders, HaveMetadataThatCanBeRead) {
  for (const std::string& document : {std::string("x"),
                                      std::string("<x/>"),
                                      "<!DOCTYPE x>" + saml::metadata(),
                                      saml::metadata() + "<x/>",
                                      saml::metadata("AAAA"),
                                      saml::metadata(saml::kShortCertificate),
                                      saml::entity(saml::kEntityId, "")}) {
    CreateSAMLProviderRequest made = request();
    made.saml_metadata_document = document;
    EXPECT_EQ(create(made), kUnreadable) << document.substr(0, 60);
  }
  EXPECT_TRUE(world_.call(ListSAMLProvidersRequest{})->saml_provider_list->empty());
  ASSERT_EQ(create(), "ok");
  EXPECT_EQ(update({.saml_metadata_document = "<x/>"}), kUnreadable);
  EXPECT_EQ(get().saml_metadata_document, saml::metadata());
}

TEST_F(SamlProviders, HaveTenKeysAtMost) {
  CreateSAMLProviderRequest made = request();
  std::string document = R"(<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">)";
  for (int i = 0; i < 11; ++i) {
    document +=
        saml::entity(concat("idp", std::to_string(i)), saml::key_descriptor(saml::kIdpCertificate));
  }
  made.saml_metadata_document = document + "</EntitiesDescriptor>";

  EXPECT_EQ(create(made), "LimitExceeded: Cannot exceed quota for SigningKeysPerSAMLProvider: 10");
}

TEST_F(SamlProviders, AreOneForANameWhoseCaseCounts) {
  ASSERT_EQ(create(), "ok");

  EXPECT_EQ(create(), "EntityAlreadyExists: Provider with name Idp.one already exists.");
  EXPECT_EQ(create(request("idp.one")), "ok");
}

TEST_F(SamlProviders, HaveAQuota) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(create(request(concat("idp", std::to_string(i)))), "ok");
  }
  EXPECT_EQ(create(request("more")),
            "LimitExceeded: Cannot exceed quota for SAMLProvidersPerAccount: 100");
}

TEST_F(SamlProviders, ReplaceTheirMetadataAndKeepTheirIdentity) {
  ASSERT_EQ(create(), "ok");
  const auto before = get();

  EXPECT_EQ(update({.saml_metadata_document = saml::metadata(saml::kOtherCertificate)}), "ok");

  const auto after = get();
  EXPECT_EQ(after.saml_metadata_document, saml::metadata(saml::kOtherCertificate));
  EXPECT_EQ(after.saml_key_hashes->front().key_hashes,
            std::vector<std::string>{key_hash(saml::kOtherCertificate)});
  EXPECT_EQ(after.saml_provider_uuid, before.saml_provider_uuid);
  EXPECT_EQ(after.create_date, before.create_date);
  EXPECT_EQ(update({}), "ok") << "nothing to do";
}

TEST_F(SamlProviders, TakeTwoPrivateKeysAndShowNone) {
  ASSERT_EQ(create(with_key(saml::kServiceKey, "Required")), "ok");
  const auto made = get();
  EXPECT_EQ(made.assertion_encryption_mode, "Required");
  ASSERT_EQ(made.private_key_list->size(), 1U);
  EXPECT_EQ(made.private_key_list->front().timestamp, world_.now());
  const std::string first = *made.private_key_list->front().key_id;
  EXPECT_EQ(first.size(), 32U);

  const auto add = [&](std::string_view pem) {
    return update({.add_private_key = Secret(std::string(pem))});
  };
  EXPECT_EQ(add(saml::kOtherKey), "ok");
  EXPECT_EQ(add(saml::kIdpKey),
            "LimitExceeded: Cannot exceed quota for PrivateKeysPerSAMLProvider: 2");
  EXPECT_EQ(update({.remove_private_key = first}), "ok");
  EXPECT_EQ(update({.remove_private_key = first}),
            concat("NoSuchEntity: The private key with id ", first, " cannot be found."));
  ASSERT_EQ(get().private_key_list->size(), 1U);
  EXPECT_NE(get().private_key_list->front().key_id, first);
}

TEST_F(SamlProviders, TakeOnlyRsaKeysThatCanBeRead) {
  const std::string invalid =
      "InvalidInput: The private key must be an RSA key in PEM format that is not encrypted.";
  for (const std::string_view pem : {std::string_view("x"),
                                     saml::kEllipticKey,
                                     saml::kEncryptedKey,
                                     saml::kServiceKey.substr(0, 400),
                                     saml::kIdpCertificate}) {
    EXPECT_EQ(create(with_key(pem)), invalid) << pem.substr(0, 40);
  }
  EXPECT_EQ(create(with_key(concat(saml::kServiceKey, saml::kOtherKey))), invalid) << "two";
  EXPECT_EQ(create(with_key(saml::kShortKey)),
            "InvalidInput: The private key must have at least 1024 bits.");
}

TEST_F(SamlProviders, DemandEncryptionOnlyWithAKey) {
  const std::string missing =
      "InvalidInput: Encrypted assertions can be required only of a provider that has a private "
      "key.";
  CreateSAMLProviderRequest deaf = request();
  deaf.assertion_encryption_mode = "Required";
  EXPECT_EQ(create(deaf), missing);
  ASSERT_EQ(create(with_key(saml::kServiceKey)), "ok");
  EXPECT_EQ(update({.assertion_encryption_mode = "Required"}), "ok");

  const std::string id = *get().private_key_list->front().key_id;
  EXPECT_EQ(update({.remove_private_key = id}), missing);
  EXPECT_EQ(get().private_key_list->size(), 1U);
  EXPECT_EQ(update({.assertion_encryption_mode = "Allowed", .remove_private_key = id}), "ok");
  EXPECT_EQ(
      update({.add_private_key = Secret(std::string(saml::kServiceKey)), .remove_private_key = id}),
      "InvalidInput: A private key cannot be added and removed in the same request.");
}

TEST_F(SamlProviders, AreGoneWhenDeletedAndCannotBeDeletedTwice) {
  ASSERT_EQ(create(), "ok");
  const std::string uuid = *get().saml_provider_uuid;
  const DeleteSAMLProviderRequest erase{.saml_provider_arn = kArn};

  EXPECT_EQ(outcome(world_.call(erase)), "ok");
  EXPECT_EQ(outcome(world_.call(erase)), concat("NoSuchEntity: Manifest not found for arn ", kArn));
  EXPECT_EQ(create(), "ok");
  EXPECT_NE(get().saml_provider_uuid, uuid);
}

TEST_F(SamlProviders, AreMissingInTheirOwnWords) {
  EXPECT_EQ(get_as(IamFixture::root(), kNone), kMissing);
  EXPECT_EQ(outcome(world_.call(UpdateSAMLProviderRequest{.saml_provider_arn = kNone})), kMissing);
  EXPECT_EQ(outcome(world_.call(DeleteSAMLProviderRequest{.saml_provider_arn = kNone})), kMissing);
  EXPECT_EQ(outcome(world_.call(
                TagSAMLProviderRequest{.saml_provider_arn = kNone, .tags = {{"k", "v"}}})),
            kMissing);
  EXPECT_EQ(
      outcome(world_.call(UntagSAMLProviderRequest{.saml_provider_arn = kNone, .tag_keys = {"k"}})),
      kMissing);
  EXPECT_EQ(outcome(world_.call(ListSAMLProviderTagsRequest{.saml_provider_arn = kNone})),
            kMissing);
}

TEST_F(SamlProviders, HaveTagsWhoseKeysTellCasesApart) {
  ASSERT_EQ(create(), "ok");

  EXPECT_EQ(outcome(world_.call(TagSAMLProviderRequest{.saml_provider_arn = kArn,
                                                       .tags = {{"k", "1"}, {"K", "2"}}})),
            "ok");
  EXPECT_EQ(
      outcome(world_.call(UntagSAMLProviderRequest{.saml_provider_arn = kArn, .tag_keys = {"k"}})),
      "ok");
  const auto tags = world_.call(ListSAMLProviderTagsRequest{.saml_provider_arn = kArn});
  ASSERT_EQ(tags->tags.size(), 1U);
  EXPECT_EQ(tags->tags.front().key, "K");
}

TEST_F(SamlProviders, HaveAContextProviderAndAnIdentityCenterInstance) {
  const std::string instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
  CreateSAMLProviderRequest made = request();
  made.identity_center_instance_arn = instance;
  EXPECT_TRUE(create(made).starts_with("InvalidInput: An IAM Identity Center instance can be"));
  made.context_provider.emplace().subject_source_key = "mail";
  ASSERT_EQ(create(made), "ok");
  EXPECT_EQ(get().context_provider->subject_source_key, "mail");
  EXPECT_EQ(get().identity_center_instance_arn, instance);
  EXPECT_TRUE(world_.call(ListSAMLProvidersRequest{})
                  ->saml_provider_list->front()
                  .is_trusted_identity_propagation_enabled.value_or(false));

  EXPECT_EQ(update({.saml_metadata_document = saml::metadata(), .remove_context_provider = true}),
            "InvalidInput: Change the context provider in a request of its own.");
  EXPECT_EQ(update({.remove_context_provider = true}),
            "InvalidInput: Remove the association with the IAM Identity Center instance first.");
  EXPECT_EQ(
      update({.saml_metadata_document = saml::metadata(), .remove_identity_center_instance = true}),
      "ok")
      << "the association is part of the metadata";
  EXPECT_FALSE(get().identity_center_instance_arn);
  EXPECT_EQ(get().context_provider->subject_source_key, "mail");
  EXPECT_EQ(update({.remove_context_provider = true}), "ok");
  EXPECT_FALSE(get().context_provider);
}

TEST_F(SamlProviders, TellPoliciesWhatPropagationIsAskedFor) {
  const auto values_of = [this](const auto& asked, std::string_view key) {
    std::vector<std::string> values;
    const auto list = world_.checks_of(IamFixture::root(), asked);
    for (const authz::ContextEntry& entry : list->front().context) {
      if (entry.key == key) {
        values = entry.values;
      }
    }
    return values;
  };
  using Values = std::vector<std::string>;
  CreateSAMLProviderRequest made = request();
  EXPECT_EQ(values_of(made, "iam:EnableIdentityPropagation"), Values{"false"});
  EXPECT_EQ(values_of(made, "iam:RequestIdentityProviderIssuers"), Values{});
  made.context_provider.emplace().subject_source_key = "mail";
  EXPECT_EQ(values_of(made, "iam:EnableIdentityPropagation"), Values{"true"});
  EXPECT_EQ(values_of(made, "iam:RequestIdentityProviderIssuers"),
            Values{std::string(saml::kEntityId)});
  ASSERT_EQ(create(made), "ok");
  EXPECT_EQ(values_of(UpdateSAMLProviderRequest{.saml_provider_arn = kArn},
                      "iam:ResourceIdentityProviderIssuers"),
            Values{std::string(saml::kEntityId)});
}

TEST_F(SamlProviders, AreOutOfReachForOtherAccountsAndOtherPermissions) {
  ASSERT_EQ(create(), "ok");

  EXPECT_TRUE(get_as(IamFixture::root(IamFixture::kOther), kArn).starts_with("AccessDenied: "));
  const model::Caller reader = world_.make_caller(
      "reader",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetSAMLProvider",)"
      R"("Resource":"arn:aws:iam::111122223333:saml-provider/Idp.one"}]})");
  EXPECT_EQ(get_as(reader, kArn), "ok");
  EXPECT_TRUE(get_as(reader, kNone).starts_with("AccessDenied: "));
  EXPECT_TRUE(outcome(world_.call(reader, UpdateSAMLProviderRequest{.saml_provider_arn = kArn}))
                  .starts_with("AccessDenied: "));
  EXPECT_TRUE(outcome(world_.call(reader, DeleteSAMLProviderRequest{.saml_provider_arn = kArn}))
                  .starts_with("AccessDenied: "));
  EXPECT_TRUE(
      outcome(world_.call(reader, ListSAMLProvidersRequest{})).starts_with("AccessDenied: "));
  const model::Caller maker =
      world_.make_caller("maker",
                         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                         R"("Action":"iam:CreateSAMLProvider","Resource":"*"}]})");
  CreateSAMLProviderRequest tagged = request("tagged");
  tagged.tags = {{"k", "v"}};
  EXPECT_TRUE(outcome(world_.call(maker, tagged)).starts_with("AccessDenied: "));
  EXPECT_EQ(outcome(world_.call(maker, request("untagged"))), "ok");
}

}  // namespace
}  // namespace signet::iam
