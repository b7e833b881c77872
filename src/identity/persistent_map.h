#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "base/assertion.h"
#include "identity/cow_ptr.h"

namespace signet::identity {

// An ordered map with value semantics: copying it is O(1) and the copies share all nodes; a write
// copies the path from the root to one leaf and nothing else, and nodes that nobody shares are
// written in place (so loading a million entries does not copy). A B+ tree: entries in leaves of up
// to kLeafMax, all at one depth.
//
// Copies may be read and written from different threads; one map object may not be written while it
// is read. Iterators and pointers to values are valid until the map object they came from is
// written or destroyed.
//
// put() always replaces the key object together with the value, and inner nodes are refreshed from
// the leaves, so a key may be a view into its own value.
template <class K, class V, class Less = std::less<>>
class PersistentMap {
 public:
  static constexpr std::size_t kLeafMax = 16;
  static constexpr std::size_t kInnerMax = 32;

  struct Entry {
    K key;
    [[no_unique_address]] V value;
  };

  class Iterator;

  // The map of entries that are in strictly ascending order. O(n), and packed more tightly than
  // puts would.
  [[nodiscard]] static PersistentMap from_sorted(std::vector<Entry> entries) {
    PersistentMap map;
    map.size_ = entries.size();
    std::vector<Child> level = make_leaves(std::move(entries));
    while (level.size() > 1) {
      level = make_parents(std::move(level));
    }
    if (!level.empty()) {
      map.root_ = std::move(level.front().node);
    }
    return map;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The value, or null. O(log n).
  template <class Q>
  [[nodiscard]] const V* find(const Q& key) const {
    const Node* node = &*root_;
    while (!node->children.empty()) {
      node = &*node->children[child_index(*node, key)].node;
    }
    const auto at = leaf_position(*node, key);
    if (at == node->entries.size() || Less{}(key, node->entries[at].key)) {
      return nullptr;
    }
    return &node->entries[at].value;
  }

  template <class Q>
  [[nodiscard]] bool contains(const Q& key) const {
    return find(key) != nullptr;
  }

  // Inserts, or replaces key and value. True if the key is new. O(log n).
  bool put(K key, V value) {
    Node& root = root_.edit();
    const bool is_new = put_into(root, std::move(key), std::move(value));
    size_ += is_new ? 1 : 0;
    if (is_overfull(root)) {
      grow();
    }
    return is_new;
  }

  // The value for writing (in this map alone), or null. Must not be used to change what the key
  // views. O(log n).
  template <class Q>
  [[nodiscard]] V* edit(const Q& key) {
    if (!contains(key)) {
      return nullptr;
    }
    Node* node = &root_.edit();
    while (!node->children.empty()) {
      node = &node->children[child_index(*node, key)].node.edit();
    }
    return &node->entries[leaf_position(*node, key)].value;
  }

  // Removes the entry if there is one. True if there was. O(log n).
  template <class Q>
  bool erase(const Q& key) {
    if (!contains(key)) {
      return false;
    }
    erase_from(root_.edit(), key);
    size_ -= 1;
    while (root_->children.size() == 1) {
      root_ = CowPtr<Node>(root_->children.front().node);
    }
    return true;
  }

  void clear() { *this = PersistentMap(); }

  [[nodiscard]] Iterator begin() const {
    Iterator it;
    if (size_ != 0) {
      it.descend_first(&*root_);
    }
    return it;
  }

  [[nodiscard]] Iterator end() const { return Iterator(); }

  // The first entry whose key is not less than `key`.
  template <class Q>
  [[nodiscard]] Iterator lower_bound(const Q& key) const {
    Iterator it;
    const Node* node = &*root_;
    while (!node->children.empty()) {
      const std::size_t at = child_index(*node, key);
      it.push(node, at);
      node = &*node->children[at].node;
    }
    it.push(node, leaf_position(*node, key));
    it.settle();
    return it;
  }

  // Whether the tree is well formed (order, depth, separators, fill, size). For tests and
  // verify_invariants.
  [[nodiscard]] bool is_well_formed() const {
    std::size_t count = 0;
    const int depth = check_node(*root_, true, count);
    return depth >= 0 && count == size_;
  }

 private:
  struct Node;

  struct Child {
    K first;  // the least key below
    CowPtr<Node> node;
  };

  struct Node {
    std::vector<Entry> entries;   // a leaf
    std::vector<Child> children;  // an inner node; empty for leaves
  };

 public:
  // Forward iteration in key order.
  class Iterator {
   public:
    Iterator() = default;

    const Entry& operator*() const { return top().node->entries[top().index]; }

    const Entry* operator->() const { return &**this; }

    Iterator& operator++() {
      path_[depth_ - 1].index += 1;
      settle();
      return *this;
    }

    bool operator==(const Iterator& other) const {
      if (depth_ == 0 || other.depth_ == 0) {
        return depth_ == other.depth_;
      }
      return top().node == other.top().node && top().index == other.top().index;
    }

   private:
    friend class PersistentMap;

    struct Step {
      const Node* node = nullptr;
      std::size_t index = 0;
    };

    [[nodiscard]] const Step& top() const { return path_[depth_ - 1]; }

    void push(const Node* node, std::size_t index) {
      SIGNET_ASSERT(depth_ < path_.size());
      path_[depth_] = Step{node, index};
      depth_ += 1;
    }

    void descend_first(const Node* node) {
      while (!node->children.empty()) {
        push(node, 0);
        node = &*node->children.front().node;
      }
      push(node, 0);
    }

    // Leaves the end of a leaf for the first entry of the next one.
    void settle() {
      while (depth_ > 0) {
        const Step& step = top();
        const bool is_leaf = step.node->children.empty();
        const std::size_t limit = is_leaf ? step.node->entries.size() : step.node->children.size();
        if (step.index < limit) {
          if (!is_leaf) {
            descend_first(&*step.node->children[step.index].node);
          }
          return;
        }
        depth_ -= 1;
        if (depth_ > 0) {
          path_[depth_ - 1].index += 1;
        }
      }
    }

    // Enough for 2^64 entries: nodes split in halves of at least 8.
    std::array<Step, 24> path_{};
    std::size_t depth_ = 0;
  };

 private:
  static std::vector<Child> make_leaves(std::vector<Entry> entries) {
    std::vector<Child> leaves;
    leaves.reserve(entries.size() / kLeafMax + 1);
    for (std::size_t first = 0; first < entries.size(); first += kLeafMax) {
      const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
      const auto count = static_cast<std::ptrdiff_t>(std::min(kLeafMax, entries.size() - first));
      Node leaf;
      leaf.entries.assign(std::make_move_iterator(begin), std::make_move_iterator(begin + count));
      K key = leaf.entries.front().key;
      leaves.push_back(Child{std::move(key), CowPtr<Node>(std::move(leaf))});
    }
    return leaves;
  }

  static std::vector<Child> make_parents(std::vector<Child> level) {
    std::vector<Child> parents;
    parents.reserve(level.size() / kInnerMax + 1);
    for (std::size_t first = 0; first < level.size(); first += kInnerMax) {
      const auto begin = level.begin() + static_cast<std::ptrdiff_t>(first);
      const auto count = static_cast<std::ptrdiff_t>(std::min(kInnerMax, level.size() - first));
      Node parent;
      parent.children.assign(std::make_move_iterator(begin),
                             std::make_move_iterator(begin + count));
      K key = parent.children.front().first;
      parents.push_back(Child{std::move(key), CowPtr<Node>(std::move(parent))});
    }
    return parents;
  }

  static bool is_overfull(const Node& node) {
    return node.children.empty() ? node.entries.size() > kLeafMax
                                 : node.children.size() > kInnerMax;
  }

  static std::size_t fill(const Node& node) {
    return node.children.empty() ? node.entries.size() : node.children.size();
  }

  static const K& first_key(const Node& node) {
    return node.children.empty() ? node.entries.front().key : node.children.front().first;
  }

  // The last child whose least key is not greater than `key` (the first child for smaller keys).
  template <class Q>
  static std::size_t child_index(const Node& node, const Q& key) {
    const auto after = std::upper_bound(
        node.children.begin(), node.children.end(), key, [](const Q& q, const Child& child) {
          return Less{}(q, child.first);
        });
    const auto at = static_cast<std::size_t>(after - node.children.begin());
    return at == 0 ? 0 : at - 1;
  }

  template <class Q>
  static std::size_t leaf_position(const Node& node, const Q& key) {
    const auto at = std::lower_bound(
        node.entries.begin(), node.entries.end(), key, [](const Entry& entry, const Q& q) {
          return Less{}(entry.key, q);
        });
    return static_cast<std::size_t>(at - node.entries.begin());
  }

  static bool put_into(Node& node, K key, V value) {
    if (node.children.empty()) {
      return put_into_leaf(node, std::move(key), std::move(value));
    }
    const std::size_t at = child_index(node, key);
    Node& child = node.children[at].node.edit();
    const bool is_new = put_into(child, std::move(key), std::move(value));
    if (is_overfull(child)) {
      Child right = split(child);
      node.children.insert(node.children.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                           std::move(right));
    }
    refresh_first(node.children[at]);
    return is_new;
  }

  static bool put_into_leaf(Node& leaf, K key, V value) {
    const std::size_t at = leaf_position(leaf, key);
    if (at < leaf.entries.size() && !Less{}(key, leaf.entries[at].key)) {
      leaf.entries[at] = Entry{std::move(key), std::move(value)};
      return false;
    }
    if (leaf.entries.size() == leaf.entries.capacity()) {
      leaf.entries.reserve(leaf.entries.size() + 4);  // small steps: most leaves never fill up
    }
    leaf.entries.insert(leaf.entries.begin() + static_cast<std::ptrdiff_t>(at),
                        Entry{std::move(key), std::move(value)});
    return true;
  }

  static void refresh_first(Child& child) { child.first = first_key(*child.node); }

  // Moves the upper half into a new node, or only the last item when items arrive in order.
  static Child split(Node& node) {
    Node right;
    if (node.children.empty()) {
      take_upper_half(node.entries, right.entries);
    } else {
      take_upper_half(node.children, right.children);
    }
    K first = first_key(right);
    return Child{std::move(first), CowPtr<Node>(std::move(right))};
  }

  template <class Item>
  static void take_upper_half(std::vector<Item>& from, std::vector<Item>& to) {
    const auto middle = from.begin() + static_cast<std::ptrdiff_t>(from.size() / 2);
    to.reserve(from.size() / 2 + 4);
    to.assign(std::make_move_iterator(middle), std::make_move_iterator(from.end()));
    from.erase(middle, from.end());
  }

  void grow() {
    Node& root = root_.edit();
    Child right = split(root);
    Node top;
    K first = first_key(root);
    top.children.reserve(4);
    top.children.push_back(Child{std::move(first), std::move(root_)});
    top.children.push_back(std::move(right));
    root_ = CowPtr<Node>(std::move(top));
  }

  template <class Q>
  static void erase_from(Node& node, const Q& key) {
    if (node.children.empty()) {
      node.entries.erase(node.entries.begin() +
                         static_cast<std::ptrdiff_t>(leaf_position(node, key)));
      return;
    }
    const std::size_t at = child_index(node, key);
    Node& child = node.children[at].node.edit();
    erase_from(child, key);
    if (fill(child) == 0) {
      node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    refresh_first(node.children[at]);
    merge_around(node, at);
  }

  // Joins a thin child with a neighbour if both fit into one node.
  static void merge_around(Node& node, std::size_t at) {
    const std::size_t limit = node.children[at].node->children.empty() ? kLeafMax : kInnerMax;
    if (fill(*node.children[at].node) >= limit / 4 || node.children.size() < 2) {
      return;
    }
    const std::size_t left = at == 0 ? 0 : at - 1;
    const Node& right_node = *node.children[left + 1].node;
    if (fill(*node.children[left].node) + fill(right_node) > limit) {
      return;
    }
    Node& into = node.children[left].node.edit();
    into.entries.insert(into.entries.end(), right_node.entries.begin(), right_node.entries.end());
    into.children.insert(
        into.children.end(), right_node.children.begin(), right_node.children.end());
    node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  }

  // Depth below `node`, or -1 if something is wrong.
  static int check_node(const Node& node, bool is_root, std::size_t& count) {
    if (is_overfull(node) || (fill(node) == 0 && !is_root)) {
      return -1;
    }
    for (std::size_t i = 1; i < node.entries.size(); ++i) {
      if (!Less{}(node.entries[i - 1].key, node.entries[i].key)) {
        return -1;
      }
    }
    count += node.entries.size();
    return node.children.empty() ? 0 : check_children(node, count);
  }

  static int check_children(const Node& node, std::size_t& count) {
    int depth = -2;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Child& child = node.children[i];
      const int below = check_node(*child.node, false, count);
      const bool is_first_exact = below >= 0 && !Less{}(child.first, first_key(*child.node)) &&
                                  !Less{}(first_key(*child.node), child.first);
      const bool is_ordered = i == 0 || Less{}(node.children[i - 1].first, child.first);
      if (below < 0 || !is_first_exact || !is_ordered || (depth != -2 && depth != below)) {
        return -1;
      }
      depth = below;
    }
    return node.entries.empty() ? depth + 1 : -1;
  }

  CowPtr<Node> root_;
  std::size_t size_ = 0;
};

}  // namespace signet::identity
