// CopyObject.
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/archive.h"
#include "s3/copy_invocation.h"
#include "s3/customer_key.h"
#include "s3/document_form.h"
#include "s3/lifecycle_rules.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/tags.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::HandlerContext;
using authz::Authorized;

class CopyObject final : public CopyInvocation {
 public:
  using CopyInvocation::CopyInvocation;

  [[nodiscard]] Creation creation() const override { return Creation::MakesObject; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::string bucket_id = charged_store_id(*bucket);
    std::string list = TRY(new_list(context, *bucket));
    const objects::WriteCondition condition = TRY(upload_condition_of(headers()));
    ObjectLock lock = TRY(asked_lock(headers(), *bucket, context.request.now));
    const GivenKey given = TRY(key_for_upload(headers(), store().encrypts()));
    TRY_STATUS(store().check(bucket_id, key(), condition));
    const objects::OpenObject source = TRY(open_copy_source(context));
    if (source.info.size > facts::kUploadBytesMax) {
      return copy_source_too_large(facts::kUploadBytesMax);
    }
    objects::ObjectInfo info{.key = key(),
                             .size = source.info.size,
                             .modified = context.request.now,
                             .headers = TRY(new_headers(source.info, *bucket))};
    set_tags(info.headers, TRY(new_tags(source.info, context)));
    // Never the source's.
    set_restored(info.headers, std::nullopt);
    set_stored_list(info.headers, std::move(list));
    objects::set_stored_mark(
        info.headers,
        given.key != nullptr ? objects::mark_of(*given.key, context.deps.random) : std::string());
    objects::StagedFile file = TRY(store().stage(
        {.bucket = bucket_id, .key = key(), .customer_key = given.key}, source.info.size));
    const crypto::ChecksumAlgorithm algorithm = TRY(algorithm_for(source.info));
    // Damage must not become an object of its own with an ETag that fits it.
    objects::StoredBytes check(source.info);
    const BodyDigests::Values digests =
        TRY(copy_bytes(source,
                       objects::ByteRange{.offset = 0, .length = source.info.size},
                       algorithm,
                       file,
                       objects::is_self_verifying(source) ? nullptr : &check));
    info.etag = etag_of(digests.md5, objects::stored_mark(info.headers));
    info.checksum = digests.checksum;
    write(info);
    const auto newest = TRY(still_allowed(context, bucket_id));
    const identity::Bucket* bucket_now = TRY(require_bucket(*newest));
    TRY_STATUS(check_stored_list(*bucket_now, info.headers, context.caller, own_arn()));
    const objects::Versioning versioning = versioning_of(*bucket_now);
    add_default_retention(lock, *bucket_now, context.request.now);
    set_lock(info.headers, lock);  // never the source's
    info.version = store().new_version(versioning);
    tell_made(info, store().encrypts(), versioning);
    if (versioning == objects::Versioning::Suspended) {  // unlike PutObject (recorded)
      add_version_header(response_.headers, versioning, info);
    }
    add_key_headers(response_.headers, given);
    add_expiration_header(response_.headers, *bucket_now, info);
    return store_in(bucket_id, [&] {
      return store().put(bucket_id, std::move(file), std::move(info), condition, versioning);
    });
  }

 private:
  // The source's own, or with x-amz-metadata-directive: REPLACE those of the request.
  [[nodiscard]] Result<objects::StoredHeaders> new_headers(const objects::ObjectInfo& source,
                                                           const identity::Bucket& bucket) const {
    TRY_STATUS(check_annotations());
    const std::string_view directive = header("x-amz-metadata-directive").value_or("COPY");
    if (directive == "REPLACE") {
      return stored_headers_of(headers());
    }
    if (directive != "COPY") {
      return about(metadata_directive_unknown(), "x-amz-metadata-directive", directive);
    }
    // An earlier version is another object; what lies in plain is encrypted by being copied, and so
    // is everything where the bucket's encryption was set (recorded).
    const bool sets_encryption =
        kept_document(bucket, facts::bucket_document_row(facts::BucketDocument::Encryption)) !=
        nullptr;
    const bool changes_something = header("x-amz-storage-class").has_value() || names_version() ||
                                   header("x-amz-website-redirect-location").has_value() ||
                                   header("x-amz-server-side-encryption").has_value() ||
                                   sets_encryption ||
                                   header("x-amz-server-side-encryption-customer-algorithm") ||
                                   !objects::stored_mark(source.headers).empty();
    if (source_address().bucket == bucket_name() && source_address().key == key() &&
        !changes_something) {
      return copy_to_itself();
    }
    // The class and the redirection are those of the request, never the source's.
    objects::StoredHeaders copied = source.headers;
    TRY_STATUS(set_storage_class(copied, headers()));
    TRY_STATUS(set_redirection(copied, headers()));
    return copied;
  }

  // The source's, for those who may read them there and put them here; with
  // x-amz-tagging-directive: REPLACE those of the request.
  [[nodiscard]] Result<Tags> new_tags(const objects::ObjectInfo& source,
                                      const HandlerContext& context) const {
    const std::string_view directive = header("x-amz-tagging-directive").value_or("COPY");
    if (directive == "REPLACE") {
      return tags_of_request(headers());
    }
    if (directive != "COPY") {
      return about(tagging_directive_unknown(), "x-amz-tagging-directive", directive);
    }
    Tags tags = tags_of(source.headers);
    if (!tags.empty()) {
      ObjectQuestion read = source_question();
      read.action = read.keys.empty() ? "s3:GetObjectTagging" : "s3:GetObjectVersionTagging";
      TRY_STATUS(decide(context, read, &source.headers));
      ObjectQuestion write{.action = "s3:PutObjectTagging",
                           .on = {.bucket = bucket_name(), .key = key()},
                           .keys = {}};
      add_request_tag_keys(tags, write.keys);
      TRY_STATUS(decide(context, write, nullptr));
    }
    return tags;
  }

  // No object has annotations, so that copying and leaving them out are the same.
  [[nodiscard]] Status check_annotations() const {
    const auto directive = header("x-amz-object-annotation-directive");
    return !directive || *directive == "COPY" || *directive == "EXCLUDE"
               ? Status()
               : about(annotation_directive_unknown(),
                       "x-amz-object-annotation-directive",
                       *directive);
  }

  [[nodiscard]] Result<crypto::ChecksumAlgorithm> algorithm_for(
      const objects::ObjectInfo& source) const {
    const auto named = TRY(named_algorithm(headers(), "x-amz-checksum-algorithm"));
    const auto fallback =
        source.checksum ? source.checksum->algorithm : crypto::ChecksumAlgorithm::Crc64Nvme;
    return named.value_or(fallback);
  }

  void write(const objects::ObjectInfo& info) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("CopyObjectResult", kXmlNamespace);
    xml.element("LastModified", s3_time(info.modified));
    xml.element("ETag", quoted(info.etag));
    if (info.checksum) {
      xml.element("ChecksumType", checksum_kind_name(info.checksum->kind));
      xml.element(checksum_element(info.checksum->algorithm), info.checksum->value);
    }
    xml.close("CopyObjectResult");
    answer_xml(std::move(document));
  }
};

}  // namespace

SIGNET_S3_MAKE(CopyObject)

}  // namespace signet::s3
