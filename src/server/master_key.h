#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace signet::server {

// The 32 bytes that wrap the keys of everything secret in a data folder: from the environment
// variable SIGNET_MASTER_KEY (64 hexadecimal digits) if it is set, otherwise from
// `<data_folder>/master.key`, which is made on the first start with mode 0600. A key file that
// others may read is refused.
[[nodiscard]] Result<Secret> load_master_key(const std::string& data_folder, Random& random);

}  // namespace signet::server
