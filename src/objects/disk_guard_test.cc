#include "objects/disk_guard.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "facts/errors.h"
#include "objects/object_store.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
constexpr const char* kBucket = "b/1";

TEST(DiskGuard, KeepsAShareOfTheFileSystemWithinBounds) {
  EXPECT_EQ(default_reserve(24 * kMiB), 6 * kMiB);
  EXPECT_EQ(default_reserve(256 * kMiB), 64 * kMiB);
  EXPECT_EQ(default_reserve(kGiB), 64 * kMiB);
  EXPECT_EQ(default_reserve(10 * kGiB), 512 * kMiB);
  EXPECT_EQ(default_reserve(1000 * kGiB), kGiB);
}

class GuardedStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-disk-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }

  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<ObjectStore> open(std::optional<std::uint64_t> reserve) {
    auto store = ObjectStore::open(
        {.folder = (folder_ / "objects").string(), .is_durable = true, .disk_reserve = reserve},
        random_);
    EXPECT_TRUE(store.has_value()) << store.error().cause;
    return std::move(store).value();
  }

  static Status put(ObjectStore& store, const std::string& key, const std::string& bytes) {
    StagedFile file = TRY(store.stage());
    TRY_STATUS(file.write(bytes));
    return store.put(kBucket, std::move(file), ObjectInfo{.key = key, .etag = "e"}, {});
  }

  static Status erase(ObjectStore& store, const std::string& key) {
    const std::string keys[] = {key};
    return store.erase(kBucket, keys, {});
  }

  static bool has(ObjectStore& store, const std::string& key) {
    const auto found = store.find(kBucket, key);
    return found && found->has_value();
  }

  fs::path folder_;
  crypto::SystemRandom random_;
};

TEST_F(GuardedStoreTest, BelowTheReserveNothingIsStoredAndEverythingElseGoesOn) {
  ASSERT_TRUE(put(*open(std::nullopt), "kept", "bytes"));
  const auto store = open(std::uint64_t{1} << 60U);

  const Status refused = put(*store, "more", "bytes");
  EXPECT_EQ(refused.error().code, ErrorCode::SlowDown);
  EXPECT_EQ(store->begin_upload(kBucket, UploadInfo{.id = "u", .key = "k"}).error().code,
            ErrorCode::SlowDown);
  EXPECT_TRUE(has(*store, "kept"));
  EXPECT_TRUE(erase(*store, "kept"));
  EXPECT_FALSE(has(*store, "kept"));
}

TEST_F(GuardedStoreTest, AFileThatGrowsPastTheRoomIsRefusedOnItsWay) {
  const auto roomy = open(std::nullopt);
  const std::uint64_t free = DiskGuard({.folder = folder_.string()}).look().free;
  if (free < 64 * kMiB) {
    GTEST_SKIP() << "needs 64 MiB of disk";
  }
  const DiskGuard guard({.folder = folder_.string(), .reserve = free - 32 * kMiB});

  EXPECT_TRUE(guard.admit(0));
  EXPECT_EQ(guard.admit(free).error().code, ErrorCode::SlowDown);
}

// A file system of its own, 24 MiB long.
class FullDiskTest : public GuardedStoreTest {
 protected:
  void SetUp() override {
    GuardedStoreTest::SetUp();
    const std::string command = "mount -t tmpfs -o size=24m tmpfs " + folder_.string() + " 2>&1";
    is_mounted_ = std::system((command + " >/dev/null").c_str()) == 0;
    if (!is_mounted_) {
      GTEST_SKIP() << "needs the right to mount";
    }
  }

  void TearDown() override {
    if (is_mounted_) {
      EXPECT_EQ(std::system(("umount " + folder_.string()).c_str()), 0);
    }
    GuardedStoreTest::TearDown();
  }

  // Takes all that is left, as another program on the same disk would.
  void fill() const {
    std::ofstream out(folder_ / "filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

  void make_room() const { fs::remove(folder_ / "filler"); }

  bool is_mounted_ = false;
};

TEST_F(FullDiskTest, ObjectsLeaveTheReserveAlone) {
  const auto store = open(0);
  Status status;
  int stored = 0;
  for (; status && stored < 100; ++stored) {
    status = put(*store, std::to_string(stored), std::string(kMiB, 'x'));
  }

  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::SlowDown);
  EXPECT_GE(stored, 10);
  EXPECT_GE(store->disk().look().free, 5 * kMiB);
}

TEST_F(FullDiskTest, DeletingWorksOnADiskThatOthersFilled) {
  const auto store = open(0);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(put(*store, std::to_string(i), std::string(1000, 'x')));
  }
  fill();
  ASSERT_EQ(put(*store, "more", "x").error().code, ErrorCode::SlowDown);

  for (int i = 0; i < 8; ++i) {
    const Status erased = erase(*store, std::to_string(i));
    EXPECT_TRUE(erased) << i << ": " << erased.error().cause;
  }
  EXPECT_FALSE(has(*store, "0"));
}

TEST_F(FullDiskTest, AStartOnAFullDiskServesWhatIsThereAndStoresAgainWhenThereIsRoom) {
  ASSERT_TRUE(put(*open(0), "kept", "bytes"));
  fs::remove(folder_ / "objects" / "ballast");
  fill();

  const auto store = open(0);
  EXPECT_TRUE(has(*store, "kept"));
  EXPECT_EQ(put(*store, "more", "x").error().code, ErrorCode::SlowDown);

  make_room();
  const Status stored = put(*store, "more", "x");
  EXPECT_TRUE(stored) << stored.error().cause;
  EXPECT_TRUE(has(*store, "more"));
}

}  // namespace
}  // namespace signet::objects
