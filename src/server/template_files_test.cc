#include "server/template_files.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace signet::server {
namespace {

constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"@{Service}"},"Action":"sts:AssumeRole"}]})";
constexpr std::string_view kParameter = R"({"Name":"Service","Type":"String"})";

std::string role_template(std::string_view more,
                          std::string_view parameters = kParameter,
                          std::string_view trust = kTrust) {
  std::string text =
      R"({"TemplateName":"T","ManagedByValue":"test.example.com","RoleNamePattern":"t")";
  text += R"(,"AssumeRolePolicyDocumentTemplate":)";
  text += trust;
  text += R"(,"ParametersDefinition":[)";
  text += parameters;
  text += "]";
  text += more;
  return text + "}";
}

std::string fault_of(std::string text) {
  const auto read = read_role_template("t.json", std::move(text));
  return read ? "none" : read.error().message;
}

std::string policy_template(std::string_view document, std::string_view more = "") {
  std::string text =
      R"({"PolicyTemplateArn":"arn:aws:iam::444455556666:delegation-template/t","RequestorId":"444455556666","ParametersDefinition":[{"Name":"bucket","Type":"String"}],"PermissionPolicy":)";
  text += document;
  text += more;
  return text + "}";
}

TEST(TemplateFiles, BuiltInOnesAreRead) {
  const auto templates = load_templates({});
  ASSERT_TRUE(templates) << templates.error().message;
  const auto* power_user =
      (*templates)
          ->find_role("arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1");
  ASSERT_NE(power_user, nullptr);
  EXPECT_EQ(power_user->minor, 0U);
  EXPECT_EQ(power_user->name_pattern, "@{RoleName}");
  EXPECT_TRUE(power_user->version_id.starts_with("AVTA"));
  EXPECT_EQ(power_user->version_id.size(), 21U);
}

TEST(TemplateFiles, FillInWhatIsNotSaid) {
  const auto read = read_role_template("t.json", role_template(""));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->arn, "arn:aws:iam::aws:role-template/test.example.com/T:1");
  EXPECT_EQ(read->path_pattern, "/");
  EXPECT_EQ(read->max_session_seconds, 3600U);
  EXPECT_TRUE(read->is_enabled);
  EXPECT_TRUE(read->is_version_enabled);
}

TEST(TemplateFiles, TakeTheAnswerOfGetRoleTemplateVersion) {
  const auto read =
      read_role_template("t.json", "{\"RoleTemplateVersion\":" + role_template("") + "}");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "T");
}

TEST(TemplateFiles, NameThePlaceOfAFault) {
  EXPECT_EQ(fault_of("{"), "t.json:1:2: unexpected end of the document");
  EXPECT_EQ(fault_of("[]"), "t.json:1:1: expected an object");
  EXPECT_EQ(fault_of("{\n \"TemplateName\": 7}"), "t.json:2:18: TemplateName: expected a string");
  EXPECT_NE(fault_of(role_template(R"(,"Nme":"x")")).find("unknown member \"Nme\""),
            std::string::npos);
  EXPECT_NE(fault_of(role_template(R"(,"MaxSessionDuration":60)"))
                .find("MaxSessionDuration: expected a whole number from 3600 to 43200"),
            std::string::npos);
}

TEST(TemplateFiles, RefusePlaceholdersWithoutParameter) {
  EXPECT_NE(fault_of(role_template("", "")).find("@{Service} is none of the parameters"),
            std::string::npos);
  EXPECT_NE(fault_of(role_template(R"(,"RoleDescriptionPattern":"@{Service")"))
                .find("a placeholder has the form @{parameter}"),
            std::string::npos);
}

TEST(TemplateFiles, RefuseDocumentsThatCannotBeFilled) {
  const std::string what = "expected a policy in JSON";
  EXPECT_NE(fault_of(role_template("", kParameter, R"({"@{Service}":1})")).find(what),
            std::string::npos);
  EXPECT_NE(fault_of(role_template(
                         "", R"({"Name":"Service","Type":"StringList"})", R"({"a":"x@{Service}"})"))
                .find(what),
            std::string::npos);
  EXPECT_NE(fault_of(role_template("", kParameter, R"("no json")")).find(what), std::string::npos);
  EXPECT_NE(fault_of(role_template("", kParameter, "\"@\\u007bService}\"")).find(what),
            std::string::npos);
}

TEST(TemplateFiles, RefuseWhatWouldNotBeEnforced) {
  EXPECT_NE(fault_of(role_template("", R"({"Name":"Service","Type":"String","SubType":"x"})"))
                .find("what a SubType allows is not known"),
            std::string::npos);
  EXPECT_NE(
      fault_of(role_template("", R"({"Name":"Service","Type":"Text"})")).find("expected String"),
      std::string::npos);
  EXPECT_NE(fault_of(role_template("", R"({"Name":"Service","Type":"Number","DefaultValue":"x"})"))
                .find("the default value is not of the type Number"),
            std::string::npos);
  EXPECT_NE(
      fault_of(role_template(
                   "", R"({"Name":"Service","Type":"String"},{"Name":"Service","Type":"Arn"})"))
          .find("there are two parameters Service"),
      std::string::npos);
  EXPECT_NE(fault_of(role_template(R"(,"TemplateArn":"arn:aws:iam::aws:role-template/x/T:1")"))
                .find("expected arn:aws:iam::aws:role-template/test.example.com/T:1"),
            std::string::npos);
}

TEST(TemplateFiles, AFolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(load_templates({.roles = "/nowhere/at/all", .policies = {}}));
}

TEST(TemplateFiles, ReadPolicyTemplates) {
  const auto read =
      read_policy_template("p.json",
                           policy_template(R"({"Version":"2012-10-17","Statement":[]})",
                                           R"(,"RequestorName":"Example")"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->requestor, "444455556666");
  EXPECT_EQ(read->requestor_name, "Example");
  EXPECT_EQ(read->parameters.size(), 1U);
  for (
      const std::string& text :
      {policy_template(R"({"a":"@{x}"})"),
       policy_template("{}", R"(,"RequestorName":"More than thirty characters here")"),
       std::string(
           R"({"PolicyTemplateArn":"t","RequestorId":"444455556666","PermissionPolicy":{}})"),
       std::string(
           R"({"PolicyTemplateArn":"arn:aws:iam::1:t/t","RequestorId":"4","PermissionPolicy":{}})"),
       std::string(R"({"RequestorId":"444455556666"})")}) {
    EXPECT_FALSE(read_policy_template("p.json", text)) << text;
  }
}

}  // namespace
}  // namespace signet::server
