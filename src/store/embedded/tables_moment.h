#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/embedded/tables.h"
#include "store/moment.h"

namespace signet::store {

// A moment of a database and of the part of the log that may not be in it yet. `pending` was taken
// from the log before this is called, while no commit could come between.
[[nodiscard]] Result<std::unique_ptr<Moment>> hold_tables(const std::string& database,
                                                          std::vector<SharedLogRecord> pending);

}  // namespace signet::store
