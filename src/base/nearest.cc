#include "base/nearest.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace signet {
namespace {

bool is_same(char a, char b) {
  return to_lower(a) == to_lower(b);
}

// Optimal string alignment: Levenshtein's distance in which two letters swapped count once.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;  // of a's letters: two before, one before, this
  for (auto& row : rows) {
    row.resize(b.size() + 1);
  }
  for (std::size_t j = 0; j <= b.size(); ++j) {
    rows[2][j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(rows[0], rows[1]);
    std::swap(rows[1], rows[2]);
    rows[2][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = rows[1][j - 1] + (is_same(a[i - 1], b[j - 1]) ? 0 : 1);
      rows[2][j] = std::min({changed, rows[1][j] + 1, rows[2][j - 1] + 1});
      if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1])) {
        rows[2][j] = std::min(rows[2][j], rows[0][j - 2] + 1);
      }
    }
  }
  return rows[2][b.size()];
}

}  // namespace

void Nearest::offer(std::string_view candidate) {
  const std::size_t longer = std::max(candidate.size(), word_.size());
  const std::size_t shorter = std::min(candidate.size(), word_.size());
  if (longer - shorter >= distance_) {
    return;
  }
  const std::size_t distance = edit_distance(candidate, word_);
  if (distance < distance_ && distance * 3 <= longer) {
    distance_ = distance;
    best_ = candidate;
  }
}

std::string Nearest::question(std::string_view before) const {
  return best_.empty() ? std::string() : concat(before, "did you mean \"", best_, "\"?");
}

}  // namespace signet
