// fuzz-deps: base http
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"
#include "http/impl/answer_head.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// Input: the head of an answer. Whatever a server sends, no field has a control character in it,
// and a body has one end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view head(reinterpret_cast<const char*>(data), size);
  for (const std::string_view method : {"GET", "HEAD"}) {
    const auto parsed = http::parse_answer_head(head, method);
    if (!parsed) {
      continue;
    }
    SIGNET_ASSERT(parsed->response.status >= 100 && parsed->response.status < 600);
    SIGNET_ASSERT(parsed->end == http::BodyEnd::Counted || method == "HEAD" ||
                  !parsed->response.find("Content-Length") || parsed->end == http::BodyEnd::None);
    SIGNET_ASSERT(method != "HEAD" || parsed->end == http::BodyEnd::None);
    SIGNET_ASSERT(parsed->end != http::BodyEnd::Closed || !parsed->keeps_open);
    for (const auto& [name, value] : parsed->response.headers) {
      SIGNET_ASSERT(!name.empty() && value.find_first_of("\r\n") == std::string_view::npos);
    }
  }
  return 0;
}
