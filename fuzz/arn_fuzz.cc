// fuzz-deps: base model
#include "model/arn.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"

// Splitting and joining gives the text back; anything split_arn refuses lacks a part or the "arn"
// in front.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parts = signet::model::split_arn(text);
  if (!parts) {
    return 0;
  }
  std::string joined = "arn:";
  for (const std::string_view part :
       {parts->partition, parts->service, parts->region, parts->account}) {
    SIGNET_ASSERT(part.find(':') == std::string_view::npos);
    joined.append(part).push_back(':');
  }
  SIGNET_ASSERT(joined.append(parts->resource) == text);
  return 0;
}
