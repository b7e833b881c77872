#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/strings.h"
#include "rolesanywhere/handlers.h"

// Profiles stand for all kinds: names, aliases, tags, regions and pages are the same code.
namespace signet::rolesanywhere {
namespace {

using authz::AuthzFixture;
using Texts = std::vector<std::string>;

constexpr const char* kRole = "arn:aws:iam::111122223333:role/team/reader";
constexpr std::string_view kNotFound = "NoSuchEntity: Profile not found";

class Profiles : public testing::Test {
 protected:
  template <class Request>
  static Request named(const std::string& id) {
    Request request;
    request.profile_id = id;
    return request;
  }

  static ListProfilesRequest page(std::int64_t size) {
    ListProfilesRequest request;
    request.page_size = size;
    return request;
  }

  template <class Request>
  auto change(const Request& request, const model::Caller& caller = AuthzFixture::root()) {
    return world_.call(caller, request, true);
  }

  template <class Request>
  auto read(const Request& request, const model::Caller& caller = AuthzFixture::root()) {
    return world_.call(caller, request);
  }

  static CreateProfileRequest creation(std::string name = "profile") {
    return {.name = std::move(name), .role_arns = {kRole}};
  }

  ProfileDetail make(const CreateProfileRequest& request = creation()) {
    const auto made = change(request);
    EXPECT_EQ(outcome(made), "ok");
    return made ? *made->profile : ProfileDetail();
  }

  Result<GetProfileResponse> get(const std::string& id,
                                 const model::Caller& caller = AuthzFixture::root()) {
    return read(named<GetProfileRequest>(id), caller);
  }

  void allow(std::string_view statements) {
    world_.change_user([statements](identity::User& user) {
      user.inline_policies = {{.name = "p",
                               .document = identity::make_document(concat(
                                   R"({"Version":"2012-10-17","Statement":[)", statements, "]}"))}};
    });
  }

  api::ApiFixture world_;
};

constexpr std::string_view kAllAnywhere =
    R"({"Effect":"Allow","Action":"rolesanywhere:*","Resource":"*"})";

TEST_F(Profiles, AreDisabledAndLimitedToAnHourUnlessSaid) {
  const ProfileDetail profile = make();
  EXPECT_EQ(profile.enabled, false);
  EXPECT_EQ(profile.duration_seconds, 3600);
  EXPECT_EQ(profile.accept_role_session_name, false);
  EXPECT_EQ(profile.created_by, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(profile.profile_arn,
            concat("arn:aws:rolesanywhere:eu-west-1:111122223333:profile/", *profile.profile_id));
}

// Whoever makes a profile lends its roles.
TEST_F(Profiles, TheirRolesHaveToBePassed) {
  const std::string id = *make().profile_id;
  const auto is_refused = [](const auto& answer) {
    return outcome(answer).find("iam:PassRole on resource: arn:aws:iam::111122223333:role/") !=
           std::string::npos;
  };
  UpdateProfileRequest roles{.profile_id = id};
  roles.role_arns = {{kRole}};
  const UpdateProfileRequest name{.profile_id = id, .name = "other"};

  allow(kAllAnywhere);
  EXPECT_TRUE(is_refused(change(creation(), AuthzFixture::user())));
  EXPECT_TRUE(is_refused(change(roles, AuthzFixture::user())));
  EXPECT_EQ(outcome(change(name, AuthzFixture::user())), "ok") << "passes none";

  allow(concat(kAllAnywhere,
               R"(,{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",)"
               R"("Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}})"));
  EXPECT_TRUE(is_refused(change(creation(), AuthzFixture::user()))) << "to another service";

  allow(concat(kAllAnywhere,
               R"(,{"Effect":"Allow","Action":"iam:PassRole","Resource":")",
               kRole,
               R"(","Condition":{"StringEquals":)"
               R"({"iam:PassedToService":"rolesanywhere.amazonaws.com"}}})"));
  EXPECT_EQ(outcome(change(creation(), AuthzFixture::user())), "ok");
  EXPECT_EQ(outcome(change(roles, AuthzFixture::user())), "ok");
  CreateProfileRequest two = creation();
  two.role_arns.emplace_back("arn:aws:iam::111122223333:role/other");
  EXPECT_TRUE(is_refused(change(two, AuthzFixture::user()))) << "each of them";
}

