#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "api/observer.h"
#include "base/random.h"
#include "telemetry/backlog.h"
#include "telemetry/otlp.h"

namespace signet::telemetry {

// Sends a span for each request to an OpenTelemetry collector, in the trace that the request's
// traceparent header names, and for a change one for the commit within it. Which traces: those that
// the header says are sampled, and a share of those that begin here. Spans that find no room (4
// MiB) or that the collector refuses are dropped and counted; nothing waits for it.
class Traces final : public api::RequestObserver {
 public:
  // `share` of the traces that begin here, 0 to 1. `random` outlives it.
  Traces(const CollectorOptions& options, Reporter reporter, double share, Random& random);
  // Sends what is left once, for some seconds at most.
  ~Traces() override;

  void observe(const api::Observed& observed) override;

  [[nodiscard]] std::uint64_t exported() const { return exported_; }

  [[nodiscard]] std::uint64_t dropped() const { return backlog_.dropped() + refused_; }

 private:
  void run();
  // Until the collector took them, or refused them for good. False: it did neither, and this is
  // closed.
  [[nodiscard]] bool deliver(std::string_view spans, std::uint64_t count);

  const Reporter reporter_;
  const double share_;
  Random& random_;
  Collector collector_;
  std::atomic<std::uint64_t> exported_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  Backlog backlog_;
  Backlog pause_{0};  // closed: retries are over
  std::thread thread_;
};

}  // namespace signet::telemetry
