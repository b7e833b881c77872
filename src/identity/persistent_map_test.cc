#include "identity/persistent_map.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace signet::identity {
namespace {

using Model = std::map<int, std::string>;
using Tree = PersistentMap<int, std::string>;

Model contents(const Tree& tree) {
  Model all;
  int last = std::numeric_limits<int>::min();
  for (const auto& entry : tree) {
    EXPECT_TRUE(all.empty() || entry.key > last);
    last = entry.key;
    all.emplace(entry.key, entry.value);
  }
  return all;
}

struct Step {
  bool is_erase;
  int key;
};

std::vector<Step> any_steps(int key_range) {
  return *rc::gen::scale(
      8.0,
      rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
          rc::gen::set(&Step::is_erase, rc::gen::weightedElement<bool>({{2, false}, {1, true}})),
          rc::gen::set(&Step::key, rc::gen::inRange(0, key_range)))));
}

TEST(PersistentMap, BehavesLikeStdMap) {
  EXPECT_TRUE(rc::check([] {
    Tree tree;
    Model model;
    for (const Step& step : any_steps(300)) {
      if (step.is_erase) {
        RC_ASSERT(tree.erase(step.key) == (model.erase(step.key) == 1));
      } else {
        const std::string value = std::to_string(model.size());
        RC_ASSERT(tree.put(step.key, value) == !model.contains(step.key));
        model[step.key] = value;
      }
      RC_ASSERT(tree.size() == model.size());
    }
    RC_ASSERT(tree.is_well_formed());
    RC_ASSERT(contents(tree) == model);
    for (int key = -1; key <= 300; ++key) {
      const auto expected = model.find(key);
      const std::string* found = tree.find(key);
      RC_ASSERT((found == nullptr) == (expected == model.end()));
      RC_ASSERT(
          (found == nullptr || *found == expected->second));  // RC_ASSERT does not short-circuit
      const auto at = tree.lower_bound(key);
      const auto expected_at = model.lower_bound(key);
      RC_ASSERT((at == tree.end()) == (expected_at == model.end()));
      RC_ASSERT((at == tree.end() || at->key == expected_at->first));
    }
  }));
}

TEST(PersistentMap, EveryOldCopyKeepsItsContents) {
  EXPECT_TRUE(rc::check([] {
    std::vector<std::pair<Tree, Model>> history(1);
    for (const Step& step : any_steps(100)) {
      auto [tree, model] = history.back();
      if (step.is_erase) {
        tree.erase(step.key);
        model.erase(step.key);
      } else {
        tree.put(step.key, std::to_string(history.size()));
        model[step.key] = std::to_string(history.size());
      }
      history.emplace_back(std::move(tree), std::move(model));
    }
    for (const auto& [tree, model] : history) {
      RC_ASSERT(tree.is_well_formed());
      RC_ASSERT(contents(tree) == model);
    }
  }));
}

TEST(PersistentMap, EditChangesThisCopyOnly) {
  Tree tree;
  for (int i = 0; i < 1000; ++i) {
    tree.put(i, "old");
  }
  const Tree before = tree;

  *tree.edit(500) = "new";

  EXPECT_EQ(*tree.find(500), "new");
  EXPECT_EQ(*before.find(500), "old");
  EXPECT_EQ(*tree.find(501), "old");
  EXPECT_EQ(tree.edit(1000), nullptr);
}

TEST(PersistentMap, FromSortedIsTheSameMapAndGoesOnWorking) {
  for (const int size : {0, 1, 15, 16, 17, 31, 33, 512, 513, 5000, 16385}) {
    std::vector<Tree::Entry> entries;
    Model model;
    for (int i = 0; i < size; ++i) {
      entries.push_back({2 * i, std::to_string(i)});
      model.emplace(2 * i, std::to_string(i));
    }

    Tree tree = Tree::from_sorted(std::move(entries));

    ASSERT_TRUE(tree.is_well_formed()) << size;
    ASSERT_EQ(contents(tree), model) << size;
    for (int i = -1; i < 2 * size; i += 3) {
      tree.put(i, "new");
      model[i] = "new";
      tree.erase(i + 1);
      model.erase(i + 1);
    }
    EXPECT_TRUE(tree.is_well_formed()) << size;
    EXPECT_EQ(contents(tree), model) << size;
  }
}

TEST(PersistentMap, EmptyMapHasNothing) {
  Tree tree;

  EXPECT_TRUE(tree.empty());
  EXPECT_EQ(tree.find(1), nullptr);
  EXPECT_FALSE(tree.erase(1));
  EXPECT_TRUE(tree.begin() == tree.end());
  EXPECT_TRUE(tree.lower_bound(0) == tree.end());
  EXPECT_TRUE(tree.is_well_formed());
}

TEST(PersistentMap, GrowsAndShrinksInOrderAndBackwards) {
  for (const bool is_backwards : {false, true}) {
    Tree tree;
    for (int i = 0; i < 5000; ++i) {
      tree.put(is_backwards ? 5000 - i : i, "v");
    }
    ASSERT_TRUE(tree.is_well_formed());
    EXPECT_EQ(tree.size(), 5000u);
    for (int i = 0; i < 5001; ++i) {
      tree.erase(i);
      if (i % 97 == 0) {
        ASSERT_TRUE(tree.is_well_formed()) << i;
      }
    }
    EXPECT_TRUE(tree.empty());
    EXPECT_TRUE(tree.is_well_formed());
  }
}

// Keys that view into their values: what the indexes by id do.
TEST(PersistentMap, KeysMayViewTheirOwnValues) {
  PersistentMap<std::string_view, std::shared_ptr<const std::string>> tree;
  std::map<std::string, int> model;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = "key-" + std::to_string(i * 7919 % 1009) + "-long-enough-for-the-heap";
    if (i % 3 == 0) {
      tree.erase(std::string_view(text));
      model.erase(text);
    } else {
      auto value = std::make_shared<const std::string>(text);
      const std::string_view key = *value;
      tree.put(key, std::move(value));
      model[text] = i;
    }
  }

  EXPECT_TRUE(tree.is_well_formed());
  EXPECT_EQ(tree.size(), model.size());
  for (const auto& entry : tree) {
    EXPECT_EQ(entry.key.data(), entry.value->data());
    EXPECT_TRUE(model.contains(std::string(entry.key)));
  }
}

TEST(PersistentMap, ReadersOfCopiesAreUndisturbedByTheWriter) {
  Tree tree;
  for (int i = 0; i < 2000; ++i) {
    tree.put(i, "0");
  }
  std::vector<std::thread> readers;
  std::vector<int> wrong(4, 0);
  for (std::size_t r = 0; r < wrong.size(); ++r) {
    readers.emplace_back([copy = tree, &count = wrong[r]] {
      for (int round = 0; round < 20; ++round) {
        for (const auto& entry : copy) {
          count += entry.value == "0" ? 0 : 1;
        }
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    tree.put(i, "1");
    tree.erase(i / 2);
  }
  for (std::thread& reader : readers) {
    reader.join();
  }

  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace signet::identity
