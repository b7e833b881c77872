// CopyObject.
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "s3/copy_source.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;
using facts::S3Operation;

class CopyObject final : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  Result<CheckList> checks(const CheckContext& context) override {
    source_ = TRY(parse_copy_source(header("x-amz-copy-source").value_or("")));
    return CheckList{check_of(context.snapshot, context.caller, context.request, "s3:GetObject", source_),
                     own_check(context, upload_keys(*request().head))};
  }

  Status handle(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* target = TRY(require_bucket(context.snapshot));
    TRY_STATUS(refuse_unsupported_headers(*request().head));
    const WriteCondition condition = TRY(write_condition_of(*request().head));
    const OpenObject source = TRY(open_copy_source(context));
    ObjectInfo info{.key = key(), .modified = context.request.now, .headers = TRY(new_headers(source.info))};
    StagedFile file = TRY(store().stage());
    const crypto::ChecksumAlgorithm algorithm = TRY(algorithm_for(source.info));
    const BodyDigests::Values digests =
        TRY(copy_bytes(source.fd.get(), ByteRange{.offset = 0, .length = source.info.size}, algorithm, file));
    info.etag = hex_of(digests.md5);
    info.checksum = digests.checksum;
    write(info);
    return store().put(store_id(*target), std::move(file), std::move(info), condition);
  }

 private:
  [[nodiscard]] Result<OpenObject> open_copy_source(const HandlerContext& context) const {
    const identity::Bucket* bucket = context.snapshot.find_bucket(source_.bucket);
    if (bucket == nullptr) {
      return std::unexpected(no_such_bucket(source_.bucket));
    }
    const auto expected = header("x-amz-source-expected-bucket-owner");
    if (expected && *expected != bucket->account) {
      return fail(ErrorCode::AccessDenied, "Access Denied");
    }
    std::optional<OpenObject> source = TRY(store().open_object(store_id(*bucket), source_.key));
    if (!source) {
      return std::unexpected(missing_key(context, source_));
    }
    const ReadConditions conditions = copy_conditions_of(*request().head);
    if (evaluate(conditions, source->info.etag, source->info.modified) != ConditionResult::Proceed) {
      return std::unexpected(facts::make_error(ErrorCode::PreconditionFailed));
    }
    if (source->info.size > kUploadMax) {
      return fail(ErrorCode::InvalidRequest,
                  concat("The specified copy source is larger than the maximum allowable size for a copy source: ",
                         std::to_string(kUploadMax)));
    }
    return *std::move(source);
  }

  // The source's own, or with x-amz-metadata-directive: REPLACE those of the request.
  [[nodiscard]] Result<StoredHeaders> new_headers(const ObjectInfo& source) const {
    const std::string_view directive = header("x-amz-metadata-directive").value_or("COPY");
    if (directive == "REPLACE") {
      return stored_headers_of(*request().head);
    }
    if (directive != "COPY") {
      return std::unexpected(invalid_argument("Unknown metadata directive.", "x-amz-metadata-directive", directive));
    }
    if (source_.bucket == bucket_name() && source_.key == key()) {
      return fail(ErrorCode::InvalidRequest,
                  "This copy request is illegal because it is trying to copy an object to itself without changing the "
                  "object's metadata, storage class, website redirect location or encryption attributes.");
    }
    return source.headers;
  }

  [[nodiscard]] Result<crypto::ChecksumAlgorithm> algorithm_for(const ObjectInfo& source) const {
    const auto named = TRY(named_algorithm(*request().head, "x-amz-checksum-algorithm"));
    return named ? *named : source.checksum ? source.checksum->algorithm : crypto::ChecksumAlgorithm::Crc64Nvme;
  }

  void write(const ObjectInfo& info) {
    std::string document;
    codec::XmlWriter xml(document);
    xml.open("CopyObjectResult", kXmlNamespace);
    xml.element("LastModified", s3_time(info.modified));
    xml.element("ETag", quoted(info.etag));
    xml.element("ChecksumType", checksum_kind_name(info.checksum->kind));
    xml.element(checksum_element(info.checksum->algorithm), info.checksum->value);
    xml.close("CopyObjectResult");
    answer_xml(std::move(document));
  }

  Address source_;
};

}  // namespace

InvocationPtr make_copy_operation(InvocationParts& parts) {
  return parts.row.id == S3Operation::CopyObject ? std::make_unique<CopyObject>(std::move(parts)) : nullptr;
}

}  // namespace signet::s3
