// ListObjectVersions.
#include <utility>

#include "codec/xml_writer.h"
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

class ListObjectVersions final : public ListingInvocation {
 public:
  using ListingInvocation::ListingInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context, list_keys(request())));
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(check_encoding(param("encoding-type")));
    const std::int64_t max_keys = TRY(max_keys_of(request()));
    const objects::VersionQuery query{.prefix = std::string(param("prefix").value_or("")),
                                      .delimiter = std::string(param("delimiter").value_or("")),
                                      .key_marker = std::string(param("key-marker").value_or("")),
                                      .version_marker = TRY(version_marker()),
                                      .max_keys = static_cast<std::size_t>(max_keys)};
    const objects::VersionPage page = TRY(store().list_versions(store_id(*bucket), query));
    write(query, page, *bucket, canonical_id(context.snapshot, bucket->account));
    return {};
  }

 private:
  [[nodiscard]] Result<std::string> version_marker() const {
    constexpr std::string_view kName = "version-id-marker";
    const auto marker = param(kName);
    if (!marker) {
      return std::string();
    }
    if (marker->empty()) {
      return about(version_marker_empty(), kName, *marker);
    }
    if (param("key-marker").value_or("").empty()) {
      return about(version_marker_without_key(), kName, *marker);
    }
    if (!is_version_id(*marker)) {
      return about(version_id_invalid(), kName, *marker);
    }
    return std::string(*marker);
  }

  void write(const objects::VersionQuery& query,
             const objects::VersionPage& page,
             const identity::Bucket& bucket,
             const std::string& owner) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("ListVersionsResult", kXmlNamespace);
    xml.element("Name", bucket_name());
    xml.element("Prefix", shown(query.prefix));
    xml.element("KeyMarker", shown(query.key_marker));
    xml.element("VersionIdMarker", query.version_marker);
    if (page.is_truncated) {
      xml.element("NextKeyMarker", shown(page.next_key));
      if (!page.next_version.empty()) {
        xml.element("NextVersionIdMarker", page.next_version);
      }
    }
    write_extent(xml, query.max_keys, query.delimiter, page.is_truncated);
    for (const objects::VersionPage::Version& version : page.versions) {
      write_version(xml, version, shown_owner(bucket, version.info.headers, owner));
    }
    write_common_prefixes(xml, page.common_prefixes);
    xml.close("ListVersionsResult");
    answer_xml(std::move(document));
  }

  void write_version(codec::XmlWriter& xml,
                     const objects::VersionPage::Version& version,
                     const std::string& owner) const {
    const objects::ObjectInfo& info = version.info;
    const std::string_view element = info.is_marker ? "DeleteMarker" : "Version";
    xml.open(element);
    if (!info.is_marker) {
      xml.element("ETag", quoted(info.etag));
      if (info.checksum) {
        xml.element("ChecksumAlgorithm", crypto::checksum_name(info.checksum->algorithm));
        xml.element("ChecksumType", checksum_kind_name(info.checksum->kind));
      }
      xml.element("Size", static_cast<std::int64_t>(info.size));
      xml.element("StorageClass", storage_class_of(info.headers));
    }
    xml.element("Key", shown(info.key));
    xml.element("VersionId", objects::shown_version(info));
    xml.element("IsLatest", version.is_latest ? "true" : "false");
    xml.element("LastModified", s3_time(info.modified));
    xml.open("Owner");
    xml.element("ID", owner);
    xml.close("Owner");
    xml.close(element);
  }
};

}  // namespace

SIGNET_S3_MAKE(ListObjectVersions)

}  // namespace signet::s3
