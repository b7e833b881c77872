#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/random.h"
#include "base/result.h"
#include "crypto/key_wrap.h"
#include "identity/entities.h"

namespace signet::identity {

class DocumentPool;

// The version of all records together (store/schema.h).
inline constexpr std::uint32_t kSchemaVersion = 3;

// Keys that hold wrapped data keys instead of records begin with this (docs/formats/store.md).
inline constexpr std::string_view kDataKeyPrefix = "g/datakey/";

// Under which key a record lies.
template <class T>
[[nodiscard]] std::string record_key(const T& entity) {
  return Kind<T>::record_key(entity);
}

// The bytes of a record (docs/formats/records.md). T is any of Kinds.
template <class T>
[[nodiscard]] std::string encode_record(const T& entity,
                                        const crypto::SecretBox& box,
                                        Random& random);

namespace detail {

template <class... T>
std::variant<T...> any_of(Types<T...>);

}  // namespace detail

using AnyRecord = decltype(detail::any_of(Kinds()));

// The entity in a record. Refuses everything that encode_record() of this version does not write,
// and a record that lies under the wrong key: ServiceFailure whose cause names the key and the
// defect, never the content.
[[nodiscard]] Result<AnyRecord> decode_record(std::string_view key,
                                              std::string_view value,
                                              const crypto::SecretBox& box,
                                              DocumentPool& documents);

}  // namespace signet::identity
