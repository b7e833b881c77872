#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace signet::policy::prove {

using Word = std::uint64_t;

// Rows of words, each once, found by their hash: open addressing over the rows' numbers.
class RowTable {
 public:
  explicit RowTable(std::size_t words) : words_(words), slots_(kFirstSlots, 0) {}

  [[nodiscard]] std::size_t size() const { return hashes_.size(); }

  [[nodiscard]] const Word* row(std::size_t at) const { return rows_.data() + at * words_; }

  // Memory is bounded: no more fit.
  [[nodiscard]] bool is_full() const { return rows_.size() > kMaxWords || size() > kMaxRows; }

  // False when the row was there before.
  bool add(const Word* row) {
    Word hash = 0x9E37'79B9'7F4A'7C15;
    for (std::size_t w = 0; w < words_; ++w) {
      hash = std::rotl(hash ^ row[w], 29) * 0xBF58'476D'1CE4'E5B9;
    }
    hash ^= hash >> 32U;
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      const std::uint32_t number = slots_[slot];
      if (number == 0) {
        slots_[slot] = static_cast<std::uint32_t>(size() + 1);
        break;
      }
      if (hashes_[number - 1] == hash && std::equal(row, row + words_, this->row(number - 1))) {
        return false;
      }
    }
    hashes_.push_back(hash);
    rows_.insert(rows_.end(), row, row + words_);
    if (2 * size() > slots_.size()) {
      grow();
    }
    return true;
  }

 private:
  static constexpr std::size_t kFirstSlots = 64;
  static constexpr std::size_t kMaxWords = 4'000'000;
  static constexpr std::size_t kMaxRows = 1'000'000;

  void grow() {
    slots_.assign(slots_.size() * 4, 0);
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      std::size_t slot = hashes_[i] & (slots_.size() - 1);
      while (slots_[slot] != 0) {
        slot = (slot + 1) & (slots_.size() - 1);
      }
      slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::size_t words_;
  std::vector<std::uint32_t> slots_;  // number of a row and one; 0: free
  std::vector<Word> hashes_;
  std::vector<Word> rows_;
};

}  // namespace signet::policy::prove
