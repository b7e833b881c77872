#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

constexpr const char* kUrl = "https://token.example.com/Path";
constexpr const char* kArn = "arn:aws:iam::111122223333:oidc-provider/token.example.com/Path";
constexpr const char* kMissing =
    "NoSuchEntity: OpenIDConnect Provider not found for arn "
    "arn:aws:iam::111122223333:oidc-provider/none.example.com";
constexpr const char* kNone = "arn:aws:iam::111122223333:oidc-provider/none.example.com";

constexpr const char* kInstance = "arn:aws:sso:::instance/ssoins-1234567890abcdef";

std::string thumbprint(char digit) {
  return std::string(40, digit);
}

class OidcProviders : public ::testing::Test {
 protected:
  std::string create(const std::string& url) {
    return outcome(world_.call(CreateOpenIDConnectProviderRequest{.url = url}));
  }

  std::string create_with(const std::vector<std::string>& thumbprints) {
    return outcome(world_.call(
        CreateOpenIDConnectProviderRequest{.url = kUrl, .thumbprint_list = thumbprints}));
  }

  std::string add(const std::string& client_id) {
    return outcome(world_.call(AddClientIDToOpenIDConnectProviderRequest{
        .open_id_connect_provider_arn = kArn, .client_id = client_id}));
  }

  GetOpenIDConnectProviderResponse get() {
    const auto got =
        world_.call(GetOpenIDConnectProviderRequest{.open_id_connect_provider_arn = kArn});
    EXPECT_EQ(outcome(got), "ok");
    return got ? *got : GetOpenIDConnectProviderResponse{};
  }

  std::string get_as(const model::Caller& caller, const char* arn) {
    return outcome(
        world_.call(caller, GetOpenIDConnectProviderRequest{.open_id_connect_provider_arn = arn}));
  }

  IamFixture world_;
};

}  // namespace

TEST_F(OidcProviders, AreShownAsTheyWereMade) {
  const auto made = world_.call(CreateOpenIDConnectProviderRequest{
      .url = kUrl,
      .client_id_list = {"b", "a", "b"},
      .thumbprint_list = {thumbprint('A'), thumbprint('a'), thumbprint('1')},
      .tags = {{"k", "v"}}});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->open_id_connect_provider_arn, kArn);
  EXPECT_EQ(made->tags->size(), 1U);
  const auto got = get();
  EXPECT_EQ(got.url, "token.example.com/Path");
  EXPECT_EQ(got.client_id_list, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(got.thumbprint_list, (std::vector<std::string>{thumbprint('a'), thumbprint('1')}));
  EXPECT_EQ(got.create_date, world_.now());
  EXPECT_EQ(got.tags->size(), 1U);
}

TEST_F(OidcProviders, KeepNoThumbprintsWhenNoneAreGiven) {
  ASSERT_EQ(create(kUrl), "ok");

  EXPECT_TRUE(get().thumbprint_list->empty());
  EXPECT_TRUE(get().tags->empty());
}

