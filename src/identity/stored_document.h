#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy_engine/policy_set.h"

namespace signet::identity {

// The text of a policy exactly as it was given, and the policy it parses to. Equal texts are one
// object once they went through a transaction or the loader, so a text is parsed at most once
// however many entities carry it. Immutable; safe to share between threads.
class StoredDocument {
 public:
  explicit StoredDocument(std::string text);
  StoredDocument(const StoredDocument&) = delete;
  StoredDocument& operator=(const StoredDocument&) = delete;
  StoredDocument(StoredDocument&&) = delete;
  StoredDocument& operator=(StoredDocument&&) = delete;
  ~StoredDocument();

  [[nodiscard]] const std::string& text() const { return text_; }

  // The compiled policy, made on the first call and kept. Null when the text is no policy document:
  // a set made with it denies everything. The reference lives as long as this document.
  [[nodiscard]] const policy::PolicyRef& policy() const;

 private:
  std::string text_;
  mutable std::atomic<const policy::PolicyRef*> policy_ = nullptr;
};

using DocumentRef = std::shared_ptr<const StoredDocument>;

// A document for an entity that is about to be put into a transaction.
[[nodiscard]] DocumentRef make_document(std::string text);

// Makes equal texts one object. Used by one thread (the directory's writer).
class DocumentPool {
 public:
  // The pooled document with this text: `document` itself if it is the first. Null stays null.
  [[nodiscard]] DocumentRef intern(const DocumentRef& document);

  // The same for a text that is not in a document yet; copies it only if it is new.
  [[nodiscard]] DocumentRef intern(std::string_view text);

  [[nodiscard]] std::size_t size() const { return documents_.size(); }

 private:
  DocumentRef add(DocumentRef document);
  // Forgets documents that only the pool holds.
  void sweep();

  // Keys are views into the documents.
  std::unordered_map<std::string_view, DocumentRef> documents_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace signet::identity
