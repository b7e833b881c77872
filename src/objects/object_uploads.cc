// Multipart uploads: parts that are put, and objects that are made of them.
#include <utility>

#include "base/assertion.h"
#include "facts/errors.h"
#include "objects/impl/index_changes.h"
#include "objects/impl/object_index.h"
#include "objects/object_store.h"

namespace signet::objects {

using impl::Found;
using impl::IndexWriter;
using impl::Leftovers;
using impl::ObjectIndex;

std::string ObjectStore::new_upload_id(Instant now) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(12, '0');
  auto left = static_cast<std::uint64_t>(now.unix_ms);
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit, left >>= 4U) {
    *digit = kDigits[left & 0xFU];
  }
  return id + files_.new_name();
}

Status ObjectStore::begin_upload(std::string_view bucket, UploadInfo upload) {
  TRY_STATUS(files_.guard().admit(0));
  return index_->write([&](IndexWriter& writer) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    const Found<ObjectInfo> present = TRY(writer.find(bucket, upload.key));
    upload.base.reset();  // not known, if the record is damaged
    if (!present || *present) {
      upload.base = present ? (*present)->file : std::string();
    }
    TRY_STATUS(writer.use({.bucket = std::string(bucket), .objects = 1, .uploads = 1}));
    return writer.put_upload(bucket, upload);
  });
}

Result<UploadInfo> ObjectStore::find_upload(std::string_view bucket,
                                            std::string_view key,
                                            std::string_view id) {
  const ObjectIndex::Lease reader = TRY(index_->reader());
  std::optional<UploadInfo> upload = TRY(reader->find_upload(bucket, key, id));
  return upload ? Result<UploadInfo>(*std::move(upload))
                : std::unexpected(impl::no_such_upload(id));
}

Status ObjectStore::put_part(std::string_view bucket,
                             std::string_view key,
                             std::string_view id,
                             StagedFile file,
                             PartInfo part) {
  SIGNET_ASSERT(file.is_for(bucket, key));
  TRY_STATUS(file.settle());
  part.size = file.size();
  part.file = file.name();
  part.is_sealed = file.form() == FileForm::Sealed;
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    TRY_STATUS(impl::require_upload(writer, bucket, key, id));
    const Found<PartInfo> present = TRY(writer.find_part(id, part.number));
    TRY_STATUS(writer.use({.bucket = std::string(bucket),
                           .bytes = impl::signed_size(part.size) - impl::size_of(present)}));
    left.take(present);
    return writer.put_part(id, part);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Result<std::vector<PartInfo>> ObjectStore::parts(std::string_view id) {
  return TRY(index_->reader())->parts(id);
}

Status ObjectStore::each_upload(std::string_view bucket,
                                std::string_view from,
                                const std::function<bool(UploadInfo)>& visit) {
  return TRY(index_->reader())->each_upload(bucket, from, visit);
}

Result<std::optional<std::string>> ObjectStore::key_of_upload(std::string_view bucket,
                                                              std::string_view id) {
  return TRY(index_->reader())->key_of_upload(bucket, id);
}

Result<OpenObject> ObjectStore::open_part(std::string_view bucket,
                                          std::string_view key,
                                          const PartInfo& part) {
  const ObjectInfo info{.key = std::string(key),
                        .etag = part.etag,
                        .size = part.size,
                        .modified = part.modified,
                        .checksum = std::nullopt,
                        .headers = {},
                        .part_sizes = {},
                        .upload = {},
                        .file = part.file,
                        .is_sealed = part.is_sealed,
                        .version = {}};
  std::optional<OpenObject> open = TRY(open_record(bucket, info));
  if (!open) {
    // The upload was completed, aborted, or the part replaced meanwhile.
    return std::unexpected(facts::make_error(ErrorCode::InvalidPart));
  }
  return *std::move(open);
}

Status ObjectStore::abort_upload(std::string_view bucket,
                                 std::string_view key,
                                 std::string_view id) {
  return commit_removal([&](IndexWriter& writer, Leftovers& left) -> Status {
    const Found<UploadInfo> upload = TRY(writer.find_upload(bucket, key, id));
    if (!upload) {
      return std::unexpected(impl::no_such_upload(id));
    }
    if (!*upload) {
      left.damaged.push_back(upload->error().cause);
    }
    return impl::drop_upload(
        writer, bucket, {.key = std::string(key), .id = std::string(id)}, left);
  });
}

Status ObjectStore::complete_upload(std::string_view bucket,
                                    std::string_view id,
                                    StagedFile file,
                                    ObjectInfo info,
                                    const WriteCondition& condition,
                                    Versioning versioning) {
  const std::string indexed = TRY(settle(file, bucket, info));
  info.upload = id;
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    const UploadInfo upload = TRY(impl::require_upload(writer, bucket, info.key, id));
    // The parts go first, so that what is counted does not hold them twice.
    TRY_STATUS(impl::drop_upload(writer, bucket, {.key = upload.key, .id = upload.id}, left));
    TRY_STATUS(impl::put_object(writer, bucket, info, condition, versioning, upload.base, left));
    return indexed.empty() ? Status() : writer.put_bytes(info.file, indexed);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Status ObjectStore::complete_in_place(std::string_view bucket,
                                      std::string_view id,
                                      std::span<const PartInfo> parts,
                                      ObjectInfo info,
                                      const WriteCondition& condition,
                                      Versioning versioning) {
  info.upload = id;
  info.file = kPartsMark + files_.new_name();
  info.is_sealed = true;
  info.size = 0;
  for (const PartInfo& part : parts) {
    SIGNET_ASSERT(part.is_sealed);
    info.size += part.size;
  }
  return commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    const UploadInfo upload = TRY(impl::require_upload(writer, bucket, info.key, id));
    TRY_STATUS(impl::keep_parts(writer, bucket, upload, parts, left));
    return impl::put_object(writer, bucket, info, condition, versioning, upload.base, left);
  });
}

}  // namespace signet::objects
