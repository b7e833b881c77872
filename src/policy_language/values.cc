#include "policy_language/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>

#include "base/strings.h"

namespace signet::policy {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;

// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, days_from_civil).
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

constexpr unsigned days_in_month(unsigned year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return is_digit(c); });
}

// Reads fixed-width decimal fields off the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view rest) : rest_(rest) {}

  bool take(std::size_t width, unsigned& out) {
    if (rest_.size() < width || !all_digits(rest_.substr(0, width))) {
      return false;
    }
    out = 0;
    for (std::size_t i = 0; i < width; ++i) {
      out = out * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return true;
  }

  bool skip(char c) {
    if (rest_.empty() || to_lower(rest_[0]) != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  [[nodiscard]] bool is_done() const { return rest_.empty(); }

  // Milliseconds of a fraction of any length; needs one digit.
  bool take_fraction(std::int64_t& ms) {
    std::size_t n = 0;
    std::int64_t scale = 100;
    ms = 0;
    while (n < rest_.size() && is_digit(rest_[n])) {
      ms += scale * (rest_[n] - '0');
      scale /= 10;
      ++n;
    }
    rest_.remove_prefix(n);
    return n > 0;
  }

 private:
  std::string_view rest_;
};

// Z, +hh, +hhmm, +hh:mm; nothing means UTC.
bool take_zone(Fields& fields, std::int64_t& offset_ms) {
  offset_ms = 0;
  if (fields.is_done() || fields.skip('z')) {
    return fields.is_done();
  }
  const bool negative = fields.skip('-');
  if (!negative && !fields.skip('+')) {
    return false;
  }
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!fields.take(2, hours)) {
    return false;
  }
  if (!fields.is_done()) {
    fields.skip(':');
    if (!fields.take(2, minutes)) {
      return false;
    }
  }
  if (hours > 23 || minutes > 59) {
    return false;
  }
  const auto total = static_cast<std::int64_t>(hours * 60 + minutes) * 60'000;
  offset_ms = negative ? -total : total;
  return fields.is_done();
}

bool take_time(Fields& fields, std::int64_t& ms) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t fraction = 0;
  if (!fields.take(2, hour) || !fields.skip(':') || !fields.take(2, minute)) {
    return false;
  }
  if (fields.skip(':')) {
    if (!fields.take(2, second)) {
      return false;
    }
    if (fields.skip('.') && !fields.take_fraction(fraction)) {
      return false;
    }
  }
  if (hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  std::int64_t offset = 0;
  if (!take_zone(fields, offset)) {
    return false;
  }
  ms = static_cast<std::int64_t>((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset;
  return true;
}

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  Fields fields(text);
  unsigned year = 0;
  unsigned month = 1;
  unsigned day = 1;
  std::int64_t time = 0;
  if (!fields.take(4, year)) {
    return std::nullopt;
  }
  if (!fields.is_done()) {
    if (!fields.skip('-') || !fields.take(2, month) || month < 1 || month > 12) {
      return std::nullopt;
    }
  }
  if (!fields.is_done()) {
    if (!fields.skip('-') || !fields.take(2, day) || day < 1 || day > days_in_month(year, month)) {
      return std::nullopt;
    }
  }
  if (!fields.is_done() && (!fields.skip('t') || !take_time(fields, time))) {
    return std::nullopt;
  }
  return days_from_civil(year, month, day) * kMsPerDay + time;
}

std::optional<std::int64_t> small_int(std::string_view s) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) {
    return std::nullopt;
  }
  return value;
}

bool in_range(std::string_view s, std::int64_t low, std::int64_t high) {
  const auto value = small_int(s);
  return value && *value >= low && *value <= high;
}

// Cuts the text up to the separator off `rest`; the whole rest when there is none.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view piece = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return piece;
}

bool is_storable_zone(std::string_view zone) {
  const std::string_view hours = cut(zone, ':');
  return hours.size() == 2 && in_range(hours, 0, 23) &&
         (zone.empty() || (zone.size() == 2 && in_range(zone, 0, 59)));
}

