#include "s3/upload_sink.h"

#include <algorithm>
#include <utility>

#include "api/worker_pool.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "objects/file_reader.h"
#include "objects/object_store.h"

namespace signet::s3 {
namespace {

Error entity_too_large(std::uint64_t size) {
  Error error = facts::make_error(ErrorCode::EntityTooLarge);
  error.fields.emplace_back("ProposedSize", std::to_string(size));
  error.fields.emplace_back("MaxSizeAllowed", std::to_string(facts::kUploadBytesMax));
  return error;
}

Error bad_md5(const crypto::Md5Digest& expected,
              const crypto::Md5Digest& calculated,
              bool is_of_part) {
  Error error = facts::make_error(ErrorCode::BadDigest);
  error.fields.emplace_back(
      "ExpectedDigest",
      is_of_part ? codec::encode_base64(crypto::as_view(expected)) : hex_of(expected));
  error.fields.emplace_back("CalculatedDigest", codec::encode_base64(crypto::as_view(calculated)));
  return error;
}

}  // namespace

BodyDigests::Values BodyDigests::finish() {
  const crypto::ChecksumAlgorithm algorithm = checksum_.algorithm();
  return Values{
      .md5 = md5_.finish(),
      .checksum = objects::ObjectChecksum{.algorithm = algorithm,
                                          .kind = objects::ChecksumKind::FullObject,
                                          .value = codec::encode_base64(checksum_.finish())},
      .crc64 = crc64_ ? codec::encode_base64(crc64_->finish()) : std::string()};
}

std::string hex_of(const crypto::Md5Digest& digest) {
  std::string out;
  codec::append_hex(out, digest);
  return out;
}

std::string etag_of(const crypto::Md5Digest& md5, std::string_view mark) {
  return mark.empty() ? hex_of(md5) : hex_of(crypto::md5(concat(mark, crypto::as_view(md5))));
}

void LongTurn::took(std::size_t bytes) {
  constexpr std::size_t kPiece = 8UL * 1024 * 1024;
  bytes_ += bytes;
  if (bytes_ >= kPiece) {
    bytes_ = 0;
    api::pass_turn();
  }
}

Result<BodyDigests::Values> copy_bytes(const objects::OpenObject& from,
                                       const objects::ByteRange& range,
                                       crypto::ChecksumAlgorithm algorithm,
                                       objects::StagedFile& to,
                                       objects::StoredBytes* check) {
  BodyDigests digests(algorithm);
  objects::FileReader reader(from, range.offset, range.length);
  LongTurn turn;
  while (true) {
    const std::string_view piece = TRY(reader.next());
    if (piece.empty()) {
      if (check != nullptr) {
        TRY_STATUS(check->verify());
      }
      return digests.finish();
    }
    if (check != nullptr) {
      check->update(piece);
    }
    digests.update(piece);
    TRY_STATUS(to.write(piece));
    turn.took(piece.size());
  }
}

Result<std::unique_ptr<UploadSink>> UploadSink::make(objects::ObjectStore& store,
                                                     objects::FileOwner owner,
                                                     std::int64_t size,
                                                     ExpectedDigests expected,
                                                     Prepare prepare) {
  if (size < 0) {
    return std::unexpected(facts::make_error(ErrorCode::MissingContentLength));
  }
  const auto announced = static_cast<std::uint64_t>(size);
  if (announced > facts::kUploadBytesMax) {
    return std::unexpected(entity_too_large(announced));
  }
  return std::unique_ptr<UploadSink>(
      new UploadSink(store, std::move(owner), announced, std::move(expected), std::move(prepare)));
}

Status UploadSink::open() {
  if (prepare_) {
    TRY_STATUS(prepare_(expected_));
  }
  digests_.emplace(expected_.algorithm.value_or(crypto::ChecksumAlgorithm::Crc64Nvme),
                   expected_.needs_crc64);
  file_.emplace(TRY(store_.stage(owner_, size_)));
  return {};
}

Status UploadSink::write(std::span<const char> bytes) {
  const std::string_view text(bytes.data(), bytes.size());
  if (text.size() > facts::kUploadBytesMax - file_->size()) {
    return std::unexpected(entity_too_large(file_->size() + text.size()));
  }
  digests_->update(text);
  return file_->write(text);
}

Status UploadSink::trailer(std::string_view name, std::string_view value) {
  const auto algorithm = crypto::checksum_of_header(name);
  if (algorithm && expected_.is_trailing && algorithm == expected_.algorithm) {
    expected_.value = value;
  }
  return {};
}

Result<BodyDigests::Values> UploadSink::verify() {
  BodyDigests::Values values = digests_->finish();
  if (expected_.md5 && *expected_.md5 != crypto::as_view(values.md5)) {
    crypto::Md5Digest expected{};
    std::copy(expected_.md5->begin(), expected_.md5->end(), expected.begin());
    return std::unexpected(bad_md5(expected, values.md5, expected_.is_of_part));
  }
  if (expected_.is_trailing && expected_.value.empty()) {
    return std::unexpected(facts::make_error(ErrorCode::MalformedTrailerError));
  }
  if (!expected_.value.empty() && expected_.value != values.checksum.value) {
    return std::unexpected(bad_checksum(values.checksum.algorithm));
  }
  return values;
}

}  // namespace signet::s3
