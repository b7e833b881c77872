// CompleteMultipartUpload.
#include <algorithm>
#include <concepts>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/xml_writer.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "objects/file_reader.h"
#include "objects/stored_bytes.h"
#include "s3/customer_key.h"
#include "s3/lifecycle_rules.h"
#include "s3/multipart.h"
#include "s3/object_lock.h"
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

Error invalid_part(std::string_view upload, const CompletedPart& part) {
  Error error = facts::make_error(ErrorCode::InvalidPart);
  error.fields.emplace_back("UploadId", upload);
  error.fields.emplace_back("PartNumber", std::to_string(part.number));
  error.fields.emplace_back("ETag", part.etag);
  return error;
}

Error too_small(const objects::PartInfo& part) {
  Error error = facts::make_error(ErrorCode::EntityTooSmall);
  error.fields.emplace_back("ProposedSize", std::to_string(part.size));
  error.fields.emplace_back("MinSizeAllowed", std::to_string(facts::kPartBytesMin));
  error.fields.emplace_back("PartNumber", std::to_string(part.number));
  error.fields.emplace_back("ETag", part.etag);
  return error;
}

// `parts` are in the order of their numbers, as the store gives them.
const objects::PartInfo* find_part(const std::vector<objects::PartInfo>& parts,
                                   std::int64_t number) {
  const auto at = std::ranges::lower_bound(parts, number, {}, &objects::PartInfo::number);
  return at != parts.end() && at->number == number ? &*at : nullptr;
}

// What a completion says about the checksum of a part must be what was stored; where checksums are
// put together from those of the parts it must say something.
Status check_part_checksums(const objects::UploadInfo& upload,
                            const objects::PartInfo& part,
                            const CompletedPart& want) {
  if (!upload.algorithm && !want.checksums.empty()) {  // that of the part itself too (recorded)
    return std::unexpected(invalid_part(upload.id, want));
  }
  const auto stored = part.algorithm ? part.algorithm : upload.algorithm;
  if (upload.algorithm && upload.checksum_kind == objects::ChecksumKind::Composite &&
      want.checksums.empty()) {
    return part_checksum_missing(to_lower(crypto::checksum_name(*upload.algorithm)),
                                 static_cast<std::size_t>(want.number));
  }
  for (const auto& [algorithm, value] : want.checksums) {
    if (algorithm != stored) {
      return part_checksum_mismatch(to_lower(crypto::checksum_name(algorithm)),
                                    static_cast<std::size_t>(want.number));
    }
    if (value != part.checksum) {
      return std::unexpected(invalid_part(upload.id, want));
    }
  }
  return {};
}

Error invalid_order(std::string_view upload) {
  Error error = facts::make_error(ErrorCode::InvalidPartOrder);
  error.fields.emplace_back("UploadId", upload);
  return error;
}

// The parts that a completion names, in order and found to be the ones that were uploaded.
Result<std::vector<objects::PartInfo>> chosen_parts(const objects::UploadInfo& upload,
                                                    const std::vector<objects::PartInfo>& present,
                                                    const std::vector<CompletedPart>& wanted) {
  if (wanted.empty()) {
    return parts_missing();
  }
  std::vector<objects::PartInfo> out;
  for (const CompletedPart& want : wanted) {
    if (want.number < 1) {
      return about(part_number_not_positive(), "PartNumber", std::to_string(want.number));
    }
    if (!out.empty() && want.number <= out.back().number) {
      return std::unexpected(invalid_order(upload.id));
    }
    const objects::PartInfo* part = find_part(present, want.number);
    if (part == nullptr || part->etag != want.etag) {
      return std::unexpected(invalid_part(upload.id, want));
    }
    TRY_STATUS(check_part_checksums(upload, *part, want));
    if (!out.empty() && out.back().size < facts::kPartBytesMin) {
      return std::unexpected(too_small(out.back()));
    }
    out.push_back(*part);
  }
  return out;
}

// MD5 over the parts' MD5s, and "-<parts>".
template <class Part>
  requires std::same_as<Part, objects::PartInfo> || std::same_as<Part, CompletedPart>
std::string composite_etag(const std::vector<Part>& parts) {
  crypto::Md5 md5;
  for (const Part& part : parts) {
    md5.update(codec::decode_hex(part.etag).value_or(""));
  }
  return concat(hex_of(md5.finish()), "-", std::to_string(parts.size()));
}

objects::ObjectChecksum composite_checksum(crypto::ChecksumAlgorithm algorithm,
                                           const std::vector<objects::PartInfo>& parts) {
  crypto::Checksum checksum(algorithm);
  for (const objects::PartInfo& part : parts) {
    checksum.update(codec::decode_base64(part.checksum).value_or(""));
  }
  return objects::ObjectChecksum{
      .algorithm = algorithm,
      .kind = objects::ChecksumKind::Composite,
      .value = concat(codec::encode_base64(checksum.finish()), "-", std::to_string(parts.size()))};
}

