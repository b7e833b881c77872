#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace signet {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// One key and its value, already as text. Never a secret, a signature or a query string.
struct LogField {
  std::string_view key;
  std::string_view value;
};

enum class LogForm : std::uint8_t {
  Json,  // for programs
  Text,  // for people: "2026-02-17 09:00:00.000Z warning signature_refused request_id=...
         // hint=\"...\""
};

// Writes one line to standard error. Thread-safe; lines never interleave. Domain rooms do not
// log, they return.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

// Lines below this level are dropped (default Info).
void set_log_level(LogLevel level);

[[nodiscard]] LogLevel log_level();

// How lines are written (default JSON).
void set_log_form(LogForm form);

}  // namespace signet
