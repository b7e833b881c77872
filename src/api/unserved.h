#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

// Answers for the AWS services that are not served here, whose clients find this server all the
// same because AWS_ENDPOINT_URL holds for every service.
namespace signet::api {

// How a client reads errors.
enum class ErrorForm : std::uint8_t { Ec2, Json, Query, RestXml, Cbor };

// The form for a request that is signed for `service`: as the request's own headers say, otherwise
// as that service's API has it.
[[nodiscard]] ErrorForm error_form(const http::RequestHead& head, std::string_view service);

// The operation that a request names: in X-Amz-Target, in the path of an RPC, or as the Action of
// its query or form; empty if it does not.
[[nodiscard]] std::string named_operation(const http::RequestHead& head, std::string_view body);

// The answer in that form, as botocore and its kin take it apart. Without a body for HEAD.
[[nodiscard]] http::Response error_answer(ErrorForm form,
                                          const Error& error,
                                          std::string_view request_id,
                                          bool is_head);

}  // namespace signet::api
