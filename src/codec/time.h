#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

// Text forms of an Instant, all in UTC, for the years 0000 to 9999. Formatting truncates to the
// form's precision and clamps to that range; parsing is strict: exact shape, real calendar days, no
// leap second, nothing left over.
namespace signet::codec {

// 2026-02-17T09:44:42Z
void append_iso8601(std::string& out, Instant t);
[[nodiscard]] std::string format_iso8601(Instant t);

// 2026-02-17T09:44:42.123Z
[[nodiscard]] std::string format_iso8601_ms(Instant t);

// As above, with any number of fraction digits (those past milliseconds are dropped), and 'Z' or an
// offset such as +01:00 or -0530.
[[nodiscard]] std::optional<Instant> parse_iso8601(std::string_view text);

// 20260217T094442Z, the form of X-Amz-Date.
[[nodiscard]] std::string format_amz_date(Instant t);
[[nodiscard]] std::optional<Instant> parse_amz_date(std::string_view text);

// 20260217, the form of a credential scope.
[[nodiscard]] std::string format_basic_date(Instant t);

// Tue, 17 Feb 2026 09:44:42 GMT (RFC 7231 7.1.1.1, the preferred form; obsolete forms are not
// read).
[[nodiscard]] std::string format_http_date(Instant t);
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace signet::codec
