#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "http/message.h"
#include "s3/route.h"

namespace signet::s3 {

// The forms that S3 gives its answers.

inline constexpr std::string_view kXmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

// arn:aws:s3:::bucket[/key]
[[nodiscard]] std::string arn_of(const Address& address);

// What S3 shows of an Instant: whole seconds with ".000".
[[nodiscard]] std::string s3_time(Instant t);

[[nodiscard]] std::string quoted(std::string_view etag);

// The text without one pair of double quotes around it.
[[nodiscard]] std::string_view unquoted(std::string_view text);

// The refusal with the two elements by which S3 tells what argument it is about.
[[nodiscard]] std::unexpected<Error> about(std::unexpected<Error> refusal,
                                           std::string_view name,
                                           std::string_view value);

// The same without the argument's value, as S3 tells some.
[[nodiscard]] std::unexpected<Error> about(std::unexpected<Error> refusal, std::string_view name);

[[nodiscard]] Error no_such_bucket(std::string_view name);

// x-amz-id-2 and <HostId>: opaque to everyone, the same for the same request.
[[nodiscard]] std::string host_id_of(std::string_view request_id);

// The headers of every answer that may carry what users stored, so that no browser takes it for a
// page of ours (sign-in 6.1).
void add_safety_headers(http::ResponseHeaders& headers);

}  // namespace signet::s3