bool are_sealed(const std::vector<objects::PartInfo>& parts) {
  return std::ranges::all_of(parts, &objects::PartInfo::is_sealed);
}

// The checksum of the whole from those of the parts; nothing if theirs are of another algorithm.
std::optional<objects::ObjectChecksum> joined(const objects::UploadInfo& upload,
                                              const std::vector<objects::PartInfo>& parts) {
  const auto algorithm = upload.algorithm.value_or(crypto::ChecksumAlgorithm::Crc64Nvme);
  if (upload.algorithm && upload.checksum_kind == objects::ChecksumKind::Composite) {
    return composite_checksum(algorithm, parts);
  }
  crypto::Checksum none(algorithm);
  std::string whole = none.finish();
  for (const objects::PartInfo& part : parts) {
    const bool fits = part.algorithm.value_or(algorithm) == algorithm;
    const bool has_both = algorithm == crypto::ChecksumAlgorithm::Crc64Nvme && !part.crc64.empty();
    const auto own = codec::decode_base64(has_both ? part.crc64 : part.checksum);
    auto next = (fits || has_both) && own
                    ? crypto::joined_checksum(algorithm, whole, *own, part.size)
                    : std::nullopt;
    if (!next) {
      return std::nullopt;
    }
    whole = *std::move(next);
  }
  return objects::ObjectChecksum{.algorithm = algorithm,
                                 .kind = objects::ChecksumKind::FullObject,
                                 .value = codec::encode_base64(whole)};
}

