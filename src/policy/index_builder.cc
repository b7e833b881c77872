#include "policy/index_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "policy/class_draft.h"

namespace signet::policy {
namespace {

constexpr std::size_t kMost16 = std::numeric_limits<std::uint16_t>::max();

// Length of "arn:aws:s3:"; 0 when one of the three parts is no literal, or the pattern is short.
std::size_t lead_size(const ResourcePattern& pattern) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (pattern.head_kinds[i] != ResourcePattern::Head::Literal) {
      return 0;
    }
    size += pattern.heads[i].size() + 1;
  }
  return pattern.is_short ? 0 : size;
}

bool is_odd(const ResourcePattern& pattern) {
  return lead_size(pattern) == 0 || pattern.head_kinds[3] == ResourcePattern::Head::Glob ||
         pattern.head_kinds[4] == ResourcePattern::Head::Glob;
}

std::size_t common_length(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) {
    ++n;
  }
  return n;
}

// Distinct texts of one part of the heads, in the order in which they were met.
class TextNumbers {
 public:
  std::uint16_t number_of(std::string_view text) {
    const auto found = std::ranges::find(texts_, text);
    if (found == texts_.end()) {
      texts_.push_back(text);
      return static_cast<std::uint16_t>(texts_.size() - 1);
    }
    return static_cast<std::uint16_t>(found - texts_.begin());
  }

  [[nodiscard]] const std::vector<std::string_view>& texts() const { return texts_; }

 private:
  std::vector<std::string_view> texts_;
};

// Writes the block of one class.
class BlockWriter {
 public:
  BlockWriter(const PolicySet::Index& index, std::vector<std::uint32_t> rows)
      : index_(index), members_(std::move(rows)) {}

  ClassBodyOwner run() {
    head_.members = append_all(members_);
    head_.member_count = static_cast<std::uint32_t>(members_.size());
    side(Effect::Deny, head_.deny);
    const auto first_allow = static_cast<std::uint32_t>(groups_.size());
    side(Effect::Allow, head_.allow);
    head_.leads = texts(leads_);
    head_.regions = texts(regions_);
    head_.accounts = texts(accounts_);
    tries(0, first_allow, deny_drafts_);
    tries(first_allow, static_cast<std::uint32_t>(groups_.size()), allow_drafts_);
    head_.globs = append_all(globs_);
    block_.append(kSlack, '\0');
    const bool is_too_large =
        is_too_large_ || block_.size() > (std::uint32_t{1} << (32U - ClassEntry::kFitBits));
    if (is_too_large) {
      return nullptr;
    }
    return pack();
  }

 private:
  // Children are looked up sixteen keys at a time, which may look past the last one.
  static constexpr std::size_t kSlack = 16;

  struct Group {
    std::size_t begin = 0;  // of the sorted drafts
    std::size_t end = 0;
    ClassGroup head;            // unless odd
    std::uint32_t root_at = 0;  // where its root is to be written down
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

  void pad() { block_.append((4 - block_.size() % 4) % 4, '\0'); }