TEST_F(OidcProviders, AreAssociatedWithAnIdentityCenterInstance) {
  CreateOpenIDConnectProviderRequest request{.url = kUrl};
  request.identity_center_instance_arn = kInstance;
  EXPECT_EQ(outcome(world_.call(request)),
            "InvalidInput: An IAM Identity Center instance can be associated only with a provider "
            "that has a context provider.");
  request.context_provider = ContextProvider{.subject_source_key = "sub"};
  ASSERT_EQ(outcome(world_.call(request)), "ok");
  EXPECT_EQ(get().identity_center_instance_arn, kInstance);
  const std::string store = get().identity_store_arn.value_or("");
  EXPECT_TRUE(store.starts_with("arn:aws:identitystore::111122223333:identitystore/d-")) << store;
  const auto enabled = [this] {
    const auto listed = world_.call(ListOpenIDConnectProvidersRequest{});
    return listed->open_id_connect_provider_list->front()
        .is_trusted_identity_propagation_enabled.value_or(false);
  };
  EXPECT_TRUE(enabled());

  const auto update = [this](const std::function<void(UpdateOpenIDConnectProviderRequest&)>& ask) {
    UpdateOpenIDConnectProviderRequest asked{.open_id_connect_provider_arn = kArn};
    ask(asked);
    return outcome(world_.call(asked));
  };
  EXPECT_EQ(update([](auto& r) { r.remove_context_provider = true; }),
            "InvalidInput: Remove the association with the IAM Identity Center instance first.");
  EXPECT_EQ(update([](auto& r) {
              r.remove_identity_center_instance = true;
              r.remove_context_provider = true;
            }),
            "InvalidInput: Change the context provider in a request of its own.");
  EXPECT_EQ(update([](auto& r) {
              r.remove_identity_center_instance = true;
              r.identity_center_instance_arn = kInstance;
            }),
            "InvalidInput: Give either IdentityCenterInstanceArn or RemoveIdentityCenterInstance.");
  for (const char* arn : {"arn:aws:sso:::instance/ssoins-1",
                          "arn:aws:sso:us-east-1::instance/ssoins-1234567890abcdef",
                          "arn:aws:iam:::instance/ssoins-1234567890abcdef",
                          "arn:aws:sso:::instance/other-1234567890abcdef",
                          "arn:aws:sso:::instance/ins-1234567890abcde/"}) {
    EXPECT_TRUE(update([&](auto& r) {
                  r.identity_center_instance_arn = arn;
                }).ends_with(" is not the ARN of an IAM Identity Center instance."))
        << arn;
  }
  EXPECT_EQ(get().identity_center_instance_arn, kInstance);
  EXPECT_EQ(update([](auto& r) { r.remove_identity_center_instance = true; }), "ok");
  EXPECT_FALSE(get().identity_center_instance_arn);
  EXPECT_FALSE(enabled());
  EXPECT_EQ(update([](auto& r) { r.remove_context_provider = true; }), "ok");
  EXPECT_TRUE(update([](auto& r) {
                r.identity_center_instance_arn = kInstance;
              }).starts_with("InvalidInput: An IAM Identity Center instance can be"));
}

TEST_F(OidcProviders, TellPoliciesWhatPropagationIsAskedFor) {
  CreateOpenIDConnectProviderRequest request{.url = kUrl};
  using Keys = std::map<std::string, std::vector<std::string>>;
  const auto keys_of = [this](const auto& asked) {
    Keys keys;
    const auto list = world_.checks_of(IamFixture::root(), asked);
    EXPECT_TRUE(list);
    for (const authz::ContextEntry& entry : list->front().context) {
      keys[entry.key] = entry.values;
    }
    return keys;
  };
  EXPECT_EQ(keys_of(request),
            (Keys{{"iam:EnableIdentityCenterAssociation", {"false"}},
                  {"iam:EnableIdentityPropagation", {"false"}},
                  {"iam:RequestIdentityProviderIssuers", {"token.example.com/Path"}}}));
  request.context_provider = ContextProvider{.subject_source_key = "sub"};
  request.identity_center_instance_arn = kInstance;
  EXPECT_EQ(keys_of(request),
            (Keys{{"iam:EnableIdentityCenterAssociation", {"true"}},
                  {"iam:EnableIdentityPropagation", {"true"}},
                  {"iam:RequestIdentityCenterInstanceArn", {kInstance}},
                  {"iam:RequestIdentityProviderIssuers", {"token.example.com/Path"}}}));
  ASSERT_EQ(outcome(world_.call(request)), "ok");
  UpdateOpenIDConnectProviderRequest update{.open_id_connect_provider_arn = kArn};
  update.remove_identity_center_instance = true;
  EXPECT_EQ(keys_of(update),
            (Keys{{"iam:EnableIdentityCenterAssociation", {"false"}},
                  {"iam:EnableIdentityPropagation", {"false"}},
                  {"iam:ResourceIdentityCenterInstanceArn", {kInstance}},
                  {"iam:ResourceIdentityProviderIssuers", {"token.example.com/Path"}}}));

  const model::Caller caller = world_.make_caller(
      "careful",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*",)"
      R"("Condition":{"Bool":{"iam:EnableIdentityPropagation":"false"}}}})");
  update.remove_identity_center_instance = false;
  update.context_provider = request.context_provider;
  EXPECT_TRUE(outcome(world_.call(caller, update)).starts_with("AccessDenied: "));
  update.context_provider.reset();
  update.remove_identity_center_instance = true;
  EXPECT_EQ(outcome(world_.call(caller, update)), "ok");
}

