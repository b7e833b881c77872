#include "codec/time.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/strings.h"

namespace signet::codec {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kFirstSecond = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
constexpr std::array<std::string_view, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Fields {
  std::int64_t year = 0;
  std::int64_t month = 1;
  std::int64_t day = 1;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t millisecond = 0;
  std::int64_t days = 0;  // since 1970-01-01

  [[nodiscard]] Instant instant() const {
    return Instant{((days * 24 + hour) * 60 + minute) * 60'000 + second * 1000 + millisecond};
  }
};

// Proleptic Gregorian calendar; years begin in March so that the leap day comes last.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

Fields split(Instant t) {
  const std::int64_t seconds = std::clamp(t.seconds(), kFirstSecond, kLastSecond);
  Fields f;
  f.millisecond = seconds == t.seconds() ? t.unix_ms - seconds * 1000 : 0;
  f.days =
      seconds >= 0 ? seconds / kSecondsPerDay : -((kSecondsPerDay - 1 - seconds) / kSecondsPerDay);
  const std::int64_t rest = seconds - f.days * kSecondsPerDay;
  f.hour = rest / 3600;
  f.minute = rest / 60 % 60;
  f.second = rest % 60;
  const std::int64_t z = f.days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t doe = z - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  f.day = doy - (153 * mp + 2) / 5 + 1;
  f.month = mp < 10 ? mp + 3 : mp - 9;
  f.year = yoe + era * 400 + (f.month <= 2 ? 1 : 0);
  return f;
}

void append_digits(std::string& out, std::int64_t value, int width) {
  std::array<char, 8> digits{};
  for (int i = width; i-- > 0; value /= 10) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

char* put_two(char* at, std::int64_t value) {
  const auto v = static_cast<std::uint32_t>(value);
  at[0] = static_cast<char>('0' + v / 10);
  at[1] = static_cast<char>('0' + v % 10);
  return at + 2;
}

char* put_mark(char* at, char mark) {
  if (mark != '\0') {
    *at++ = mark;
  }
  return at;
}

// YYYY-MM-DDThh:mm:ss with these marks ('\0' for none), and what follows it.
void append_date_time(std::string& out, const Fields& f, char date_mark, char time_mark, char end) {
  std::array<char, 24> text;
  char* at = put_two(put_two(text.data(), f.year / 100), f.year % 100);
  at = put_two(put_mark(at, date_mark), f.month);
  at = put_two(put_mark(at, date_mark), f.day);
  at = put_two(put_mark(at, 'T'), f.hour);
  at = put_two(put_mark(at, time_mark), f.minute);
  at = put_two(put_mark(at, time_mark), f.second);
  *at++ = end;
  out.append(text.data(), at);
}

// Reads from the front of a text; after the first failure everything fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::int64_t digits(std::size_t width) {
    const auto value = text_.size() >= width ? parse_decimal(text_.substr(0, width)) : std::nullopt;
    ok_ = ok_ && value.has_value();
    text_.remove_prefix(std::min(width, text_.size()));
    return value.value_or(0);
  }

  bool take(std::string_view mark) {
    if (!text_.starts_with(mark)) {
      return false;
    }
    text_.remove_prefix(mark.size());
    return true;
  }

  void expect(std::string_view mark) { ok_ = take(mark) && ok_; }

  // Index of the name that comes next.
  template <std::size_t N>
  std::int64_t name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (take(names[i])) {
        return static_cast<std::int64_t>(i);
      }
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] bool digit_next() const { return !text_.empty() && is_digit(text_.front()); }

  [[nodiscard]] bool ok() const { return ok_; }

  [[nodiscard]] bool at_end() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

bool settle_calendar(Fields& f) {
  const bool leap = f.year % 4 == 0 && (f.year % 100 != 0 || f.year % 400 == 0);
  const bool short_month = f.month == 4 || f.month == 6 || f.month == 9 || f.month == 11;
  const int february = leap ? 29 : 28;
  const int last_day = f.month == 2 ? february : (short_month ? 30 : 31);
  if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > last_day || f.hour > 23 ||
      f.minute > 59 || f.second > 59) {
    return false;
  }
  f.days = days_from_civil(f.year, f.month, f.day);
  return true;
}

