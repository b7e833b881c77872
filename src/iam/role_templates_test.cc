#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

using identity::ParameterType;

constexpr const char* kArn = "arn:aws:iam::aws:role-template/test.example.com/Everything:1";
constexpr const char* kNotFound =
    "NoSuchEntity: The role template arn:aws:iam::aws:role-template/test.example.com/None:1 cannot "
    "be found.";
constexpr const char* kModified =
    "RoleModified: Role app-blue has been modified since it was created and is no longer managed.";
constexpr const char* kOtherParameters =
    "NameConflict: A role with this name exists but was created with different parameters. Pass a "
    "unique roleName to create a new role.";
constexpr const char* kNotOfTemplate =
    "NameConflict: A role with this name already exists in the account but was not created from "
    "this template. Choose a different role name, or remove the existing role if it is no longer "
    "needed.";

identity::RoleTemplate everything() {
  identity::RoleTemplate from;
  from.arn = kArn;
  from.name = "Everything";
  from.version_id = "AVTAEXAMPLE";
  from.service = "test.example.com";
  from.name_pattern = "app-@{Name}";
  from.path_pattern = "/made/";
  from.description_pattern = "App @{Name}";
  from.trust_policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"@{Service}"},"Action":"sts:AssumeRole"}]})";
  from.inline_policies = {
      {.name = "data",
       .text =
           R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"@{Buckets}"}]})"}};
  from.managed_policies = {std::string(IamFixture::kReadOnly)};
  from.boundary = IamFixture::kAdministrator;
  from.parameters = {
      {.name = "Name", .is_required = true},
      {.name = "Service", .default_value = "ec2.amazonaws.com"},
      {.name = "Buckets", .type = ParameterType::ArnList, .default_value = "arn:aws:s3:::b/k"}};
  from.tags = {{.name = "app", .text = "@{Name}"}};
  from.max_session_seconds = 7200;
  return from;
}

class RoleTemplates : public ::testing::Test {
 protected:
  RoleTemplates() { world_.templates().add(everything()); }

  static AcquireRoleRequest request(
      std::vector<std::pair<std::string, std::vector<std::string>>> values = {{"Name", {"blue"}}}) {
    AcquireRoleRequest made{.template_arn = kArn};
    for (auto& [name, given] : values) {
      made.replacement_values.emplace_back(name, ReplacementValueEntry{.values = given});
    }
    return made;
  }

  std::string acquire(std::vector<std::pair<std::string, std::vector<std::string>>> values = {
                          {"Name", {"blue"}}}) {
    return outcome(world_.call(request(std::move(values))));
  }

  [[nodiscard]] identity::Role role() const {
    const auto state = world_.snapshot();
    const auto* found = state->find<identity::Role>(IamFixture::kAccount, "app-blue");
    return found != nullptr ? *found : identity::Role();
  }

  template <class Request>
  void must(const Request& request) {
    ASSERT_EQ(outcome(world_.call(request)), "ok");
  }

  IamFixture world_;
};

TEST_F(RoleTemplates, AreShown) {
  const auto got = world_.call(GetRoleTemplateVersionRequest{.template_arn = kArn});
  ASSERT_EQ(outcome(got), "ok");
  const RoleTemplateVersion& shown = got->role_template_version;
  EXPECT_EQ(shown.template_arn, kArn);
  EXPECT_EQ(shown.minor_version, 0);
  EXPECT_EQ(shown.managed_by_value, "test.example.com");
  EXPECT_EQ(shown.role_name_pattern, "app-@{Name}");
  EXPECT_EQ(shown.parameters_definition->size(), 3U);
  EXPECT_EQ(shown.parameters_definition->back().type, "ArnList");
  EXPECT_EQ(shown.inline_policy_templates->front().policy_name, "data");
  EXPECT_EQ(shown.role_tags_template->front().value, "@{Name}");
  EXPECT_EQ(shown.max_session_duration, 7200);
  EXPECT_TRUE(*shown.enabled);
}

