// fuzz-deps: identity
// Input: the record's key, a line feed, the record's bytes. A record that decodes must be written
// again as one that decodes to the same bytes (secrets apart, which get a new nonce).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assertion.h"
#include "base/random.h"
#include "identity/document_pool.h"
#include "identity/record.h"
#include "secret_box.h"

namespace {

using namespace signet;            // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::identity;  // NOLINT(google-build-using-namespace): a program of one file

std::string encode_any(const AnyRecord& record, Random& random) {
  return std::visit([&random](const auto& entity) { return encode_record(entity, box(), random); },
                    record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) {
    return 0;
  }
  const std::string_view key = input.substr(0, line);
  DocumentPool documents;
  Result<AnyRecord> first = decode_record(key, input.substr(line + 1), box(), documents);
  if (!first) {
    SIGNET_ASSERT(!first.error().cause.empty());
    return 0;
  }
  ZeroRandom random;
  const std::string written = encode_any(*first, random);
  const Result<AnyRecord> second = decode_record(key, written, box(), documents);
  SIGNET_ASSERT(second.has_value());
  SIGNET_ASSERT(encode_any(*second, random) == written);
  static_cast<void>(std::visit(
      []<class T>(T& entity) { return Kind<T>::normalize(entity).has_value(); }, *first));
  return 0;
}
