// CreateMultipartUpload and AbortMultipartUpload.
#include "s3/multipart.h"

#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using crypto::ChecksumAlgorithm;
using facts::S3Operation;

constexpr std::int64_t kPartsMax = 10'000;

// Which kinds of checksum an algorithm can have over a multipart object (S3 user guide, checking
// object integrity).
Result<ChecksumKind> kind_of(ChecksumAlgorithm algorithm, std::optional<std::string_view> wanted) {
  const bool is_crc =
      algorithm == ChecksumAlgorithm::Crc32 || algorithm == ChecksumAlgorithm::Crc32c;
  const bool is_crc64 = algorithm == ChecksumAlgorithm::Crc64Nvme;
  if (!wanted) {
    return is_crc64 ? ChecksumKind::FullObject : ChecksumKind::Composite;
  }
  if (*wanted == "FULL_OBJECT" && (is_crc || is_crc64)) {
    return ChecksumKind::FullObject;
  }
  if (*wanted == "COMPOSITE" && !is_crc64) {
    return ChecksumKind::Composite;
  }
  return fail(ErrorCode::InvalidRequest,
              concat("The ",
                     *wanted,
                     " checksum type cannot be used with the ",
                     to_lower(crypto::checksum_name(algorithm)),
                     " checksum algorithm."));
}

class CreateMultipartUpload final : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return CheckList{own_check(context, upload_keys(headers()))};
  }

 protected:
  Status serve(HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(refuse_acls(headers()));
    UploadInfo upload{.id = store().new_id(),
                      .key = key(),
                      .initiated = context.request.now,
                      .headers = TRY(stored_headers_of(headers())),
                      .algorithm = TRY(named_algorithm(headers(), "x-amz-checksum-algorithm")),
                      .initiator = context.caller.arn};
    if (upload.algorithm) {
      upload.checksum_kind = TRY(kind_of(*upload.algorithm, header("x-amz-checksum-type")));
      response_.headers.add("x-amz-checksum-algorithm", crypto::checksum_name(*upload.algorithm));
      response_.headers.add("x-amz-checksum-type", checksum_kind_name(upload.checksum_kind));
    }
    TRY_STATUS(store().begin_upload(store_id(*bucket), upload));
    std::string document;
    codec::XmlWriter xml(document);
    xml.open("InitiateMultipartUploadResult", kXmlNamespace);
    xml.element("Bucket", bucket_name());
    xml.element("Key", key());
    xml.element("UploadId", upload.id);
    xml.close("InitiateMultipartUploadResult");
    answer_xml(std::move(document));
    return {};
  }
};

class AbortMultipartUpload final : public UploadInvocation {
 public:
  using UploadInvocation::UploadInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  Status serve(HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(require_upload(store_id(*bucket)));
    TRY_STATUS(store().abort_upload(store_id(*bucket), key(), upload_id()));
    response_.status = 204;
    return {};
  }
};

}  // namespace

std::string UploadInvocation::upload_id() const {
  return std::string(param("uploadId").value_or(""));
}

Result<UploadInfo> UploadInvocation::require_upload(std::string_view bucket_id) const {
  Result<UploadInfo> upload = store().find_upload(bucket_id, key(), upload_id());
  if (!upload && upload.error().code == ErrorCode::NoSuchUpload) {
    return std::unexpected(no_such_upload(upload_id()));
  }
  return upload;
}

Result<std::int64_t> part_number_of(std::optional<std::string_view> text) {
  const auto number = parse_decimal(text.value_or(""));
  if (!number || *number < 1 || *number > kPartsMax) {
    return std::unexpected(
        invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                         "partNumber",
                         text.value_or("")));
  }
  return *number;
}

Error no_such_upload(std::string_view id) {
  Error error = facts::make_error(ErrorCode::NoSuchUpload);
  error.fields.emplace_back("UploadId", id);
  return error;
}

InvocationPtr make_multipart_operation(InvocationParts& parts) {
  if (parts.row.id == S3Operation::CreateMultipartUpload) {
    return std::make_unique<CreateMultipartUpload>(std::move(parts));
  }
  if (parts.row.id == S3Operation::AbortMultipartUpload) {
    return std::make_unique<AbortMultipartUpload>(std::move(parts));
  }
  for (const auto& make :
       {make_part_operation, make_complete_operation, make_upload_list_operation}) {
    if (InvocationPtr invocation = make(parts)) {
      return invocation;
    }
  }
  return nullptr;
}

}  // namespace signet::s3
