#pragma once

#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "sigv4/request.h"
#include "sigv4/verify.h"

// The link of Signature Version 2 that S3 still takes: AWSAccessKeyId, Expires and Signature in the
// query. botocore makes it by default when it presigns for one of S3's older regions, and S3 takes
// it there for new buckets too, whatever its announcement of June 2020 says (recordings of
// 2026-02).
//
// AWS-DIFF: links only. An Authorization header of version 2, which S3 takes in its older regions,
// is refused in the words of the newer ones (parse.cc), at every door.
//
// Version 2 signs the method, Content-MD5, Content-Type, the x-amz-* headers, the path and the
// parameters that name a subresource, and no other parameter. A link with a parameter that is
// neither signed nor known to change nothing of what is asked is refused, so that nobody can turn
// a link into another operation.
namespace signet::sigv4 {

// Whether the query carries such a link, or what is left of one: the parameters that it lacks are
// named then, and nobody is taken for an anonymous caller who meant to sign.
[[nodiscard]] bool is_presigned_v2(const RequestView& request);

// Everything that can be said without the key. In the result `placement` is Query, the parts of a
// scope are empty, and `payload` is what x-amz-content-sha256 says, Unsigned without one.
// AccessDenied for a link without all three parameters, with an Expires that is no number, or past
// it; InvalidArgument for one with two signatures, a parameter twice, or one that is not covered.
[[nodiscard]] Result<ParsedAuth> parse_presigned_v2(const RequestView& request,
                                                    Instant now,
                                                    Scratch& scratch);

// Checks the signature in constant time. `host_bucket` is the bucket that the Host names, empty for
// path style. SignatureDoesNotMatch, with the string to sign, otherwise; InvalidRequest for a body
// in chunks, whose signatures need a key of version 4.
[[nodiscard]] Status verify_presigned_v2(const ParsedAuth& parsed,
                                         const RequestView& request,
                                         std::string_view host_bucket,
                                         std::string_view secret,
                                         Scratch& scratch);

// Checks the signature of a form, which is that of its policy alone (base64, as it stands there).
// SignatureDoesNotMatch, with the policy as the string to sign.
[[nodiscard]] Status verify_policy_v2(std::string_view access_key_id,
                                      std::string_view policy,
                                      std::string_view signature,
                                      std::string_view secret,
                                      Scratch& scratch);

}  // namespace signet::sigv4
