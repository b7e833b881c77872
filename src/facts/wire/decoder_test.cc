// The decoder against the texts recorded from AWS (aws-wire 1.7, 1.9) and against what it must
// refuse.
#include "facts/wire/decoder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "facts/iam_wire.h"
#include "facts/sts_wire.h"

namespace signet {
namespace {

template <class Request>
struct Decoded {
  Status status;
  Request request;
};

template <class Request>
Decoded<Request> run(std::string_view text) {
  Decoded<Request> out;
  const auto form = codec::FormParams::parse(text);
  EXPECT_TRUE(form.has_value()) << text.substr(0, 200);
  out.status = decode(*form, out.request);
  return out;
}

// "<wire code>: <message>", or "ok".
template <class Request>
std::string verdict(std::string_view text) {
  const auto decoded = run<Request>(text);
  if (decoded.status) {
    return "ok";
  }
  const Error& error = decoded.status.error();
  EXPECT_EQ(facts::error_row(error.code).status, 400);
  return std::string(facts::error_row(error.code).wire_code) + ": " + error.message;
}

constexpr std::string_view kOne = "ValidationError: 1 validation error detected: ";
const std::string kTagKeyList =
    "Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must "
    "have length less "
    "than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy "
    "regular expression "
    "pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]";

std::string text(std::string_view head, std::string_view tail) {
  return std::string(head) + std::string(tail);
}

std::string repeated(std::size_t n, char c = 'a') {
  return std::string(n, c);
}

TEST(Decode, FillsEveryMember) {
  const auto [status, r] = run<sts::AssumeRoleRequest>(
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%"
      "2Fdemo&RoleSessionName=me"
      "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FA&Policy=%7B%7D&"
      "DurationSeconds=900"
      "&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=%C3%A9+x&Tags.member.2.Value=v"
      "&TransitiveTagKeys.member.1=k&ExternalId=ex&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%"
      "3Amfa%2Fd"
      "&TokenCode=123456&SourceIdentity=si&ProvidedContexts.member.1.ProviderArn=arn%3Aaws%3Aiam%"
      "3A%3Aaws%3Ax%2Fy"
      "&ProvidedContexts.member.1.ContextAssertion=abcd");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(r.role_arn, "arn:aws:iam::123456789012:role/demo");
  EXPECT_EQ(r.role_session_name, "me");
  ASSERT_EQ(r.policy_arns.size(), 1U);
  EXPECT_EQ(r.policy_arns[0].arn, "arn:aws:iam::aws:policy/A");
  EXPECT_EQ(r.policy, "{}");
  EXPECT_EQ(r.duration_seconds, 900);
  ASSERT_EQ(r.tags.size(), 2U);
  EXPECT_EQ(r.tags[0].value, "");
  EXPECT_EQ(r.tags[1].key, "\xC3\xA9 x");
  EXPECT_EQ(r.transitive_tag_keys, std::vector<std::string>{"k"});
  EXPECT_EQ(r.token_code, "123456");
  ASSERT_EQ(r.provided_contexts.size(), 1U);
  EXPECT_EQ(r.provided_contexts[0].context_assertion, "abcd");
}

TEST(Decode, AbsentOptionalsStayAbsent) {
  const auto [status, r] = run<iam::CreateUserRequest>("UserName=bob&Tags=");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_FALSE(r.path.has_value());
  EXPECT_TRUE(r.tags.empty());
}

TEST(Decode, SecretsAreSecrets) {
  const auto [status, r] = run<iam::ChangePasswordRequest>("OldPassword=a&NewPassword=b%2B");
  ASSERT_TRUE(status);
  EXPECT_EQ(r.old_password.reveal(secret_access()), "a");
  EXPECT_EQ(r.new_password.reveal(secret_access()), "b+");
}

TEST(Decode, NestedLists) {
  const auto [status, r] = run<iam::SimulateCustomPolicyRequest>(
      "PolicyInputList.member.1=%7B%7D&ActionNames.member.1=s3%3AGetObject&ContextEntries.member.1."
      "ContextKeyName=aws%3Ax"
      "&ContextEntries.member.1.ContextKeyValues.member.2=b&ContextEntries.member.1."
      "ContextKeyValues.member.1=a"
      "&ContextEntries.member.1.ContextKeyType=stringList");
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(r.context_entries.size(), 1U);
  EXPECT_EQ(r.context_entries[0].context_key_values, (std::vector<std::string>{"a", "b"}));
}

// Order is by number, not by text, and gaps close up.
TEST(Decode, MapsHaveEntries) {
  const auto decoded = run<iam::PutAccountPropertiesRequest>(
      "Properties.entry.2.key=B%2Fc&Properties.entry.2.value=no&Properties.entry.1.value=yes&"
      "Properties.entry.1.key=A%2Fb");
  ASSERT_TRUE(decoded.status.has_value());
  const std::vector<std::pair<std::string, std::string>> expected = {{"A/b", "yes"}, {"B/c", "no"}};
  EXPECT_EQ(decoded.request.properties, expected);

  const auto nested = run<iam::AcquireRoleRequest>(
      "TemplateArn=arn:aws:iam::aws:role-template/x&ReplacementValues.entry.1.key=Name&"
      "ReplacementValues.entry.1.value.Values.member.1=a&"
      "ReplacementValues.entry.1.value.Values.member.2=b");
  ASSERT_TRUE(nested.status.has_value());
  ASSERT_EQ(nested.request.replacement_values.size(), 1U);
  EXPECT_EQ(nested.request.replacement_values[0].first, "Name");
  EXPECT_EQ(nested.request.replacement_values[0].second.values,
            (std::vector<std::string>{"a", "b"}));

  EXPECT_EQ(
      verdict<iam::PutAccountPropertiesRequest>(""),
      text(kOne, "Value at 'properties' failed to satisfy constraint: Member must not be null"));
  EXPECT_NE(verdict<iam::PutAccountPropertiesRequest>("Properties.entry.1.value=yes"), "ok");
  EXPECT_NE(verdict<iam::PutAccountPropertiesRequest>("Properties.entry.1.key=A%2Fb"), "ok");
  EXPECT_NE(verdict<iam::PutAccountPropertiesRequest>(
                "Properties.entry.1.key=1%2Fb&Properties.entry.1.value=yes"),
            "ok");
  EXPECT_NE(verdict<iam::PutAccountPropertiesRequest>(
                "Properties.entry.1.key=A%2Fb&Properties.entry.1.value=yes&Properties.member.1=x"),
            "ok")
      << "nothing below a known member is dropped";
}

TEST(Decode, ListsFollowTheirNumbers) {
  const auto [status, r] = run<iam::UntagUserRequest>(
      "UserName=u&TagKeys.member.10=j&TagKeys.member.2=b&TagKeys.member.1=a&TagKeys.member.100=z");
  ASSERT_TRUE(status);
  EXPECT_EQ(r.tag_keys, (std::vector<std::string>{"a", "b", "j", "z"}));
}

TEST(Decode, MissingParameterOrNullByOperation) {
  EXPECT_EQ(verdict<iam::DeleteUserRequest>(""),
            "MissingParameter: The request must contain the parameter UserName.");
  EXPECT_EQ(verdict<iam::UpdateAccessKeyRequest>("AccessKeyId=AKIAAAAAAAAAAAAAAAAA"),
            "MissingParameter: The request must contain the parameter Status.");
  EXPECT_EQ(
      verdict<iam::CreateUserRequest>(""),
      text(kOne, "Value at 'userName' failed to satisfy constraint: Member must not be null"));
  EXPECT_EQ(verdict<iam::CreateUserRequest>("UserName=alice&Tags.member.1.Value=test"),
            "MissingParameter: The request must contain the parameter Tags.member.1.Key.");
  EXPECT_EQ(
      verdict<sts::AssumeRoleRequest>("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx"),
      text(
          kOne,
          "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"));
  EXPECT_EQ(verdict<sts::GetFederationTokenRequest>("Name=bob&Tags.member.1.Value=x"),
            text(kOne,
                 "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not "
                 "be null"));
  EXPECT_EQ(
      verdict<sts::AssumeRootRequest>("TargetPrincipal=123456789012"),
      text(kOne,
           "Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null"));
  EXPECT_EQ(verdict<iam::UntagUserRequest>("UserName=u"),
            text(kOne, "Value at 'tagKeys' failed to satisfy constraint: Member must not be null"));
}

TEST(Decode, StsEchoesTheValue) {
  const std::string arn = "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx&";
  EXPECT_EQ(verdict<sts::AssumeRoleRequest>(arn + "RoleSessionName=Session1%3A2"),
            text(kOne,
                 "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member "
                 "must satisfy regular "
                 "expression pattern: [\\w+=,.@-]*"));
  EXPECT_EQ(verdict<sts::GetSessionTokenRequest>("TokenCode=11111111111111"),
            text(kOne,
                 "Value '11111111111111' at 'tokenCode' failed to satisfy constraint: Member must "
                 "have length less "
                 "than or equal to 6"));
  EXPECT_EQ(verdict<sts::AssumeRoleRequest>(arn + "RoleSessionName=ok&DurationSeconds=899"),
            text(kOne,
                 "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have "
                 "value greater than "
                 "or equal to 900"));
  EXPECT_EQ(verdict<sts::AssumeRoleRequest>(arn + "RoleSessionName=ok&DurationSeconds=43201"),
            text(kOne,
                 "Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must "
                 "have value less than "
                 "or equal to 43200"));
  const std::string policy = repeated(2049);
  EXPECT_EQ(verdict<sts::GetFederationTokenRequest>("Name=bob&Policy=" + policy),
            text(kOne,
                 "Value '" + policy +
                     "' at 'policy' failed to satisfy constraint: Member must have length less "
                     "than or equal to 2048"));
  EXPECT_EQ(verdict<sts::AssumeRoleWithWebIdentityRequest>(
                arn + "RoleSessionName=ok&WebIdentityToken=abc"),
            text(kOne,
                 "Value '***' at 'webIdentityToken' failed to satisfy constraint: Member must have "
                 "length greater "
                 "than or equal to 4"));
}

// Seen in the field: the pattern's clause comes before the length's, roleArn before principalArn.
TEST(Decode, OrderOfClausesInSts) {
  const std::string pattern =
      "Member must satisfy regular expression pattern: "
      "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-"
      "\\u10FFFF]+";
  const std::string shorter = "Member must have length greater than or equal to 20";
  const auto clauses = [&](const std::string& name) {
    const std::string head = "Value '' at '" + name + "' failed to satisfy constraint: ";
    return head + pattern + "; " + head + shorter;
  };
  EXPECT_EQ(verdict<sts::AssumeRoleWithSAMLRequest>("RoleArn=&PrincipalArn=&SAMLAssertion=abcd"),
            "ValidationError: 4 validation errors detected: " + clauses("roleArn") + "; " +
                clauses("principalArn"));
}

TEST(Decode, IamLeavesTheValueOut) {
  EXPECT_EQ(verdict<iam::CreateUserRequest>("UserName=" + repeated(65)),
            text(kOne,
                 "Value at 'userName' failed to satisfy constraint: Member must have length less "
                 "than or equal to 64"));
  EXPECT_EQ(verdict<iam::CreateUserRequest>("UserName="),
            text(kOne,
                 "Value at 'userName' failed to satisfy constraint: Member must have length "
                 "greater than or equal to 1"));
  EXPECT_EQ(
      verdict<iam::UpdateAccessKeyRequest>("AccessKeyId=AKIAAAAAAAAAAAAAAAAA&Status=On"),
      text(kOne,
           "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"));
  EXPECT_EQ(verdict<iam::TagUserRequest>("UserName=u&Tags.member.1.Key=&Tags.member.1.Value=" +
                                         repeated(257)),
            text("ValidationError: ",
                 "3 validation errors detected: "
                 "Value at 'tags.1.member.value' failed to satisfy constraint: Member must have "
                 "length less than or equal to "
                 "256; Value at 'tags.1.member.key' failed to satisfy constraint: Member must "
                 "satisfy regular expression "
                 "pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+; Value at 'tags.1.member.key' failed to "
                 "satisfy constraint: "
                 "Member must have length greater than or equal to 1"));
}

TEST(Decode, RecordedOrderOfPasswordPolicyFaults) {
  EXPECT_EQ(verdict<iam::UpdateAccountPasswordPolicyRequest>(
                "MaxPasswordAge=1096&MinimumPasswordLength=129&PasswordReusePrevention=25"),
            "ValidationError: 3 validation errors detected: "
            "Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value "
            "less than or equal to 128; "
            "Value at 'passwordReusePrevention' failed to satisfy constraint: Member must have "
            "value less than or equal to 24; "
            "Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value less "
            "than or equal to 1095");
}

TEST(Decode, RecordedOidcFaults) {
  EXPECT_EQ(verdict<iam::CreateOpenIDConnectProviderRequest>(
                "Url=" + repeated(256) + "&ClientIDList.member.1=" + repeated(256) +
                "&ThumbprintList.member.1=abc"),
            "ValidationError: 3 validation errors detected: Value at 'clientIDList' failed to "
            "satisfy constraint: Member must "
            "satisfy constraint: [Member must have length less than or equal to 255, Member must "
            "have length greater than or "
            "equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must "
            "satisfy constraint: [Member must "
            "have length less than or equal to 40, Member must have length greater than or equal "
            "to 40]; Value at 'url' failed "
            "to satisfy constraint: Member must have length less than or equal to 255");
}

TEST(Decode, ListsOfStringsAnswerAsAWhole) {
  EXPECT_EQ(verdict<iam::UntagUserRequest>("UserName=u&TagKeys.member.1=" + repeated(129)),
            text(kOne, kTagKeyList));
  EXPECT_EQ(verdict<iam::UntagUserRequest>("UserName=u&TagKeys.member.1=ok&TagKeys.member.2=%21"),
            text(kOne, kTagKeyList));
  std::string many = "UserName=u";
  std::string tags = "UserName=u";
  for (int i = 1; i <= 51; ++i) {
    many += "&TagKeys.member." + std::to_string(i) + "=k" + std::to_string(i);
    tags += "&Tags.member." + std::to_string(i) + ".Key=k&Tags.member." + std::to_string(i) +
            ".Value=v";
  }
  EXPECT_EQ(verdict<iam::UntagUserRequest>(many),
            text(kOne,
                 "Value at 'tagKeys' failed to satisfy constraint: Member must have length less "
                 "than or equal to 50"));
  EXPECT_EQ(verdict<iam::TagUserRequest>(tags),
            text(kOne,
                 "Value at 'tags' failed to satisfy constraint: Member must have length less than "
                 "or equal to 50"));
  EXPECT_EQ(verdict<iam::UntagUserRequest>("UserName=u&TagKeys="), "ok");
}

TEST(Decode, HandWrittenSentences) {
  EXPECT_EQ(verdict<iam::CreateUserRequest>("UserName=u&Path=x"),
            "ValidationError: The specified value for path is invalid. It must begin and end with "
            "/ and contain only "
            "alphanumeric characters and/or / characters.");
  EXPECT_EQ(verdict<iam::ListUsersRequest>("PathPrefix=x"),
            "ValidationError: The specified value for pathPrefix is invalid. It must begin with "
            "the / character and contain "
            "only alphanumeric characters and/or / characters.");
  EXPECT_EQ(verdict<iam::ListPoliciesRequest>("PathPrefix=x"),
            "ValidationError: The specified value for pathPrefix is invalid. It must begin with "
            "the / character and contain "
            "only alphanumeric characters and/or / characters.");
  EXPECT_EQ(verdict<iam::UpdateUserRequest>("UserName=u&NewUserName=a%2Fb"),
            "ValidationError: The specified value for newUserName is invalid. It must contain only "
            "alphanumeric characters "
            "and/or the following: +=,.@_-");
  EXPECT_EQ(verdict<iam::GetAccessKeyLastUsedRequest>("AccessKeyId=AKIA-AAAAAAAAAAAAAAA"),
            "ValidationError: The specified value for accessKeyId is invalid. It must contain only "
            "alphanumeric characters.");
  // The model's own constraints come first.
  EXPECT_EQ(verdict<iam::CreateUserRequest>("UserName=" + repeated(65) + "&Path=x"),
            text(kOne,
                 "Value at 'userName' failed to satisfy constraint: Member must have length less "
                 "than or equal to 64"));
}

TEST(Decode, LengthsCountCodePoints) {
  std::string value;
  for (int i = 0; i < 256; ++i) {
    value += "%C3%A9";
  }
  EXPECT_EQ(
      verdict<iam::TagUserRequest>("UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=" + value),
      "ok");
  EXPECT_NE(
      verdict<iam::TagUserRequest>("UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=x" + value),
      "ok");
}

TEST(Decode, NumbersAndBooleansAreStrict) {
  for (const char* bad :
       {"", "abc", "+900", "9e2", "900.0", " 900", "0x384", "99999999999999999999", "--1", "-"}) {
    EXPECT_EQ(verdict<sts::GetSessionTokenRequest>("DurationSeconds=" + codec::percent_encode(bad)),
              text(kOne,
                   "Value '" + std::string(bad) +
                       "' at 'durationSeconds' failed to satisfy constraint: Member must be "
                       "an integer"));
  }
  EXPECT_EQ(verdict<sts::GetSessionTokenRequest>("DurationSeconds=-900"),
            text(kOne,
                 "Value '-900' at 'durationSeconds' failed to satisfy constraint: Member must have "
                 "value greater than "
                 "or equal to 900"));
  for (const char* bad : {"", "True", "1", "yes"}) {
    EXPECT_NE(verdict<iam::ListPoliciesRequest>("OnlyAttached=" + std::string(bad)), "ok") << bad;
  }
  EXPECT_EQ(run<iam::ListPoliciesRequest>("OnlyAttached=true").request.only_attached, true);
  EXPECT_EQ(run<iam::ListPoliciesRequest>("OnlyAttached=false").request.only_attached, false);
}

TEST(Decode, BoundsItsAnswer) {
  std::string text = "UserName=u";
  for (int i = 1; i <= 4999; ++i) {
    text +=
        "&Tags.member." + std::to_string(i) + ".Key=&Tags.member." + std::to_string(i) + ".Value=";
  }
  const std::string answer = verdict<iam::TagUserRequest>(text);
  EXPECT_TRUE(answer.starts_with("ValidationError: 9999 validation errors detected: "))
      << answer.substr(0, 80);
  EXPECT_LT(answer.size(), 70'000U);
}

// A session policy must not get lost because it was spelled oddly.
TEST(Decode, RefusesWhatItWouldOtherwiseIgnore) {
  const std::string base =
      "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx&RoleSessionName=ok";
  EXPECT_EQ(verdict<sts::AssumeRoleRequest>(base + "&SomethingElse=1&X.member.1=2&policy=x"), "ok");
  for (const char* odd : {"&PolicyArns.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FA",
                          "&PolicyArns.member.0.arn=a",
                          "&PolicyArns.member.01.arn=a",
                          "&PolicyArns.member.x.arn=a",
                          "&PolicyArns.member.1.Arn=a",
                          "&PolicyArns.member.=a",
                          "&PolicyArns.member.-1.arn=a",
                          "&PolicyArns.member.1=a",
                          "&PolicyArns=a",
                          "&PolicyArns.arn=a",
                          "&Policy.member.1=a",
                          "&Tags.entry.1.Key=k",
                          "&PolicyArns.member.1234567.arn=a",
                          "&TransitiveTagKeys.member.1.x=a",
                          "&Policy=%7B%7D&Policy=%7B%7D",
                          "&RoleSessionName=other",
                          "&SomethingElse=1&SomethingElse=1"}) {
    EXPECT_TRUE(verdict<sts::AssumeRoleRequest>(base + odd).starts_with("ValidationError: "))
        << odd;
  }
}

TEST(Decoder, TakesAnEmptyExternalIdForNone) {
  const std::string call =
      "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=ab&ExternalId=";

  const auto empty = run<sts::AssumeRoleRequest>(call);
  EXPECT_TRUE(empty.status.has_value());
  EXPECT_FALSE(empty.request.external_id.has_value());
  EXPECT_EQ(run<sts::AssumeRoleRequest>(call + "ab").request.external_id, "ab");
  // Only the value that is wholly empty, and only of this member.
  EXPECT_NE(verdict<sts::AssumeRoleRequest>(call + "a"), "ok");
  EXPECT_NE(verdict<sts::AssumeRoleRequest>(
                "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=ab&SourceIdentity="),
            "ok");
  EXPECT_NE(
      verdict<sts::AssumeRoleRequest>("RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName="),
      "ok");
}

}  // namespace
}  // namespace signet
