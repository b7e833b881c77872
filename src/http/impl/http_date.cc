#include "http/impl/http_date.h"

#include <cstdio>
#include <ctime>

namespace signet::http {

std::string http_date(std::int64_t unix_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  const int length = std::snprintf(text,
                                   sizeof text,
                                   "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[utc.tm_wday],
                                   utc.tm_mday,
                                   kMonths[utc.tm_mon],
                                   utc.tm_year + 1900,
                                   utc.tm_hour,
                                   utc.tm_min,
                                   utc.tm_sec);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace signet::http
