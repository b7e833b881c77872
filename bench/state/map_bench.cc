// The ordered map that shares structure (identity/persistent_map.h) beside std::map and a sorted
// vector, which a write would have to copy. usage: map_bench. Prints one line a size.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "identity/persistent_map.h"

namespace {

using Value = std::shared_ptr<const int>;
using Shared = signet::identity::PersistentMap<std::string, Value>;
using Tree = std::map<std::string, Value>;
using Sorted = std::vector<std::pair<std::string, Value>>;

// Ids in no order, as unique ids are.
std::string key(int i) {
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "AIDA%016d", i * 7919 % 1'000'003));
  return text;
}

template <class Work>
double microseconds(int times, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) {
    work(i);
  }
  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / times;
}

// One write is: copy, put, and let the copy from two writes ago go, as readers do with snapshots.
void compare(int size) {
  const auto value = std::make_shared<const int>(1);
  Shared shared;
  Tree tree;
  Sorted sorted;
  for (int i = 0; i < size; ++i) {
    shared.put(key(i), value);
    tree[key(i)] = value;
    sorted.emplace_back(key(i), value);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<Shared> held(2);
  std::vector<Tree> held_trees(2);
  std::vector<Sorted> held_sorted(2);
  const int copies = size > 10'000 ? 20 : 500;
  const auto slot = [](int i) {
    return static_cast<std::size_t>(i % 2);
  };
  const double by_sharing = microseconds(5000, [&](int i) {
    Shared next = shared;
    next.put(key(size + i % 50), value);
    held[slot(i)] = shared;
    shared = std::move(next);
  });
  const double by_tree = microseconds(copies, [&](int i) {
    Tree next = tree;
    next[key(size + i % 50)] = value;
    held_trees[slot(i)] = std::move(next);
  });
  const double by_vector = microseconds(copies, [&](int i) {
    Sorted next = sorted;
    std::pair<std::string, Value> entry(key(size + i % 50), value);
    next.insert(std::lower_bound(next.begin(), next.end(), entry), entry);
    held_sorted[slot(i)] = std::move(next);
  });
  std::size_t found = 0;
  const double key_alone = microseconds(200'000, [&](int i) { found += key(i % size).size(); });
  const double in_shared =
      microseconds(200'000, [&](int i) { found += shared.contains(key(i % size)) ? 1U : 0U; });
  const double in_tree =
      microseconds(200'000, [&](int i) { found += tree.contains(key(i % size)) ? 1U : 0U; });
  std::printf(
      "%d entries: write %.1f us, std::map copied %.0f us, vector copied %.0f us; "
      "find %.2f us, std::map %.2f us (%zu)\n",
      size,
      by_sharing,
      by_tree,
      by_vector,
      in_shared - key_alone,
      in_tree - key_alone,
      found);
}

}  // namespace

int main() {
  for (const int size : {1000, 10'000, 100'000}) {
    compare(size);
  }
  return 0;
}
