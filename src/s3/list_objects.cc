// ListObjects (version 1) and ListObjectsV2.
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/listing_invocation.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

class ListOperation : public ListingInvocation {
 public:
  using ListingInvocation::ListingInvocation;

  [[nodiscard]] bool tells_region() const override { return true; }

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context, list_keys(request())));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(check_encoding(param("encoding-type")));
    TRY_STATUS(check_attributes());
    const std::int64_t page_size = TRY(max_keys_of(request()));
    const objects::ListQuery query{.prefix = std::string(param("prefix").value_or("")),
                                   .delimiter = std::string(param("delimiter").value_or("")),
                                   .start = TRY(start()),
                                   .max_keys = static_cast<std::size_t>(page_size)};
    const objects::ListPage page = TRY(store().list(store_id(*bucket), query));
    // Who is not signed in is not told of owners (recorded).
    const bool is_told = shows_owner() && context.caller.kind != model::CallerKind::Anonymous;
    const std::string owner =
        is_told ? canonical_id(context.snapshot, bucket->account) : std::string();
    write(query, page, *bucket, owner);
    add_region_header(response_.headers, *bucket);
    return {};
  }

 protected:
  [[nodiscard]] virtual Result<objects::ListStart> start() const = 0;
  [[nodiscard]] virtual bool shows_owner() const = 0;
  // The elements that only this version has.
  virtual void write_position(codec::XmlWriter& xml,
                              const objects::ListQuery& query,
                              const objects::ListPage& page) const = 0;

 private:
  // RestoreStatus asks for nothing: no object is in a class that must be restored.
  [[nodiscard]] Status check_attributes() const {
    const auto wanted = header("x-amz-optional-object-attributes");
    return !wanted || *wanted == "RestoreStatus"
               ? Status()
               : about(attribute_unknown(), "x-amz-optional-object-attributes", *wanted);
  }

  void write(const objects::ListQuery& query,
             const objects::ListPage& page,
             const identity::Bucket& bucket,
             const std::string& owner) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("ListBucketResult", kXmlNamespace);
    xml.element("Name", bucket_name());
    xml.element("Prefix", shown(query.prefix));
    write_position(xml, query, page);
    write_extent(xml, query.max_keys, query.delimiter, page.is_truncated);
    for (const objects::ObjectInfo& object : page.objects) {
      write_object(xml, object, owner.empty() ? owner : shown_owner(bucket, object.headers, owner));
    }
    write_common_prefixes(xml, page.common_prefixes);
    xml.close("ListBucketResult");
    answer_xml(std::move(document));
  }

  void write_object(codec::XmlWriter& xml,
                    const objects::ObjectInfo& object,
                    const std::string& owner) const {
    xml.open("Contents");
    xml.element("Key", shown(object.key));
    xml.element("LastModified", s3_time(object.modified));
    xml.element("ETag", quoted(object.etag));
    if (object.checksum) {
      xml.element("ChecksumAlgorithm", crypto::checksum_name(object.checksum->algorithm));
      xml.element("ChecksumType", checksum_kind_name(object.checksum->kind));
    }
    xml.element("Size", static_cast<std::int64_t>(object.size));
    if (!owner.empty()) {
      xml.open("Owner");
      xml.element("ID", owner);
      xml.close("Owner");
    }
    xml.element("StorageClass", storage_class_of(object.headers));
    xml.close("Contents");
  }
};

class ListObjects final : public ListOperation {
 public:
  using ListOperation::ListOperation;

 protected:
  // A marker that is a common prefix, or lies below one, means that the prefix was shown: the
  // listing goes on behind it.
  [[nodiscard]] Result<objects::ListStart> start() const override {
    const std::string_view marker = param("marker").value_or("");
    const std::string_view prefix = param("prefix").value_or("");
    const std::string_view delimiter = param("delimiter").value_or("");
    const std::string_view common = objects::common_prefix_of(marker, prefix, delimiter);
    return common.empty() ? objects::ListStart{.after = std::string(marker), .skips_below = false}
                          : objects::ListStart{.after = std::string(common), .skips_below = true};
  }

  [[nodiscard]] bool shows_owner() const override { return true; }

  void write_position(codec::XmlWriter& xml,
                      const objects::ListQuery& query,
                      const objects::ListPage& page) const override {
    xml.element("Marker", shown(param("marker").value_or("")));
    if (page.is_truncated && !query.delimiter.empty()) {
      xml.element("NextMarker", shown(page.next.after));
    }
  }
};

class ListObjectsV2 final : public ListOperation {
 public:
  using ListOperation::ListOperation;

 protected:
  [[nodiscard]] Result<objects::ListStart> start() const override {
    const auto token = param("continuation-token");
    if (!token) {
      return objects::ListStart{.after = std::string(param("start-after").value_or("")),
                                .skips_below = false};
    }
    std::optional<objects::ListStart> position = objects::parse_token(*token);
    if (!position) {
      return about(continuation_token_incorrect(), "continuation-token");
    }
    return *std::move(position);
  }

  [[nodiscard]] bool shows_owner() const override { return param("fetch-owner") == "true"; }

  void write_position(codec::XmlWriter& xml,
                      const objects::ListQuery& /*query*/,
                      const objects::ListPage& page) const override {
    const auto token = param("continuation-token");
    if (const auto after = param("start-after"); after && !token) {  // counts on a first page only
      xml.element("StartAfter", shown(*after));
    }
    if (token) {
      xml.element("ContinuationToken", *token);
    }
    if (page.is_truncated) {
      xml.element("NextContinuationToken", objects::format_token(page.next));
    }
    xml.element("KeyCount",
                static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size()));
  }
};

}  // namespace

SIGNET_S3_MAKE(ListObjects)
SIGNET_S3_MAKE(ListObjectsV2)

}  // namespace signet::s3
