#include "iam/template_text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

using identity::ParameterType;

TemplateValues values() {
  return {{.name = "bucket", .values = {"data-1"}},
          {.name = "keys", .is_list = true, .values = {"a", "b"}},
          {.name = "one", .is_list = true, .values = {"only"}},
          {.name = "quote", .values = {R"(a"b\c)"}}};
}

std::string filled(std::string_view document) {
  const auto result = fill_document(document, values());
  return result ? *result : outcome(result);
}

std::string filled_with(const std::string& value) {
  const auto result =
      fill_document(R"({"Resource":"arn:aws:s3:::@{x}/*"})", {{.name = "x", .values = {value}}});
  return result ? *result : outcome(result);
}

bool takes(ParameterType type, const std::vector<std::string>& given) {
  return check_values({.name = "p", .type = type}, given).has_value();
}

TEST(TemplateTexts, NameTheirPlaceholders) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(placeholders_of("a"), Names());
  EXPECT_EQ(placeholders_of(""), Names());
  EXPECT_EQ(placeholders_of("@{a}-@{b}@{a}"), (Names{"a", "b", "a"}));
  EXPECT_EQ(placeholders_of("@ {a} ${b} @"), Names());
  EXPECT_EQ(placeholders_of("@{a"), std::nullopt);
  EXPECT_EQ(placeholders_of("x@{}"), std::nullopt);
}

TEST(TemplateTexts, AreFilledInOnePass) {
  const TemplateValues given = {{.name = "a", .values = {"@{b}"}}, {.name = "b", .values = {"x"}}};
  EXPECT_EQ(fill_text("-@{a}-@{b}-", given).value_or(""), "-@{b}-x-");
  EXPECT_EQ(outcome(fill_text("@{c}", given)), "InvalidInput: The parameter c needs a value.");
  EXPECT_EQ(outcome(fill_text("@{keys}", values())),
            "InvalidInput: The values of the parameter keys are not of its type.");
}

TEST(TemplateTexts, PutValuesIntoStringsOfDocuments) {
  EXPECT_EQ(filled(R"({ "Resource" : "arn:aws:s3:::@{bucket}/*", "n" : [1, true, null] })"),
            R"({"Resource":"arn:aws:s3:::data-1/*","n":[1,true,null]})");
  EXPECT_EQ(filled(R"({"a":"@{quote}"})"), R"({"a":"a\"b\\c"})");
}

TEST(TemplateTexts, PutListsInThePlaceOfWholeStrings) {
  EXPECT_EQ(filled(R"({"a":"@{keys}"})"), R"({"a":["a","b"]})");
  EXPECT_EQ(filled(R"({"a":["x","@{keys}","@{one}"]})"), R"({"a":["x","a","b","only"]})");
  EXPECT_EQ(filled(R"({"a":"x-@{keys}"})"),
            "InvalidInput: The values of the parameter keys are not of its type.");
}

TEST(TemplateTexts, ValuesCannotWidenAPolicy) {
  EXPECT_EQ(filled_with("plain-1.2_3:/@"), R"({"Resource":"arn:aws:s3:::plain-1.2_3:/@/*"})");
  for (const char* value : {"*", "a*", "?", "${aws:username}", "$", "{", "}", "a\nb"}) {
    EXPECT_EQ(filled_with(value),
              "InvalidInput: The value of the parameter x stands in a policy and must not contain "
              "wildcards or policy variables.")
        << value;
  }
  EXPECT_EQ(filled_with(R"(a","Effect":"Allow)"),
            R"({"Resource":"arn:aws:s3:::a\",\"Effect\":\"Allow/*"})")
      << "a value stays inside its string";
}

TEST(TemplateTexts, NamesOfMembersHoldNoPlaceholders) {
  EXPECT_FALSE(fill_document(R"({"@{bucket}":"a"})", values()));
  EXPECT_FALSE(fill_document(R"({"a":"@{"})", values()));
  EXPECT_FALSE(fill_document("{", values()));
}

TEST(TemplateTexts, ValuesHaveTheFormOfTheirType) {
  EXPECT_TRUE(takes(ParameterType::String, {"a b"}));
  EXPECT_FALSE(takes(ParameterType::String, {""}));
  EXPECT_FALSE(takes(ParameterType::String, {}));
  EXPECT_FALSE(takes(ParameterType::String, {"a", "b"}));
  EXPECT_TRUE(takes(ParameterType::StringList, {"a", "b"}));
  EXPECT_TRUE(takes(ParameterType::StringList, std::vector<std::string>(20, "a")));
  EXPECT_FALSE(takes(ParameterType::StringList, std::vector<std::string>(21, "a")));
  for (const char* number : {"0", "-1", "12.5"}) {
    EXPECT_TRUE(takes(ParameterType::Number, {number})) << number;
  }
  for (const char* number : {"", "-", "1.", ".5", "1e3", "0x1", " 1", "1-"}) {
    EXPECT_FALSE(takes(ParameterType::Number, {number})) << number;
    EXPECT_FALSE(takes(ParameterType::NumberList, {"1", number})) << number;
  }
  EXPECT_TRUE(takes(ParameterType::Arn, {"arn:aws:s3:::bucket"}));
  EXPECT_FALSE(takes(ParameterType::Arn, {"bucket"}));
  EXPECT_FALSE(takes(ParameterType::ArnList, {"arn:aws:s3:::bucket", "arn:aws:s3:::"}));
}

TEST(TemplateTexts, DocumentsThatSayTheSameAreTheSame) {
  const auto canonical =
      canonical_document(R"({"Statement":[{"Action":["a","b"],"Effect":"Allow"}]})");
  ASSERT_TRUE(canonical);
  EXPECT_EQ(canonical_document(R"({ "Statement": {"Effect":"Allow", "Action":["b","a"]} })"),
            canonical);
  EXPECT_NE(canonical_document(R"({"Statement":{"Effect":"Allow","Action":"a"}})"), canonical);
  EXPECT_NE(canonical_document(R"({"Statement":{"Effect":"Deny","Action":["a","b"]}})"), canonical);
  EXPECT_EQ(canonical_document("{"), std::nullopt);
}

}  // namespace
}  // namespace signet::iam
