#include "base/log.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>

#include <unistd.h>

#include "base/strings.h"

namespace signet {
namespace {

// The process's verbosity: set once at start-up, read everywhere.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): one process, one verbosity
std::atomic<LogLevel> minimum_level = LogLevel::Info;
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): one process, one form
std::atomic<LogForm> form = LogForm::Json;

// Text that is not UTF-8 loses its bytes beyond ASCII: a line is JSON whatever a client sent.
void append_json_text(std::string& out, std::string_view s) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  const bool is_text = is_utf8(s);
  out += '"';
  for (const char c : s) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20) {
      out += "\\u00";
      out += kHex[u >> 4U];
      out += kHex[u & 15U];
    } else if (u >= 0x80 && !is_text) {
      out += "\\ufffd";
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      break;
  }
  return "error";
}

using Fields = std::initializer_list<LogField>;

std::string json_line(std::string_view stamp,
                      LogLevel level,
                      std::string_view event,
                      Fields fields) {
  std::string line =
      concat("{\"time\":\"", stamp, "\",\"level\":\"", level_name(level), "\",\"event\":");
  append_json_text(line, event);
  for (const LogField& field : fields) {
    line += ',';
    append_json_text(line, field.key);
    line += ':';
    append_json_text(line, field.value);
  }
  return line + "}";
}

// Words are bare; what could be taken for something else is quoted as in JSON, so that a line is
// one line and its fields are told apart whatever a client sent.
bool is_bare(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

std::string text_line(std::string_view stamp,
                      LogLevel level,
                      std::string_view event,
                      Fields fields) {
  std::string line(stamp);
  std::ranges::replace(line, 'T', ' ');
  line += concat(" ", level_name(level), " ", event);
  for (const LogField& field : fields) {
    line += concat(" ", field.key, "=");
    if (is_bare(field.value)) {
      line += field.value;
    } else {
      append_json_text(line, field.value);
    }
  }
  return line;
}

}  // namespace

void set_log_form(LogForm wanted) {
  form.store(wanted);
}

void set_log_level(LogLevel level) {
  minimum_level.store(level);
}

LogLevel log_level() {
  return minimum_level.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < log_level()) {
    return;
  }
  timespec ts{};
  clock_gettime(CLOCK_REALTIME, &ts);
  tm parts{};
  gmtime_r(&ts.tv_sec, &parts);
  char stamp[40];
  const std::size_t n = std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(stamp + n, sizeof stamp - n, ".%03dZ", static_cast<int>(ts.tv_nsec / 1'000'000));

  std::string line = form.load(std::memory_order_relaxed) == LogForm::Text
                         ? text_line(stamp, level, event, fields)
                         : json_line(stamp, level, event, fields);
  line += '\n';
  // One write, so that lines of several threads never mix; a log that cannot be written must not
  // stop the server.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace signet
