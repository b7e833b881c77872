#include "server/limits.h"

#include <cstdio>
#include <string>

#include "ctl/cli.h"
#include "ctl/commands.h"

namespace signet::ctl {

int print_limits() {
  std::printf("%-31s %-8s %-6s %-12s %s\n", "name", "default", "from", "to", "what it bounds");
  for (const server::LimitRow& row : server::limit_rows()) {
    std::printf("%-31s %-8s %-6s %-12s %s\n",
                std::string(row.name).c_str(),
                server::limit_text(row.unit, row.fallback).c_str(),
                server::limit_text(row.unit, row.min).c_str(),
                server::limit_text(row.unit, row.max).c_str(),
                std::string(row.text).c_str());
  }
  return kOk;
}

}  // namespace signet::ctl