TEST_F(RoleTemplates, ThatAreNotThereAreNotFound) {
  std::string arn = kArn;
  arn.replace(arn.find("Everything"), 10, "None");
  EXPECT_EQ(outcome(world_.call(GetRoleTemplateVersionRequest{.template_arn = arn})), kNotFound);
  EXPECT_EQ(outcome(world_.call(AcquireRoleRequest{.template_arn = arn})), kNotFound);
  EXPECT_EQ(
      outcome(world_.call(GetRoleTemplateVersionRequest{.template_arn = kArn, .minor_version = 1})),
      std::string("NoSuchEntity: Version 1 of the role template ") + kArn + " cannot be found.");
  for (const std::int64_t minor : {-1LL, 4'294'967'296LL}) {
    EXPECT_NE(outcome(world_.call(
                  AcquireRoleRequest{.template_arn = kArn, .template_minor_version = minor})),
              "ok");
  }
}

TEST_F(RoleTemplates, MakeRoles) {
  const auto made = world_.call(request());

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->role.arn, "arn:aws:iam::111122223333:role/made/app-blue");
  EXPECT_FALSE(made->role.description);
  EXPECT_FALSE(made->role.tags);
  EXPECT_EQ(
      made->role.assume_role_policy_document,
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})");
  const identity::Role kept = role();
  EXPECT_EQ(kept.description, "App blue");
  EXPECT_EQ(kept.max_session_seconds, 7200U);
  EXPECT_EQ(kept.boundary, IamFixture::kAdministrator);
  EXPECT_EQ(kept.attached_policies, std::vector<std::string>{std::string(IamFixture::kReadOnly)});
  EXPECT_EQ(kept.tags, (std::vector<identity::Tag>{{"app", "blue"}}));
  EXPECT_EQ(
      kept.inline_policies.front().document->text(),
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b/k"]}]})");
}

TEST_F(RoleTemplates, OnlyGetRoleShowsWhereARoleIsFrom) {
  ASSERT_EQ(acquire(), "ok");
  const auto got = world_.call(GetRoleRequest{.role_name = "app-blue"});
  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->role.source_role_template->template_arn, kArn);
  EXPECT_EQ(got->role.source_role_template->template_minor_version, 0);
  EXPECT_FALSE(world_.call(ListRolesRequest{})->roles.front().source_role_template);
  world_.make_role("plain");
  EXPECT_FALSE(world_.call(GetRoleRequest{.role_name = "plain"})->role.source_role_template);
}

TEST_F(RoleTemplates, FindTheRoleThatTheyMade) {
  const auto first = world_.call(request());
  ASSERT_EQ(outcome(first), "ok");
  // The default, said out loud.
  const auto again = world_.call(request({{"Service", {"ec2.amazonaws.com"}}, {"Name", {"blue"}}}));
  ASSERT_EQ(outcome(again), "ok");
  EXPECT_EQ(again->role.role_id, first->role.role_id);
}

TEST_F(RoleTemplates, RefuseARoleThatWasChanged) {
  ASSERT_EQ(acquire(), "ok");

  must(TagRoleRequest{.role_name = "app-blue", .tags = {{"more", "1"}}});
  EXPECT_EQ(acquire(), kModified);
  must(UntagRoleRequest{.role_name = "app-blue", .tag_keys = {"more"}});
  EXPECT_EQ(acquire(), "ok") << "restoring the change makes it acquirable again";

  must(DetachRolePolicyRequest{.role_name = "app-blue",
                               .policy_arn = std::string(IamFixture::kReadOnly)});
  EXPECT_EQ(acquire(), kModified);
  must(AttachRolePolicyRequest{.role_name = "app-blue",
                               .policy_arn = std::string(IamFixture::kReadOnly)});

  must(DeleteRolePermissionsBoundaryRequest{.role_name = "app-blue"});
  EXPECT_EQ(acquire(), kModified);
  must(PutRolePermissionsBoundaryRequest{
      .role_name = "app-blue", .permissions_boundary = std::string(IamFixture::kAdministrator)});

  must(PutRolePolicyRequest{
      .role_name = "app-blue", .policy_name = "more", .policy_document = std::string(kAllowAll)});
  EXPECT_EQ(acquire(), kModified);
  must(DeleteRolePolicyRequest{.role_name = "app-blue", .policy_name = "more"});

  must(UpdateAssumeRolePolicyRequest{
      .role_name = "app-blue",
      .policy_document =
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}})"});
  EXPECT_EQ(acquire(), kModified);
  must(UpdateAssumeRolePolicyRequest{
      .role_name = "app-blue",
      .policy_document =
          R"({"Statement":{"Principal":{"Service":["ec2.amazonaws.com"]},"Action":"sts:AssumeRole","Effect":"Allow"},"Version":"2012-10-17"})"});
  EXPECT_EQ(acquire(), "ok") << "policies are compared by what they say";
  must(UpdateRoleRequest{
      .role_name = "app-blue", .description = "other", .max_session_duration = 3600});
  EXPECT_EQ(acquire(), "ok") << "neither description nor session duration counts";
}

