#include "objects/removal.h"

#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "facts/errors.h"
#include "objects/impl/database.h"
#include "objects/object_store.h"
#include "objects/uploads_for_test.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBucket = "b/1";

ErrorCode code_of(const Status& status) {
  return status ? ErrorCode{} : status.error().code;
}

class RemovalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-removal-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    open();
  }

  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  // As after a restart.
  void open() {
    store_.reset();
    store_ = ObjectStore::open({.folder = folder_.string(), .is_durable = false}, random_).value();
  }

  Status put(std::string_view bucket = kBucket) {
    return store_->put(bucket, TRY(store_->stage()), {.key = "k"}, {});
  }

  void upload_parts(const std::string& id, int count) {
    ASSERT_TRUE(store_->begin_upload(kBucket, {.id = id, .key = "k"}).has_value());
    for (int i = 1; i <= count; ++i) {
      ASSERT_TRUE(
          store_->put_part(kBucket, "k", id, store_->stage().value(), {.number = i}).has_value());
    }
  }

  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "data")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  // Steps until there is nothing to do; how many removed something and left more.
  int run_to_the_end() {
    Removal removal(
        *store_, [this](std::string_view bucket) { return kept_.contains(std::string(bucket)); });
    int steps = 0;
    while (removal.step().value()) {
      steps += 1;
    }
    return steps;
  }

  fs::path folder_;
  crypto::SystemRandom random_;
  std::unique_ptr<ObjectStore> store_;
  std::set<std::string> kept_;  // buckets that the directory has
};

TEST_F(RemovalTest, ObjectsGoWithABucketThatMayTakeThem) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store_->put(kBucket, store_->stage().value(), {.key = std::to_string(i)}, {}));
  }
  upload_parts("u", 3);
  ASSERT_TRUE(put("b/2"));
  EXPECT_EQ(store_->close(kBucket).error().code, ErrorCode::BucketNotEmpty);
  static_cast<void>(store_->close(kBucket, Contents::Remove).value());
  EXPECT_EQ(files(), 204U) << "nothing goes before it is decided";
  kept_ = {"b/2"};

  EXPECT_GT(run_to_the_end(), 2) << "in steps";

  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(store_->find("b/2", "k").value().has_value());
}

TEST_F(RemovalTest, ObjectsOfABucketThatWasKeptAfterAllStay) {
  ASSERT_TRUE(put());
  static_cast<void>(store_->close(kBucket, Contents::Remove).value());
  kept_ = {kBucket};
  open();  // a crash before the answer

  run_to_the_end();

  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(code_of(put()), ErrorCode{});
}

TEST_F(RemovalTest, ABucketThatIsBeingDeletedTakesNothing) {
  upload_parts("u", 1);
  const auto hold = store_->close(kBucket);
  ASSERT_TRUE(hold.has_value());

  EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted);
  EXPECT_EQ(code_of(store_->begin_upload(kBucket, {.id = "v", .key = "k"})),
            ErrorCode::OperationAborted);
  EXPECT_EQ(
      code_of(store_->put_part(kBucket, "k", "u", store_->stage().value(), PartInfo{.number = 2})),
      ErrorCode::OperationAborted);
  EXPECT_EQ(code_of(store_->complete_upload(
                kBucket, "u", store_->stage().value(), ObjectInfo{.key = "k"}, {})),
            ErrorCode::OperationAborted);
  EXPECT_EQ(code_of(put("b/2")), ErrorCode{}) << "another one does";
  EXPECT_EQ(files(), 2U) << "nothing but the part and the other bucket's object";
}

TEST_F(RemovalTest, ABucketWithObjectsIsNotClosed) {
  ASSERT_TRUE(put().has_value());
  const auto hold = store_->close(kBucket);
  ASSERT_FALSE(hold.has_value());
  EXPECT_EQ(hold.error().code, ErrorCode::BucketNotEmpty);
  EXPECT_EQ(code_of(put()), ErrorCode{});
}

TEST_F(RemovalTest, WhatWasNotDeletedIsOpenAgain) {
  upload_parts("u", 1);
  kept_ = {kBucket};
  {
    const auto hold = store_->close(kBucket);
    run_to_the_end();
    EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted) << "somebody is still at it";
  }
  run_to_the_end();
  EXPECT_EQ(code_of(put()), ErrorCode{});
  EXPECT_EQ(store_->parts("u").value().size(), 1U);
}