bool is_storable_time(std::string_view time) {
  if (time.empty()) {
    return true;
  }
  if (to_lower(time.back()) == 'z') {
    time.remove_suffix(1);
  } else if (const std::size_t sign = time.find_first_of("+-"); sign != std::string_view::npos) {
    if (!is_storable_zone(time.substr(sign + 1))) {
      return false;
    }
    time = time.substr(0, sign);
  }
  const std::string_view hours = cut(time, ':');
  const std::string_view minutes = cut(time, ':');
  const std::string_view seconds = cut(time, '.');
  return in_range(hours, 0, 23) && (minutes.empty() || in_range(minutes, 0, 59)) &&
         (seconds.empty() || in_range(seconds, 0, 59)) &&
         (time.empty() || in_range(time, 0, 999'999'999));
}

// Grammar of before the conversion, so that nan, inf and hexadecimal never get through.
bool is_number_text(std::string_view s, bool& is_plain_integer) {
  std::size_t i = 0;
  std::size_t digits = 0;
  const auto run = [&s, &i] {
    const std::size_t begin = i;
    while (i < s.size() && is_digit(s[i])) {
      ++i;
    }
    return i - begin;
  };
  digits = run();
  is_plain_integer = i == s.size();
  if (i < s.size() && s[i] == '.') {
    ++i;
    digits += run();
  }
  if (digits == 0) {
    return false;
  }
  if (i < s.size() && to_lower(s[i]) == 'e') {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) {
      ++i;
    }
    if (run() == 0) {
      return false;
    }
  }
  return i == s.size();
}

constexpr int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  return c == '+' ? 62 : (c == '/' ? 63 : -1);
}

// Calls sink(byte) for every decoded byte; false when malformed or when the sink says stop.
template <class Sink>
bool walk_base64(std::string_view text, Sink sink) {
  if (text.size() % 4 != 0) {
    return false;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  const std::size_t n = text.size() - padding;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int value = base64_value(text[i]);
    if (value < 0) {
      return false;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      if (!sink(static_cast<char>((bits >> have) & 0xFFU))) {
        return false;
      }
    }
  }
  return (bits & ((1U << have) - 1U)) == 0;
}

// Four decimal numbers without leading zeros.
bool parse_ipv4(std::string_view text, std::array<std::uint8_t, 16>& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digit = [&at, end] {
    return at == end ? 10U : static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
  };
  for (std::size_t part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) {
      return false;
    }
    unsigned value = digit();
    if (value > 9) {
      return false;
    }
    ++at;
    for (unsigned next = digit(); next <= 9; next = digit()) {
      if (value == 0 || value > 25) {
        return false;
      }
      value = value * 10 + next;
      ++at;
    }
    if (value > 255) {
      return false;
    }
    out[part] = static_cast<std::uint8_t>(value);
  }
  return at == end;
}

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    digits.remove_prefix(1);
  }
  bool is_plain_integer = false;
  if (!is_number_text(digits, is_plain_integer)) {
    return std::nullopt;
  }
  Number number;
  if (is_plain_integer) {
    const char* begin = negative ? text.data() : digits.data();
    const auto [end, error] = std::from_chars(begin, digits.data() + digits.size(), number.integer);
    number.is_integer = error == std::errc();
  }
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number.real);
  if (error != std::errc()) {
    const bool underflow = digits.find("e-") != std::string_view::npos ||
                           digits.find("E-") != std::string_view::npos || digits[0] == '0' ||
                           digits[0] == '.';
    if (!underflow) {
      return std::nullopt;
    }
    number.real = 0;
  }
  number.real = negative ? -number.real : number.real;
  return number;
}

int compare_numbers(const Number& a, const Number& b) {
  if (a.is_integer && b.is_integer) {
    return a.integer < b.integer ? -1 : (a.integer > b.integer ? 1 : 0);
  }
  return a.real < b.real ? -1 : (a.real > b.real ? 1 : 0);
}

std::optional<std::int64_t> parse_date(std::string_view text, bool four_digits_are_a_year) {
  if (all_digits(text) && !(four_digits_are_a_year && text.size() == 4)) {
    const auto seconds = parse_decimal(text);
    std::int64_t ms = 0;
    if (!seconds || __builtin_mul_overflow(*seconds, 1000, &ms)) {
      return std::nullopt;
    }
    return ms;
  }
  return parse_iso8601(text);
}

