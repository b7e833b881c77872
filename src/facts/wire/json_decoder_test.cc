#include "facts/wire/json_decoder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "facts/cloudtrail_wire.h"
#include "facts/outcome_for_test.h"
#include "facts/rolesanywhere_wire.h"
#include "facts/signin_wire.h"

namespace signet::facts {
namespace {

// A request that is borrowed from this.
struct Sent {
  std::string body;
  std::vector<NamedText> path;
  std::vector<NamedText> query;

  template <class Request>
  Result<Request> read() const {
    Request request;
    const JsonInput input{.path = path,
                          .query = query,
                          .header = [](std::string_view) { return std::nullopt; },
                          .body = body};
    const Status status = decode(input, request);
    return status ? Result<Request>(std::move(request)) : std::unexpected(status.error());
  }

  template <class Request>
  std::string refusal() const {
    const auto read_one = read<Request>();
    return read_one ? "none"
                    : std::string(error_row(read_one.error().code).name) + ": " +
                          read_one.error().message;
  }
};

std::string refused(std::string body) {
  return Sent{.body = std::move(body), .path = {}, .query = {}}
      .refusal<rolesanywhere::CreateProfileRequest>();
}

TEST(JsonDecoder, ReadsNestedMembers) {
  const Sent sent{.body = R"({"name":"a","source":{"sourceType":"CERTIFICATE_BUNDLE",
      "sourceData":{"x509CertificateData":"x"}},"enabled":true,"tags":[{"key":"k","value":""}],
      "later":{"anything":[1]}})",
                  .path = {},
                  .query = {}};

  const auto request = sent.read<rolesanywhere::CreateTrustAnchorRequest>();

  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "a");
  EXPECT_EQ(request->source.source_type, "CERTIFICATE_BUNDLE");
  EXPECT_EQ(request->source.source_data->x509_certificate_data, "x");
  EXPECT_EQ(request->enabled, true);
  EXPECT_EQ(request->crl_dp_revocation_enabled, std::nullopt);
  ASSERT_EQ(request->tags->size(), 1U);
  EXPECT_EQ(request->tags->front().key, "k");
  EXPECT_EQ(request->notification_settings, std::nullopt);
}

TEST(JsonDecoder, ReadsPathAndQuery) {
  const Sent sent{
      .body = "",
      .path = {{"profileId", "ccccdddd-1111-2222-3333-eeeeffff0000"}},
      .query = {{"specifiers", "CN"}, {"certificateField", "x509Subject"}, {"specifiers", "OU"}}};

  const auto request = sent.read<rolesanywhere::DeleteAttributeMappingRequest>();

  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->profile_id, "ccccdddd-1111-2222-3333-eeeeffff0000");
  EXPECT_EQ(request->certificate_field, "x509Subject");
  EXPECT_EQ(request->specifiers, (std::vector<std::string>{"CN", "OU"}));
}

TEST(JsonDecoder, ReadsNumbersOfTheQuery) {
  const Sent sent{.body = "", .path = {}, .query = {{"pageSize", "7"}}};
  EXPECT_EQ(sent.read<rolesanywhere::ListProfilesRequest>()->page_size, 7);
  const Sent word{.body = "", .path = {}, .query = {{"pageSize", "seven"}}};
  EXPECT_EQ(word.refusal<rolesanywhere::ListProfilesRequest>(),
            "SerializationException: STRING_VALUE can not be converted to an Integer");
}

TEST(JsonDecoder, ReadsABodyThatIsOneStructure) {
  const Sent sent{
      .body =
          R"({"clientId":"arn:aws:signin:::devtools/same-device","grantType":"refresh_token","refreshToken":"r"})",
      .path = {},
      .query = {}};

  const auto request = sent.read<signin::CreateOAuth2TokenRequest>();

  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->token_input.grant_type, "refresh_token");
  EXPECT_TRUE(request->token_input.refresh_token.has_value());
}

