#include "objects/stored_bytes.h"

#include <algorithm>
#include <span>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "objects/file_reader.h"

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
  return objects::not_as_stored(FileOwner{.bucket = {}, .key = info.key}, info.file);
}

// Verifies what an open object has, and shows it piece by piece.
template <class Show>
Status read_all(const OpenObject& object, StoredBytes* check, Show show) {
  FileReader reader(object, 0, object.info.size);
  while (true) {
    const std::string_view piece = TRY(reader.next());
    if (piece.empty()) {
      return check != nullptr ? check->verify() : Status();
    }
    if (check != nullptr) {
      check->update(piece);
    }
    show(piece);
  }
}

}  // namespace

bool is_self_verifying(const OpenObject& object) {
  return object.parts || object.file.key;
}

Result<std::string> read_verified(const OpenObject& object) {
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(object.info.size));
  StoredBytes check(object.info);
  TRY_STATUS(read_all(object,
                      is_self_verifying(object) ? nullptr : &check,
                      [&bytes](std::string_view piece) { bytes += piece; }));
  return bytes;
}

Status verify_stored(const OpenObject& object) {
  StoredBytes check(object.info);
  return read_all(object, &check, [](std::string_view) {});
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
