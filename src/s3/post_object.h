#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "s3/invocation.h"

namespace signet::s3 {

// How records call it; S3's model has no such operation.
inline constexpr std::string_view kPostObject = "PostObject";

// An upload by a browser's form: POST of multipart/form-data to a bucket. It is a PutObject whose
// headers and credentials are fields of the form, and which the signed policy of the form limits.
// PreconditionFailed for another type of body. `request` outlives it.
[[nodiscard]] Result<std::unique_ptr<api::RestInvocation>> make_post_object(
    const ServiceParts& service, const api::RestRequest& request, Address bucket);

}  // namespace signet::s3
