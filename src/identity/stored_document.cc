#include "identity/stored_document.h"

#include <utility>

namespace signet::identity {

StoredDocument::StoredDocument(std::string text) : text_(std::move(text)) {}

StoredDocument::~StoredDocument() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): an atomic pointer owns it
  delete policy_.load(std::memory_order_acquire);
}

const policy::PolicyRef& StoredDocument::policy() const {
  const policy::PolicyRef* known = policy_.load(std::memory_order_acquire);
  if (known != nullptr) {
    return *known;
  }
  // Two threads may both parse at first; one result stays.
  auto made = std::make_unique<const policy::PolicyRef>(policy::compile_text(text_));
  if (policy_.compare_exchange_strong(
          known, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
    return *made.release();
  }
  return *known;
}

DocumentRef make_document(std::string text) {
  return std::make_shared<const StoredDocument>(std::move(text));
}

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
