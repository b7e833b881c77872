#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "identity/kinds/kind.h"
#include "identity/stored_document.h"

namespace signet::identity {

// Goes through the fields of an entity (Kind<T>::fields) and makes its documents the pooled ones.
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
