#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "objects/file_reader.h"
#include "objects/impl/database.h"
#include "objects/keys_for_test.h"
#include "objects/object_store.h"

namespace signet::objects {

// A store that encrypts, in a folder of its own.
class EncryptedStoreTest : public testing::Test {
 protected:
  static constexpr const char* kBucket = "b/1";

  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "signet-objects-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    folder_ = root_ / "objects";
    keys_ = keys_for_test(random_);
    reopen(keys_);
  }

  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(root_);
  }

  std::unique_ptr<ObjectStore> open(const std::filesystem::path& folder,
                                    std::shared_ptr<const crypto::SecretBox> keys,
                                    const Quota& quota = Quota()) {
    auto opened = ObjectStore::open(
        {.folder = folder.string(), .is_durable = false, .quota = quota, .keys = std::move(keys)},
        random_);
    EXPECT_TRUE(opened.has_value()) << opened.error().cause;
    return std::move(opened).value_or(nullptr);
  }

  void reopen(std::shared_ptr<const crypto::SecretBox> keys, const Quota& quota = Quota()) {
    store_.reset();
    store_ = open(folder_, std::move(keys), quota);
    ASSERT_NE(store_, nullptr);
  }

  static Result<std::string> read(const OpenObject& object,
                                  std::uint64_t offset,
                                  std::uint64_t length) {
    FileReader reader(object, offset, length);
    std::string out;
    while (true) {
      const std::string piece = TRY(reader.take_next());
      if (piece.empty()) {
        return out;
      }
      out += piece;
    }
  }

  // How many files the store has in its folder of data.
  [[nodiscard]] std::size_t count_files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "data")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  // How many objects and parts the bytes of which lie there: in files, and in the index.
  [[nodiscard]] std::size_t count_bodies() const {
    const auto index = impl::Database::open((folder_ / "index.db").string(), false).value();
    return count_files() +
           static_cast<std::size_t>(index->number("SELECT count(*) FROM bytes").value());
  }

  std::filesystem::path root_;
  std::filesystem::path folder_;  // the store's, in it
  crypto::SystemRandom random_;
  std::shared_ptr<const crypto::SecretBox> keys_;
  std::unique_ptr<ObjectStore> store_;
};

}  // namespace signet::objects
