#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "identity/kinds/parts.h"

namespace signet::identity {

// Makes equal lists one object, as DocumentPool does with texts.
template <class T>
class ListPool {
 public:
  // The pooled list with these items: `list` itself if it is the first.
  [[nodiscard]] SharedList<T> intern(const SharedList<T>& list);

  [[nodiscard]] std::size_t size() const { return lists_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const SharedList<T>& list) const;
  };

  struct Equal {
    bool operator()(const SharedList<T>& a, const SharedList<T>& b) const;
  };

  // Forgets lists that at most one entity has: of many that differ nothing is kept.
  void sweep();

  std::unordered_set<SharedList<T>, Hash, Equal> lists_;
  std::size_t sweep_at_ = 1024;
};

// Makes equal texts of documents one object, and equal lists of what many entities have alike:
// tags, inline policies, attached policies, pins. Used by one thread (the directory's writer).
class DocumentPool {
 public:
  // The pooled document with this text: `document` itself if it is the first. Null stays null.
  [[nodiscard]] DocumentRef intern(const DocumentRef& document);

  // The same for a text that is not in a document yet; copies it only if it is new.
  [[nodiscard]] DocumentRef intern(std::string_view text);

  // The same for a list; its documents must be pooled ones. Lists of other items stay as they are.
  template <class T>
  [[nodiscard]] SharedList<T> intern(SharedList<T> list) {
    if constexpr (kIsPooled<T>) {
      return list.empty() ? list : std::get<ListPool<T>>(lists_).intern(list);
    } else {
      return list;
    }
  }

  // Of documents.
  [[nodiscard]] std::size_t size() const { return documents_.size(); }

 private:
  template <class T>
  static constexpr bool kIsPooled =
      std::is_same_v<T, Tag> || std::is_same_v<T, std::string> || std::is_same_v<T, InlinePolicy> ||
      std::is_same_v<T, PrincipalPin>;

  DocumentRef add(DocumentRef document);
  // Forgets documents that only the pool holds.
  void sweep();

  // Keys are views into the documents.
  std::unordered_map<std::string_view, DocumentRef> documents_;
  std::size_t sweep_at_ = 1024;
  std::tuple<ListPool<Tag>, ListPool<std::string>, ListPool<InlinePolicy>, ListPool<PrincipalPin>>
      lists_;
};

}  // namespace signet::identity
