#include "objects/stored_bytes.h"

#include <algorithm>
#include <span>

#include <sys/stat.h>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "objects/file_reader.h"
#include "objects/impl/database.h"

namespace signet::objects {
namespace {

// A checksum that is over the bytes themselves, in their order.
bool has_full_checksum(const ObjectInfo& info) {
  return info.checksum && info.checksum->kind == ChecksumKind::FullObject;
}

std::string hex(std::string_view digest) {
  std::string out;
  codec::append_hex(out,
                    std::span(reinterpret_cast<const std::uint8_t*>(digest.data()), digest.size()));
  return out;
}

Error not_as_stored(const ObjectInfo& info) {
  return impl::storage_error(
      concat("the bytes of the object \"",
             info.key,
             "\" (file ",
             info.file,
             ") are not those that were stored: restore the folder from a backup"));
}

// Verifies what an open object has, and shows it piece by piece.
template <class Show>
Status read_all(const OpenObject& object, Show show) {
  TRY_STATUS(check_stored_size(object));
  StoredBytes check(object.info);
  FileReader reader(object.fd.get(), 0, object.info.size);
  while (true) {
    const std::string_view piece = TRY(reader.next());
    if (piece.empty()) {
      return check.verify();
    }
    check.update(piece);
    show(piece);
  }
}

}  // namespace

bool has_stored_size(const UniqueFd& fd, const ObjectInfo& info) {
  struct stat found{};
  return fstat(fd.get(), &found) == 0 && found.st_size >= 0 &&
         static_cast<std::uint64_t>(found.st_size) == info.size;
}

Status check_stored_size(const OpenObject& object) {
  return has_stored_size(object.fd, object.info) ? Status()
                                                 : std::unexpected(not_as_stored(object.info));
}

Result<std::string> read_verified(const OpenObject& object) {
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(object.info.size));
  TRY_STATUS(read_all(object, [&bytes](std::string_view piece) { bytes += piece; }));
  return bytes;
}

Status verify_stored(const OpenObject& object) {
  return read_all(object, [](std::string_view) {});
}

StoredBytes::StoredBytes(const ObjectInfo& info) : info_(info) {
  if (has_full_checksum(info)) {
    checksum_.emplace(info.checksum->algorithm);
  }
}

void StoredBytes::update(std::string_view bytes) {
  size_ += bytes.size();
  if (checksum_) {
    checksum_->update(bytes);
    return;
  }
  while (!bytes.empty()) {
    const bool has_parts = part_ < info_.part_sizes.size();
    const std::uint64_t left = has_parts ? info_.part_sizes[part_] - in_part_ : bytes.size();
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
    md5_.update(bytes.substr(0, taken));
    in_part_ += taken;
    bytes.remove_prefix(taken);
    if (has_parts && in_part_ == info_.part_sizes[part_]) {
      end_part();
    }
  }
}

void StoredBytes::end_part() {
  part_digests_ += crypto::as_view(md5_.finish());
  md5_ = crypto::Md5();
  part_ += 1;
  in_part_ = 0;
}

Status StoredBytes::verify() {
  bool is_right = size_ == info_.size;
  if (checksum_) {
    is_right = is_right && codec::encode_base64(checksum_->finish()) == info_.checksum->value;
  } else if (info_.part_sizes.empty()) {
    is_right = is_right && hex(crypto::as_view(md5_.finish())) == info_.etag;
  } else {
    md5_.update(part_digests_);
    is_right = is_right && concat(hex(crypto::as_view(md5_.finish())),
                                  "-",
                                  std::to_string(info_.part_sizes.size())) == info_.etag;
  }
  return is_right ? Status() : std::unexpected(not_as_stored(info_));
}

}  // namespace signet::objects
