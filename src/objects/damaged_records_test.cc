// Records of the index that are not what was written: nobody reads them, their owner can replace
// and remove them.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "crypto/random.h"
#include "facts/errors.h"
#include "objects/file_reader.h"
#include "objects/impl/database.h"
#include "objects/object_store.h"
#include "objects/removal.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBucket = "b/1";

// The bytes of "other" are named by the record of "k" too.
constexpr const char* kStolenFile =
    "UPDATE object SET file = (SELECT file FROM object WHERE key = x'6F74686572') WHERE key = "
    "x'6B'";

const std::vector<std::string>& object_damages() {
  static const std::vector<std::string> all{
      "UPDATE object SET file = x'61' WHERE key = x'6B'",
      "UPDATE object SET file = x'2E2E2F2E2E2F61' WHERE key = x'6B'",
      kStolenFile,
      "UPDATE object SET size = -1 WHERE key = x'6B'",
      "UPDATE object SET etag = x'61' WHERE key = x'6B'",
      "UPDATE object SET attributes = x'61' WHERE key = x'6B'",
      "UPDATE object SET checksum = 77 WHERE key = x'6B'",
      "UPDATE object SET digest = digest + 1 WHERE key = x'6B'",
  };
  return all;
}

const std::vector<std::string>& upload_damages() {
  static const std::vector<std::string> all{
      "UPDATE upload SET initiator = x'61'",
      "UPDATE upload SET attributes = x'61'",
      "UPDATE upload SET base = NULL",
      "UPDATE upload SET digest = digest + 1",
  };
  return all;
}

const std::vector<std::string>& part_damages() {
  static const std::vector<std::string> all{
      "UPDATE part SET size = 9223372036854775807 WHERE number = 1",
      "UPDATE part SET file = (SELECT file FROM object WHERE key = x'6F74686572') WHERE number = 1",
      "UPDATE part SET etag = x'61' WHERE number = 1",
      "UPDATE part SET digest = digest + 1 WHERE number = 1",
  };
  return all;
}

template <class T>
ErrorCode code_of(const std::expected<T, Error>& result) {
  return result ? ErrorCode{} : result.error().code;
}

class DamagedRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-damage-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }

  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  // An object "k", another one, and an upload of "k" with two parts; then the damage.
  void begin_with(const std::string& damage) {
    store_.reset();
    fs::remove_all(folder_);
    open();
    ASSERT_TRUE(put("k", "bytes"));
    ASSERT_TRUE(put("other", "kept"));
    ASSERT_TRUE(store_->begin_upload(kBucket, {.id = "u", .key = "k"}));
    for (const int number : {1, 2}) {
      ASSERT_TRUE(put_part(number));
    }
    reopen(damage);
  }

  void reopen(const std::string& damage = "") {
    store_.reset();
    ASSERT_TRUE(impl::Database::open((folder_ / "index.db").string(), false)
                    .value()
                    ->execute(damage.c_str()));
    open();
  }

  void open() {
    auto store = ObjectStore::open(
        {.folder = folder_.string(),
         .is_durable = false,
         .quota = {.bucket = {.bytes = 1000, .objects = 10, .uploads = 2}, .account = {}}},
        random_);
    ASSERT_TRUE(store.has_value()) << store.error().cause;
    store_ = std::move(store).value();
  }

  Status put(std::string key, std::string_view bytes, const WriteCondition& condition = {}) {
    StagedFile file = TRY(store_->stage());
    TRY_STATUS(file.write(bytes));
    return store_->put(
        kBucket, std::move(file), {.key = std::move(key), .etag = std::string(bytes)}, condition);
  }

  Status put_part(int number) {
    StagedFile file = TRY(store_->stage());
    TRY_STATUS(file.write("part"));
    return store_->put_part(kBucket, "k", "u", std::move(file), {.number = number});
  }

  Status erase(const std::string& key, const WriteCondition& condition = {}) {
    const std::string keys[] = {key};
    return store_->erase(kBucket, keys, condition);
  }

  std::string get(std::string_view key) {
    const auto object = store_->open_object(kBucket, key);
    if (!object || !*object) {
      return object ? "absent" : "refused";
    }
    return std::string(FileReader(**object, 0, (*object)->info.size).next().value());
  }

  std::size_t damaged_records() {
    std::size_t count = 0;
    EXPECT_TRUE(store_->each_damaged_record([&](std::string_view) { ++count; }));
    return count;
  }

  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "data")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  fs::path folder_;
  crypto::SystemRandom random_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(DamagedRecordsTest, NobodyReadsADamagedObject) {
  for (const std::string& damage : object_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);

    const auto opened = store_->open_object(kBucket, "k");
    ASSERT_EQ(code_of(opened), ErrorCode::S3InternalError);
    EXPECT_NE(opened.error().cause.find("the record of the object k is damaged"),
              std::string::npos);
    EXPECT_EQ(code_of(store_->list(kBucket, {})), ErrorCode::S3InternalError);
    EXPECT_EQ(get("other"), "kept");
  }
}

TEST_F(DamagedRecordsTest, NoConditionIsDecidedOnADamagedObject) {
  begin_with(object_damages().front());

  for (const WriteCondition& condition : {WriteCondition{.must_be_absent = true, .must_match = ""},
                                          WriteCondition{.must_match = "bytes"},
                                          WriteCondition{.must_match = "*"}}) {
    EXPECT_EQ(code_of(put("k", "new", condition)), ErrorCode::S3InternalError);
    EXPECT_EQ(code_of(erase("k", condition)), ErrorCode::S3InternalError);
    EXPECT_EQ(code_of(store_->check(kBucket, "k", condition)), ErrorCode::S3InternalError);
  }
  EXPECT_EQ(damaged_records(), 1U);
}

