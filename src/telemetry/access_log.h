#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "api/observer.h"
#include "base/result.h"
#include "telemetry/backlog.h"

namespace signet::telemetry {

// One line of JSON for each request in a file of its own (docs/guide/monitoring.md has the
// members). It is for watching, not for proof: lines that the disk does not take are dropped and
// counted, where the audit trail waits. Never has a secret, a signature, a path or a query string.
class AccessLog final : public api::RequestObserver {
 public:
  // Opens the file for appending (mode 0600). Fails with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<AccessLog>> open(std::string path);

  ~AccessLog() override;

  void observe(const api::Observed& observed) override;

  // Opens the path anew, after somebody has moved the file away.
  [[nodiscard]] Status reopen();

  // Lines that were not written.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  explicit AccessLog(std::string path);

  void run();
  void write(std::string_view lines);

  const std::string path_;
  std::atomic<int> fd_ = -1;
  std::atomic<std::uint64_t> unwritten_ = 0;
  Backlog backlog_;
  std::thread thread_;
};

}  // namespace signet::telemetry
