#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "api/observer.h"
#include "audit/sink.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "server/options.h"
#include "server/reload.h"
#include "telemetry/access_log.h"
#include "telemetry/shipper.h"
#include "telemetry/traces.h"

namespace signet::server {

// Numbers of what is reported, for metrics; nothing of what is not.
struct ReportingCounts {
  struct Spans {
    std::uint64_t exported = 0;
    std::uint64_t dropped = 0;
  };

  std::optional<std::uint64_t> access_log_dropped;
  std::optional<Spans> spans;
  std::optional<telemetry::Shipper::Counts> shipped;
};

// The access log, traces and the shipping of audit records, as far as options ask for them.
class Reporting final : public api::RequestObserver {
 public:
  struct Deps {
    const Options& options;
    const audit::Sink& audit;
    Random& random;      // outlives it
    const Clock& clock;  // outlives it
  };

  // Opens files and begins to send; what SIGHUP is to open anew is added to `reload`. Fails where a
  // file cannot be opened, or records are to be shipped and there is no trail of files.
  [[nodiscard]] static Result<std::unique_ptr<Reporting>> start(const Deps& deps,
                                                                ReloadHooks& reload);

  // Whether requests are of interest.
  [[nodiscard]] bool is_observing() const { return access_log_ != nullptr || traces_ != nullptr; }

  void observe(const api::Observed& observed) override;

  [[nodiscard]] ReportingCounts counts() const;

 private:
  Reporting() = default;

  std::unique_ptr<telemetry::AccessLog> access_log_;
  std::unique_ptr<telemetry::Traces> traces_;
  std::unique_ptr<telemetry::Shipper> shipper_;
};

}  // namespace signet::server
