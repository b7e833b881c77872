// ListParts and ListMultipartUploads.
#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/listing_invocation.h"
#include "s3/multipart.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

void write_person(codec::XmlWriter& xml,
                  std::string_view element,
                  std::string_view id,
                  std::string_view name = {}) {
  xml.open(element);
  xml.element("ID", id);
  if (!name.empty()) {
    xml.element("DisplayName", name);
  }
  xml.close(element);
}

// Who began an upload: a root user as the account, a user with the user's name too.
void write_initiator(codec::XmlWriter& xml,
                     const identity::Snapshot& snapshot,
                     std::string_view arn) {
  constexpr std::string_view kUser = ":user/";
  constexpr std::string_view kRoot = ":root";
  if (arn.ends_with(kRoot)) {
    const std::string_view account = arn.substr(0, arn.size() - kRoot.size());
    write_person(xml, "Initiator", canonical_id(snapshot, account.substr(account.rfind(':') + 1)));
    return;
  }
  const bool is_user = arn.find(kUser) != std::string_view::npos;
  write_person(
      xml, "Initiator", arn, is_user ? arn.substr(arn.rfind('/') + 1) : std::string_view());
}

class ListParts final : public UploadInvocation {
 public:
  using UploadInvocation::UploadInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const objects::UploadInfo upload = TRY(require_upload(store_id(*bucket)));
    const std::int64_t limit = TRY(page_size(param("max-parts"), "max-parts"));
    const std::int64_t after = parse_decimal(param("part-number-marker").value_or("")).value_or(0);
    std::vector<objects::PartInfo> parts = TRY(store().parts(upload.id));
    std::erase_if(parts, [after](const objects::PartInfo& part) { return part.number <= after; });
    const bool is_truncated = parts.size() > static_cast<std::size_t>(limit);
    if (is_truncated) {
      parts.resize(static_cast<std::size_t>(limit));
    }
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("ListPartsResult", kXmlNamespace);
    xml.element("Bucket", bucket_name());
    xml.element("Key", key());
    xml.element("UploadId", upload.id);
    write_initiator(xml, context.snapshot, upload.initiator);
    write_person(
        xml,
        "Owner",
        shown_owner(*bucket, upload.headers, canonical_id(context.snapshot, bucket->account)));
    xml.element("StorageClass", storage_class_of(upload.headers));
    xml.element("PartNumberMarker", after);
    xml.element("NextPartNumberMarker", parts.empty() ? 0 : parts.back().number);
    xml.element("MaxParts", limit);
    xml.element("IsTruncated", is_truncated ? "true" : "false");
    if (upload.algorithm) {
      xml.element("ChecksumAlgorithm", crypto::checksum_name(*upload.algorithm));
      xml.element("ChecksumType", checksum_kind_name(upload.checksum_kind));
    }
    for (const objects::PartInfo& part : parts) {
      write_part(xml, upload, part);
    }
    xml.close("ListPartsResult");
    answer_xml(std::move(document));
    return {};
  }

 private:
  static void write_part(codec::XmlWriter& xml,
                         const objects::UploadInfo& upload,
                         const objects::PartInfo& part) {
    xml.open("Part");
    xml.element("PartNumber", part.number);
    xml.element("LastModified", s3_time(part.modified));
    xml.element("ETag", quoted(part.etag));
    xml.element("Size", static_cast<std::int64_t>(part.size));
    if (upload.algorithm && !part.checksum.empty()) {
      xml.element(checksum_element(*upload.algorithm), part.checksum);
    }
    xml.close("Part");
  }
};

class ListMultipartUploads final : public ListingInvocation {
 public:
  using ListingInvocation::ListingInvocation;

