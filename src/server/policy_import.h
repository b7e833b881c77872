#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace signet::server {

// Adds the policies in the .json files of a folder (catalogue.h) to those of a data folder that the
// caller holds, in place of ones that have their names: all of them or, where one file is wrong or
// the machine stops, none. Answers how many.
[[nodiscard]] Result<std::size_t> import_policies(const std::string& from,
                                                  const std::string& data_folder);

}  // namespace signet::server
