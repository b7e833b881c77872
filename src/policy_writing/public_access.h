#pragma once

#include "policy_language/document.h"

namespace signet::policy {

// Whether a bucket policy grants something to the public, as S3 Block Public Access has it: a
// statement that allows everybody (or all but some) and that no condition limits to fixed values of
// a key that says where the call comes from or who makes it. A value with a wildcard or a policy
// variable is not fixed. Errs on the side of "public".
// Source: Amazon S3 user guide, "Blocking public access to your Amazon S3 storage", the meaning of
// "public" (read 2026-11-30).
[[nodiscard]] bool is_public(const Document& document);

}  // namespace signet::policy