class CompleteMultipartUpload final : public UploadInvocation {
 public:
  using UploadInvocation::UploadInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return kCompletedPartsBytes; }

  // As long as the parts are large.
  [[nodiscard]] api::Work work() const override { return api::Work::Long; }

  Status body(std::string_view bytes) override {
    wanted_ = TRY(read_completed_parts(bytes));
    return {};
  }

  Result<CheckList> checks(const CheckContext& context) override {
    return only(
        own_check(context, upload_keys(headers(), Creation::MakesObject, context.request.now)));
  }

 protected:
  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::string bucket_id = charged_store_id(*bucket);
    const objects::WriteCondition condition = TRY(upload_condition_of(headers()));
    Status done = complete(bucket_id, condition, context);
    // Its own success may have been the reason.
    return !done && done.error().code == ErrorCode::NoSuchUpload
               ? answer_again(bucket_id, context, std::move(done))
               : done;
  }

 private:
  [[nodiscard]] Status complete(const std::string& bucket_id,
                                const objects::WriteCondition& condition,
                                const HandlerContext& context) {
    const objects::UploadInfo upload = TRY(require_upload(bucket_id));
    TRY_STATUS(check_type(upload));
    const std::vector<objects::PartInfo> present = TRY(store().parts(upload.id));
    const std::vector<objects::PartInfo> parts = TRY(chosen_parts(upload, present, wanted_));
    // The key need not be given; one that is must be the upload's.
    const GivenKey given = TRY(given_key(headers(), KeyFor::Object));
    if (given.key != nullptr) {
      TRY_STATUS(check_part_key(given, upload.headers));
    }

    objects::ObjectInfo info{.key = key(),
                             .etag = composite_etag(parts),
                             .modified = context.request.now,
                             .checksum = joined(upload, parts),
                             .headers = upload.headers};
    for (const objects::PartInfo& part : parts) {
      info.part_sizes.push_back(part.size);
      if (upload.algorithm) {
        info.part_checksums.push_back(part.checksum);
      }
      info.size += part.size;
    }
    // Otherwise the bytes have to be read, and then they are written in one piece.
    std::optional<objects::StagedFile> file;
    if (!info.checksum || !are_sealed(parts)) {
      if (!objects::stored_mark(upload.headers).empty()) {
        return std::unexpected(facts::service_failure(
            "parts that open with a customer's key would have to be read to be put together"));
      }
      file.emplace(TRY(store().stage({.bucket = bucket_id, .key = key()}, info.size)));
      info.checksum = TRY(join(bucket_id, upload, parts, *file));
    }
    TRY_STATUS(check_promises(upload, *info.checksum, info.size));
    const auto newest = TRY(still_allowed(context, bucket_id));
    const identity::Bucket* bucket = TRY(require_bucket(*newest));
    const objects::Versioning versioning = versioning_of(*bucket);
    ObjectLock lock = lock_of(info.headers);  // as the upload was begun with
    add_default_retention(lock, *bucket, context.request.now);
    set_lock(info.headers, lock);
    info.version = store().new_version(versioning);
    info.is_sealed = store().encrypts();
    write(info, versioning, context);
    add_expiration_header(response_.headers, *bucket, info);
    return store_in(bucket_id, [&] {
      return file ? store().complete_upload(bucket_id,
                                            upload.id,
                                            *std::move(file),
                                            std::move(info),
                                            condition,
                                            versioning)
                  : store().complete_in_place(
                        bucket_id, upload.id, parts, std::move(info), condition, versioning);
    });
  }

  // A client whose answer was lost asks again: while the object is the one that this upload made
  // of the same parts, the answer is the same. Otherwise that of the first attempt.
  [[nodiscard]] Status answer_again(const std::string& bucket_id,
                                    const HandlerContext& context,
                                    Status first) {
    const std::optional<objects::ObjectInfo> object = TRY(store().find(bucket_id, key()));
    if (!object || object->upload != upload_id() || object->etag != composite_etag(wanted_)) {
      return first;
    }
    write(*object, versioning_of(*TRY(require_bucket(context.snapshot))), context);
    return {};
  }

  // The kind of checksum that the upload was begun with.
  [[nodiscard]] Status check_type(const objects::UploadInfo& upload) const {
    const auto type = header("x-amz-checksum-type");
    const std::string_view begun =
        upload.algorithm ? checksum_kind_name(upload.checksum_kind) : "null";
    if (!type || equals_ignore_case(*type, begun)) {
      return {};
    }
    return checksum_mode_mismatch(begun);
  }

  // Puts the parts one behind the other and answers the checksum of the whole.
  [[nodiscard]] Result<objects::ObjectChecksum> join(const std::string& bucket_id,
                                                     const objects::UploadInfo& upload,
                                                     const std::vector<objects::PartInfo>& parts,
                                                     objects::StagedFile& file) const {
    const auto algorithm = upload.algorithm.value_or(crypto::ChecksumAlgorithm::Crc64Nvme);
    const bool is_composite =
        upload.algorithm && upload.checksum_kind == objects::ChecksumKind::Composite;
    crypto::Checksum whole(algorithm);
    LongTurn turn;
    for (const objects::PartInfo& part : parts) {
      // A part that was damaged meanwhile must not get a checksum that fits the damage.
      const objects::OpenObject open = TRY(store().open_part(bucket_id, key(), part));
      objects::StoredBytes check(open.info);
      objects::FileReader reader(open, 0, part.size);
      for (std::string_view piece = TRY(reader.next()); !piece.empty();
           piece = TRY(reader.next())) {
        check.update(piece);
        if (!is_composite) {
          whole.update(piece);
        }
        TRY_STATUS(file.write(piece));
        turn.took(piece.size());
      }
      TRY_STATUS(check.verify());
    }
    return is_composite ? composite_checksum(algorithm, parts)
                        : objects::ObjectChecksum{.algorithm = algorithm,
                                                  .kind = objects::ChecksumKind::FullObject,
                                                  .value = codec::encode_base64(whole.finish())};
  }

  // A checksum without x-amz-checksum-type is one of the parts' checksums, but for CRC64NVME, which
  // has no such kind (recorded).
  [[nodiscard]] bool is_kept(const ExpectedDigests& promised,
                             const objects::ObjectChecksum& checksum) const {
    const bool is_of_whole = checksum.kind == objects::ChecksumKind::FullObject;
    const bool says_kind =
        header("x-amz-checksum-type") || checksum.algorithm == crypto::ChecksumAlgorithm::Crc64Nvme;
    const std::string_view value =
        std::string_view(checksum.value).substr(0, checksum.value.find('-'));
    return promised.algorithm == checksum.algorithm && (says_kind || !is_of_whole) &&
           (promised.value == checksum.value || promised.value == value);
  }

  // What the request says the object will be: x-amz-checksum-* and x-amz-mp-object-size.
  [[nodiscard]] Status check_promises(const objects::UploadInfo& upload,
                                      const objects::ObjectChecksum& checksum,
                                      std::uint64_t size) const {
    const ExpectedDigests promised = TRY(promised_checksum_of(headers()));
    // That of another algorithm says nothing about an upload that was begun without one (recorded).
    const bool says_something =
        promised.algorithm && (upload.algorithm || *promised.algorithm == checksum.algorithm);
    if (says_something && !is_kept(promised, checksum)) {
      return checksum_mismatch(to_lower(crypto::checksum_name(checksum.algorithm)));
    }
    const auto promised_size = header("x-amz-mp-object-size");
    if (promised_size && *promised_size != std::to_string(size)) {
      return object_size_mismatch(*promised_size, size);
    }
    return {};
  }

  void write(const objects::ObjectInfo& info,
             objects::Versioning versioning,
             const HandlerContext& context) {
    tell_made(info, info.is_sealed, versioning);
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("CompleteMultipartUploadResult", kXmlNamespace);
    xml.element("Location", own_uri(context));
    xml.element("Bucket", bucket_name());
    xml.element("Key", key());
    xml.element("ETag", quoted(info.etag));
    if (info.checksum) {
      xml.element(checksum_element(info.checksum->algorithm), info.checksum->value);
      xml.element("ChecksumType", checksum_kind_name(info.checksum->kind));
    }
    xml.close("CompleteMultipartUploadResult");
    answer_xml(std::move(document));
  }

  std::vector<CompletedPart> wanted_;
};

}  // namespace

SIGNET_S3_MAKE(CompleteMultipartUpload)

}  // namespace signet::s3
