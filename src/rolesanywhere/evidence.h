#pragma once

#include <string>

#include "crypto/end_entity.h"

namespace signet::rolesanywhere {

// What examine() found in a CreateSession: a certificate that is believed, and that signed.
struct CreateSessionEvidence {
  std::string account;  // of the trust anchor
  std::string region;   // of it, and of the signature
  std::string anchor_id;
  std::string authority;  // what it was believed by: another state must have the same
  crypto::EndEntity certificate;
  std::string pem;
};

}  // namespace signet::rolesanywhere
