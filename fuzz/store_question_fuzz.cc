// fuzz-deps: base s3
#include "s3/store_question.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// Input: what a store asks. Whatever it is, a question that can be read names a key and one action.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view document(reinterpret_cast<const char*>(data), size);
  if (const auto question = s3::read_store_question(document)) {
    SIGNET_ASSERT(!question->access_key_id.empty());
    SIGNET_ASSERT(question->action.find(':') != std::string::npos);
    SIGNET_ASSERT(question->action.find('*') == std::string::npos);
  }
  return 0;
}
