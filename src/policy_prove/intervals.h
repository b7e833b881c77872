#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy_prove/comparison.h"

// Operands of numbers, dates and addresses cut their line into intervals, within which all values
// are alike: texts of which at least one lies in each.

namespace signet::policy::prove {

// Seconds since 1970 that aws:EpochTime can say: with five digits (four are a year), before the
// year 9999.
inline constexpr std::int64_t kFirstEpochSecond = 10'000;
inline constexpr std::int64_t kLastEpochSecond = 253'370'764'800;

void add_addresses(std::span<const TextWish> wishes, std::vector<std::string>& out);

// False: some operands lie outside of the years that are written with four digits.
[[nodiscard]] bool add_dates(std::span<const TextWish> wishes,
                             bool is_epoch,
                             std::vector<std::string>& out);

// False: some operands are too large to be ordered exactly.
[[nodiscard]] bool add_numbers(std::span<const TextWish> wishes, std::vector<std::string>& out);

}  // namespace signet::policy::prove