void read_date_time(Reader& in, Fields& f, std::string_view date_mark, std::string_view time_mark) {
  f.year = in.digits(4);
  in.expect(date_mark);
  f.month = in.digits(2);
  in.expect(date_mark);
  f.day = in.digits(2);
  in.expect("T");
  f.hour = in.digits(2);
  in.expect(time_mark);
  f.minute = in.digits(2);
  in.expect(time_mark);
  f.second = in.digits(2);
}

void read_fraction(Reader& in, Fields& f) {
  if (!in.take(".")) {
    return;
  }
  std::int64_t scale = 100;
  f.millisecond = in.digits(1) * scale;
  while (in.digit_next()) {
    scale /= 10;
    f.millisecond += in.digits(1) * scale;
  }
}

// Minutes east of UTC.
std::optional<std::int64_t> read_zone(Reader& in) {
  if (in.take("Z")) {
    return 0;
  }
  const bool is_west = in.take("-");
  if (!is_west && !in.take("+")) {
    return std::nullopt;
  }
  const std::int64_t hours = in.digits(2);
  in.take(":");
  const std::int64_t minutes = in.digits(2);
  if (hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return (is_west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

void append_iso8601(std::string& out, Instant t) {
  append_date_time(out, split(t), '-', ':', 'Z');
}

std::string format_iso8601(Instant t) {
  std::string out;
  append_iso8601(out, t);
  return out;
}

std::string format_iso8601_ms(Instant t) {
  const Fields f = split(t);
  std::string out;
  append_date_time(out, f, '-', ':', '.');
  append_digits(out, f.millisecond, 3);
  out += 'Z';
  return out;
}

std::optional<Instant> parse_iso8601(std::string_view text) {
  Reader in(text);
  Fields f;
  read_date_time(in, f, "-", ":");
  read_fraction(in, f);
  const auto zone_minutes = read_zone(in);
  if (!zone_minutes || !in.at_end() || !settle_calendar(f)) {
    return std::nullopt;
  }
  return f.instant().plus_seconds(-*zone_minutes * 60);
}

std::string format_amz_date(Instant t) {
  std::string out;
  append_date_time(out, split(t), '\0', '\0', 'Z');
  return out;
}

std::optional<Instant> parse_amz_date(std::string_view text) {
  Reader in(text);
  Fields f;
  read_date_time(in, f, "", "");
  in.expect("Z");
  if (!in.at_end() || !settle_calendar(f)) {
    return std::nullopt;
  }
  return f.instant();
}

std::string format_basic_date(Instant t) {
  return format_amz_date(t).substr(0, 8);
}

std::string format_http_date(Instant t) {
  const Fields f = split(t);
  std::string out(kDays[static_cast<std::size_t>((f.days % 7 + 7) % 7)]);
  out += ", ";
  append_digits(out, f.day, 2);
  out += ' ';
  out += kMonths[static_cast<std::size_t>(f.month - 1)];
  out += ' ';
  append_digits(out, f.year, 4);
  out += ' ';
  append_digits(out, f.hour, 2);
  out += ':';
  append_digits(out, f.minute, 2);
  out += ':';
  append_digits(out, f.second, 2);
  out += " GMT";
  return out;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  Reader in(text);
  Fields f;
  const std::int64_t weekday = in.name(kDays);
  in.expect(", ");
  f.day = in.digits(2);
  in.expect(" ");
  f.month = in.name(kMonths) + 1;
  in.expect(" ");
  f.year = in.digits(4);
  in.expect(" ");
  f.hour = in.digits(2);
  in.expect(":");
  f.minute = in.digits(2);
  in.expect(":");
  f.second = in.digits(2);
  in.expect(" GMT");
  if (!in.at_end() || !settle_calendar(f) || (f.days % 7 + 7) % 7 != weekday) {
    return std::nullopt;
  }
  return f.instant();
}

}  // namespace signet::codec