// The second deletion fails because the first one has the bucket; that opens nothing.
TEST_F(RemovalTest, OneOfTwoDeletionsIsEnough) {
  kept_ = {kBucket};
  auto first = std::make_unique<Result<BucketHold>>(store_->close(kBucket));
  auto second = std::make_unique<Result<BucketHold>>(store_->close(kBucket));
  second.reset();
  run_to_the_end();
  EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted);
  kept_.clear();  // the first one's commit
  first.reset();
  run_to_the_end();
  EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted);
}

TEST_F(RemovalTest, AnAnswerThatIsOldOpensNothing) {
  ClosedBuckets buckets;
  buckets.hold("b");
  buckets.let_go("b");
  const ClosedBuckets::Unsettled seen = buckets.unsettled().at(0);
  buckets.hold("b");
  buckets.open(seen);
  EXPECT_TRUE(buckets.contains("b"));
  buckets.let_go("b");
  buckets.open(seen);
  EXPECT_TRUE(buckets.contains("b"));
  buckets.open(buckets.unsettled().at(0));
  EXPECT_FALSE(buckets.contains("b"));
}

TEST_F(RemovalTest, RemovesInBoundedSteps) {
  upload_parts("u", 150);
  upload_parts("v", 10);
  upload_parts("w", 0);
  static_cast<void>(store_->close(kBucket));

  EXPECT_EQ(run_to_the_end(), 2);

  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(count_uploads(*store_, kBucket), 0U);
  EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted) << "its id is never used again";
  EXPECT_TRUE(store_->closed().unsettled().empty());
}

TEST_F(RemovalTest, IsFinishedAfterARestart) {
  upload_parts("u", 150);
  {
    const auto hold = store_->close(kBucket);
    ASSERT_TRUE(hold.has_value());
  }
  ASSERT_TRUE(Removal(*store_, [](std::string_view) { return false; }).step().value());
  EXPECT_GT(files(), 0U);

  open();
  EXPECT_EQ(code_of(put()), ErrorCode::OperationAborted);
  run_to_the_end();
  EXPECT_EQ(files(), 0U);

  open();
  EXPECT_TRUE(store_->closed().unsettled().empty()) << "nothing is left to be known of it";
}

TEST_F(RemovalTest, ADeletionThatACrashPreventedIsForgottenAfterARestart) {
  upload_parts("u", 1);
  kept_ = {kBucket};
  const std::unique_ptr<ObjectStore> killed = std::move(store_);
  const auto hold = killed->close(kBucket);
  ASSERT_TRUE(hold.has_value());
  const fs::path copy = folder_.string() + "-copy";  // as kill -9 leaves it
  fs::copy(folder_, copy, fs::copy_options::recursive);
  store_ = ObjectStore::open({.folder = copy.string(), .is_durable = false}, random_).value();
  run_to_the_end();
  EXPECT_EQ(code_of(put()), ErrorCode{});
  EXPECT_EQ(store_->parts("u").value().size(), 1U);
  store_.reset();
  fs::remove_all(copy);
}

TEST_F(RemovalTest, OneThatCannotBeRemovedIsInNobodysWay) {
  upload_parts("u", 1);
  ASSERT_TRUE(store_->begin_upload("b/2", {.id = "other", .key = "k"}).has_value());
  store_.reset();
  ASSERT_TRUE(impl::Database::open((folder_ / "index.db").string(), false)
                  .value()
                  ->execute("CREATE TRIGGER stuck BEFORE DELETE ON upload "
                            "WHEN OLD.id = CAST('u' AS BLOB) BEGIN SELECT RAISE(ABORT, 'no'); END")
                  .has_value());
  open();
  static_cast<void>(store_->close(kBucket));
  static_cast<void>(store_->close("b/2"));
  Removal removal(*store_, [](std::string_view) { return false; });
  int failures = 0;
  for (int i = 0; i < 4; ++i) {
    failures += removal.step() ? 0 : 1;
  }
  EXPECT_GT(failures, 0);
  EXPECT_EQ(count_uploads(*store_, "b/2"), 0U);
}

}  // namespace
}  // namespace signet::objects
