#pragma once

#include <cstdint>
#include <string>

namespace signet::http {

// IMF-fixdate (RFC 9110 5.6.7), for instance `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);

}  // namespace signet::http
