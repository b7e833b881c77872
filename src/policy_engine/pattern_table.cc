#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "policy_engine/class_draft.h"
#include "policy_engine/index_builder.h"

// Building the pattern table of a set.

namespace signet::policy {
namespace {

class TableWriter {
 public:
  explicit TableWriter(const IndexRows& index) : index_(index) {}

  std::unique_ptr<const PatternTable> run() {
    if (index_.rows.size() > PatternTable::kMostRows) {
      return nullptr;
    }
    std::vector<std::uint32_t> rows(index_.rows.size());
    std::iota(rows.begin(), rows.end(), 0U);
    const std::vector<ClassDraft> drafts = drafter_.make(index_, rows);
    if (drafts.size() > PatternTable::kMostPatterns) {
      return nullptr;
    }
    table_ = std::make_unique<PatternTable>();
    table_->patterns.reserve(drafts.size());
    const ClassDraft* before = nullptr;
    for (const ClassDraft& draft : drafts) {
      if (draft.prefix.size() > std::numeric_limits<std::uint16_t>::max()) {
        return nullptr;
      }
      if (before == nullptr || before->head != draft.head) {
        add_head(draft);
      }
      add_pattern(draft);
      before = &draft;
    }
    table_->heads.shrink_to_fit();
    table_->odd_heads.shrink_to_fit();
    table_->globs.shrink_to_fit();
    table_->texts.shrink_to_fit();
    return table_->texts.size() <= RestTest::kMostWhere ? std::move(table_) : nullptr;
  }

 private:
  void add_head(const ClassDraft& draft) {
    if (const std::optional<HeadPattern> head = head_of(*draft.pattern)) {
      head_ = static_cast<std::uint16_t>(table_->heads.size());
      table_->heads.push_back(*head);
    } else {
      head_ = static_cast<std::uint16_t>(PatternTable::kFirstOddHead + table_->odd_heads.size());
      table_->odd_heads.push_back(odd_head_of(index_, draft));
    }
  }

  void add_pattern(const ClassDraft& draft) {
    constexpr std::size_t kSeen = sizeof(TablePattern::first_bytes);
    TablePattern made{.first_bytes = first_bytes(draft.prefix),
                      .rest = RestTest::of(draft.fit, where(draft)),
                      .size = static_cast<std::uint16_t>(draft.prefix.size()),
                      .head = head_,
                      .row = static_cast<std::uint8_t>(draft.row),
                      .seen = static_cast<std::uint8_t>(std::min(draft.prefix.size(), kSeen))};
    if (draft.prefix.size() > kSeen) {
      made.text = place_of(prefixes_, draft.prefix.substr(kSeen), [this](std::string_view text) {
        table_->texts += text;
      });
    }
    table_->patterns.push_back(made);
  }

  std::uint32_t where(const ClassDraft& draft) {
    if (draft.fit == RestTest::Fit::Glob) {
      const auto [at, is_new] = glob_numbers_.emplace(
          std::pair(draft.tail, draft.version), static_cast<std::uint32_t>(table_->globs.size()));
      if (is_new) {
        table_->globs.push_back(draft.glob);
      }
      return at->second;
    }
    if (draft.rest.empty()) {
      return 0;
    }
    return place_of(rests_, draft.rest, [this](std::string_view text) {
      const auto size = static_cast<std::uint16_t>(text.size());
      table_->texts.append(reinterpret_cast<const char*>(&size), sizeof size);
      table_->texts += text;
    });
  }

  // Where a text stands; it is written when it is met first.
  template <class Write>
  std::uint32_t place_of(std::map<std::string_view, std::uint32_t>& places,
                         std::string_view text,
                         Write write) {
    const auto [at, is_new] =
        places.emplace(text, static_cast<std::uint32_t>(table_->texts.size()));
    if (is_new) {
      write(text);
    }
    return at->second;
  }

  const IndexRows& index_;
  ClassDrafter drafter_;
  std::unique_ptr<PatternTable> table_;
  std::uint16_t head_ = 0;
  std::map<std::string_view, std::uint32_t> prefixes_;
  std::map<std::string_view, std::uint32_t> rests_;
  std::map<std::pair<std::string_view, Version>, std::uint32_t> glob_numbers_;
};

template <class T>
std::size_t bytes_of(const std::vector<T>& items) {
  return items.capacity() * sizeof(T);
}

}  // namespace

std::size_t PatternTable::memory() const {
  return sizeof(PatternTable) + bytes_of(heads) + bytes_of(odd_heads) + bytes_of(patterns) +
         bytes_of(globs) + texts.capacity();
}

std::unique_ptr<const PatternTable> build_pattern_table(const IndexRows& index) {
  return TableWriter(index).run();
}

}  // namespace signet::policy
