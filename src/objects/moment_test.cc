#include "objects/moment.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "facts/errors.h"
#include "objects/file_reader.h"
#include "objects/object_store.h"
#include "objects/stored_bytes.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBucket = "b/1";

class MomentTest : public testing::Test {
 protected:
  MomentTest() {
    std::string pattern = (fs::temp_directory_path() / "signet-moment-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    store_ = open(root_ / "objects");
  }

  ~MomentTest() override {
    store_.reset();
    fs::remove_all(root_);
  }

  MomentTest(const MomentTest&) = delete;
  MomentTest& operator=(const MomentTest&) = delete;
  MomentTest(MomentTest&&) = delete;
  MomentTest& operator=(MomentTest&&) = delete;

  std::unique_ptr<ObjectStore> open(const fs::path& folder, const std::string& id = {}) {
    auto opened =
        ObjectStore::open({.folder = folder.string(), .is_durable = false, .id = id}, random_);
    EXPECT_TRUE(opened) << opened.error().cause;
    return std::move(opened).value_or(nullptr);
  }

  void put(const std::string& key, const std::string& bytes) {
    StagedFile file = store_->stage().value();
    ASSERT_TRUE(file.write(bytes).has_value());
    ASSERT_TRUE(store_->put(kBucket, std::move(file), {.key = key}, {}).has_value());
  }

  std::unique_ptr<Moment> hold() {
    auto held = store_->hold_moment([] { return Status(); });
    EXPECT_TRUE(held) << held.error().cause;
    return std::move(held).value_or(nullptr);
  }

  static std::string bytes_of(ObjectStore& store, const std::string& key) {
    const auto object = store.open_object(kBucket, key);
    if (!object || !*object) {
      return "(none)";
    }
    FileReader reader(**object, 0, (*object)->info.size);
    return std::string(reader.next().value_or("(unreadable)"));
  }

  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "objects" / "data")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  fs::path root_;
  crypto::SystemRandom random_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(MomentTest, WhatWasThereIsCopiedThoughItGoesMeanwhile) {
  put("gone", "first");
  put("changed", "old");
  std::unique_ptr<Moment> moment = hold();
  ASSERT_TRUE(store_->erase(kBucket, std::vector<std::string>{"gone"}, {}));
  put("changed", "new");
  put("later", "later");
  EXPECT_EQ(files(), 4U) << "the old files stay as long as the moment does";

  const auto copied = moment->copy_to((root_ / "copy").string());

  ASSERT_TRUE(copied) << copied.error().cause;
  EXPECT_EQ(copied->objects, 2U);
  EXPECT_EQ(copied->bytes, 8U);
  moment.reset();
  EXPECT_EQ(files(), 2U) << "and go with it";
  const auto copy = open(root_ / "copy", store_->id());
  EXPECT_EQ(bytes_of(*copy, "gone"), "first");
  EXPECT_EQ(bytes_of(*copy, "changed"), "old");
  EXPECT_EQ(bytes_of(*copy, "later"), "(none)");
  EXPECT_EQ(bytes_of(*store_, "changed"), "new");
}

TEST_F(MomentTest, TheSameMomentIsThatOfWhoRunsWithIt) {
  put("before", "1");
  const auto held = store_->hold_moment([] {
    return Status(std::unexpected(
        Error{.code = ErrorCode::InvalidInput, .message = "no", .fields = {}, .cause = {}}));
  });
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message, "no");
  put("after", "2");
  EXPECT_EQ(bytes_of(*store_, "after"), "2") << "writes go on";
  ASSERT_TRUE(store_->erase(kBucket, std::vector<std::string>{"after"}, {}));
  EXPECT_EQ(files(), 1U) << "nothing is held any more";
}

TEST_F(MomentTest, PartsOfUnfinishedUploadsAreCopied) {
  ASSERT_TRUE(store_->begin_upload(kBucket, {.id = "u", .key = "k"}).has_value());
  ASSERT_TRUE(store_->put_part(kBucket, "k", "u", store_->stage().value(), {.number = 1}));
  const auto copied = hold()->copy_to((root_ / "copy").string());
  ASSERT_TRUE(copied) << copied.error().cause;
  EXPECT_EQ(copied->objects, 1U);
  EXPECT_EQ(open(root_ / "copy")->parts("u").value().size(), 1U);
}

}  // namespace
}  // namespace signet::objects