TEST_F(OidcProviders, KeepReplaceAndLoseTheirContextProvider) {
  ContextProvider wanted{
      .key_definition_list = {{.source_key = "tid", .target_key = "tenant"},
                              {.source_key = "https://x.example/role", .target_key = std::nullopt}},
      .subject_source_key = "oid",
      .subject_type_value = "user"};
  CreateOpenIDConnectProviderRequest request{.url = kUrl};
  request.context_provider = wanted;
  ASSERT_EQ(outcome(world_.call(request)), "ok");
  ASSERT_TRUE(get().context_provider);
  EXPECT_EQ(get().context_provider->subject_source_key, "oid");
  EXPECT_EQ(get().context_provider->subject_type_value, "user");
  EXPECT_FALSE(get().context_provider->subject_type_source_key);
  ASSERT_EQ(get().context_provider->key_definition_list.size(), 2U);
  EXPECT_EQ(get().context_provider->key_definition_list[0].target_key, "tenant");
  EXPECT_EQ(get().context_provider->key_definition_list[1].target_key, "https://x.example/role");

  UpdateOpenIDConnectProviderRequest update{.open_id_connect_provider_arn = kArn};
  update.context_provider = ContextProvider{.subject_source_key = "sub"};
  ASSERT_EQ(outcome(world_.call(update)), "ok");
  EXPECT_EQ(get().context_provider->subject_source_key, "sub");
  EXPECT_TRUE(get().context_provider->key_definition_list.empty());

  update.context_provider.reset();
  update.remove_context_provider = true;
  ASSERT_EQ(outcome(world_.call(update)), "ok");
  EXPECT_FALSE(get().context_provider);
  EXPECT_EQ(outcome(world_.call(update)), "ok") << "there is none any more";
}

TEST_F(OidcProviders, RefuseContextProvidersThatAreNone) {
  ASSERT_EQ(create(kUrl), "ok");
  UpdateOpenIDConnectProviderRequest update{.open_id_connect_provider_arn = kArn};
  const std::string unclear = "InvalidInput: Give either ContextProvider or RemoveContextProvider.";
  EXPECT_EQ(outcome(world_.call(update)), unclear);
  update.context_provider = ContextProvider{.subject_source_key = "sub"};
  update.remove_context_provider = true;
  EXPECT_EQ(outcome(world_.call(update)), unclear);
  update.remove_context_provider = false;

  const auto with = [&](const std::function<void(ContextProvider&)>& change) {
    ContextProvider made{.subject_source_key = "sub"};
    change(made);
    update.context_provider = made;
    return outcome(world_.call(update));
  };
  for (const char* name : {" sub", "sub ", "s  b", "s?b", "s\tb", "s\xc3\xbc"}) {
    EXPECT_TRUE(with([&](ContextProvider& c) {
                  c.subject_source_key = name;
                }).starts_with("InvalidInput: The context provider key"))
        << name;
    EXPECT_TRUE(with([&](ContextProvider& c) {
                  c.key_definition_list = {{.source_key = "a", .target_key = name}};
                }).starts_with("InvalidInput: The context provider key"))
        << name;
  }
  EXPECT_EQ(with([](ContextProvider& c) { c.subject_type_value = "robot"; }),
            "InvalidInput: The subject type robot is not valid. It is user or workload.");
  EXPECT_EQ(with([](ContextProvider& c) {
              c.subject_type_value = "user";
              c.subject_type_source_key = "kind";
            }),
            "InvalidInput: SubjectTypeValue and SubjectTypeSourceKey exclude each other.");
  EXPECT_EQ(with([](ContextProvider& c) {
              c.key_definition_list = {{.source_key = "a", .target_key = "k"},
                                       {.source_key = "K", .target_key = std::nullopt}};
            }),
            "InvalidInput: The context provider has two keys K.");
  EXPECT_FALSE(get().context_provider) << "nothing was kept";
}

TEST_F(OidcProviders, HaveUrlsWithSchemeHostAndPathOnly) {
  for (const char* url : {"token.example.com",
                          "http://token.example.com",
                          "HTTPS://token.example.com",
                          "https://",
                          "https:///path",
                          "https://token.example.com:8443",
                          "https://token.example.com/?q=1",
                          "https://token.example.com/#f",
                          "https://someone@token.example.com",
                          "https://token.example.com/a b",
                          "https://token.example.com/\xc3\xa4",
                          ""}) {
    EXPECT_EQ(create(url), "ValidationError: Invalid Open ID Connect Provider URL") << url;
  }
  EXPECT_EQ(create("https://token.example.com/a/b-c_d/"), "ok");
  EXPECT_EQ(
      world_.call(ListOpenIDConnectProvidersRequest{})->open_id_connect_provider_list->front().arn,
      "arn:aws:iam::111122223333:oidc-provider/token.example.com/a/b-c_d");
}

