#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/rest.h"
#include "crypto/checksum.h"
#include "crypto/md5.h"
#include "objects/object_store.h"
#include "objects/range.h"
#include "objects/staged_file.h"
#include "objects/stored_bytes.h"
#include "s3/upload_headers.h"

namespace signet::s3 {

// The digests of a body, computed while it passes.
class BodyDigests {
 public:
  explicit BodyDigests(crypto::ChecksumAlgorithm algorithm, bool needs_crc64 = false)
      : checksum_(algorithm) {
    if (needs_crc64 && algorithm != crypto::ChecksumAlgorithm::Crc64Nvme) {
      crc64_.emplace(crypto::ChecksumAlgorithm::Crc64Nvme);
    }
  }

  void update(std::string_view bytes) {
    md5_.update(bytes);
    checksum_.update(bytes);
    if (crc64_) {
      crc64_->update(bytes);
    }
  }

  struct Values {
    crypto::Md5Digest md5;
    objects::ObjectChecksum checksum;
    std::string crc64 = std::string();  // base64, where it was computed besides
  };

  // Call once.
  [[nodiscard]] Values finish();

 private:
  crypto::Md5 md5_;
  crypto::Checksum checksum_;
  std::optional<crypto::Checksum> crc64_;
};

// 32 lower-case hexadecimal digits, as ETags have.
[[nodiscard]] std::string hex_of(const crypto::Md5Digest& digest);

// The ETag of an object or part by the MD5 of its bytes: that, or where they open with a customer's
// key (its mark, see objects::mark_of) something that tells nothing of them.
[[nodiscard]] std::string etag_of(const crypto::Md5Digest& md5, std::string_view mark);

// The turn of a copy or completion in its pool: passed to others after each piece.
class LongTurn {
 public:
  void took(std::size_t bytes);

 private:
  std::size_t bytes_ = 0;
};

// Appends a range of an open object to a staged file, computing its digests on the way. `check`,
// where the range is a whole object in plain: its bytes are verified; null otherwise.
[[nodiscard]] Result<BodyDigests::Values> copy_bytes(const objects::OpenObject& from,
                                                     const objects::ByteRange& range,
                                                     crypto::ChecksumAlgorithm algorithm,
                                                     objects::StagedFile& to,
                                                     objects::StoredBytes* check = nullptr);

// Takes the body of an upload into a staged file and compares it with what the request promised.
class UploadSink final : public api::BodySink {
 public:
  // What is to be found out before the file is made, and only the disk knows.
  using Prepare = std::function<Status(ExpectedDigests&)>;

  // For an object or part of `owner`. `size` is announced, or -1. MissingContentLength;
  // EntityTooLarge beyond what one upload may have. The store must outlive the sink.
  [[nodiscard]] static Result<std::unique_ptr<UploadSink>> make(objects::ObjectStore& store,
                                                                objects::FileOwner owner,
                                                                std::int64_t size,
                                                                ExpectedDigests expected,
                                                                Prepare prepare = nullptr);

  [[nodiscard]] Status open() override;
  [[nodiscard]] Status write(std::span<const char> bytes) override;
  [[nodiscard]] Status trailer(std::string_view name, std::string_view value) override;

  // The digests of everything, once they match. InvalidDigest, BadDigest, or MalformedTrailerError
  // when the announced trailer did not come. Call once.
  [[nodiscard]] Result<BodyDigests::Values> verify();

  // Bytes that were taken.
  [[nodiscard]] std::uint64_t size() const { return file_->size(); }

  // The file; call once, after verify().
  [[nodiscard]] objects::StagedFile take_file() { return *std::move(file_); }

 private:
  UploadSink(objects::ObjectStore& store,
             objects::FileOwner owner,
             std::uint64_t size,
             ExpectedDigests expected,
             Prepare prepare)
      : store_(store),
        owner_(std::move(owner)),
        size_(size),
        expected_(std::move(expected)),
        prepare_(std::move(prepare)) {}

  objects::ObjectStore& store_;
  objects::FileOwner owner_;
  std::uint64_t size_;
  ExpectedDigests expected_;
  Prepare prepare_;
  // Both since open().
  std::optional<objects::StagedFile> file_;
  std::optional<BodyDigests> digests_;
};

}  // namespace signet::s3