TEST_F(Profiles, LendNoRolesOfOthers) {
  const std::string id = *make().profile_id;
  for (const auto& [arn, wanted] :
       {std::pair("arn:aws:iam::444455556666:role/reader", "AccessDenied: "),
        std::pair("reader", "ValidationError: The role reader is not of this account."),
        std::pair("", "ValidationError: The role  is not of this account."),
        std::pair("arn:aws:iam", "ValidationError: The role arn:aws:iam is not ")}) {
    CreateProfileRequest request = creation();
    request.role_arns = {kRole, arn};
    EXPECT_TRUE(outcome(change(request)).starts_with(wanted)) << outcome(change(request));
    UpdateProfileRequest update{.profile_id = id};
    update.role_arns = {{arn}};
    EXPECT_TRUE(outcome(change(update)).starts_with(wanted)) << outcome(change(update));
    EXPECT_EQ(get(id)->profile->role_arns, Texts{kRole});
  }
}

TEST_F(Profiles, SessionPoliciesAreReadWhenTheyAreWritten) {
  CreateProfileRequest request = creation();
  request.session_policy = "{";
  EXPECT_TRUE(outcome(change(request)).starts_with("MalformedPolicyDocument"))
      << outcome(change(request));
  request.session_policy = identity::kAllow;
  const ProfileDetail made = make(request);
  EXPECT_EQ(made.session_policy, identity::kAllow);
  UpdateProfileRequest update{.profile_id = *made.profile_id};
  update.session_policy = R"({"Statement":"no"})";
  EXPECT_TRUE(outcome(change(update)).starts_with("MalformedPolicyDocument"));
  EXPECT_EQ(get(*made.profile_id)->profile->session_policy, identity::kAllow) << "unchanged";
}

TEST_F(Profiles, WhatIsNotServedIsRefused) {
  CreateProfileRequest request = creation();
  request.tip_configuration = TipConfiguration{.status = "ENABLED"};
  EXPECT_EQ(outcome(change(request)),
            "ValidationError: Trusted identity propagation is not served here.");
  request.tip_configuration->status = "DISABLED";
  make(request);
}

TEST_F(Profiles, AreFoundByIdArnAndAliasOfTheirOwnPlaceAlone) {
  CreateProfileRequest request = creation();
  request.alias_name = "mine";
  const ProfileDetail made = make(request);
  const std::string arn = *made.profile_arn;
  EXPECT_EQ(made.alias_arn, "arn:aws:rolesanywhere:eu-west-1:111122223333:alias/profile/mine");
  for (const std::string& name : {*made.profile_id, arn, *made.alias_arn}) {
    EXPECT_EQ(outcome(get(name)), "ok") << name;
    EXPECT_FALSE(get(name, AuthzFixture::root(identity::kOtherAccount))) << name;
  }
  const auto with = [&arn](std::string_view from, std::string_view to) {
    std::string text = arn;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& name : {std::string(),
                                  std::string("mine"),
                                  arn + "x",
                                  with("eu-west-1", "us-east-1"),
                                  with("profile/", "trust-anchor/"),
                                  with("profile/", "profile"),
                                  with("rolesanywhere", "iam"),
                                  std::string("arn:aws:rolesanywhere:eu-west-1:111122223333:"
                                              "alias/trust-anchor/mine")}) {
    EXPECT_EQ(outcome(get(name)), kNotFound) << name;
  }
  EXPECT_TRUE(outcome(get(with("111122223333", "444455556666"))).starts_with("AccessDenied"));
}

TEST_F(Profiles, AnAliasIsOneProfilesAndNotReserved) {
  CreateProfileRequest request = creation();
  request.alias_name = "mine";
  const std::string first = *make(request).profile_id;
  EXPECT_EQ(outcome(change(request)),
            "ValidationError: The alias mine belongs to another profile.");
  for (const char* reserved : {"aws/mine", "AWS/mine", "aws/"}) {
    request.alias_name = reserved;
    EXPECT_EQ(outcome(change(request)),
              "ValidationError: Alias names that begin with aws/ are reserved.");
  }
  UpdateProfileRequest update{.profile_id = first};
  update.alias_name = "yours";
  const auto changed = change(update);
  ASSERT_EQ(outcome(changed), "ok");
  EXPECT_EQ(changed->profile->previous_alias_name, "mine");
  request.alias_name = "mine";
  make(request);
  update.alias_name = "";
  EXPECT_FALSE(change(update)->profile->alias_name) << "taken away";
}

