// fuzz-deps: s3
// The readers of untrusted text in S3 requests: Host and path, Range, copy source, and the three
// XML bodies. The first byte chooses one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "objects/listing.h"
#include "objects/object_info.h"
#include "objects/range.h"
#include "s3/bucket_name.h"
#include "s3/copy_source.h"
#include "s3/route.h"
#include "s3/xml_body.h"

namespace {

using namespace signet::s3;  // NOLINT(google-build-using-namespace): a fuzz target of this room
                             // alone

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void fuzz_address(std::string_view text) {
  const std::size_t line = text.find('\n');
  const std::vector<std::string> domains = {"s3.example.org"};
  const auto address = address_of(
      text.substr(0, line), line == std::string_view::npos ? "/" : text.substr(line + 1), domains);
  if (address) {
    require(address->key.size() <= 1024);
    require(address->bucket.empty() || is_possible_bucket_name(address->bucket));
  }
}

void fuzz_range(std::string_view text) {
  for (const std::uint64_t size : {0ULL, 1ULL, 1000ULL}) {
    if (const auto range = signet::objects::parse_range(text, size).range) {
      require(range->length > 0 && range->offset + range->length <= size);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      fuzz_address(text);
      break;
    case 1:
      fuzz_range(text);
      break;
    case 2:
      if (const auto source = parse_copy_source(text)) {
        require(!source->object.bucket.empty() && !source->object.key.empty());
      }
      break;
    case 3:
      static_cast<void>(read_bucket_configuration(text));
      break;
    case 4:
      if (const auto list = read_delete_list(text)) {
        require(!list->entries.empty() && list->entries.size() <= 1000);
      }
      break;
    case 5:
      static_cast<void>(read_completed_parts(text));
      break;
    case 6:
      if (const auto start = signet::objects::parse_token(text)) {
        const auto again = signet::objects::parse_token(format_token(*start));
        require(again && again->after == start->after);
      }
      break;
    default:
      if (const auto attributes = signet::objects::decode_attributes(text)) {
        require(signet::objects::decode_attributes(
                    signet::objects::encode_attributes(*attributes)) == attributes);
      }
      break;
  }
  return 0;
}
