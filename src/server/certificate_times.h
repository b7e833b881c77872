#pragma once

#include <optional>
#include <string>

#include "base/instant.h"

namespace signet::server {

// When the certificates of a chain are valid, all of them.
struct CertificateTimes {
  Instant not_before;
  Instant not_after;
};

// Of the PEM file of a chain; nothing when it cannot be read.
[[nodiscard]] std::optional<CertificateTimes> read_certificate_times(const std::string& path);

}  // namespace signet::server
