#include "identity/document_pool.h"

#include <algorithm>
#include <functional>
#include <memory>

namespace signet::identity {
namespace {

std::size_t mixed(std::size_t a, std::size_t b) {
  return (a ^ b) * 0x9E3779B97F4A7C15U;
}

std::size_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

std::size_t hash_of(const Tag& tag) {
  return mixed(hash_of(tag.key), hash_of(tag.value));
}

std::size_t hash_of(const PrincipalPin& pin) {
  return mixed(hash_of(pin.arn), hash_of(pin.id));
}

// Of pooled documents the pointers tell.
std::size_t hash_of(const InlinePolicy& policy) {
  return mixed(hash_of(policy.name), std::hash<DocumentRef>{}(policy.document));
}

bool is_same(const Tag& a, const Tag& b) {
  return a == b;
}

bool is_same(const std::string& a, const std::string& b) {
  return a == b;
}

bool is_same(const PrincipalPin& a, const PrincipalPin& b) {
  return a.arn == b.arn && a.id == b.id;
}

bool is_same(const InlinePolicy& a, const InlinePolicy& b) {
  return a.name == b.name && a.document == b.document;
}

}  // namespace

template <class T>
std::size_t ListPool<T>::Hash::operator()(const SharedList<T>& list) const {
  std::size_t hash = list.size();
  for (const T& item : list) {
    hash = mixed(hash, hash_of(item));
  }
  return hash;
}

template <class T>
bool ListPool<T>::Equal::operator()(const SharedList<T>& a, const SharedList<T>& b) const {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return is_same(x, y); });
}

template <class T>
SharedList<T> ListPool<T>::intern(const SharedList<T>& list) {
  if (lists_.size() >= sweep_at_) {
    sweep();
  }
  return *lists_.insert(list).first;
}

template <class T>
void ListPool<T>::sweep() {
  std::erase_if(lists_, [](const SharedList<T>& list) { return list.use_count() <= 2; });
  sweep_at_ = lists_.size() * 2 + 1024;
}

template class ListPool<Tag>;
template class ListPool<std::string>;
template class ListPool<InlinePolicy>;
template class ListPool<PrincipalPin>;

DocumentRef DocumentPool::intern(const DocumentRef& document) {
  if (document == nullptr) {
    return nullptr;
  }
  const auto known = documents_.find(document->text());
  return known != documents_.end() ? known->second : add(document);
}

DocumentRef DocumentPool::intern(std::string_view text) {
  const auto known = documents_.find(text);
  return known != documents_.end() ? known->second : add(make_document(std::string(text)));
}

DocumentRef DocumentPool::add(DocumentRef document) {
  if (documents_.size() >= sweep_at_) {
    sweep();
  }
  documents_.emplace(document->text(), document);
  return document;
}

void DocumentPool::sweep() {
  std::erase_if(documents_, [](const auto& entry) { return entry.second.use_count() == 1; });
  sweep_at_ = documents_.size() * 2 + 1024;
}

}  // namespace signet::identity