TEST_F(Profiles, TagsAreBoundedAndCanDecide) {
  CreateProfileRequest request = creation();
  request.tags = {{{.key = "AWS:x", .value = "v"}}};
  EXPECT_EQ(outcome(change(request)),
            "ValidationError: Tag keys that begin with aws: are reserved.");
  request.tags->clear();
  for (int i = 0; i < 201; ++i) {
    request.tags->push_back({.key = concat("k", std::to_string(i)), .value = "v"});
  }
  EXPECT_TRUE(outcome(change(request)).starts_with("TooManyTags")) << outcome(change(request));

  request.tags = {{{.key = "team", .value = "red"}}};
  const std::string arn = *make(request).profile_arn;
  allow(R"({"Effect":"Allow","Action":"rolesanywhere:*","Resource":"*",)"
        R"("Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}})");
  EXPECT_EQ(outcome(get(arn, AuthzFixture::user())), "ok");
  ASSERT_EQ(outcome(change(TagResourceRequest{.resource_arn = arn,
                                              .tags = {{.key = "team", .value = "blue"}}})),
            "ok");
  EXPECT_TRUE(outcome(get(arn, AuthzFixture::user())).starts_with("AccessDenied"));
  const auto tags = read(ListTagsForResourceRequest{.resource_arn = arn});
  ASSERT_EQ(tags->tags->size(), 1U);
  EXPECT_EQ(tags->tags->front().value, "blue");
  ASSERT_EQ(outcome(change(UntagResourceRequest{.resource_arn = arn, .tag_keys = {"team", "no"}})),
            "ok");
  EXPECT_TRUE(read(ListTagsForResourceRequest{.resource_arn = arn})->tags->empty());
}

TEST_F(Profiles, PagesHaveEveryOneOnceAndTokensAreOfTheirList) {
  for (int i = 0; i < 5; ++i) {
    make(creation(concat("p", std::to_string(i))));
  }
  const Texts all = [&] {
    Texts names;
    const auto answer = read(ListProfilesRequest());
    for (const ProfileDetail& one : *answer->profiles) {
      names.push_back(*one.profile_id);
    }
    return names;
  }();
  ASSERT_EQ(all.size(), 5U);
  Texts seen;
  ListProfilesRequest request = page(2);
  do {
    const auto answer = read(request);
    ASSERT_EQ(outcome(answer), "ok");
    ASSERT_LE(answer->profiles->size(), 2U);
    for (const ProfileDetail& one : *answer->profiles) {
      seen.push_back(*one.profile_id);
    }
    request.next_token = answer->next_token;
  } while (request.next_token && seen.size() < 10);
  EXPECT_EQ(seen, all);

  request.next_token = read(page(1))->next_token;
  EXPECT_EQ(outcome(read(request, AuthzFixture::root(identity::kOtherAccount))),
            "ValidationError: Invalid nextToken.");
  ListTrustAnchorsRequest anchors;
  anchors.next_token = request.next_token;
  EXPECT_EQ(outcome(read(anchors)), "ValidationError: Invalid nextToken.");
  for (const std::int64_t size : {-1, 0, 1001}) {
    EXPECT_EQ(outcome(read(page(size))),
              "ValidationError: pageSize must be a number from 1 to 1000.");
  }
}

TEST_F(Profiles, AreSwitchedAndGone) {
  const std::string id = *make().profile_id;
  EXPECT_EQ(change(named<EnableProfileRequest>(id))->profile->enabled, true);
  EXPECT_EQ(get(id)->profile->enabled, true);
  EXPECT_EQ(change(named<DisableProfileRequest>(id))->profile->enabled, false);
  ASSERT_EQ(outcome(change(named<DeleteProfileRequest>(id))), "ok");
  EXPECT_EQ(outcome(get(id)), kNotFound);
  EXPECT_EQ(outcome(change(named<EnableProfileRequest>(id))), kNotFound);
  EXPECT_EQ(outcome(change(named<DeleteProfileRequest>(id))), kNotFound);
}

}  // namespace
}  // namespace signet::rolesanywhere
