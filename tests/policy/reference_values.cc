#include "reference_values.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <arpa/inet.h>

#include "reference_match.h"

namespace signet::ref {
namespace {

bool digits_only(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

long long days_before(int year, int month, int day) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int past = year - 1;
  long long days = 365LL * past + past / 4 - past / 100 + past / 400;
  if (year == 0) {
    days = -366;
  }
  for (int m = 1; m < month; ++m) {
    days += lengths[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
  }
  return days + day - 1 - 719162;
}

int month_length(int year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

// Takes exactly `width` digits off the front.
std::optional<int> take(std::string& text, std::size_t width) {
  if (text.size() < width || !digits_only(text.substr(0, width))) {
    return std::nullopt;
  }
  const int value = std::atoi(text.substr(0, width).c_str());
  text.erase(0, width);
  return value;
}

bool take_char(std::string& text, char c) {
  if (text.empty() || lower(text.substr(0, 1))[0] != c) {
    return false;
  }
  text.erase(0, 1);
  return true;
}

std::optional<long long> zone(std::string text) {
  if (text.empty() || lower(text) == "z") {
    return 0;
  }
  const bool west = text[0] == '-';
  if (!west && text[0] != '+') {
    return std::nullopt;
  }
  text.erase(0, 1);
  const auto hours = take(text, 2);
  std::optional<int> minutes = 0;
  if (!text.empty()) {
    take_char(text, ':');
    minutes = take(text, 2);
  }
  if (!hours || !minutes || *hours > 23 || *minutes > 59 || !text.empty()) {
    return std::nullopt;
  }
  const long long ms = (*hours * 60LL + *minutes) * 60000;
  return is_mutant(14) ? 0 : (west ? -ms : ms);
}

// An address as bits, most significant first; 32 or 128 of them.
std::optional<std::vector<bool>> address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 4;
  if (text.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) {
    size = 16;
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
      return std::nullopt;
    }
  }
  std::vector<bool> bits;
  for (std::size_t i = 0; i < size * 8; ++i) {
    bits.push_back(((bytes[i / 8] >> (7 - i % 8)) & 1) != 0);
  }
  return bits;
}

}  // namespace

std::optional<Numeric> number(const std::string& text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::string body = text.substr(i);
  std::string mantissa = body;
  if (const std::size_t e = body.find_first_of("eE"); e != std::string::npos) {
    mantissa = body.substr(0, e);
    std::string exponent = body.substr(e + 1);
    if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) {
      exponent = exponent.substr(1);
    }
    if (!digits_only(exponent)) {
      return std::nullopt;
    }
  }
  std::string plain = mantissa;
  if (const std::size_t point = plain.find('.'); point != std::string::npos) {
    plain.erase(point, 1);
  }
  if (!digits_only(plain)) {
    return std::nullopt;
  }
  Numeric result;
  result.real = std::strtod(text.c_str() + (text[0] == '+' ? 1 : 0), nullptr);
  if (!std::isfinite(result.real)) {
    return std::nullopt;
  }
  if (digits_only(body) && !is_mutant(12)) {
    errno = 0;
    result.integer = std::strtoll(text.c_str(), nullptr, 10);
    result.exact = errno == 0;
  }
  return result;
}

int compare(const Numeric& a, const Numeric& b) {
  if (a.exact && b.exact) {
    return a.integer < b.integer ? -1 : (a.integer > b.integer ? 1 : 0);
  }
  return a.real < b.real ? -1 : (a.real > b.real ? 1 : 0);
}

