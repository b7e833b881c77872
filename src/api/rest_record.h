#pragma once

#include <cstddef>
#include <string>

#include "api/rest.h"
#include "http/message.h"

namespace signet::api {

// What an audit record tells of a REST request, in CloudTrail's shape: bucket, key, Host, query
// parameters and x-amz- headers, each cut at `longest` bytes, and what the invocation adds (may be
// null). Neither signatures nor tokens, keys or user metadata.
void append_rest_parameters(std::string& json,
                            const RestRequest& request,
                            const RestTarget& target,
                            const RestInvocation* invocation,
                            std::size_t longest);

// As long as a key may be.
inline constexpr std::size_t kLongestRestValue = 1024;

// The x-amz- headers of an answer.
void append_rest_elements(std::string& json, const http::Response& response);

// How the request was signed and how much was sent both ways.
void append_rest_additional(std::string& json,
                            const RestRequest& request,
                            bool is_signed,
                            const http::Response* response);

}  // namespace signet::api
