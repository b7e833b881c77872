#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "objects/object_info.h"

namespace signet::objects {

// Keys that clients give with each request for objects of theirs (SSE-C). A file that is written
// with one opens with it alone; the key itself is kept nowhere.
using CustomerKey = std::shared_ptr<const Secret>;

// Bytes of such a key.
inline constexpr std::size_t kCustomerKeySize = 32;

// The stored header that tells by which key an object's bytes open: a salt, and the HMAC of it with
// the key. It is shown to nobody.
inline constexpr std::string_view kCustomerKeyHeader = "x-amz-server-side-encryption-customer-key";

// A new mark of a key, with a salt of its own.
[[nodiscard]] std::string mark_of(const Secret& key, Random& random);

// Whether a mark is of this key. False for a text that mark_of() did not make.
[[nodiscard]] bool is_mark_of(std::string_view mark, const Secret& key);

// The mark among what is stored with an object or an upload; empty: its bytes need no key.
[[nodiscard]] std::string_view stored_mark(const StoredHeaders& stored);
// Replaces it; an empty text takes it away.
void set_stored_mark(StoredHeaders& stored, std::string mark);

}  // namespace signet::objects
