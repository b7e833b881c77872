// GetObjectAttributes.
#include <algorithm>
#include <utility>

#include "s3/customer_key.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/typed.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;

// Of an object or a part.
template <class Shape>
void show_checksum(const objects::ObjectChecksum& checksum, Shape& out) {
  switch (checksum.algorithm) {
    case crypto::ChecksumAlgorithm::Crc32:
      out.checksum_crc32 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Crc32c:
      out.checksum_crc32_c = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Crc64Nvme:
      out.checksum_crc64_nvme = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Sha1:
      out.checksum_sha1 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Sha256:
      out.checksum_sha256 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Sha512:
      out.checksum_sha512 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Md5:
      out.checksum_md5 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Xxhash64:
      out.checksum_xxhash64 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Xxhash3:
      out.checksum_xxhash3 = checksum.value;
      break;
    case crypto::ChecksumAlgorithm::Xxhash128:
      out.checksum_xxhash128 = checksum.value;
      break;
  }
}

// How many parts there are is not told with it here (recorded).
shapes::Checksum shown_checksum(objects::ObjectChecksum checksum) {
  checksum.value.resize(std::min(checksum.value.size(), checksum.value.find('-')));
  shapes::Checksum out{.checksum_type = std::string(checksum_kind_name(checksum.kind))};
  show_checksum(checksum, out);
  return out;
}

class GetObjectAttributes final : public Typed<ObjectInvocation,
                                               shapes::GetObjectAttributesRequest,
                                               shapes::GetObjectAttributesResponse> {
 public:
  using Typed::Typed;

 protected:
  // Both are needed (S3 GetObjectAttributes, permissions).
  Result<CheckList> checks_of(const CheckContext& context) override {
    static_cast<void>(TRY(named_version()));
    return CheckList{check_on_tags(context, question("")),
                     check_on_tags(context, question("Attributes"))};
  }

  Result<shapes::GetObjectAttributesResponse> answer_to(
      const shapes::GetObjectAttributesRequest& request,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    const objects::ObjectInfo info =
        TRY(find_allowed(context, *bucket, {question(""), question("Attributes")}));
    const GivenKey given = TRY(given_key(headers(), KeyFor::Object));
    TRY_STATUS(check_key(given, info.headers));
    shapes::GetObjectAttributesResponse answer = attributes(request, info);
    if (versioning_of(*bucket) != objects::Versioning::Off) {
      answer.version_id = objects::shown_version(info);
    }
    return answer;
  }

 private:
  [[nodiscard]] ObjectQuestion question(std::string_view what) const {
    return {.action = version_action(this->request(), "s3:GetObject").append(what),
            .on = {.bucket = bucket_name(), .key = key()},
            .keys = version_keys(this->request())};
  }

  [[nodiscard]] static shapes::GetObjectAttributesResponse attributes(
      const shapes::GetObjectAttributesRequest& request, const objects::ObjectInfo& info) {
    const auto wants = [&](std::string_view name) {
      return std::ranges::find(request.object_attributes, name) != request.object_attributes.end();
    };
    shapes::GetObjectAttributesResponse out{.last_modified = info.modified};
    if (wants("ETag")) {
      out.e_tag = info.etag;
    }
    if (wants("Checksum") && info.checksum) {
      out.checksum = shown_checksum(*info.checksum);
    }
    if (wants("ObjectParts") && !info.part_sizes.empty()) {
      out.object_parts = parts(request, info);
    }
    if (wants("StorageClass")) {
      out.storage_class = storage_class_of(info.headers);
    }
    if (wants("ObjectSize")) {
      out.object_size = static_cast<std::int64_t>(info.size);
    }
    return out;
  }

  // S3 lists the parts of objects with a checksum of checksums, and only counts those of others.
  // Of objects that were made before they were kept it has no checksums.
  [[nodiscard]] static shapes::GetObjectAttributesParts parts(
      const shapes::GetObjectAttributesRequest& request, const objects::ObjectInfo& info) {
    const auto count = static_cast<std::int64_t>(info.part_sizes.size());
    shapes::GetObjectAttributesParts out{.total_parts_count = count};
    if (!info.checksum || info.checksum->kind != objects::ChecksumKind::Composite) {
      return out;
    }
    const std::int64_t limit = std::min(request.max_parts.value_or(kPartsMax), kPartsMax);
    const std::int64_t marker = request.part_number_marker.value_or(0);
    const std::int64_t after = std::min(marker, count);
    const std::int64_t last = std::min(count, after + limit);
    out.part_number_marker = marker;
    out.next_part_number_marker =
        last > after ? last : 0;  // nothing behind the marker: 0 (recorded)
    out.max_parts = limit;
    out.is_truncated = last < count;
    if (last == after) {
      return out;
    }
    std::vector<shapes::ObjectPart>& listed = out.parts.emplace();
    for (std::int64_t number = after + 1; number <= last; ++number) {
      const auto index = static_cast<std::size_t>(number - 1);
      shapes::ObjectPart& part = listed.emplace_back(shapes::ObjectPart{
          .part_number = number, .size = static_cast<std::int64_t>(info.part_sizes[index])});
      if (index < info.part_checksums.size()) {
        show_checksum({.algorithm = info.checksum->algorithm,
                       .kind = info.checksum->kind,
                       .value = info.part_checksums[index]},
                      part);
      }
    }
    return out;
  }

  static constexpr std::int64_t kPartsMax = 1000;
};

}  // namespace

SIGNET_S3_MAKE(GetObjectAttributes)

}  // namespace signet::s3
