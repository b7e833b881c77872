#include "policy_prove/intervals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace signet::policy::prove {
namespace {

// Milliseconds since 1970.
constexpr std::int64_t kYear1 = -62'135'596'800'000;
constexpr std::int64_t kYear9999 = 253'370'764'800'000;

constexpr double kExactReal =
    9'007'199'254'740'992.0;  // 2^53: from here on integers and reals compare unlike

std::string number_text(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string date_text(std::int64_t unix_ms) {
  std::array<char, 40> buffer{};
  std::string text(buffer.data(), format_iso8601(unix_ms, buffer.data()));
  const std::int64_t ms = ((unix_ms % 1000) + 1000) % 1000;
  if (ms != 0) {
    const std::string digits = std::to_string(1000 + ms).substr(1);
    text.insert(text.size() - 1, concat(".", digits));
  }
  return text;
}

std::string address_text(const IpAddress& address) {
  std::string text;
  if (!address.is_v6) {
    for (std::size_t i = 0; i < 4; ++i) {
      text += concat(i == 0 ? "" : ".", std::to_string(address.bytes[i]));
    }
    return text;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < 16; ++i) {
    text += i != 0 && i % 2 == 0 ? ":" : "";
    text += kDigits[address.bytes[i] >> 4U];
    text += kDigits[address.bytes[i] & 0xFU];
  }
  return text;
}

// The first address behind a block; nothing at the end of its family.
std::optional<IpAddress> behind(const IpBlock& block) {
  IpAddress address = block.base;
  if (block.prefix == 0) {
    return std::nullopt;
  }
  std::size_t at = (block.prefix - 1U) / 8;
  unsigned carry = 1U << (7 - (block.prefix - 1U) % 8);
  while (true) {
    const unsigned sum = address.bytes[at] + carry;
    address.bytes[at] = static_cast<std::uint8_t>(sum & 0xFFU);
    if (sum < 0x100) {
      return address;
    }
    if (at == 0) {
      return std::nullopt;
    }
    --at;
    carry = 1;
  }
}

}  // namespace

// Addresses from every interval that the blocks cut the two families into: each begins where a
// block begins or behind one that ends.
void add_addresses(std::span<const TextWish> wishes, std::vector<std::string>& out) {
  out.emplace_back("198.51.100.77");
  out.emplace_back("2001:0db8:0000:0000:0000:0000:0000:0077");
  for (const TextWish& wish : wishes) {
    for (const IpBlock& block : wish.test->blocks) {
      out.push_back(address_text(block.base));
      if (const auto next = behind(block)) {
        out.push_back(address_text(*next));
      }
    }
  }
  out.emplace_back("0.0.0.0");
  out.emplace_back("0000:0000:0000:0000:0000:0000:0000:0000");
}

// A date from every interval that the operands cut the time line into. False: some lie outside of
// the years that are written with four digits.
bool add_dates(std::span<const TextWish> wishes, bool is_epoch, std::vector<std::string>& out) {
  constexpr std::int64_t kSecond = 1000;
  constexpr std::int64_t kNow = 1'795'000'000'000;
  bool is_exact = true;
  const auto add = [&](std::int64_t ms) {
    if (!is_epoch) {
      out.push_back(date_text(ms));
    } else if (ms >= kFirstEpochSecond * kSecond && ms < kYear9999) {
      out.push_back(std::to_string(ms / kSecond));
    }
  };
  add(kNow);
  const std::int64_t step = is_epoch ? kSecond : 1;
  const auto around = [&](std::int64_t ms) {
    is_exact = is_exact && (is_epoch || (ms > kYear1 && ms < kYear9999));
    for (const std::int64_t offset : {-step, std::int64_t{0}, step}) {
      add(ms + offset);
    }
  };
  for (const TextWish& wish : wishes) {
    std::ranges::for_each(wish.test->dates, around);
    if (is_epoch) {
      for (const Number& number : wish.test->numbers) {
        if (std::abs(number.real) < kExactReal / 1000) {
          around(static_cast<std::int64_t>(std::floor(number.real)) * kSecond);
        }
      }
    }
  }
  add(kFirstEpochSecond * kSecond);
  return is_exact;
}

// A number from every interval that the operands cut the line into. False: some operands are too
// large to be ordered exactly.
bool add_numbers(std::span<const TextWish> wishes, std::vector<std::string>& out) {
  std::vector<double> points;
  bool is_exact = true;
  for (const TextWish& wish : wishes) {
    for (const Number& number : wish.test->numbers) {
      is_exact = is_exact && std::abs(number.real) < kExactReal;
      points.push_back(number.real);
    }
  }
  std::ranges::sort(points);
  points.erase(std::ranges::unique(points).begin(), points.end());
  out.emplace_back("7");
  for (std::size_t i = 0; i < points.size(); ++i) {
    out.push_back(number_text(points[i]));
    const double next = i + 1 < points.size() ? points[i + 1] : points[i] + 2;
    // A whole number between the two reads better.
    const double whole = std::floor(points[i]) + 1;
    out.push_back(number_text(whole < next ? whole : points[i] + (next - points[i]) / 2));
  }
  if (!points.empty()) {
    out.push_back(number_text(std::ceil(points.front()) - 1));
  }
  return is_exact;
}

}  // namespace signet::policy::prove
