#pragma once

#include <string>

#include "identity/entities.h"

namespace signet::iam {

// What the slow parts of calls make on the worker pool for the writes that follow (`prepared` in
// facts/operations/curated.tsv).

struct PreparedPassword {
  std::string hash;      // PHC string of the new password; empty: the request sets none
  std::string replaced;  // ChangePassword: the stored hash that the old password was held against
};

using ChangePasswordPreparation = PreparedPassword;
using CreateLoginProfilePreparation = PreparedPassword;
using UpdateLoginProfilePreparation = PreparedPassword;

// A new device's seed in the three forms it exists in.
struct CreateVirtualMFADevicePreparation {
  identity::SharedSecret seed;
  identity::SharedSecret base32;
  identity::SharedSecret qr_png;
};

}  // namespace signet::iam
