// fuzz-deps: base codec facts
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "facts/iam_wire.h"
#include "facts/sts_wire.h"

namespace signet {
namespace {

// Whatever the form, decoding ends in a request or in a 400 whose document is well-formed enough to
// be UTF-8 text.
template <class Request>
void try_decode(const codec::FormParams& form, facts::Service service) {
  Request request;
  const Status status = decode(form, request);
  if (status) {
    return;
  }
  SIGNET_ASSERT(facts::error_row(status.error().code).status == 400);
  std::string document;
  facts::append_error(document, facts::Format::Xml, service, status.error(), "id");
  SIGNET_ASSERT(is_utf8(document));
  document.clear();
  facts::append_error(document, facts::Format::Json, service, status.error(), "id");
  SIGNET_ASSERT(is_utf8(document));
}

// The parameters written back and read again are the same.
void check_round_trip(const codec::FormParams& form) {
  std::string text;
  for (const codec::FormParam& param : form.all()) {
    SIGNET_ASSERT(is_utf8(param.name) && is_utf8(param.value));
    codec::append_percent_encoded(text, param.name);
    text += '=';
    codec::append_percent_encoded(text, param.value);
    text += '&';
  }
  const auto again = codec::FormParams::parse(text);
  SIGNET_ASSERT(again && again->all().size() == form.all().size());
  for (std::size_t i = 0; i < form.all().size(); ++i) {
    SIGNET_ASSERT(again->all()[i].name == form.all()[i].name &&
                  again->all()[i].value == form.all()[i].value);
  }
}

}  // namespace
}  // namespace signet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const auto form = codec::FormParams::parse({reinterpret_cast<const char*>(data), size});
  if (!form) {
    return 0;
  }
  check_round_trip(*form);
  try_decode<sts::AssumeRoleRequest>(*form, facts::Service::Sts);
  try_decode<sts::GetFederationTokenRequest>(*form, facts::Service::Sts);
  try_decode<iam::CreateUserRequest>(*form, facts::Service::Iam);
  try_decode<iam::UntagUserRequest>(*form, facts::Service::Iam);
  try_decode<iam::SimulatePrincipalPolicyRequest>(*form, facts::Service::Iam);
  try_decode<iam::UpdateAccountPasswordPolicyRequest>(*form, facts::Service::Iam);
  try_decode<iam::CreateDelegationRequestRequest>(*form, facts::Service::Iam);
  return 0;
}
