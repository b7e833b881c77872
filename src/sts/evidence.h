#pragma once

#include "sts/web_identity.h"

namespace signet::sts {

// What examine() finds in the requests of the operations that take no signature.
using AssumeRoleWithWebIdentityEvidence = WebIdentity;

}  // namespace signet::sts
