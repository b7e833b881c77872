// CreateMultipartUpload and AbortMultipartUpload.
#include "s3/multipart.h"

#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/customer_key.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;
using crypto::ChecksumAlgorithm;

constexpr std::int64_t kPartsMax = facts::kPartsPerUpload;

// Which kinds of checksum an algorithm can have over a multipart object: only those of CRCs can be
// put together from the parts' (S3 user guide, checking object integrity for data uploads).
Result<objects::ChecksumKind> kind_of(ChecksumAlgorithm algorithm,
                                      std::optional<std::string_view> wanted) {
  const bool is_crc64 = algorithm == ChecksumAlgorithm::Crc64Nvme;
  const bool can_be_whole =
      is_crc64 || algorithm == ChecksumAlgorithm::Crc32 || algorithm == ChecksumAlgorithm::Crc32c;
  if (!wanted) {
    return is_crc64 ? objects::ChecksumKind::FullObject : objects::ChecksumKind::Composite;
  }
  if (equals_ignore_case(*wanted, "FULL_OBJECT") && can_be_whole) {
    return objects::ChecksumKind::FullObject;
  }
  if (equals_ignore_case(*wanted, "COMPOSITE") && !is_crc64) {
    return objects::ChecksumKind::Composite;
  }
  return checksum_kind_unfit(*wanted, to_lower(crypto::checksum_name(algorithm)));
}

// Algorithm and kind that a new upload asks for; none: the object gets S3's default.
Status read_checksum(const RequestHeaders& headers, objects::UploadInfo& upload) {
  upload.algorithm = TRY(named_algorithm(headers, "x-amz-checksum-algorithm"));
  const auto type = headers.find("x-amz-checksum-type");
  const bool is_known_type =
      !type || equals_ignore_case(*type, "FULL_OBJECT") || equals_ignore_case(*type, "COMPOSITE");
  if (!is_known_type) {
    return checksum_header_invalid("x-amz-checksum-type");
  }
  if (upload.algorithm) {
    upload.checksum_kind = TRY(kind_of(*upload.algorithm, type));
    return {};
  }
  return type ? checksum_kind_without_algorithm() : Status();
}

class CreateMultipartUpload final : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return upload_checks(context, Creation::PreparesObject);
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    std::string list = TRY(new_list(context, *bucket));
    objects::UploadInfo upload{.id = store().new_upload_id(context.request.now),
                               .key = key(),
                               .initiated = context.request.now,
                               .headers = TRY(stored_headers_of(headers())),
                               .initiator = context.caller.arn};
    set_stored_list(upload.headers, std::move(list));
    set_lock(upload.headers, TRY(asked_lock(headers(), *bucket, context.request.now)));
    const GivenKey given = TRY(key_for_upload(headers(), store().encrypts()));
    if (given.key != nullptr) {
      objects::set_stored_mark(upload.headers, objects::mark_of(*given.key, context.deps.random));
    }
    TRY_STATUS(read_checksum(headers(), upload));
    if (upload.algorithm) {
      response_.headers.add("x-amz-checksum-algorithm", crypto::checksum_name(*upload.algorithm));
      response_.headers.add("x-amz-checksum-type", checksum_kind_name(upload.checksum_kind));
    }
    TRY_STATUS(store().begin_upload(charged_store_id(*bucket), upload));
    add_encryption_header(response_.headers, store().encrypts() && given.key == nullptr);
    add_key_headers(response_.headers, given);
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
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
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(store().abort_upload(store_id(*bucket), key(), upload_id()));
    response_.status = 204;
    return {};
  }
};

}  // namespace

std::string UploadInvocation::upload_id() const {
  return std::string(param("uploadId").value_or(""));
}

Result<objects::UploadInfo> UploadInvocation::require_upload(std::string_view bucket_id) const {
  return store().find_upload(bucket_id, key(), upload_id());
}

Result<std::int64_t> part_number_of(std::optional<std::string_view> text) {
  const auto number = parse_decimal(text.value_or(""));
  if (!number || *number < 1 || *number > kPartsMax) {
    return about(part_number_out_of_range(facts::kPartsPerUpload), "partNumber", text.value_or(""));
  }
  return *number;
}

SIGNET_S3_MAKE(CreateMultipartUpload)
SIGNET_S3_MAKE(AbortMultipartUpload)

}  // namespace signet::s3
