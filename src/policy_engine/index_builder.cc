#include "policy_engine/index_builder.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "policy_engine/class_draft.h"

namespace signet::policy {
namespace {

constexpr std::size_t kMost16 = std::numeric_limits<std::uint16_t>::max();

std::size_t common_length(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) {
    ++n;
  }
  return n;
}

// Writes the block of one class.
class BlockWriter {
 public:
  BlockWriter(const IndexRows& index, std::vector<std::uint32_t> rows)
      : index_(index), members_(std::move(rows)) {}

  ClassBodyOwner run() {
    head_.members = list_of(members_);
    lists();
    drafts_ = drafter_.make(index_, members_);
    for (const ClassDraft& draft : drafts_) {
      (draft.denies ? head_.has_denials : head_.has_allowances) = true;
    }
    group_drafts();
    plain_groups();
    head_.general_groups = here();
    head_.general_count = narrow(general_groups_.size());
    for (Group& group : general_groups_) {
      general_group(group);
    }
    for (const std::vector<Group>* groups : {&groups_, &general_groups_}) {
      for (const Group& group : *groups) {
        const auto begin = drafts_.begin() + static_cast<std::ptrdiff_t>(group.begin);
        const auto end = drafts_.begin() + static_cast<std::ptrdiff_t>(group.end);
        const auto first_deny =
            std::find_if(begin, end, [](const ClassDraft& d) { return d.denies; });
        const auto middle = static_cast<std::size_t>(first_deny - drafts_.begin());
        const ClassRoots roots{.deny = middle == group.end ? 0 : node(middle, group.end, 0),
                               .allow = middle == group.begin ? 0 : node(group.begin, middle, 0)};
        write_at(group.roots_at, roots);
      }
    }
    pad();
    head_.globs = append_all(globs_);
    block_.append(kSlack, '\0');
    const bool is_too_large = is_too_large_ || block_.size() > RestTest::kMostWhere;
    if (is_too_large) {
      return nullptr;
    }
    return pack();
  }

 private:
  // Labels and keys are read eight bytes at a time, which may look past the last one.
  static constexpr std::size_t kSlack = 16;

  struct Group {
    std::size_t begin = 0;  // of the sorted drafts
    std::size_t end = 0;
    HeadPattern head;            // unless odd
    std::uint32_t slot = 0;      // unless odd
    std::uint32_t roots_at = 0;  // where its roots are to be written down
  };

  [[nodiscard]] std::uint32_t here() const {
    return static_cast<std::uint32_t>(sizeof(ClassBody) + block_.size());
  }

  template <class T>
  std::uint32_t append(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::uint32_t at = here();
    block_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return at;
  }

  template <class T>
  std::uint32_t append_all(const std::vector<T>& items) {
    const std::uint32_t at = here();
    for (const T& item : items) {
      append(item);
    }
    return at;
  }

  // Length, characters, and what is missing to a multiple of four.
  std::uint32_t append_text(std::string_view text) {
    const std::uint32_t at = append(narrow(text.size()));
    block_ += text;
    return at;
  }

  void pad(std::size_t to = 4) { block_.append((to - block_.size() % to) % to, '\0'); }

  template <class T>
  void write_at(std::uint32_t place, const T& value) {
    std::memcpy(block_.data() + (place - sizeof(ClassBody)), &value, sizeof value);
  }

  std::uint16_t narrow(std::size_t n) {
    is_too_large_ |= n > kMost16;
    return static_cast<std::uint16_t>(n);
  }

  ClassBodyOwner pack() {
    const std::size_t size = sizeof(ClassBody) + block_.size();
    void* memory = ::operator new(size);
    std::memcpy(static_cast<char*>(memory) + sizeof(ClassBody), block_.data(), block_.size());
    ClassBodyOwner body(std::construct_at(static_cast<ClassBody*>(memory), head_));
    body->size = static_cast<std::uint32_t>(size);
    return body;
  }

  // Rows with fewer conditions first: an allowance then tends to end at the first one.
  RowList rows_where(Effect effect, ResourceRoute route) {
    std::vector<std::uint32_t> found;
    for (const std::uint32_t number : members_) {
      const IndexRow& row = index_.rows[number];
      const CompiledStatement& statement = index_.statement_of(row);
      if (statement.effect == effect &&
          route_of(*index_.members[row.member].policy, statement) == route) {
        found.push_back(number);
      }
    }
    std::ranges::sort(found, {}, [this](std::uint32_t number) {
      return std::pair(index_.pool.lists[index_.rows[number].conditions], number);
    });
    return list_of(found);
  }

  RowList list_of(const std::vector<std::uint32_t>& rows) {
    const std::uint32_t at = append_all(rows);
    return {.at = at, .count = static_cast<std::uint32_t>(rows.size())};
  }

  void lists() {
    ClassLists& out = head_.lists;
    out.always_deny = rows_where(Effect::Deny, ResourceRoute::Always);
    out.always_allow = rows_where(Effect::Allow, ResourceRoute::Always);
    out.direct_deny = rows_where(Effect::Deny, ResourceRoute::Direct);
    out.direct_allow = rows_where(Effect::Allow, ResourceRoute::Direct);
    head_.has_denials = (out.always_deny.count | out.direct_deny.count) != 0;
    head_.has_allowances = (out.always_allow.count | out.direct_allow.count) != 0;
  }

