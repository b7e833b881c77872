#include "server/reporting.h"

#include <filesystem>
#include <utility>

#include "base/strings.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "server/version.h"

namespace signet::server {
namespace {

Result<telemetry::CollectorOptions> collector_options(const Options& options, std::string url) {
  telemetry::CollectorOptions collector{
      .url = std::move(url), .ca_file = options.telemetry_ca, .headers = {}};
  if (!options.telemetry_headers.empty()) {
    TRY_STATUS(telemetry::read_headers(options.telemetry_headers, collector));
  }
  return collector;
}

// The folder of the trail, which is there: the trail was opened.
std::string folder_of(const std::string& trail) {
  const std::string folder = std::filesystem::path(trail).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Result<std::unique_ptr<Reporting>> Reporting::start(const Deps& deps, ReloadHooks& reload) {
  const Options& options = deps.options;
  const telemetry::Reporter reporter{.version = std::string(kVersion),
                                     .instance = crypto::uuid_v4(deps.random)};
  std::unique_ptr<Reporting> reporting(new Reporting());
  if (!options.access_log.empty()) {
    reporting->access_log_ = TRY(telemetry::AccessLog::open(options.access_log));
    reload.add("access_log", [log = reporting->access_log_.get()] { return log->reopen(); });
  }
  if (!options.traces.empty()) {
    const telemetry::CollectorOptions to = TRY(collector_options(options, options.traces));
    reporting->traces_ =
        std::make_unique<telemetry::Traces>(to, reporter, options.traces_share, deps.random);
  }
  if (!options.audit_ship.empty()) {
    const std::string trail = deps.audit.path();
    if (trail.empty()) {
      return fail(ErrorCode::InvalidInput,
                  "--audit-ship sends what is in the files of the audit trail, and there are none: "
                  "give --audit a file");
    }
    telemetry::CollectorOptions to = TRY(collector_options(options, options.audit_ship));
    reporting->shipper_ =
        TRY(telemetry::Shipper::start({.to = std::move(to),
                                       .trails = {trail, audit::unauthenticated_path(trail)},
                                       .position_folder = folder_of(trail)},
                                      reporter,
                                      deps.clock));
  }
  return reporting;
}

void Reporting::observe(const api::Observed& observed) {
  if (access_log_) {
    access_log_->observe(observed);
  }
  if (traces_) {
    traces_->observe(observed);
  }
}

ReportingCounts Reporting::counts() const {
  ReportingCounts counts;
  if (access_log_) {
    counts.access_log_dropped = access_log_->dropped();
  }
  if (traces_) {
    counts.spans.emplace(
        ReportingCounts::Spans{.exported = traces_->exported(), .dropped = traces_->dropped()});
  }
  if (shipper_) {
    counts.shipped = shipper_->counts();
  }
  return counts;
}

}  // namespace signet::server
