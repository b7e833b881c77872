#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/checksum.h"
#include "crypto/md5.h"
#include "objects/object_info.h"
#include "objects/open_object.h"

namespace signet::objects {

// Whether the bytes that lie on the disk are those that were stored: they are compared with the
// object's full checksum where it has one, otherwise with its ETag, part by part. Takes the whole
// object in order, once.
class StoredBytes {
 public:
  explicit StoredBytes(const ObjectInfo& info);

  void update(std::string_view bytes);

  // Call once, after the last byte. S3InternalError with a cause that names the object: the bytes
  // are not those, or not as many.
  [[nodiscard]] Status verify();

 private:
  void end_part();

  const ObjectInfo& info_;
  std::uint64_t size_ = 0;
  std::optional<crypto::Checksum> checksum_;  // otherwise:
  crypto::Md5 md5_;                           // of the object or its present part
  std::string part_digests_;                  // of the parts before it
  std::size_t part_ = 0;
  std::uint64_t in_part_ = 0;
};

// Whether reading an object tells by itself that its bytes are those that were stored: they are
// encrypted.
[[nodiscard]] bool is_self_verifying(const OpenObject& object);

// All bytes of an open object, verified.
[[nodiscard]] Result<std::string> read_verified(const OpenObject& object);

// The same without keeping them, whatever the form: against the object's checksum or ETag.
[[nodiscard]] Status verify_stored(const OpenObject& object);

// Objects in plain up to this size are verified whenever any of their bytes are sent; larger ones
// by `signet verify`.
inline constexpr std::uint64_t kVerifiedSizeMax = std::uint64_t{1} << 20;

}  // namespace signet::objects
