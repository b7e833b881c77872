#include "iam/paging.h"

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "facts/iam_sentences.h"

namespace signet::iam {

namespace {

// Marker: base64url of version, 8 bytes of checksum, key.
constexpr char kVersion = 1;
constexpr std::size_t kChecksumSize = 8;

std::string checksum(std::string_view scope, std::string_view key) {
  const std::string_view separator("\0", 1);
  const crypto::Sha256Digest digest =
      crypto::sha256(concat("signet list marker", separator, scope, separator, key));
  return std::string(crypto::as_view(digest).substr(0, kChecksumSize));
}

std::optional<std::string> open_marker(std::string_view scope, std::string_view marker) {
  const std::optional<std::string> bytes = codec::decode_base64url(marker);
  if (!bytes || bytes->size() <= 1 + kChecksumSize || bytes->front() != kVersion) {
    return std::nullopt;
  }
  std::string key = bytes->substr(1 + kChecksumSize);
  if (bytes->compare(1, kChecksumSize, checksum(scope, key)) != 0) {
    return std::nullopt;
  }
  return key;
}

}  // namespace

std::string list_scope(std::string_view operation, std::string_view account, std::string_view of) {
  return concat(operation, "/", account, "/", of);
}

Result<PageQuery> read_page(std::string scope,
                            const std::optional<std::string>& marker,
                            const std::optional<std::int64_t>& max_items) {
  PageQuery query{.scope = std::move(scope), .after = {}, .limit = kDefaultPageSize};
  if (max_items) {
    // The range 1..1000 is the decoder's; a call from inside must not make an endless page either.
    query.limit = static_cast<std::size_t>(
        std::clamp<std::int64_t>(*max_items, 1, static_cast<std::int64_t>(kMaxPageSize)));
  }
  if (marker) {
    std::optional<std::string> key = open_marker(query.scope, *marker);
    if (!key) {
      return invalid_marker();
    }
    query.after = *std::move(key);
  }
  return query;
}

std::string make_marker(std::string_view scope, std::string_view key) {
  return codec::encode_base64url(concat(std::string_view(&kVersion, 1), checksum(scope, key), key));
}

}  // namespace signet::iam