TEST_F(RoleTemplates, RefuseARoleOfOtherParametersOrSpelling) {
  ASSERT_EQ(acquire(), "ok");
  EXPECT_EQ(acquire({{"Name", {"blue"}}, {"Service", {"lambda.amazonaws.com"}}}), kOtherParameters);
  EXPECT_EQ(acquire({{"Name", {"BLUE"}}}), kOtherParameters);
  EXPECT_EQ(acquire({{"Name", {"green"}}}), "ok");
}

TEST_F(RoleTemplates, RefuseARoleOfSomebodyElse) {
  world_.make_role("app-blue");
  EXPECT_EQ(acquire(), kNotOfTemplate);
  identity::RoleTemplate other = everything();
  other.arn = "arn:aws:iam::aws:role-template/test.example.com/Other:1";
  world_.templates().add(other);
  ASSERT_EQ(acquire({{"Name", {"red"}}}), "ok");
  AcquireRoleRequest same_name = request({{"Name", {"red"}}});
  same_name.template_arn = other.arn;
  EXPECT_EQ(outcome(world_.call(same_name)), kNotOfTemplate);
}

TEST_F(RoleTemplates, CompareARoleWithItsOwnMinorVersion) {
  ASSERT_EQ(acquire(), "ok");
  identity::RoleTemplate next = everything();
  next.minor = 1;
  next.tags.clear();
  world_.templates().add(next);
  AcquireRoleRequest second = request();
  second.template_minor_version = 1;
  EXPECT_EQ(outcome(world_.call(second)), "ok");
  EXPECT_EQ(role().origin.front().minor_version, 0U);
}

TEST_F(RoleTemplates, ThatAreDisabledMakeNothing) {
  identity::RoleTemplate off = everything();
  off.is_enabled = false;
  world_.templates().add(off);
  EXPECT_EQ(acquire(),
            std::string("RoleTemplateDisabled: The role template ") + kArn + " is disabled.");
  off.is_enabled = true;
  off.is_version_enabled = false;
  world_.templates().add(off);
  EXPECT_EQ(acquire(),
            std::string("RoleTemplateDisabled: The role template ") + kArn + " is disabled.");
  EXPECT_EQ(role().id, "");
}

TEST_F(RoleTemplates, RefuseValuesThatDoNotFit) {
  EXPECT_EQ(acquire({}), "InvalidInput: The parameter Name needs a value.");
  EXPECT_EQ(acquire({{"Name", {"a"}}, {"Other", {"b"}}}),
            "InvalidInput: The template has no parameter Other.");
  const std::string form = "InvalidInput: The values of the parameter Name are not of its type.";
  EXPECT_EQ(acquire({{"Name", {"a", "b"}}}), form);
  EXPECT_EQ(acquire({{"Name", {"a"}}, {"Name", {"b"}}}), form);
  EXPECT_EQ(acquire({{"Name", {"a"}}, {"Buckets", {"bucket"}}}),
            "InvalidInput: The values of the parameter Buckets are not of its type.");
  EXPECT_EQ(acquire({{"Name", {"a"}}, {"Buckets", {"arn:aws:s3:::b/*"}}}),
            "InvalidInput: The value of the parameter Buckets stands in a policy and must not "
            "contain wildcards or policy variables.");
  const std::string invalid = std::string("InvalidInput: With these values the template ") + kArn +
                              " makes no valid name, path or description of a role.";
  EXPECT_EQ(acquire({{"Name", {"a b"}}}), invalid);
  EXPECT_EQ(acquire({{"Name", {"a/b"}}}), invalid);
  EXPECT_EQ(acquire({{"Name", {std::string(61, 'a')}}}), invalid);
  EXPECT_EQ(acquire({{"Name", {"a"}}, {"Service", {"no service"}}}).substr(0, 23),
            "MalformedPolicyDocument");
  EXPECT_EQ(world_.snapshot()->table<identity::Role>(IamFixture::kAccount).size(), 0U);
}

