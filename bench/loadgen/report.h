#pragma once

#include "options.h"
#include "worker.h"

namespace signet::loadgen {

// A table on standard output unless --quiet, and the JSON of --json.
void report(const Options& options, const Stats& stats, double cpu_seconds);

}  // namespace signet::loadgen