TEST_F(OidcProviders, AreOneForAUrlWhoseCaseCounts) {
  ASSERT_EQ(create(kUrl), "ok");

  EXPECT_EQ(create(kUrl),
            "EntityAlreadyExists: Provider with url https://token.example.com/Path already "
            "exists.");
  EXPECT_EQ(create("https://token.example.com/Path/"), create(kUrl));
  EXPECT_EQ(create("https://token.example.com/path"), "ok");
  EXPECT_EQ(
      get_as(IamFixture::root(), "arn:aws:iam::111122223333:oidc-provider/token.example.com/PATH"),
      "NoSuchEntity: OpenIDConnect Provider not found for arn "
      "arn:aws:iam::111122223333:oidc-provider/token.example.com/PATH");
}

TEST_F(OidcProviders, RefuseThumbprintsThatAreNone) {
  const std::string too_many = "InvalidInput: Thumbprint list must contain fewer than 5 entries.";
  const std::string not_hex = "InvalidInput: Thumbprints must consist of 40 hexadecimal digits.";

  EXPECT_EQ(create_with(std::vector<std::string>(6, thumbprint('a'))), too_many);
  EXPECT_EQ(create_with({thumbprint('g')}), not_hex);
  EXPECT_EQ(create_with({thumbprint('a') + "a"}), not_hex);
  EXPECT_EQ(create_with({"a"}), not_hex);
  EXPECT_EQ(create_with(std::vector<std::string>(5, thumbprint('a'))), "ok");
  EXPECT_EQ(outcome(world_.call(UpdateOpenIDConnectProviderThumbprintRequest{
                .open_id_connect_provider_arn = kArn, .thumbprint_list = {thumbprint('x')}})),
            not_hex);
  EXPECT_EQ(get().thumbprint_list, std::vector<std::string>{thumbprint('a')});
}

TEST_F(OidcProviders, TakeAndLoseClientIds) {
  ASSERT_EQ(create(kUrl), "ok");

  EXPECT_EQ(add("x"), "ok");
  EXPECT_EQ(add("y"), "ok");
  EXPECT_EQ(add("x"), "ok");
  EXPECT_EQ(get().client_id_list, (std::vector<std::string>{"x", "y"}));
  for (const char* client_id : {"x", "x", "never there"}) {
    EXPECT_EQ(outcome(world_.call(RemoveClientIDFromOpenIDConnectProviderRequest{
                  .open_id_connect_provider_arn = kArn, .client_id = client_id})),
              "ok");
  }
  EXPECT_EQ(get().client_id_list, std::vector<std::string>{"y"});
}

TEST_F(OidcProviders, ReplaceTheirThumbprints) {
  ASSERT_EQ(create_with({thumbprint('a')}), "ok");

  EXPECT_EQ(outcome(world_.call(UpdateOpenIDConnectProviderThumbprintRequest{
                .open_id_connect_provider_arn = kArn, .thumbprint_list = {thumbprint('B')}})),
            "ok");
  EXPECT_EQ(get().thumbprint_list, std::vector<std::string>{thumbprint('b')});
}

TEST_F(OidcProviders, HaveQuotas) {
  ASSERT_EQ(create(kUrl), "ok");
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(add("client" + std::to_string(i)), "ok");
  }
  EXPECT_EQ(add("one more"),
            "LimitExceeded: Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  EXPECT_EQ(add("client7"), "ok") << "it is there already";

  for (int i = 1; i < 100; ++i) {
    ASSERT_EQ(create("https://issuer" + std::to_string(i) + ".example.com"), "ok");
  }
  EXPECT_EQ(create("https://more.example.com"),
            "LimitExceeded: Cannot exceed quota for OpenIDConnectProvidersPerAccount: 100");
}

TEST_F(OidcProviders, AreGoneWhenDeletedAndCannotBeDeletedTwice) {
  ASSERT_EQ(create(kUrl), "ok");
  const DeleteOpenIDConnectProviderRequest request{.open_id_connect_provider_arn = kArn};

  EXPECT_EQ(outcome(world_.call(request)), "ok");
  EXPECT_EQ(outcome(world_.call(request)),
            "NoSuchEntity: OpenId connect Provider ARN cannot be found.");
  EXPECT_TRUE(
      world_.call(ListOpenIDConnectProvidersRequest{})->open_id_connect_provider_list->empty());
}

