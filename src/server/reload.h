#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signet::server {

// What a running server does anew when it is told to (SIGHUP): opening files that were moved away,
// reading certificates. Filled while the server is built; run() is for one thread at a time.
class ReloadHooks {
 public:
  // `what` begins the names of its events in the log: tls_reloaded, tls_reload_failed. A hook that
  // fails must leave what it had in force.
  void add(std::string what, std::function<Status()> hook) {
    hooks_.push_back({.what = std::move(what), .run = std::move(hook)});
  }

  // Runs all of them in order, whatever becomes of the others, and logs each outcome. The number
  // that failed.
  int run() const;

 private:
  struct Hook {
    std::string what;
    std::function<Status()> run;
  };

  std::vector<Hook> hooks_;
};

}  // namespace signet::server
