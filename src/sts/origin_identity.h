#pragma once

#include <string>

#include "base/result.h"
#include "model/caller.h"

namespace signet::sts {

// The subject of the origin identity that a session carries, as the subject of a web identity token
// (SubjectMode OriginIdentity, new-in-2026 2). Errors: ValidationError when the session carries
// none with an issuer or provider; AccessDenied for one that could be taken for another principal:
// it begins like an ARN, or has characters that do not show.
[[nodiscard]] Result<std::string> origin_subject(const model::Caller& caller);

}  // namespace signet::sts
