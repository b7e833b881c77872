// UploadPart and UploadPartCopy.
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/copy_invocation.h"
#include "s3/customer_key.h"
#include "s3/multipart.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

// A part must name the upload's algorithm if its checksums are put together from those of the
// parts; otherwise it may name none and gets the upload's.
Status settle_algorithm(const objects::UploadInfo& upload, ExpectedDigests& expected) {
  if (!upload.algorithm) {
    expected.needs_crc64 = true;
    return {};
  }
  const bool is_other = expected.algorithm
                            ? *expected.algorithm != *upload.algorithm
                            : upload.checksum_kind == objects::ChecksumKind::Composite;
  if (is_other) {
    return checksum_type_mismatch(
        to_lower(crypto::checksum_name(*upload.algorithm)),
        expected.algorithm ? to_lower(crypto::checksum_name(*expected.algorithm)) : "null");
  }
  expected.algorithm = upload.algorithm;
  return {};
}

class UploadPart final : public UploadInvocation {
 public:
  using UploadInvocation::UploadInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Stream; }

  Result<CheckList> checks(const CheckContext& context) override {
    return only(
        own_check(context, upload_keys(headers(), Creation::PreparesObject, context.request.now)));
  }

  Result<std::unique_ptr<api::BodySink>> open_upload(const Authorized& /*proof*/,
                                                     HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    bucket_id_ = charged_store_id(*bucket);
    number_ = TRY(part_number_of(param("partNumber")));
    given_ = TRY(key_for_upload(headers(), store().encrypts()));
    ExpectedDigests expected = TRY(expected_digests_of(headers()));
    expected.is_of_part = true;
    return UploadSink::make(store(),
                            {.bucket = bucket_id_, .key = key(), .customer_key = given_.key},
                            request().content_length,
                            std::move(expected),
                            [this](ExpectedDigests& known) -> Status {
                              const objects::UploadInfo upload = TRY(require_upload(bucket_id_));
                              TRY_STATUS(check_part_key(given_, upload.headers));
                              mark_ = objects::stored_mark(upload.headers);
                              return settle_algorithm(upload, known);
                            });
  }

  void take_sink(std::unique_ptr<api::BodySink> sink) override {
    // Only open_upload() makes sinks for this invocation.
    sink_.reset(static_cast<UploadSink*>(sink.release()));
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const std::unique_ptr<UploadSink> sink = std::move(sink_);  // ends here, not on a loop
    TRY_STATUS(require_same_bucket(context.snapshot, bucket_id_));
    const BodyDigests::Values digests = TRY(sink->verify());
    objects::PartInfo part{
        .number = number_, .etag = etag_of(digests.md5, mark_), .modified = context.request.now};
    part.algorithm = digests.checksum.algorithm;
    part.checksum = digests.checksum.value;
    part.crc64 = digests.crc64;
    response_.headers.add("ETag", quoted(part.etag));
    response_.headers.add(crypto::checksum_header(digests.checksum.algorithm),
                          digests.checksum.value);
    add_encryption_header(response_.headers, store().encrypts() && given_.key == nullptr);
    add_key_headers(response_.headers, given_);
    return store().put_part(bucket_id_, key(), upload_id(), sink->take_file(), std::move(part));
  }

 private:
  std::string bucket_id_;
  std::int64_t number_ = 0;
  GivenKey given_;
  std::string mark_;  // of the upload's key
  std::unique_ptr<UploadSink> sink_;
};

class UploadPartCopy final : public CopyInvocation {
 public:
  using CopyInvocation::CopyInvocation;

  [[nodiscard]] Creation creation() const override { return Creation::PreparesObject; }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::string bucket_id = charged_store_id(*bucket);
    const std::int64_t number = TRY(part_number_of(param("partNumber")));
    const std::string id(param("uploadId").value_or(""));
    const objects::UploadInfo upload = TRY(store().find_upload(bucket_id, key(), id));
    const GivenKey given = TRY(key_for_upload(headers(), store().encrypts()));
    TRY_STATUS(check_part_key(given, upload.headers));
    const objects::OpenObject source = TRY(open_copy_source(context));
    const objects::ByteRange range = TRY(source_range(source.info.size));
    std::optional<objects::StoredBytes> check = TRY(check_source(source, range));
    objects::StagedFile file = TRY(store().stage(
        {.bucket = bucket_id, .key = key(), .customer_key = given.key}, range.length));
    const auto algorithm = upload.algorithm.value_or(crypto::ChecksumAlgorithm::Crc64Nvme);
    const BodyDigests::Values digests =
        TRY(copy_bytes(source, range, algorithm, file, check ? &*check : nullptr));
    objects::PartInfo part{.number = number,
                           .etag = etag_of(digests.md5, objects::stored_mark(upload.headers)),
                           .modified = context.request.now};
    part.algorithm = algorithm;
    part.checksum = digests.checksum.value;
    write(part, upload.algorithm);
    add_encryption_header(response_.headers, store().encrypts() && given.key == nullptr);
    add_key_headers(response_.headers, given);
    TRY_STATUS(still_allowed(context, bucket_id));
    return store().put_part(bucket_id, key(), id, std::move(file), std::move(part));
  }

 private:
  // Damage must not become a part with an ETag that fits it. What is copied as a whole is verified
  // on the way; a piece of a small object before, as it is when it is read.
  [[nodiscard]] static Result<std::optional<objects::StoredBytes>> check_source(
      const objects::OpenObject& source, const objects::ByteRange& range) {
    if (objects::is_self_verifying(source)) {
      return std::nullopt;
    }
    if (range.length == source.info.size) {
      return std::optional<objects::StoredBytes>(std::in_place, source.info);
    }
    if (source.info.size <= objects::kVerifiedSizeMax) {
      TRY_STATUS(objects::verify_stored(source));
    }
    return std::nullopt;
  }

  // Unlike Range, x-amz-copy-source-range must be "bytes=first-last" within the source.
  [[nodiscard]] Result<objects::ByteRange> source_range(std::uint64_t size) const {
    const auto text = header("x-amz-copy-source-range");
    if (!text) {
      return size > facts::kUploadBytesMax ? Result<objects::ByteRange>(std::unexpected(
                                                 facts::make_error(ErrorCode::EntityTooLarge)))
                                           : objects::ByteRange{.offset = 0, .length = size};
    }
    const objects::RangeResult result = objects::parse_range(*text, size);
    const std::size_t dash = text->find('-');
    const bool is_read = result.range || result.fault == objects::RangeFault::Unsatisfiable;
    if (!is_read || dash + 1 >= text->size() || (*text)[dash - 1] == '=') {
      return about(copy_source_range_invalid(), "x-amz-copy-source-range", *text);
    }
    if (!result.range) {
      return copy_source_range_outside();
    }
    const auto last = parse_decimal(text->substr(dash + 1));
    if (!last || static_cast<std::uint64_t>(*last) >= size) {
      return about(copy_source_range_beyond(size), "x-amz-copy-source-range", *text);
    }
    return *result.range;
  }

  void write(const objects::PartInfo& part, std::optional<crypto::ChecksumAlgorithm> shown) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("CopyPartResult", kXmlNamespace);
    xml.element("LastModified", s3_time(part.modified));
    xml.element("ETag", quoted(part.etag));
    if (shown) {
      xml.element(checksum_element(*shown), part.checksum);
    }
    xml.close("CopyPartResult");
    answer_xml(std::move(document));
  }
};

}  // namespace

SIGNET_S3_MAKE(UploadPart)
SIGNET_S3_MAKE(UploadPartCopy)

}  // namespace signet::s3
