// fuzz-deps: objects
// What the index says of an object besides its columns, and the beginning of an encrypted file.
// Attributes that decode are those that encode writes again; a header opens only if it is the one
// that was made.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "objects/object_info.h"
#include "objects/sealed_file.h"
#include "secret_box.h"

namespace {

using namespace signet;           // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::objects;  // NOLINT(google-build-using-namespace): a program of one file

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  if (const auto attributes = decode_attributes(input)) {
    SIGNET_ASSERT(decode_attributes(encode_attributes(*attributes)) == attributes);
  }

  ZeroRandom zeros;
  const FileOwner owner{.bucket = "b/1", .key = "k"};
  const std::string name(32, 'a');
  static const std::string kHeader = begin_sealed_file(box(), zeros, name, owner).header;
  const auto key = open_sealed_header(box(), input.substr(0, kSealedHeaderBytes), name, owner);
  SIGNET_ASSERT(!key || input.starts_with(kHeader));
  if (key) {
    std::string chunk(input.substr(kSealedHeaderBytes));
    static_cast<void>(open_chunk(*key, 0, ChunkPlace::Last, chunk));
  }
  return 0;
}