TEST(JsonDecoder, ReadsMembersByTheirNameOnTheWire) {
  const Sent sent{.body = R"({"grant_type":"client_credentials","resource":"r","duration":300})",
                  .path = {},
                  .query = {}};
  EXPECT_EQ(sent.read<signin::CreateBearerTokenRequest>()->duration_seconds, 300);
}

TEST(JsonDecoder, TellsAbsentListsFromEmptyOnes) {
  const std::vector<NamedText> path = {{"profileId", "ccccdddd-1111-2222-3333-eeeeffff0000"}};
  const auto read = [&](std::string body) {
    return Sent{.body = std::move(body), .path = path, .query = {}}
        .read<rolesanywhere::UpdateProfileRequest>()
        ->role_arns;
  };
  EXPECT_EQ(read("{}"), std::nullopt);
  EXPECT_EQ(read(R"({"roleArns":null})"), std::nullopt);
  EXPECT_EQ(read(R"({"roleArns":[]})"), std::vector<std::string>());
}

TEST(JsonDecoder, ReadsBytes) {
  const auto read = [](std::string_view data) {
    return Sent{.body = std::string(R"({"name":"a","trustAnchorArn":"arn:aws:rolesanywhere:r:)") +
                        R"(123456789012:trust-anchor/x","crlData":")" + std::string(data) + "\"}",
                .path = {},
                .query = {}};
  };
  EXPECT_EQ(read("AAEC").read<rolesanywhere::ImportCrlRequest>()->crl_data,
            std::string("\0\1\2", 3));
  EXPECT_EQ(read("*").refusal<rolesanywhere::ImportCrlRequest>(),
            "SerializationException: Invalid base64 encoding");
  EXPECT_EQ(read("").refusal<rolesanywhere::ImportCrlRequest>(),
            "ValidationError: 1 validation error detected: Value '[]' at 'crlData' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1");
}

TEST(JsonDecoder, TellsEveryViolation) {
  EXPECT_EQ(refused(""),
            "ValidationError: 2 validation errors detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null; Value null at 'roleArns' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(refused(R"({"name":"a*","roleArns":[],"durationSeconds":43201})"),
            "ValidationError: 2 validation errors detected: Value '43201' at 'durationSeconds' "
            "failed to satisfy constraint: Member must have value less than or equal to 43200; "
            "Value 'a*' at 'name' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [ a-zA-Z0-9-_]*");
  EXPECT_EQ(refused(R"({"name":"a","roleArns":[],"tipConfiguration":{"status":"no"}})"),
            "ValidationError: 1 validation error detected: Value 'no' at "
            "'tipConfiguration.status' failed to satisfy constraint: Member must satisfy enum "
            "value set");
}

TEST(JsonDecoder, DoesNotEchoWhatTheModelHides) {
  EXPECT_EQ(refused(R"({"name":"a","roleArns":[],"tags":[{"key":"k","value":"~secret~"}]})"),
            "ValidationError: 1 validation error detected: Value '***' at "
            "'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [ a-zA-Z0-9_.:/=+@-]*");
}

TEST(JsonDecoder, RefusesWhatItCannotRead) {
  EXPECT_TRUE(refused("{").starts_with("SerializationException: Could not parse request body"));
  EXPECT_TRUE(refused(R"({"name":"a","name":"b"})").starts_with("SerializationException: "));
  EXPECT_EQ(refused("[]"), "SerializationException: Start of list found where not expected");
  EXPECT_EQ(refused("7"), "SerializationException: Expected structure or map or null");
  EXPECT_EQ(refused(R"({"name":7})"),
            "SerializationException: NUMBER_VALUE can not be converted to a String");
  EXPECT_EQ(refused(R"({"name":{}})"),
            "SerializationException: Start of structure or map found where not expected.");
  EXPECT_EQ(refused(R"({"roleArns":"a"})"), "SerializationException: Expected list or null");
  EXPECT_EQ(refused(R"({"roleArns":[null]})"),
            "SerializationException: NULL_VALUE can not be converted to a String");
  EXPECT_EQ(refused(R"({"enabled":"true"})"),
            "SerializationException: STRING_VALUE can not be converted to a Boolean");
  EXPECT_EQ(refused(R"({"durationSeconds":900.5})"),
            "SerializationException: NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(refused(R"({"tags":[7]})"),
            "SerializationException: Expected structure or map or null");
}