TEST_F(RoleTemplates, NeedAllThatTheirRolesNeed) {
  const auto list = world_.checks_of(IamFixture::root(), request());
  ASSERT_TRUE(list);
  std::vector<std::string> actions;
  for (const api::Check& check : *list) {
    actions.push_back(check.action);
    const bool has_template = std::ranges::any_of(
        check.context,
        [](const authz::ContextEntry& entry) { return entry.key == "iam:RoleTemplateARN"; });
    EXPECT_EQ(has_template, check.action != "iam:GetRoleTemplateVersion") << check.action;
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{"iam:GetRoleTemplateVersion",
                                      "iam:CreateRole",
                                      "iam:AttachRolePolicy",
                                      "iam:PutRolePolicy",
                                      "iam:PutRolePermissionsBoundary",
                                      "iam:TagRole"}));
  ASSERT_EQ(acquire(), "ok");
  const auto later = world_.checks_of(IamFixture::root(), request());
  ASSERT_TRUE(later);
  ASSERT_EQ(later->size(), 2U);
  EXPECT_EQ((*later)[1].action, "iam:GetRole");
}

// Whoever may make roles from this template alone makes them, and nothing else.
TEST_F(RoleTemplates, CanBeTheOnlyWayToMakeRoles) {
  const model::Caller maker = world_.make_caller(
      "maker",
      std::string(
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetRoleTemplateVersion","Resource":")") +
          kArn +
          R"("},{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"ArnEquals":{"iam:RoleTemplateARN":")" +
          kArn + R"("}}}]})");

  EXPECT_EQ(outcome(world_.call(maker, request())), "ok");
  EXPECT_EQ(outcome(world_.call(maker, request())), "ok");
  EXPECT_EQ(
      outcome(world_.call(maker,
                          CreateRoleRequest{.role_name = "own",
                                            .assume_role_policy_document = std::string(kTrustEc2)}))
          .substr(0, 12),
      "AccessDenied");
}

TEST_F(RoleTemplates, LeaveNoHalfMadeRole) {
  const model::Caller maker = world_.make_caller(
      "maker",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetRoleTemplateVersion","iam:CreateRole"],"Resource":"*"}]})");

  EXPECT_EQ(
      outcome(world_.call(maker, request())),
      "AccessDenied: User: arn:aws:iam::111122223333:user/maker is not authorized to perform: "
      "iam:AttachRolePolicy on resource: role/app-blue because no identity-based policy "
      "allows the iam:AttachRolePolicy action");
  EXPECT_EQ(role().id, "");
}

TEST_F(RoleTemplates, AreCalledDifferentlyInTheTwoRefusals) {
  world_.make_user("nobody");
  const model::Caller nobody = world_.user("nobody");
  const std::string start =
      "AccessDenied: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: "
      "iam:GetRoleTemplateVersion on resource: ";
  EXPECT_TRUE(outcome(world_.call(nobody, request())).starts_with(start + "role template " + kArn));
  EXPECT_TRUE(outcome(world_.call(nobody, GetRoleTemplateVersionRequest{.template_arn = kArn}))
                  .starts_with(start + "role-template " + kArn));
}

}  // namespace
}  // namespace signet::iam
