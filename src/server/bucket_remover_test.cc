#include "server/bucket_remover.h"

#include <atomic>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "objects/uploads_for_test.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

class BucketRemoverTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-remover-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    store_ = objects::ObjectStore::open({.folder = folder_.string(), .is_durable = false}, random_)
                 .value();
    for (int number = 1; number <= 200; ++number) {
      if (number == 1) {
        ASSERT_TRUE(store_->begin_upload("b/1", {.id = "u", .key = "k"}).has_value());
      }
      ASSERT_TRUE(store_->put_part("b/1", "k", "u", store_->stage().value(), {.number = number})
                      .has_value());
    }
  }

  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  fs::path folder_;
  crypto::SystemRandom random_;
  std::unique_ptr<objects::ObjectStore> store_;
  std::atomic<bool> is_kept_ = true;
};

TEST_F(BucketRemoverTest, RemovesWhatADeletedBucketLeft) {
  BucketRemover remover(*store_, [this](std::string_view) { return is_kept_.load(); });
  {
    const auto hold = store_->close("b/1");
    ASSERT_TRUE(hold.has_value());
    is_kept_ = false;
  }
  remover.wait_until_idle();
  EXPECT_EQ(objects::count_uploads(*store_, "b/1"), 0U);
}

TEST_F(BucketRemoverTest, OpensWhatWasNotDeletedBeforeItIsReady) {
  static_cast<void>(store_->close("b/1"));
  const BucketRemover remover(*store_, [this](std::string_view) { return is_kept_.load(); });
  EXPECT_FALSE(store_->closed().contains("b/1"));
  EXPECT_EQ(store_->parts("u").value().size(), 200U);
}

TEST_F(BucketRemoverTest, StopsInTheMiddle) {
  is_kept_ = false;
  static_cast<void>(store_->close("b/1"));
  {
    const BucketRemover remover(*store_, [this](std::string_view) { return is_kept_.load(); });
  }
  BucketRemover again(*store_, [this](std::string_view) { return is_kept_.load(); });
  again.wait_until_idle();
  EXPECT_EQ(objects::count_uploads(*store_, "b/1"), 0U);
}

}  // namespace
}  // namespace signet::server
