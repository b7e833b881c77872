#include "identity/stored_document.h"

#include <utility>

namespace signet::identity {

StoredDocument::StoredDocument(std::string text) : text_(std::move(text)) {}

const policy::PolicyRef& StoredDocument::policy() const {
  return policy_.get([this] { return policy::compile_text(text_); });
}

DocumentRef make_document(std::string text) {
  return std::make_shared<const StoredDocument>(std::move(text));
}

}  // namespace signet::identity
