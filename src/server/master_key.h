#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace signet::server {

// What to do where there is no key file.
enum class MissingKey : std::uint8_t {
  Make,    // nothing is wrapped yet: a missing file is made, mode 0600
  Refuse,  // what is wrapped can be opened with the missing key only
};

// The 32 bytes that wrap the keys of everything secret in a data folder: from the environment
// variable SIGNET_MASTER_KEY (64 hexadecimal digits) if it is set, otherwise from
// `<data_folder>/master.key`. A key file that others may read is refused.
[[nodiscard]] Result<Secret> load_master_key(const std::string& data_folder,
                                             MissingKey missing,
                                             Random& random);

// A key from a file such as <data_folder>/master.key.
[[nodiscard]] Result<Secret> read_master_key(const std::string& path);

// Makes such a file, mode 0600 and on the disk, in place of one that is there.
[[nodiscard]] Status write_master_key(const std::string& path, const Secret& key);

// A key of 64 hexadecimal digits in a variable, which is set.
[[nodiscard]] Result<Secret> key_from_environment(const char* name);

}  // namespace signet::server
