#include "s3/copy_source.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/bucket_name.h"
#include "s3/object_request.h"

namespace signet::s3 {
namespace {

// S3 does not quote the value.
Failure bad_source() {
  return about(copy_source_invalid(), "x-amz-copy-source", "x-amz-copy-source");
}

// S3 takes URLs of its own, too (recorded). Only those that name the bucket in their path: of
// others it is not known what it makes of them.
std::string_view without_endpoint(std::string_view source) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (source.starts_with(scheme) && source.substr(scheme.size()).starts_with("s3.")) {
      return source.substr(std::min(source.find('/', scheme.size()), source.size()));
    }
  }
  return source;
}

}  // namespace

Result<CopySource> parse_copy_source(std::string_view header, VersionIds ids) {
  std::string_view path = header;
  std::string version;
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t at = path.rfind(kVersion); at != std::string_view::npos) {
    version = path.substr(at + kVersion.size());
    if (!is_version_id(version, ids)) {
      return about(version_id_invalid(), "x-amz-copy-source", version);
    }
    path = path.substr(0, at);
  }
  const std::optional<std::string> decoded = codec::form_decode(path);
  if (!decoded || !is_utf8(*decoded)) {
    return bad_source();
  }
  std::string_view rest = without_endpoint(*decoded);
  // AWS-DIFF: a copy source that is an access point is NotImplemented; there are none.
  if (rest.starts_with("arn:")) {
    return access_point_not_implemented();
  }
  if (rest.starts_with('/')) {
    rest.remove_prefix(1);
  }
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) {
    return bad_source();
  }
  Address address{.bucket = std::string(rest.substr(0, slash)),
                  .key = std::string(rest.substr(slash + 1))};
  if (!is_possible_bucket_name(address.bucket) || address.key.size() > 1024) {
    return bad_source();
  }
  const bool names_version = !version.empty();
  return CopySource{
      .object = std::move(address), .names_version = names_version, .version = std::move(version)};
}

}  // namespace signet::s3
