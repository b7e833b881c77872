#pragma once

#include <memory>
#include <string>

#include "identity/lazy.h"
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
  ~StoredDocument() = default;

  [[nodiscard]] const std::string& text() const { return text_; }

  // The compiled policy, made on the first call and kept. Null when the text is no policy document:
  // a set made with it denies everything. The reference lives as long as this document.
  [[nodiscard]] const policy::PolicyRef& policy() const;

 private:
  std::string text_;
  Lazy<policy::PolicyRef> policy_;
};

using DocumentRef = std::shared_ptr<const StoredDocument>;

// A document for an entity that is about to be put into a transaction.
[[nodiscard]] DocumentRef make_document(std::string text);

}  // namespace signet::identity
