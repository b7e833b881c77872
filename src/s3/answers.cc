#include "s3/answers.h"

#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::s3 {

std::string arn_of(const Address& address) {
  return address.key.empty() ? concat("arn:aws:s3:::", address.bucket)
                             : concat("arn:aws:s3:::", address.bucket, "/", address.key);
}

std::string s3_time(Instant t) {
  return codec::format_iso8601_ms(Instant::from_seconds(t.seconds()));
}

std::string quoted(std::string_view etag) {
  return concat("\"", etag, "\"");
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

std::unexpected<Error> about(std::unexpected<Error> refusal,
                             std::string_view name,
                             std::string_view value) {
  refusal.error().fields.emplace_back("ArgumentName", name);
  refusal.error().fields.emplace_back("ArgumentValue", value);
  return refusal;
}

std::unexpected<Error> about(std::unexpected<Error> refusal, std::string_view name) {
  refusal.error().fields.emplace_back("ArgumentName", name);
  return refusal;
}

Error no_such_bucket(std::string_view name) {
  Error error = facts::make_error(ErrorCode::NoSuchBucket);
  error.fields.emplace_back("BucketName", name);
  return error;
}

std::string host_id_of(std::string_view request_id) {
  return codec::encode_base64(
      crypto::as_view(crypto::sha256(concat("signet s3 host id ", request_id))));
}

void add_safety_headers(http::ResponseHeaders& headers) {
  headers.add("Content-Security-Policy", "sandbox; default-src 'none'");
  headers.add("X-Content-Type-Options", "nosniff");
}

}  // namespace signet::s3
