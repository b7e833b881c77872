#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "sigv4/parsed_auth.h"
#include "sigv4/request.h"

// Private to this room: the texts of aws-wire 2.2 (Query style) and 2.7 (S3 style), one function
// per situation.
namespace signet::sigv4::refusal {

using Failure = std::unexpected<Error>;

// Query style.
Failure incomplete(std::string message);
Failure missing_authentication_token();
Failure unsupported_query_algorithm();
Failure credential_shape(Algorithm algorithm, std::string_view credential);
Failure bad_date(std::string_view date);
Failure expired(Instant date, Instant now, std::int64_t skew_seconds);
Failure not_yet_current(Instant date, Instant now, std::int64_t skew_seconds);
Failure host_unsigned();
Failure wrong_scope(std::string message);

// "(Hashed with SHA-256 and encoded with Base64) Authorization=<hash>"
std::string hashed_authorization(std::string_view header);

// S3 style.
Failure s3_invalid_request(std::string message);
Failure s3_invalid_argument(std::string message, std::string_view name, std::string_view value);
Failure s3_access_denied(std::string message);
Failure s3_header_malformed(std::string_view what);
Failure s3_query_error(std::string message);
Failure s3_too_skewed(std::string_view request_time, Instant now, std::int64_t skew_seconds);
Failure s3_expired(std::int64_t expires_seconds, Instant expires, Instant now);
Failure s3_link_expired(Instant expires, Instant now);  // of version 2
Failure s3_two_mechanisms();
Failure s3_headers_not_signed(std::string_view names);
Failure s3_wrong_region(Placement placement, std::string_view region, std::string_view expected);

// Either style: the signature differs.
Failure wrong_signature(const ParsedAuth& parsed, const Profile& profile, const Scratch& scratch);

}  // namespace signet::sigv4::refusal
