#pragma once

#include <memory>
#include <string_view>

#include "api/rest.h"
#include "s3/route.h"

namespace signet::s3 {

// How records and counters call it; S3's model has no such operation.
inline constexpr std::string_view kPreflight = "PreflightRequest";

// A browser's question before a call of a page of another origin (OPTIONS). It carries no
// credentials and is answered by the CORS rules of the bucket alone. `number`: its place among the
// operations of the service. The request outlives it.
[[nodiscard]] std::unique_ptr<api::RestInvocation> make_preflight(const api::RestRequest& request,
                                                                  Address address,
                                                                  std::size_t number);

}  // namespace signet::s3
