#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// One part of a data folder and the version of its form.
struct PartVersion {
  std::string part;
  std::int64_t found = 0;
  std::int64_t becomes = 0;  // with this program
};

// What opening a folder that is there would bring to another form: tried on a copy of its database
// and index in a temporary folder, so that it is also known to succeed. Changes nothing; the folder
// must not be in use. Fails as opening it would, for a newer folder with both versions.
[[nodiscard]] Result<std::vector<PartVersion>> plan_upgrade(const Options& options, Random& random);

// Brings everything to this program's form, as a start does.
[[nodiscard]] Status upgrade_folder(const Options& options, Random& random);

}  // namespace signet::server