  // Unlike listings of objects: s3:prefix and s3:delimiter are no keys of this action (service
  // authorization reference).
  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(check_encoding(param("encoding-type")));
    const std::int64_t limit = TRY(page_size(param("max-uploads"), "max-uploads"));
    TRY_STATUS(check_marker(store_id(*bucket)));
    const UploadPage page = TRY(page_of(store_id(*bucket), static_cast<std::size_t>(limit)));
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("ListMultipartUploadsResult", kXmlNamespace);
    write_head(xml, page, limit);
    const std::string owner = canonical_id(context.snapshot, bucket->account);
    for (const objects::UploadInfo& upload : page.uploads) {
      write_upload(xml, context.snapshot, upload, shown_owner(*bucket, upload.headers, owner));
    }
    write_common_prefixes(xml, page.common_prefixes);
    xml.close("ListMultipartUploadsResult");
    answer_xml(std::move(document));
    return {};
  }

 private:
  struct UploadPage {
    std::vector<objects::UploadInfo> uploads;
    std::vector<std::string> common_prefixes;
    bool is_truncated = false;
    // Where the next page begins; the id is empty behind a common prefix.
    std::string next_key;
    std::string next_id;
  };

  // One page of the bucket's uploads, in the order of their keys and then ids. Keys that share what
  // stands between prefix and delimiter count once; below the marker's own such prefix nothing is
  // shown any more, as in listings of objects.
  [[nodiscard]] Result<UploadPage> page_of(std::string_view bucket_id, std::size_t limit) const {
    UploadPage page;
    const std::string_view prefix = param("prefix").value_or("");
    const std::string_view marker = param("key-marker").value_or("");
    const std::string passed = common_prefix_of(marker);
    const auto take = [&](objects::UploadInfo upload) {
      const std::string group = common_prefix_of(upload.key);
      const bool is_shown =
          !group.empty() && (group == passed || (!page.common_prefixes.empty() &&
                                                 group == page.common_prefixes.back()));
      if (!upload.key.starts_with(prefix)) {
        return false;
      }
      if (!is_behind_marker(upload) || is_shown) {
        return true;
      }
      if (page.uploads.size() + page.common_prefixes.size() == limit) {
        page.is_truncated = true;
        return false;
      }
      page.next_key = group.empty() ? upload.key : group;
      page.next_id = group.empty() ? upload.id : std::string();
      if (group.empty()) {
        page.uploads.push_back(std::move(upload));
      } else {
        page.common_prefixes.push_back(group);
      }
      return true;
    };
    TRY_STATUS(store().each_upload(bucket_id, std::max(prefix, marker), take));
    return page;
  }

  // What a key shares with others up to the delimiter; empty: it is shown itself.
  [[nodiscard]] std::string common_prefix_of(std::string_view key) const {
    return std::string(objects::common_prefix_of(
        key, param("prefix").value_or(""), param("delimiter").value_or("")));
  }

  void write_head(codec::XmlWriter& xml, const UploadPage& page, std::int64_t limit) const {
    xml.element("Bucket", bucket_name());
    xml.element("KeyMarker", shown(param("key-marker").value_or("")));
    xml.element("UploadIdMarker", id_marker());
    // Of a last page that ends with a common prefix they are empty (recorded).
    // AWS-DIFF: of another page that ends so, S3 leaves them empty too, and nobody can go on; here
    // they name the prefix (test_s3_recorded.py).
    const bool is_told = page.is_truncated || !page.next_id.empty();
    xml.element("NextKeyMarker", is_told ? shown(page.next_key) : std::string());
    xml.element("NextUploadIdMarker", page.next_id);
    for (const auto& [name, element] :
         {std::pair("prefix", "Prefix"), std::pair("delimiter", "Delimiter")}) {
      if (const auto value = param(name); value && !value->empty()) {
        xml.element(element, shown(*value));
      }
    }
    write_encoding(xml);
    xml.element("MaxUploads", limit);
    xml.element("IsTruncated", page.is_truncated ? "true" : "false");
  }

  // An upload that is there must have the key that the marker says. One that is not any more was
  // ended by whoever lists.
  [[nodiscard]] Status check_marker(std::string_view bucket_id) const {
    if (id_marker().empty()) {
      return {};
    }
    const std::optional<std::string> known = TRY(store().key_of_upload(bucket_id, id_marker()));
    return !known || *known == param("key-marker")
               ? Status()
               : about(upload_id_marker_invalid(), "upload-id-marker", id_marker());
  }

  // Without a key marker it says nothing (S3 ListMultipartUploads).
  [[nodiscard]] std::string_view id_marker() const {
    const bool has_key = !param("key-marker").value_or("").empty();
    return has_key ? param("upload-id-marker").value_or("") : std::string_view();
  }

  [[nodiscard]] bool is_behind_marker(const objects::UploadInfo& upload) const {
    const std::string_view key_marker = param("key-marker").value_or("");
    return key_marker.empty() || upload.key > key_marker ||
           (upload.key == key_marker && !id_marker().empty() && upload.id > id_marker());
  }

  void write_upload(codec::XmlWriter& xml,
                    const identity::Snapshot& snapshot,
                    const objects::UploadInfo& upload,
                    const std::string& owner) const {
    xml.open("Upload");
    xml.element("Key", shown(upload.key));
    xml.element("UploadId", upload.id);
    write_initiator(xml, snapshot, upload.initiator);
    write_person(xml, "Owner", owner);
    xml.element("StorageClass", storage_class_of(upload.headers));
    xml.element("Initiated", s3_time(upload.initiated));
    if (upload.algorithm) {
      xml.element("ChecksumAlgorithm", crypto::checksum_name(*upload.algorithm));
      xml.element("ChecksumType", checksum_kind_name(upload.checksum_kind));
    }
    xml.close("Upload");
  }
};

}  // namespace

SIGNET_S3_MAKE(ListParts)
SIGNET_S3_MAKE(ListMultipartUploads)

}  // namespace signet::s3