  // Drafts with the same head, which stand side by side.
  void group_drafts() {
    for (std::size_t begin = 0; begin < drafts_.size();) {
      std::size_t end = begin;
      while (end < drafts_.size() && drafts_[end].head == drafts_[begin].head) {
        ++end;
      }
      Group group{.begin = begin, .end = end};
      const std::optional<HeadPattern> head = head_of(*drafts_[begin].pattern);
      if (head) {
        group.head = *head;
      }
      (head ? groups_ : general_groups_).push_back(group);
      begin = end;
    }
  }

  // Groups in the order of their slots, which are about twice as many as pairs of lead and region.
  void plain_groups() {
    std::vector<std::pair<ShortText, ShortText>> pairs;
    for (const Group& group : groups_) {
      const std::pair made(group.head.head.lead, group.head.head.region);
      if (std::ranges::find(pairs, made) == pairs.end()) {
        pairs.push_back(made);
      }
    }
    constexpr std::size_t kMostSlots = 128;
    const std::size_t slot_count =
        pairs.size() < 2 ? 1 : std::min(kMostSlots, std::bit_ceil(pairs.size() * 2));
    head_.slot_mask = static_cast<std::uint16_t>(slot_count - 1);
    for (Group& group : groups_) {
      group.slot = head_.slot_of(group.head.head.lead, group.head.head.region);
    }
    std::ranges::stable_sort(groups_, {}, &Group::slot);
    pad();
    head_.slots = here();
    std::size_t at = 0;
    for (std::size_t slot = 0; slot <= slot_count; ++slot) {
      while (at < groups_.size() && groups_[at].slot < slot) {
        ++at;
      }
      append(narrow(at));
    }
    pad(alignof(ClassGroup));
    head_.groups = here();
    for (Group& group : groups_) {
      group.roots_at = append(ClassGroup{.head = group.head}) +
                       static_cast<std::uint32_t>(offsetof(ClassGroup, roots));
    }
  }

  void general_group(Group& group) {
    const GeneralGroup made{.head = general_head_of(index_, drafts_[group.begin])};
    group.roots_at = append(made) + static_cast<std::uint32_t>(offsetof(GeneralGroup, roots));
  }

  ClassEntry entry_of(const ClassDraft& draft) {
    std::uint32_t where = 0;
    if (draft.fit == RestTest::Fit::Glob) {
      const auto [at, is_new] = glob_numbers_.emplace(std::pair(draft.tail, draft.version),
                                                      static_cast<std::uint32_t>(globs_.size()));
      if (is_new) {
        globs_.push_back(draft.glob);
      }
      where = at->second;
    } else if (!draft.rest.empty()) {
      const auto [at, is_new] = text_places_.emplace(draft.rest, 0);
      if (is_new) {
        pad();
        at->second = append_text(draft.rest);
        pad();
      }
      where = at->second;
    }
    return ClassEntry{.row = draft.row, .rest = RestTest::of(draft.fit, where)};
  }

  // Writes the subtree of the sorted drafts [begin, end), whose prefixes agree up to `depth`.
  // Recursion is as deep as prefixes branch, bounded by the number of distinct prefixes on one
  // path.
  std::uint32_t node(std::size_t begin, std::size_t end, std::size_t depth) {
    const std::string_view prefix = drafts_[begin].prefix;
    const std::size_t common =
        std::min(common_length(prefix, drafts_[end - 1].prefix), depth + kMost16);
    std::vector<ClassEntry> entries;
    std::size_t at = begin;
    for (; at < end && drafts_[at].prefix.size() == common; ++at) {
      entries.push_back(entry_of(drafts_[at]));
    }
    std::vector<std::size_t> children;
    std::string keys;
    for (std::size_t child = at; child < end; ++child) {
      if (child == at || drafts_[child].prefix[common] != drafts_[child - 1].prefix[common]) {
        children.push_back(child);
        keys += drafts_[child].prefix[common];
      }
    }
    const std::uint32_t place =
        append(TrieNode{.label_size = static_cast<std::uint16_t>(common - depth),
                        .child_count = static_cast<std::uint16_t>(children.size()),
                        .entry_count = static_cast<std::uint32_t>(entries.size())});
    block_ += prefix.substr(depth, common - depth);
    pad();
    append_all(entries);
    block_ += keys;
    pad();
    const std::uint32_t places = here();
    block_.append(children.size() * sizeof(std::uint32_t), '\0');
    for (std::size_t i = 0; i < children.size(); ++i) {
      const std::size_t stop = i + 1 < children.size() ? children[i + 1] : end;
      write_at(places + static_cast<std::uint32_t>(i * sizeof(std::uint32_t)),
               node(children[i], stop, common));
    }
    return place;
  }

  const IndexRows& index_;
  ClassBody head_;
  ClassDrafter drafter_;
  std::vector<std::uint32_t> members_;
  std::vector<ClassDraft> drafts_;
  std::vector<Group> groups_;
  std::vector<Group> general_groups_;
  std::vector<ClassGlob> globs_;
  std::map<std::pair<std::string_view, Version>, std::uint32_t> glob_numbers_;
  std::map<std::string_view, std::uint32_t> text_places_;
  std::string block_;
  bool is_too_large_ = false;
};

}  // namespace

void ClassBodyDelete::operator()(ClassBody* body) const {
  ::operator delete(body);
}

ClassBodyOwner build_class_body(const IndexRows& index, std::vector<std::uint32_t> class_rows) {
  return BlockWriter(index, std::move(class_rows)).run();
}

}  // namespace signet::policy