TEST_F(OidcProviders, AreMissingInTheirOwnWords) {
  EXPECT_EQ(get_as(IamFixture::root(), kNone), kMissing);
  EXPECT_EQ(outcome(world_.call(AddClientIDToOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kNone, .client_id = "c"})),
            kMissing);
  EXPECT_EQ(outcome(world_.call(RemoveClientIDFromOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kNone, .client_id = "c"})),
            kMissing);
  EXPECT_EQ(outcome(world_.call(UpdateOpenIDConnectProviderThumbprintRequest{
                .open_id_connect_provider_arn = kNone, .thumbprint_list = {thumbprint('a')}})),
            kMissing);
  EXPECT_EQ(outcome(world_.call(TagOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kNone, .tags = {{"k", "v"}}})),
            kMissing);
  EXPECT_EQ(outcome(world_.call(UntagOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kNone, .tag_keys = {"k"}})),
            kMissing);
  EXPECT_EQ(outcome(world_.call(
                ListOpenIDConnectProviderTagsRequest{.open_id_connect_provider_arn = kNone})),
            kMissing);
}

TEST_F(OidcProviders, HaveTagsWhoseKeysTellCasesApart) {
  ASSERT_EQ(create(kUrl), "ok");

  EXPECT_EQ(outcome(world_.call(TagOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kArn, .tags = {{"k", "1"}, {"K", "2"}}})),
            "ok");
  EXPECT_EQ(outcome(world_.call(UntagOpenIDConnectProviderRequest{
                .open_id_connect_provider_arn = kArn, .tag_keys = {"k"}})),
            "ok");
  const auto tags =
      world_.call(ListOpenIDConnectProviderTagsRequest{.open_id_connect_provider_arn = kArn});
  ASSERT_EQ(outcome(tags), "ok");
  ASSERT_EQ(tags->tags.size(), 1U);
  EXPECT_EQ(tags->tags.front().key, "K");
}

TEST_F(OidcProviders, AreOutOfReachForOtherAccountsAndOtherPermissions) {
  ASSERT_EQ(create(kUrl), "ok");

  EXPECT_TRUE(get_as(IamFixture::root(IamFixture::kOther), kArn).starts_with("AccessDenied: "));
  const model::Caller reader = world_.make_caller(
      "reader",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Action":"iam:GetOpenIDConnectProvider",)"
      R"("Resource":"arn:aws:iam::111122223333:oidc-provider/token.example.com/Path"}]})");
  EXPECT_EQ(get_as(reader, kArn), "ok");
  EXPECT_TRUE(get_as(reader, kNone).starts_with("AccessDenied: "));
  EXPECT_TRUE(
      outcome(world_.call(reader,
                          DeleteOpenIDConnectProviderRequest{.open_id_connect_provider_arn = kArn}))
          .starts_with("AccessDenied: "));
  EXPECT_TRUE(outcome(world_.call(reader, ListOpenIDConnectProvidersRequest{}))
                  .starts_with("AccessDenied: "));
}

TEST_F(OidcProviders, AreTaggedAtCreationOnlyByWhoMayTag) {
  const model::Caller maker =
      world_.make_caller("maker",
                         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                         R"("Action":"iam:CreateOpenIDConnectProvider","Resource":"*"}]})");

  EXPECT_TRUE(
      outcome(
          world_.call(maker, CreateOpenIDConnectProviderRequest{.url = kUrl, .tags = {{"k", "v"}}}))
          .starts_with("AccessDenied: "));
  EXPECT_EQ(outcome(world_.call(maker, CreateOpenIDConnectProviderRequest{.url = kUrl})), "ok");
}

TEST_F(OidcProviders, AreDecidedOnByTheirTags) {
  ASSERT_EQ(outcome(world_.call(
                CreateOpenIDConnectProviderRequest{.url = kUrl, .tags = {{"team", "red"}}})),
            "ok");
  const model::Caller reader = world_.make_caller(
      "reader",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},)"
      R"({"Effect":"Deny","Action":"iam:DeleteOpenIDConnectProvider","Resource":"*",)"
      R"("Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]})");

  EXPECT_TRUE(
      outcome(world_.call(reader,
                          DeleteOpenIDConnectProviderRequest{.open_id_connect_provider_arn = kArn}))
          .starts_with("AccessDenied: "));
}

}  // namespace signet::iam