TEST(JsonDecoder, ReadsTimesAsSeconds) {
  const auto start = [](std::string_view value) {
    return Sent{.body = std::string(R"({"StartTime":)") + std::string(value) + "}",
                .path = {},
                .query = {}};
  };
  EXPECT_EQ(start("1796032800").read<cloudtrail::LookupEventsRequest>()->start_time->unix_ms,
            1'796'032'800'000);
  EXPECT_EQ(start("1.7960328005e9").read<cloudtrail::LookupEventsRequest>()->start_time->unix_ms,
            1'796'032'800'500);
  EXPECT_EQ(start("null").read<cloudtrail::LookupEventsRequest>()->start_time, std::nullopt);
  for (const std::string_view value :
       {"\"2026-11-30T10:00:00Z\"", "-1", "1e300", "true", "[]", "{}"}) {
    EXPECT_TRUE(start(value).refusal<cloudtrail::LookupEventsRequest>().starts_with(
        "SerializationException: "))
        << value;
  }
}

TEST(BodySink, WritesTimesAsSecondsWhereThatIsTheForm) {
  std::string out;
  append_body(out,
              cloudtrail::LookupEventsResponse{
                  .events = {{{.event_time = Instant::from_seconds(1'796'032'800)}}}},
              TimeForm::Seconds);
  EXPECT_EQ(out, R"({"Events":[{"EventTime":1796032800}]})");
}

TEST(BodySink, WritesTimesAsTextsAndNestedMaps) {
  std::string out;
  append_body(out,
              rolesanywhere::CrlDetailResponse{
                  .crl = {.name = "n", .created_at = Instant::from_seconds(0)}});
  EXPECT_EQ(out, R"({"crl":{"name":"n","createdAt":"1970-01-01T00:00:00Z"}})");

  out.clear();
  signin::PolicyStatement statement{.effect = "Allow"};
  statement.condition = {{"StringEquals", {{"aws:SourceVpc", {"a", "b"}}}}};
  append_body(out,
              signin::GetResourcePolicyResponse{
                  .signin_resource_based_policy = {.version = {}, .statement = {{statement}}}});
  EXPECT_EQ(out,
            R"({"signinResourceBasedPolicy":{"Statement":[{"Effect":"Allow","Condition":)"
            R"({"StringEquals":{"aws:SourceVpc":["a","b"]}}}]}})");
}

TEST(JsonErrors, AreNamedByTheService) {
  const auto body = [](Service service, ErrorCode code) {
    std::string out;
    append_error_body(out, json_error_row(service, code), fail(code, "why").error());
    return out;
  };
  EXPECT_EQ(json_error_row(Service::Rolesanywhere, ErrorCode::NoSuchEntity).type,
            "ResourceNotFoundException");
  EXPECT_EQ(json_error_row(Service::Rolesanywhere, ErrorCode::NoSuchEntity).status, 404);
  EXPECT_EQ(json_error_row(Service::Signin, ErrorCode::Throttling).type, "TooManyRequestsError");
  EXPECT_EQ(json_error_row(Service::Signin, ErrorCode::NotImplemented).status, 501);
  EXPECT_EQ(body(Service::Rolesanywhere, ErrorCode::AccessDenied), R"({"message":"why"})");
  EXPECT_EQ(body(Service::Signin, ErrorCode::AccessDenied),
            R"({"error":"INSUFFICIENT_PERMISSIONS","message":"why"})");
}

}  // namespace
}  // namespace signet::facts