TEST_F(DamagedRecordsTest, AnObjectIsOverwrittenAndItsBytesGoWithTheNextStart) {
  for (const std::string& damage : object_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);

    ASSERT_TRUE(put("k", "new"));

    EXPECT_EQ(get("k"), "new");
    EXPECT_EQ(damaged_records(), 0U);
    EXPECT_TRUE(store_->list(kBucket, {}));
    EXPECT_EQ(files(), 5U) << "whose file it was is not known while the server runs";
    reopen();
    EXPECT_EQ(files(), 4U);
    EXPECT_EQ(get("k"), "new");
    EXPECT_EQ(get("other"), "kept");
    EXPECT_EQ(store_->parts("u").value().size(), 2U);
  }
}

TEST_F(DamagedRecordsTest, AnObjectIsRemoved) {
  for (const std::string& damage : object_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);

    const std::string keys[] = {"other", "k", "nothing"};
    ASSERT_TRUE(store_->erase(kBucket, keys, {}));

    EXPECT_EQ(get("k"), "absent");
    EXPECT_EQ(get("other"), "absent");
    reopen();
    EXPECT_EQ(files(), 2U) << "the parts";
    EXPECT_EQ(damaged_records(), 0U);
  }
}

TEST_F(DamagedRecordsTest, ADamagedRecordThatStaysKeepsItsBytes) {
  begin_with("UPDATE object SET etag = x'61'");
  ASSERT_TRUE(erase("other"));

  reopen();

  EXPECT_EQ(damaged_records(), 1U);
  EXPECT_EQ(files(), 3U);
}

TEST_F(DamagedRecordsTest, ADamagedUploadTakesNothingAndIsAborted) {
  for (const std::string& damage : upload_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);

    EXPECT_EQ(code_of(store_->find_upload(kBucket, "k", "u")), ErrorCode::S3InternalError);
    EXPECT_EQ(code_of(put_part(3)), ErrorCode::S3InternalError);
    EXPECT_EQ(code_of(store_->complete_upload(
                  kBucket, "u", store_->stage().value(), ObjectInfo{.key = "k"}, {})),
              ErrorCode::S3InternalError);

    ASSERT_TRUE(store_->abort_upload(kBucket, "k", "u"));

    EXPECT_EQ(code_of(store_->abort_upload(kBucket, "k", "u")), ErrorCode::NoSuchUpload);
    EXPECT_EQ(damaged_records(), 0U);
    EXPECT_EQ(get("k"), "bytes");
    EXPECT_EQ(files(), 2U);
  }
}

TEST_F(DamagedRecordsTest, ADamagedPartIsReplacedOrGoesWithItsUpload) {
  for (const std::string& damage : part_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);
    EXPECT_EQ(code_of(store_->parts("u")), ErrorCode::S3InternalError);
    ASSERT_TRUE(put_part(1));
    EXPECT_EQ(store_->parts("u").value().size(), 2U);
    EXPECT_EQ(damaged_records(), 0U);

    begin_with(damage);
    ASSERT_TRUE(store_->abort_upload(kBucket, "k", "u"));
    EXPECT_EQ(damaged_records(), 0U);
    reopen();
    EXPECT_EQ(files(), 2U);
    EXPECT_EQ(get("other"), "kept");
  }
}

TEST_F(DamagedRecordsTest, ADeletedBucketLeavesNothing) {
  std::vector<std::string> damages = upload_damages();
  damages.insert(damages.end(), part_damages().begin(), part_damages().end());
  damages.emplace_back("UPDATE part SET number = 70000 WHERE number = 1");
  for (const std::string& damage : damages) {
    SCOPED_TRACE(damage);
    begin_with(damage);
    EXPECT_EQ(code_of(store_->close(kBucket)), ErrorCode::BucketNotEmpty);
    const std::string keys[] = {"other", "k"};
    ASSERT_TRUE(store_->erase(kBucket, keys, {}));
    ASSERT_TRUE(store_->close(kBucket));

    Removal removal(*store_, [](std::string_view) { return false; });
    while (removal.step().value()) {
    }

    EXPECT_EQ(damaged_records(), 0U);
    reopen();
    EXPECT_EQ(files(), 0U);
  }
}

TEST_F(DamagedRecordsTest, ABucketIsDeletedWithItsDamagedObjects) {
  for (const std::string& damage : object_damages()) {
    SCOPED_TRACE(damage);
    begin_with(damage);
    ASSERT_TRUE(store_->close(kBucket, Contents::Remove));

    Removal removal(*store_, [](std::string_view) { return false; });
    while (removal.step().value()) {
    }

    EXPECT_EQ(damaged_records(), 0U);
    reopen();
    EXPECT_EQ(files(), 0U);
  }
}

TEST_F(DamagedRecordsTest, ADamagedBucketIsNotEmpty) {
  begin_with("DELETE FROM object WHERE key = x'6F74686572'; UPDATE object SET size = 7");

  EXPECT_EQ(code_of(store_->close(kBucket)), ErrorCode::BucketNotEmpty);
}

// A size that nobody wrote would let everything or nothing be stored.
TEST_F(DamagedRecordsTest, DamagedSizesCountForNoQuota) {
  for (const char* damage : {"UPDATE object SET size = 999 WHERE key = x'6B'",
                             "UPDATE object SET size = -100000 WHERE key = x'6B'",
                             "UPDATE part SET size = 999 WHERE number = 1",
                             "UPDATE part SET size = -100000 WHERE number = 1"}) {
    SCOPED_TRACE(damage);
    begin_with(damage);

    EXPECT_TRUE(put("more", std::string(900, 'x')));
    EXPECT_EQ(code_of(put("much more", std::string(100, 'x'))), ErrorCode::QuotaExceeded);
  }
}

}  // namespace
}  // namespace signet::objects
