// fuzz-deps: base codec facts
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "base/strings.h"
#include "facts/accessanalyzer_wire.h"
#include "facts/cloudtrail_wire.h"
#include "facts/errors.h"
#include "facts/organizations_wire.h"
#include "facts/rolesanywhere_wire.h"
#include "facts/signin_wire.h"
#include "facts/wire/json_decoder.h"

namespace signet {
namespace {

// Whatever is sent, decoding ends in a request or in a 400 that is UTF-8 text.
template <class Request>
void try_decode(const facts::JsonInput& input, facts::Service service) {
  Request request;
  const Status status = decode(input, request);
  if (status) {
    return;
  }
  const facts::JsonErrorRow row = facts::json_error_row(service, status.error().code);
  SIGNET_ASSERT(row.status == 400);
  std::string document;
  facts::append_error_body(document, row, status.error());
  SIGNET_ASSERT(is_utf8(document));
}

}  // namespace
}  // namespace signet

// One line for what stands in path and query, then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file
  using facts::Service;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string line(text.substr(0, end));
  if (!is_utf8(line)) {
    return 0;  // paths and queries are decoded before
  }
  const std::vector<facts::NamedText> path = {
      {"profileId", line}, {"crlId", line}, {"trustAnchorId", line}};
  const std::vector<facts::NamedText> query = {
      {"certificateField", line}, {"specifiers", line}, {"pageSize", line}, {"nextToken", line}};
  const facts::JsonInput input{.path = path,
                               .query = query,
                               .header = [](std::string_view) { return std::nullopt; },
                               .body = text.substr(std::min(end + 1, text.size()))};
  try_decode<rolesanywhere::CreateProfileRequest>(input, Service::Rolesanywhere);
  try_decode<rolesanywhere::CreateTrustAnchorRequest>(input, Service::Rolesanywhere);
  try_decode<rolesanywhere::DeleteAttributeMappingRequest>(input, Service::Rolesanywhere);
  try_decode<rolesanywhere::ListProfilesRequest>(input, Service::Rolesanywhere);
  try_decode<rolesanywhere::UpdateCrlRequest>(input, Service::Rolesanywhere);
  try_decode<accessanalyzer::ValidatePolicyRequest>(input, Service::Accessanalyzer);
  try_decode<cloudtrail::LookupEventsRequest>(input, Service::Cloudtrail);
  try_decode<organizations::ListPoliciesForTargetRequest>(input, Service::Organizations);
  try_decode<signin::CreateOAuth2TokenRequest>(input, Service::Signin);
  try_decode<signin::ListSessionsRequest>(input, Service::Signin);
  return 0;
}
