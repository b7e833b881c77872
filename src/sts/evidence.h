#pragma once

#include "sts/saml_evidence.h"
#include "sts/web_identity.h"

namespace signet::sts {

// What examine() finds in the requests of the operations that take no signature.
using AssumeRoleWithSAMLEvidence = SamlEvidence;
using AssumeRoleWithWebIdentityEvidence = WebIdentity;

}  // namespace signet::sts
