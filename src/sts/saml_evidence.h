#pragma once

#include <string>

#include "sts/saml_grant.h"

namespace signet::sts {

// What examine() found in an AssumeRoleWithSAML: an assertion that is believed.
struct SamlEvidence {
  std::string provider_uuid;  // one that is made again under its name vouches for nobody yet
  std::string certificate;    // its key signed
  SamlGrant grant;
  model::Vouched who;
};

}  // namespace signet::sts
