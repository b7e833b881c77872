#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/document_pool.h"
#include "identity/kinds/kind.h"

namespace signet::identity {

// Goes through the fields of an entity (Kind<T>::fields) and makes its documents, and the lists
// that entities share, the pooled ones.
class DocumentInterner {
 public:
  explicit DocumentInterner(DocumentPool& pool) : pool_(pool) {}

  void document(std::uint32_t, DocumentRef& value) { value = pool_.intern(value); }

  template <class T>
  void maybe(std::uint32_t, std::optional<T>& value) {
    if (value) {
      Fields<T>::describe(*this, *value);
    }
  }

  template <class T>
  void list(std::uint32_t, std::vector<T>& values) {
    for (T& value : values) {
      Fields<T>::describe(*this, value);
    }
  }

  template <class T>
  void list(std::uint32_t field, SharedList<T>& values) {
    std::vector<T> items = *values;
    list(field, items);
    values = pool_.intern(SharedList<T>(std::move(items)));
  }

  void texts(std::uint32_t, SharedList<std::string>& values) { values = pool_.intern(values); }

  void text(std::uint32_t, const auto&) {}

  void texts(std::uint32_t, const auto&) {}

  void number(std::uint32_t, const auto&) {}

  void signed_number(std::uint32_t, const auto&) {}

  void flag(std::uint32_t, const auto&) {}

  void maybe_flag(std::uint32_t, const auto&) {}

  void instant(std::uint32_t, const auto&) {}

  void enumeration(std::uint32_t, const auto&, auto, auto) {}

  void secret(std::uint32_t, const auto&) {}

 private:
  DocumentPool& pool_;
};

}  // namespace signet::identity
