#pragma once

#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// Refuses a data folder of which a part is missing beside the database, by the name of that part
// and before anything is written: the index or the files of its objects, or its audit trail. (The
// store refuses a database or log that is missing, load_master_key() a key.)
[[nodiscard]] Status check_parts(const Options& options);

}  // namespace signet::server
