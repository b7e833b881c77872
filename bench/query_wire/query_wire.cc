// How long the wire forms of AssumeRole, GetCallerIdentity and ListUsers take.
#include <string>

#include <benchmark/benchmark.h>

#include "codec/form.h"
#include "codec/xml_writer.h"
#include "facts/iam_wire.h"
#include "facts/sts_wire.h"

namespace signet {
namespace {

constexpr std::string_view kRequestId = "01234567-89ab-cdef-0123-456789abcdef";
constexpr std::string_view kAssumeRole =
    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
    "&RoleSessionName=session-1&DurationSeconds=3600&SerialNumber=arn%3Aaws%3Aiam%3A%"
    "3A123456789012%3Amfa%2Fphone"
    "&TokenCode=123456";

std::string with_policy() {
  std::string text(kAssumeRole);
  text += "&Policy=";
  for (int i = 0; i < 50; ++i) {
    text += "%7B%22Action%22%3A%22s3%3AGetObject%22%7D%2C";
  }
  return text;
}

sts::AssumeRoleResponse assumed() {
  sts::AssumeRoleResponse response;
  response.credentials =
      sts::Credentials{.access_key_id = "ASIAIOSFODNN7EXAMPLE",
                       .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                       .session_token = std::string(400, 'A'),
                       .expiration = Instant::from_seconds(1'771'321'482)};
  response.assumed_role_user =
      sts::AssumedRoleUser{.assumed_role_id = "AROAIOSFODNN7EXAMPLE:session-1",
                           .arn = "arn:aws:sts::123456789012:assumed-role/demo/session-1"};
  return response;
}

template <class Request>
void decode_form(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    const auto form = codec::FormParams::parse(text);
    Request request;
    Status status = decode(*form, request);
    benchmark::DoNotOptimize(request);
    if (!status) {
      state.SkipWithError(status.error().message.c_str());
    }
  }
}

template <class Response>
void encode_answer(benchmark::State& state,
                   facts::Operation id,
                   const Response& response,
                   facts::Format format) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    facts::append_answer(out, format, facts::operation_row(id), kRequestId, response);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

void parse_assume_role(benchmark::State& state) {
  for (auto _ : state) {
    auto form = codec::FormParams::parse(kAssumeRole);
    benchmark::DoNotOptimize(form);
  }
}

BENCHMARK(parse_assume_role);

void decode_assume_role(benchmark::State& state) {
  decode_form<sts::AssumeRoleRequest>(state, kAssumeRole);
}

BENCHMARK(decode_assume_role);

void decode_assume_role_policy(benchmark::State& state) {
  decode_form<sts::AssumeRoleRequest>(state, with_policy());
}

BENCHMARK(decode_assume_role_policy);

void decode_caller_identity(benchmark::State& state) {
  decode_form<sts::GetCallerIdentityRequest>(state, "Action=GetCallerIdentity&Version=2011-06-15");
}

BENCHMARK(decode_caller_identity);

void encode_assume_role(benchmark::State& state) {
  encode_answer(state, facts::Operation::AssumeRole, assumed(), facts::Format::Xml);
}

BENCHMARK(encode_assume_role);

void encode_assume_role_json(benchmark::State& state) {
  encode_answer(state, facts::Operation::AssumeRole, assumed(), facts::Format::Json);
}

BENCHMARK(encode_assume_role_json);

void encode_caller_identity(benchmark::State& state) {
  const sts::GetCallerIdentityResponse response{.user_id = "AIDAIOSFODNN7EXAMPLE",
                                                .account = "123456789012",
                                                .arn = "arn:aws:iam::123456789012:user/bob"};
  encode_answer(state, facts::Operation::GetCallerIdentity, response, facts::Format::Xml);
}

BENCHMARK(encode_caller_identity);

void encode_list_users_100(benchmark::State& state) {
  const iam::User user{.path = "/",
                       .user_name = "some-user",
                       .user_id = "AIDAIOSFODNN7EXAMPLE",
                       .arn = "arn:aws:iam::123456789012:user/some-user",
                       .create_date = Instant::from_seconds(1'771'321'482)};
  const iam::ListUsersResponse response{.users = std::vector<iam::User>(100, user),
                                        .is_truncated = false};
  encode_answer(state, facts::Operation::ListUsers, response, facts::Format::Xml);
}

BENCHMARK(encode_list_users_100);

void escape_2k(benchmark::State& state) {
  const std::string text(2048, 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    codec::append_xml_escaped(out, text);
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK(escape_2k);

}  // namespace
}  // namespace signet

BENCHMARK_MAIN();