// Milliseconds since 1970.
std::optional<long long> date(std::string text, bool four_digit_year) {
  if (digits_only(text) && !(text.size() == 4 && four_digit_year)) {
    errno = 0;
    const long long seconds = std::strtoll(text.c_str(), nullptr, 10);
    if (is_mutant(13) || errno != 0 || seconds > std::numeric_limits<long long>::max() / 1000) {
      return std::nullopt;
    }
    return seconds * 1000;
  }
  const auto year = take(text, 4);
  if (!year) {
    return std::nullopt;
  }
  int month = 1;
  int day = 1;
  long long time = 0;
  if (!text.empty()) {
    const bool dash = take_char(text, '-');
    const auto value = take(text, 2);
    if (!dash || !value || *value < 1 || *value > 12) {
      return std::nullopt;
    }
    month = *value;
  }
  if (!text.empty()) {
    const bool dash = take_char(text, '-');
    const auto value = take(text, 2);
    if (!dash || !value || *value < 1 || *value > month_length(*year, month)) {
      return std::nullopt;
    }
    day = *value;
  }
  if (!text.empty()) {
    if (!take_char(text, 't')) {
      return std::nullopt;
    }
    const auto hour = take(text, 2);
    const bool colon = take_char(text, ':');
    const auto minute = take(text, 2);
    if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
      return std::nullopt;
    }
    time = (*hour * 60LL + *minute) * 60000;
    if (take_char(text, ':')) {
      const auto second = take(text, 2);
      if (!second || *second > 59) {
        return std::nullopt;
      }
      time += *second * 1000LL;
      if (take_char(text, '.')) {
        std::size_t n = 0;
        while (n < text.size() && text[n] >= '0' && text[n] <= '9') {
          ++n;
        }
        if (n == 0) {
          return std::nullopt;
        }
        time +=
            std::atoi((text.substr(0, std::min<std::size_t>(n, 3)) + "00").substr(0, 3).c_str());
        text.erase(0, n);
      }
    }
    const auto offset = zone(text);
    if (!offset) {
      return std::nullopt;
    }
    time -= *offset;
  }
  return days_before(*year, month, day) * 86400000LL + time;
}

bool in_block(const std::string& value, const std::string& block) {
  const std::size_t slash = block.find('/');
  const auto base = address(block.substr(0, slash));
  const auto bits = address(value);
  if (!base || !bits) {
    return false;
  }
  std::size_t prefix = base->size();
  if (slash != std::string::npos) {
    const std::string text = block.substr(slash + 1);
    if (!digits_only(text) || text.size() > 3 ||
        std::strtoul(text.c_str(), nullptr, 10) > base->size()) {
      return false;
    }
    prefix = std::strtoul(text.c_str(), nullptr, 10);
  }
  if (is_mutant(15) && prefix == 0) {
    return false;
  }
  if (is_mutant(16) && slash == std::string::npos) {
    return false;
  }
  if (base->size() != bits->size()) {
    return false;
  }
  if (is_mutant(17) && slash != std::string::npos) {
    for (std::size_t i = prefix; i < base->size(); ++i) {
      if ((*base)[i]) {
        return false;
      }
    }
  }
  return std::equal(
      base->begin(), base->begin() + static_cast<std::ptrdiff_t>(prefix), bits->begin());
}

std::optional<std::string> base64(const std::string& text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string bits;
  std::string body = text;
  for (int i = 0; i < 2 && !body.empty() && body.back() == '='; ++i) {
    body.pop_back();
  }
  for (const char c : body) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) {
      return std::nullopt;
    }
    for (int bit = 5; bit >= 0; --bit) {
      bits += ((value >> bit) & 1) != 0 ? '1' : '0';
    }
  }
  std::string out;
  while (bits.size() >= 8) {
    out += static_cast<char>(std::stoi(bits.substr(0, 8), nullptr, 2));
    bits.erase(0, 8);
  }
  if (bits.find('1') != std::string::npos) {
    return std::nullopt;
  }
  return out;
}

bool order_fits(const std::string& base, int order) {
  const auto ends = [&base](std::string_view tail) {
    return base.ends_with(tail);
  };
  if (ends("lessthan")) {
    return is_mutant(18) ? order <= 0 : order < 0;
  }
  if (ends("lessthanequals")) {
    return is_mutant(19) ? order < 0 : order <= 0;
  }
  if (ends("greaterthan")) {
    return order > 0;
  }
  if (ends("greaterthanequals")) {
    return is_mutant(20) ? order > 0 : order >= 0;
  }
  return order == 0;
}

}  // namespace signet::ref
