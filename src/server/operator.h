#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// Who administers a data folder, as the audit trail names them.
struct Operator {
  std::string_view who;  // "uid 1000"
  Instant now;
  Random& random;

  // The record of one act, a line of JSON with its newline.
  [[nodiscard]] std::string line(std::string_view event,
                                 std::string_view text,
                                 bool is_read_only = false) const;
};

// Records what this process did to a stopped data folder that it holds, in the folder's trail or
// the one that --audit names: on the disk when this returns.
[[nodiscard]] Status record_act(const Options& options,
                                std::string_view event,
                                std::string_view text,
                                bool is_read_only = false);

}  // namespace signet::server
