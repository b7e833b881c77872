#include "objects/customer_key.h"

#include <optional>
#include <utility>

#include "codec/base64.h"
#include "crypto/mixed_key.h"

namespace signet::objects {
namespace {

// On disk: do not change.
constexpr std::string_view kLabel = "customer key mark/";

}  // namespace

std::string mark_of(const Secret& key, Random& random) {
  return codec::encode_base64(crypto::mark_of(kLabel, key, random));
}

bool is_mark_of(std::string_view mark, const Secret& key) {
  const auto bytes = codec::decode_base64(mark);
  return bytes && crypto::is_mark_of(kLabel, *bytes, key);
}

std::string_view stored_mark(const StoredHeaders& stored) {
  return stored_header(stored, kCustomerKeyHeader).value_or("");
}

void set_stored_mark(StoredHeaders& stored, std::string mark) {
  set_stored_header(
      stored, kCustomerKeyHeader, mark.empty() ? std::nullopt : std::optional(std::move(mark)));
}

}  // namespace signet::objects