  void write_at(std::uint32_t place, std::uint32_t value) {
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
  std::uint16_t rows_where(Effect effect, ResourceRoute route) {
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
    append_all(found);
    return narrow(found.size());
  }

  // Rows and groups of one side; groups with the same lead side by side.
  void side(Effect effect, ClassSide& out) {
    out.at = here();
    out.always = rows_where(effect, ResourceRoute::Always);
    out.direct = rows_where(effect, ResourceRoute::Direct);
    std::vector<ClassDraft>& drafts = effect == Effect::Deny ? deny_drafts_ : allow_drafts_;
    drafts = drafter_.make(index_, members_, effect);
    const auto first = static_cast<std::uint32_t>(groups_.size());
    for (std::size_t begin = 0; begin < drafts.size();) {
      std::size_t end = begin;
      while (end < drafts.size() && drafts[end].pattern->heads == drafts[begin].pattern->heads) {
        ++end;
      }
      groups_.push_back({.begin = begin, .end = end});
      begin = end;
    }
    const auto odd =
        std::partition(groups_.begin() + first, groups_.end(), [&drafts](const Group& group) {
          return !is_odd(*drafts[group.begin].pattern);
        });
    for (auto group = groups_.begin() + first; group != odd; ++group) {
      group->head = head_of(*drafts[group->begin].pattern);
    }
    std::sort(groups_.begin() + first, odd, [](const Group& a, const Group& b) {
      return std::pair(a.head.lead, a.begin) < std::pair(b.head.lead, b.begin);
    });
    for (auto group = groups_.begin() + first; group != groups_.end(); ++group) {
      group->root_at = group < odd ? even_group(*group) : odd_group(drafts, *group);
    }
    const auto even = static_cast<std::size_t>(odd - groups_.begin()) - first;
    out.groups = narrow(even);
    out.odd_groups = narrow(groups_.size() - first - even);
  }

  ClassGroup head_of(const ResourcePattern& head) {
    const auto number = [&head](std::size_t part, TextNumbers& texts) {
      return head.head_kinds[part] == ResourcePattern::Head::Any
                 ? ClassGroup::kAny
                 : texts.number_of(head.heads[part]);
    };
    return ClassGroup{.lead = leads_.number_of(head.text.substr(0, lead_size(head))),
                      .region = number(3, regions_),
                      .account = number(4, accounts_)};
  }

  std::uint32_t even_group(const Group& group) {
    return append(group.head) + static_cast<std::uint32_t>(offsetof(ClassGroup, root));
  }

  std::uint32_t odd_group(const std::vector<ClassDraft>& drafts, const Group& group) {
    const ClassDraft& draft = drafts[group.begin];
    const std::vector<ResourcePattern>& all = index_.members[draft.member].policy->resources;
    const OddGroup made{.member = draft.member,
                        .resource = static_cast<std::uint32_t>(draft.pattern - all.data())};
    return append(made) + static_cast<std::uint32_t>(offsetof(OddGroup, root));
  }

  HeadTexts texts(const TextNumbers& numbers) {
    is_too_large_ |= numbers.texts().size() >= HeadTexts::kNone;
    pad();
    const HeadTexts made{.at = here(), .count = static_cast<std::uint32_t>(numbers.texts().size())};
    for (const std::string_view text : numbers.texts()) {
      append_text(text);
    }
    pad();
    return made;
  }

  void tries(std::uint32_t first, std::uint32_t last, const std::vector<ClassDraft>& drafts) {
    for (std::uint32_t i = first; i < last; ++i) {
      const Group& group = groups_[i];
      write_at(group.root_at, node(drafts, group.begin, group.end, 0));
    }
  }

  ClassEntry entry_of(const ClassDraft& draft) {
    std::uint32_t where = 0;
    if (draft.fit == ClassEntry::Fit::Glob) {
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
    return ClassEntry{
        .row = draft.row,
        .rest = (where << ClassEntry::kFitBits) | static_cast<std::uint32_t>(draft.fit)};
  }

  // Writes the subtree of the sorted drafts [begin, end), whose prefixes agree up to `depth`, and
  // says where it is. Recursion is as deep as prefixes branch, bounded by the number of distinct
  // prefixes on one path.
  std::uint32_t node(const std::vector<ClassDraft>& drafts,
                     std::size_t begin,
                     std::size_t end,
                     std::size_t depth) {
    const std::string_view prefix = drafts[begin].prefix;
    const std::size_t common =
        std::min(common_length(prefix, drafts[end - 1].prefix), depth + kMost16);
    std::vector<ClassEntry> entries;
    std::size_t at = begin;
    for (; at < end && drafts[at].prefix.size() == common; ++at) {
      entries.push_back(entry_of(drafts[at]));
    }
    std::vector<std::size_t> children;
    std::string keys;
    for (std::size_t child = at; child < end; ++child) {
      if (child == at || drafts[child].prefix[common] != drafts[child - 1].prefix[common]) {
        children.push_back(child);
        keys += drafts[child].prefix[common];
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
               node(drafts, children[i], stop, common));
    }
    return place;
  }

  const PolicySet::Index& index_;
  ClassBody head_;
  ClassDrafter drafter_;
  std::vector<std::uint32_t> members_;
  std::vector<ClassDraft> deny_drafts_;
  std::vector<ClassDraft> allow_drafts_;
  std::vector<Group> groups_;
  std::vector<ClassGlob> globs_;
  TextNumbers leads_;
  TextNumbers regions_;
  TextNumbers accounts_;
  std::map<std::pair<std::string_view, Version>, std::uint32_t> glob_numbers_;
  std::map<std::string_view, std::uint32_t> text_places_;
  std::string block_;
  bool is_too_large_ = false;
};

}  // namespace

ClassBodyOwner build_class_body(const PolicySet::Index& index,
                                std::vector<std::uint32_t> class_rows) {
  return BlockWriter(index, std::move(class_rows)).run();
}

}  // namespace signet::policy
