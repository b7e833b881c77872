#include "facts/condition_keys.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "base/strings.h"

namespace signet::facts {
namespace {

constexpr auto kRows = std::to_array<ConditionKeyRow>({
#include "facts/condition_keys_table.inc"
});

constexpr std::array<std::uint8_t, kKeyCount> rows_of_keys() {
  std::array<std::uint8_t, kKeyCount> rows{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].shape != KeyShape::Family) {
      rows[kRows[i].id] = static_cast<std::uint8_t>(i);
    }
  }
  return rows;
}

constexpr std::array<std::uint8_t, kTagFamilyCount> rows_of_families() {
  std::array<std::uint8_t, kTagFamilyCount> rows{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].shape == KeyShape::Family) {
      rows[kRows[i].id] = static_cast<std::uint8_t>(i);
    }
  }
  return rows;
}

constexpr auto kRowOfKey = rows_of_keys();
constexpr auto kRowOfFamily = rows_of_families();

// Open addressing over all names; four times as many places as rows keep the probes short.
constexpr std::size_t kPlaces = 1024;
constexpr std::uint8_t kNoRow = 0xFF;
static_assert(kRows.size() < kNoRow && kRows.size() * 4 <= kPlaces);

// Eight bytes of a name, the bit that tells letter cases apart set. Also other bytes lose that bit:
// what is found is compared in full.
constexpr std::uint64_t folded_word(std::string_view name, std::size_t at) {
  std::uint64_t word = 0;
  const std::size_t size = std::min<std::size_t>(8, name.size() - at);
  if consteval {
    for (std::size_t i = 0; i < size; ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(name[at + i])} << (8 * i);
    }
  } else {
    std::memcpy(&word, name.data() + at, size);
  }
  return word | 0x2020'2020'2020'2020ULL;
}

constexpr std::size_t place_of(std::string_view name) {
  std::uint64_t hash = name.size();
  for (std::size_t at = 0; at < name.size(); at += 8) {
    hash = (hash ^ folded_word(name, at)) * 0x9E37'79B9'7F4A'7C15ULL;
    hash ^= hash >> 32U;
  }
  return static_cast<std::size_t>(hash % kPlaces);
}

constexpr std::array<std::uint8_t, kPlaces> places_of_rows() {
  std::array<std::uint8_t, kPlaces> places{};
  places.fill(kNoRow);
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    std::size_t place = place_of(kRows[i].name);
    while (places[place] != kNoRow) {
      place = (place + 1) % kPlaces;
    }
    places[place] = static_cast<std::uint8_t>(i);
  }
  return places;
}

static_assert(std::endian::native == std::endian::little, "folded_word() reads whole words");
constexpr auto kPlaceOfName = places_of_rows();

const ConditionKeyRow* find_exact(std::string_view name) {
  for (std::size_t place = place_of(name); kPlaceOfName[place] != kNoRow;
       place = (place + 1) % kPlaces) {
    const ConditionKeyRow& row = kRows[kPlaceOfName[place]];
    if (row.name == name || equals_ignore_case(row.name, name)) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace

std::span<const ConditionKeyRow> condition_keys() {
  return kRows;
}

const ConditionKeyRow* find_condition_key(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return find_exact(name);
  }
  const ConditionKeyRow* row = find_exact(name.substr(0, slash + 1));
  return row != nullptr && slash + 1 < name.size() ? row : nullptr;
}

const ConditionKeyRow& condition_key(KeyId id) {
  return kRows[kRowOfKey[static_cast<std::size_t>(id)]];
}

const ConditionKeyRow& condition_key(TagFamily family) {
  return kRows[kRowOfFamily[static_cast<std::size_t>(family)]];
}

}  // namespace signet::facts
