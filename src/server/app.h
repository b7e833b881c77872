#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/credentials.h"
#include "server/options.h"

namespace signet::server {

// A running server, composed from the bottom up (one build function per layer). Destroying it stops
// it.
class App {
 public:
  // Starts everything; returns once requests are served. Errors say what was tried and why it
  // failed.
  [[nodiscard]] static Result<std::unique_ptr<App>> start(const Options& options);

  App(const App&) = delete;
  App& operator=(const App&) = delete;
  App(App&&) = delete;
  App& operator=(App&&) = delete;
  ~App();

  [[nodiscard]] std::uint16_t port() const;

  // A bootstrap file was given, and the folder has accounts already.
  [[nodiscard]] bool is_bootstrap_ignored() const;

  // Credentials that were made now, the console password of a default first start among them; empty
  // unless this was the first start.
  [[nodiscard]] Credentials& created();

  // Opens anew what may have been replaced on the disk (SIGHUP); each outcome is logged. Requests
  // go on. Not while stop() runs.
  void reload();

  // Stops accepting, lets requests in progress finish for at most `drain_seconds`, makes everything
  // durable.
  void stop(int drain_seconds);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace signet::server
