#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "identity/document_pool.h"
#include "identity/fixture_for_test.h"
#include "identity/record.h"

namespace signet::identity {

// Records as they are written and read, with one sealing key.
class RecordTest : public testing::Test {
 protected:
  template <class T>
  std::string encode(const T& entity) {
    return encode_record(entity, box_, random_);
  }

  std::string failure(std::string_view key, std::string_view value) {
    const Result<AnyRecord> decoded = decode_record(key, value, box_, documents_);
    return decoded ? "" : decoded.error().cause;
  }

  template <class T>
  T round_trip(const T& entity) {
    const Result<AnyRecord> decoded =
        decode_record(record_key(entity), encode(entity), box_, documents_);
    EXPECT_TRUE(decoded.has_value()) << (decoded ? "" : decoded.error().cause);
    return decoded ? std::get<T>(*decoded) : T();
  }

  static std::vector<crypto::NamedKey> one_key(char fill) {
    std::vector<crypto::NamedKey> keys;
    keys.push_back({.id = 1, .bytes = Secret(std::string(32, fill))});
    return keys;
  }

  CountingRandom random_;
  crypto::SecretBox box_ = crypto::SecretBox(one_key('k'));
  DocumentPool documents_;
};

}  // namespace signet::identity
