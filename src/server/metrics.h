#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/request_handler.h"
#include "api/worker_pool.h"
#include "audit/sink.h"
#include "http/server.h"
#include "identity/directory.h"
#include "objects/disk_guard.h"
#include "server/certificate_times.h"
#include "server/process_state.h"
#include "server/reporting.h"

namespace signet::server {

// Where the numbers come from.
struct MetricsSources {
  http::ServerCounters http;
  std::vector<api::RequestHandler::Count> requests;
  std::vector<api::RequestHandler::Refusals> refusals;
  std::vector<api::RequestHandler::Failures> authentication_failures;
  const api::WorkerPools& pools;
  const identity::Directory& directory;
  const audit::Sink& audit;
  objects::DiskState disk;
  std::uint64_t disk_reserve = 0;
  ProcessState process;
  std::optional<CertificateTimes> certificate;  // of the chain that is served; nothing: no TLS
  ReportingCounts reporting;
  bool is_ready = false;
};

// Prometheus text (docs/guide/monitoring.md says what each is).
[[nodiscard]] std::string metrics_text(const MetricsSources& sources);

}  // namespace signet::server
