#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "telemetry/backlog.h"
#include "telemetry/otlp.h"

namespace signet::telemetry {

struct ShipperOptions {
  // syslog://HOST:PORT, syslog+tls://HOST:PORT, or the URL of an OpenTelemetry collector.
  CollectorOptions to;
  std::vector<std::string> trails;  // paths of the files that are written now
  std::string position_folder;      // where NAME.shipped says how far each went
};

// Whether records can be shipped there.
[[nodiscard]] bool is_shipping_url(std::string_view url);

// Sends the records of audit trails somewhere else, from the files: a receiver that is slow or away
// makes it wait, and takes nothing from the trail. How far it came is on the disk, so that nothing
// is left out over a restart; the records after that are sent again (at least once: eventID tells).
class Shipper {
 public:
  struct Counts {
    std::uint64_t shipped = 0;   // records that were taken
    std::uint64_t rejected = 0;  // that the receiver said it does not want
    std::uint64_t failures = 0;  // tries that failed, and will be made again
    std::uint64_t gaps = 0;      // times that files were gone before they were shipped
    std::uint64_t behind_bytes = 0;
  };

  // Reads the positions and begins. `clock` outlives it. Fails where a position cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<Shipper>> start(ShipperOptions options,
                                                              Reporter reporter,
                                                              const Clock& clock);
  Shipper(const Shipper&) = delete;
  Shipper& operator=(const Shipper&) = delete;
  Shipper(Shipper&&) = delete;
  Shipper& operator=(Shipper&&) = delete;
  // Ends at once: what is left is sent after the next start.
  ~Shipper();

  // Thread-safe.
  [[nodiscard]] Counts counts() const;

 private:
  struct State;

  explicit Shipper(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace signet::telemetry