bool is_storable_date(std::string_view text) {
  if (small_int(text)) {
    return true;
  }
  const std::size_t t = text.find_first_of("Tt");
  std::string_view date = text.substr(0, t);
  const bool negative = date.starts_with('-');
  if (negative) {
    date.remove_prefix(1);
  }
  const std::string_view year = cut(date, '-');
  const std::string_view month = cut(date, '-');
  const std::string_view day = cut(date, '-');
  if (!in_range(year, 0, negative ? 292'275'054 : 292'278'993) || !date.empty()) {
    return false;
  }
  if ((!month.empty() && !in_range(month, 1, 12)) || (!day.empty() && !in_range(day, 1, 31))) {
    return false;
  }
  return t == std::string_view::npos || is_storable_time(text.substr(t + 1));
}

std::optional<bool> parse_bool(std::string_view text) {
  if (equals_ignore_case(text, "true")) {
    return true;
  }
  if (equals_ignore_case(text, "false")) {
    return false;
  }
  return std::nullopt;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  IpAddress address;
  if (parse_ipv4(text, address.bytes)) {
    return address;
  }
  if (text.find(':') == std::string_view::npos) {
    return std::nullopt;
  }
  address = {};
  std::array<char, 48> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::memcpy(copy.data(), text.data(), text.size());
  address.is_v6 = true;
  return inet_pton(AF_INET6, copy.data(), address.bytes.data()) == 1 ? std::optional(address)
                                                                     : std::nullopt;
}

AddressBits bits_of(const IpAddress& address) {
  AddressBits bits{.words = {}, .is_v6 = address.is_v6};
  std::memcpy(bits.words.data(), address.bytes.data(), sizeof bits.words);
  return bits;
}

std::optional<IpBlock> parse_ip_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const unsigned width = address->is_v6 ? 128 : 32;
  unsigned prefix = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (digits.size() > 3 || !all_digits(digits)) {
      return std::nullopt;
    }
    prefix = static_cast<unsigned>(*parse_decimal(digits));
  }
  if (prefix > width) {
    return std::nullopt;
  }
  IpBlock block{.base = *address, .prefix = static_cast<std::uint8_t>(prefix)};
  for (unsigned bit = prefix; bit < width; ++bit) {
    block.base.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  return block;
}

bool contains(const IpBlock& block, const IpAddress& address) {
  if (block.base.is_v6 != address.is_v6) {
    return false;
  }
  const std::size_t whole = block.prefix / 8;
  if (!std::equal(block.base.bytes.begin(),
                  block.base.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin())) {
    return false;
  }
  const unsigned rest = block.prefix % 8U;
  if (rest == 0) {
    return true;
  }
  const unsigned mask = (0xFF00U >> rest) & 0xFFU;
  return (address.bytes[whole] & mask) == block.base.bytes[whole];
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  if (!walk_base64(text, [&out](char byte) {
        out.push_back(byte);
        return true;
      })) {
    return std::nullopt;
  }
  return out;
}

bool base64_equals(std::string_view text, std::string_view bytes) {
  std::size_t i = 0;
  return walk_base64(text,
                     [&i, bytes](char byte) { return i < bytes.size() && bytes[i++] == byte; }) &&
         i == bytes.size();
}

std::size_t format_iso8601(std::int64_t unix_ms, char* out) {
  std::int64_t days = unix_ms / kMsPerDay;
  std::int64_t rest = unix_ms % kMsPerDay;
  if (rest < 0) {
    rest += kMsPerDay;
    --days;
  }
  // Howard Hinnant, civil_from_days.
  const std::int64_t z = days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(z - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year =
      static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  const auto seconds = static_cast<unsigned>(rest / 1000);
  std::size_t n = 0;
  const auto put = [out, &n](std::int64_t value, std::size_t width) {
    for (std::size_t i = width; i > 0; --i) {
      out[n + i - 1] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    n += width;
  };
  const auto mark = [out, &n](char c) {
    out[n++] = c;
  };
  put(std::clamp<std::int64_t>(year, 0, 9999), 4);
  mark('-');
  put(month, 2);
  mark('-');
  put(day, 2);
  mark('T');
  put(seconds / 3600, 2);
  mark(':');
  put(seconds / 60 % 60, 2);
  mark(':');
  put(seconds % 60, 2);
  mark('Z');
  return n;
}

}  // namespace signet::policy
