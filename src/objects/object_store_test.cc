#include "objects/object_store.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crypto/random.h"
#include "facts/errors.h"
#include "objects/file_reader.h"
#include "objects/impl/database.h"
#include "objects/impl/info_cache.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBucket = "b/1";

class ObjectStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-s3-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }

  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<ObjectStore> open(const fs::path& folder) {
    auto store = ObjectStore::open({.folder = folder.string(), .is_durable = false}, random_);
    EXPECT_TRUE(store.has_value()) << store.error().cause;
    return std::move(store).value();
  }

  std::unique_ptr<ObjectStore> open() { return open(folder_ / "objects"); }

  static Status put(ObjectStore& store,
                    std::string key,
                    std::string_view bytes,
                    const WriteCondition& condition = {}) {
    StagedFile file = TRY(store.stage());
    TRY_STATUS(file.write(bytes));
    return store.put(kBucket,
                     std::move(file),
                     ObjectInfo{.key = std::move(key), .etag = std::string(bytes)},
                     condition);
  }

  static std::string get(ObjectStore& store, std::string_view key) {
    auto object = store.open_object(kBucket, key);
    if (!object || !*object) {
      return "absent";
    }
    FileReader reader(**object, 0, (*object)->info.size);
    std::string out;
    while (true) {
      const auto piece = reader.next();
      EXPECT_TRUE(piece.has_value());
      if (!piece || piece->empty()) {
        return out;
      }
      out += *piece;
    }
  }

  static std::size_t count_files(const fs::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  fs::path folder_;
  crypto::SystemRandom random_;
};

ErrorCode code_of(const Status& status) {
  return status.has_value() ? ErrorCode{} : status.error().code;
}

TEST_F(ObjectStoreTest, KeepsObjectsAcrossARestart) {
  const ObjectInfo full{
      .key = std::string("k\0\n/../x", 8),
      .etag = "abc",
      .modified = Instant{1'700'000'000'123},
      .checksum = ObjectChecksum{.algorithm = crypto::ChecksumAlgorithm::Sha1, .value = "zzz="},
      .headers = {{"content-type", "text/plain"}, {"x-amz-meta-a", "b"}},
      .part_sizes = {5, 1ULL << 40U},
      .part_checksums = {"YQ==", "Yg=="}};
  {
    const auto store = open();
    StagedFile file = store->stage().value();
    ASSERT_TRUE(file.write("hello").has_value());
    ASSERT_TRUE(store->put(kBucket, std::move(file), full, {}).has_value());
  }

  const auto store = open();
  const auto info = store->find(kBucket, full.key).value();

  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->etag, "abc");
  EXPECT_EQ(info->modified, full.modified);
  EXPECT_EQ(info->checksum, full.checksum);
  EXPECT_EQ(info->headers, full.headers);
  EXPECT_EQ(info->part_sizes, full.part_sizes);
  EXPECT_EQ(info->part_checksums, full.part_checksums);
  EXPECT_EQ(get(*store, full.key), "hello");
  EXPECT_EQ(get(*store, "k"), "absent");
}

TEST_F(ObjectStoreTest, AnIndexThatMustBeThereIsNotMadeAnew) {
  std::string id(16, 'a');
  const auto refusal = [&] {
    const auto store = ObjectStore::open(
        {.folder = (folder_ / "objects").string(), .is_durable = false, .id = id}, random_);
    return store ? "" : store.error().cause;
  };
  EXPECT_NE(refusal().find("index.db, is missing"), std::string::npos) << refusal();
  EXPECT_FALSE(fs::exists(folder_ / "objects")) << "nothing is made";
  const std::string made = open()->id();
  EXPECT_EQ(made.size(), 16U);
  EXPECT_EQ(open()->id(), made) << "opened again";
  EXPECT_NE(refusal().find("index.db, is that of another folder"), std::string::npos) << refusal();
  id = made;
  EXPECT_EQ(refusal(), "");

  fs::resize_file(folder_ / "objects" / "index.db", 0);
  EXPECT_NE(refusal().find("index.db, is empty"), std::string::npos) << refusal();
  fs::remove_all(folder_ / "objects");
  EXPECT_NE(refusal().find("index.db, is missing"), std::string::npos) << refusal();
}

TEST_F(ObjectStoreTest, TheIndexIsItsOwnersAlone) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "v").has_value());

  for (const char* name : {"index.db", "index.db-wal"}) {
    EXPECT_EQ(fs::status(folder_ / "objects" / name).permissions(),
              fs::perms::owner_read | fs::perms::owner_write)
        << name;
  }
}

TEST_F(ObjectStoreTest, KnowsWhatWasReadUntilItChanges) {
  const auto store = open();
  const auto knows = [&] {
    return store->known_object(kBucket, "k").has_value();
  };
  ASSERT_TRUE(put(*store, "k", "one").has_value());
  EXPECT_FALSE(knows());
  EXPECT_EQ(get(*store, "k"), "one");
  EXPECT_TRUE(knows());
  EXPECT_FALSE(store->known_object("b/2", "k").has_value());

  ASSERT_TRUE(put(*store, "other", "x").has_value());
  EXPECT_TRUE(knows());
  ASSERT_TRUE(put(*store, "k", "two").has_value());
  EXPECT_FALSE(knows());
  EXPECT_EQ(get(*store, "k"), "two");
  EXPECT_EQ(store->known_object(kBucket, "k").value().etag, "two");

  const std::vector<std::string> keys = {"k"};
  ASSERT_TRUE(store->erase(kBucket, keys, {}).has_value());
  EXPECT_FALSE(knows());
  ASSERT_TRUE(put(*store, "k", "three").has_value());
  EXPECT_EQ(get(*store, "k"), "three");
  ASSERT_TRUE(store->clear().has_value());
  EXPECT_FALSE(knows());
}

TEST(InfoCache, DoesNotKeepWhatWasReadWhileAWriteWasCommitted) {
  impl::InfoCache cache;
  const std::uint64_t before = cache.generation();
  cache.forget({});

  cache.keep(before, kBucket, ObjectInfo{.key = "k"});
  EXPECT_FALSE(cache.find(kBucket, "k").has_value());
  cache.keep(cache.generation(), kBucket, ObjectInfo{.key = "k"});
  EXPECT_TRUE(cache.find(kBucket, "k").has_value());
}

TEST_F(ObjectStoreTest, NoKeyLeavesTheFolder) {
  const auto store = open();

  for (const char* key : {"../../evil", "/etc/passwd", "..", ".", "a/../../b", "data/00/x"}) {
    ASSERT_TRUE(put(*store, key, key).has_value());
    EXPECT_EQ(get(*store, key), key);
  }

  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with("index.db")) {
      EXPECT_EQ(entry.path().filename().string().find_first_not_of("0123456789abcdef"),
                std::string::npos);
    }
  }
  EXPECT_FALSE(fs::exists(folder_ / "evil"));
}

TEST_F(ObjectStoreTest, ReplacingRemovesTheOldFileButNotForOpenReaders) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "old").has_value());
  auto old = store->open_object(kBucket, "k").value();

  ASSERT_TRUE(put(*store, "k", "new").has_value());

  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 1U);
  EXPECT_EQ(get(*store, "k"), "new");
  FileReader reader(*old, 0, old->info.size);
  EXPECT_EQ(reader.next().value(), "old");
}

TEST_F(ObjectStoreTest, DroppedUploadsLeaveNothing) {
  const auto store = open();
  {
    StagedFile file = store->stage().value();
    ASSERT_TRUE(file.write("half").has_value());
  }
  EXPECT_EQ(count_files(folder_ / "objects" / "tmp"), 0U);
}

TEST_F(ObjectStoreTest, ConditionsAreDecidedWithTheWrite) {
  const auto store = open();
  const WriteCondition absent{.must_be_absent = true};

  EXPECT_TRUE(put(*store, "k", "one", absent).has_value());
  EXPECT_EQ(code_of(put(*store, "k", "two", absent)), ErrorCode::PreconditionFailed);
  EXPECT_EQ(code_of(put(*store, "k", "two", {.must_match = "zzz"})), ErrorCode::PreconditionFailed);
  EXPECT_EQ(code_of(put(*store, "other", "two", {.must_match = "one"})), ErrorCode::NoSuchKey);
  EXPECT_EQ(get(*store, "k"), "one");
  EXPECT_TRUE(put(*store, "k", "two", {.must_match = "one"}).has_value());
  EXPECT_TRUE(put(*store, "k", "three", {.must_match = "*"}).has_value());
  EXPECT_EQ(get(*store, "k"), "three");
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 1U);
}

TEST_F(ObjectStoreTest, OneOfManyRacersCreates) {
  const auto store = open();
  std::atomic<int> winners = 0;
  {
    std::vector<std::jthread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back(
          [&] { winners += put(*store, "k", "x", {.must_be_absent = true}).has_value() ? 1 : 0; });
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 1U);
}

TEST_F(ObjectStoreTest, ReadersNeverSeeAMissingFileWhileTheObjectIsReplaced) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "x").has_value());
  std::jthread writer([&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(put(*store, "k", "x").has_value());
    }
  });
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(get(*store, "k"), "x");
  }
}

TEST_F(ObjectStoreTest, BucketsDoNotSeeEachOther) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "x").has_value());

  EXPECT_FALSE(store->find("b/2", "k").value().has_value());
  EXPECT_FALSE(store->find("b", "/1k").value().has_value());
  EXPECT_TRUE(store->list("b/2", {}).value().objects.empty());
  EXPECT_TRUE(store->close("b/2").has_value());
}

TEST_F(ObjectStoreTest, ListsInByteOrder) {
  const auto store = open();
  for (const char* key : {"b", "a/2", "\xC3\xA9", "B", "a/1", "a"}) {
    ASSERT_TRUE(put(*store, key, "x").has_value());
  }

  const ListPage page = store->list(kBucket, {.max_keys = 4}).value();
  const ListPage rest = store->list(kBucket, {.start = page.next}).value();

  std::vector<std::string> keys;
  for (const ListPage* one : {&page, &rest}) {
    for (const ObjectInfo& object : one->objects) {
      keys.push_back(object.key);
    }
  }
  EXPECT_TRUE(page.is_truncated);
  EXPECT_EQ(keys, (std::vector<std::string>{"B", "a", "a/1", "a/2", "b", "\xC3\xA9"}));
}

TEST_F(ObjectStoreTest, SweepsOrphansAfterACrash) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "kept").has_value());
  const fs::path crashed = folder_ / "crashed";
  fs::copy(folder_ / "objects", crashed, fs::copy_options::recursive);
  fs::create_directories(crashed / "data" / "ab");
  std::ofstream(crashed / "data" / "ab" / "abcdef") << "orphan";
  std::ofstream(crashed / "tmp" / "012345") << "half";

  const auto again = open(crashed);

  EXPECT_EQ(get(*again, "k"), "kept");
  EXPECT_EQ(count_files(crashed / "data"), 1U);
  EXPECT_EQ(count_files(crashed / "tmp"), 0U);
}

TEST_F(ObjectStoreTest, LooksForOrphansAfterACrashInWhichAFileWasBegun) {
  const auto store = open();
  const auto crashed = [&](const char* name) {
    const fs::path copy = folder_ / name;
    fs::copy(folder_ / "objects", copy, fs::copy_options::recursive);
    fs::create_directories(copy / "data" / "ab");
    std::ofstream(copy / "data" / "ab" / "abcdef") << "orphan";
    const auto again = open(copy);
    return count_files(copy / "data");
  };

  EXPECT_EQ(crashed("unused"), 1U) << "where nothing can have been written nobody looks";
  const auto file = store->stage();
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(crashed("begun"), 0U);
}

TEST_F(ObjectStoreTest, AFullDiskLosesNothing) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "kept").has_value());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 64UL * 1024, .rlim_max = before.rlim_max};

  setrlimit(RLIMIT_FSIZE, &small);
  const Status big = put(*store, "k", std::string(1024UL * 1024, 'x'));
  Status index_full;
  for (int i = 0; i < 200 && index_full; ++i) {
    index_full = put(*store, std::string(1000, 'k') + std::to_string(i), "x");
  }
  setrlimit(RLIMIT_FSIZE, &before);

  EXPECT_EQ(code_of(big), ErrorCode::S3InternalError);
  EXPECT_EQ(code_of(index_full), ErrorCode::S3InternalError);
  EXPECT_EQ(get(*store, "k"), "kept");
  EXPECT_TRUE(put(*store, "after", "x").has_value());
  EXPECT_EQ(count_files(folder_ / "objects" / "tmp"), 0U);
  std::size_t listed = store->list(kBucket, {}).value().objects.size();
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), listed);
}

TEST_F(ObjectStoreTest, MultipartUploadsLiveUntilTheyEnd) {
  const auto store = open();
  ASSERT_TRUE(store->begin_upload(kBucket, {.id = "u", .key = "k"}).has_value());
  const auto put_part = [&](std::int64_t number, std::string_view bytes) -> Status {
    StagedFile file = TRY(store->stage());
    TRY_STATUS(file.write(bytes));
    return store->put_part(
        kBucket, "k", "u", std::move(file), {.number = number, .etag = std::string(bytes)});
  };

  ASSERT_TRUE(put_part(2, "two").has_value());
  ASSERT_TRUE(put_part(1, "wrong").has_value());
  ASSERT_TRUE(put_part(1, "one").has_value());
  const auto parts = store->parts("u").value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].etag, "one");
  EXPECT_EQ(parts[1].size, 3U);
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 2U);
  EXPECT_FALSE(store->find(kBucket, "k").value().has_value());

  StagedFile whole = store->stage().value();
  ASSERT_TRUE(whole.write("onetwo").has_value());
  ASSERT_TRUE(store->complete_upload(kBucket, "u", std::move(whole), {.key = "k"}, {}).has_value());
  EXPECT_EQ(get(*store, "k"), "onetwo");
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 1U);
  EXPECT_EQ(code_of(put_part(1, "late")), ErrorCode::NoSuchUpload);
  EXPECT_EQ(code_of(store->abort_upload(kBucket, "k", "u")), ErrorCode::NoSuchUpload);
}

TEST_F(ObjectStoreTest, WhatFailedDoesNotCountForAQuota) {
  const auto store = ObjectStore::open({.folder = (folder_ / "objects").string(),
                                        .is_durable = false,
                                        .quota = {.bucket = {.bytes = 10, .objects = 0}}},
                                       random_)
                         .value();
  ASSERT_TRUE(put(*store, "k", "12345678").has_value());
  EXPECT_EQ(code_of(put(*store, "k", "x", {.must_be_absent = true})),
            ErrorCode::PreconditionFailed);
  EXPECT_EQ(code_of(put(*store, "other", "123")), ErrorCode::QuotaExceeded);
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 1U);

  EXPECT_TRUE(put(*store, "other", "12").has_value());
  EXPECT_EQ(code_of(put(*store, "third", "1")), ErrorCode::QuotaExceeded);
}

TEST_F(ObjectStoreTest, AQuotaCountsWhatWasThereBefore) {
  ASSERT_TRUE(put(*open(), "k", "12345678").has_value());

  const auto store = ObjectStore::open({.folder = (folder_ / "objects").string(),
                                        .is_durable = false,
                                        .quota = {.account = {.bytes = 10, .objects = 0}}},
                                       random_)
                         .value();
  store->own(kBucket, "1");

  EXPECT_EQ(code_of(put(*store, "more", "123")), ErrorCode::QuotaExceeded);
  EXPECT_TRUE(put(*store, "more", "12").has_value());
}

// What a program of version 1 left behind.
TEST_F(ObjectStoreTest, BringsAnOldIndexUpToDate) {
  static_cast<void>(open());
  const std::string path = (folder_ / "objects" / "index.db").string();
  {
    const auto old = impl::Database::open(path, false).value();
    ASSERT_TRUE(
        old->execute("DROP TABLE object; DROP TABLE upload; DROP TABLE part; DROP TABLE removal;"
                     "DROP TABLE version; DROP TABLE bytes;"
                     "CREATE TABLE object(bucket BLOB NOT NULL, key BLOB NOT NULL, file BLOB NOT "
                     "NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, etag BLOB NOT NULL, "
                     "checksum INTEGER NOT NULL, checksum_kind INTEGER NOT NULL, checksum_value "
                     "BLOB NOT NULL, attributes BLOB NOT NULL, PRIMARY KEY(bucket, key)) WITHOUT "
                     "ROWID;"
                     "INSERT INTO object VALUES(CAST('b/1' AS BLOB), CAST('old' AS BLOB), "
                     "CAST('f' AS BLOB), 3, 5, CAST('e' AS BLOB), 0, 1, x'', x'01');"
                     "CREATE TABLE upload(bucket BLOB NOT NULL, key BLOB NOT NULL, id BLOB "
                     "NOT NULL, initiated INTEGER NOT NULL, checksum INTEGER NOT NULL, "
                     "checksum_kind INTEGER NOT NULL, initiator BLOB NOT NULL, attributes "
                     "BLOB NOT NULL, PRIMARY KEY(bucket, key, id)) WITHOUT ROWID;"
                     "CREATE TABLE part(upload BLOB NOT NULL, number INTEGER NOT NULL, file "
                     "BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, etag "
                     "BLOB NOT NULL, checksum_value BLOB NOT NULL, PRIMARY KEY(upload, "
                     "number)) WITHOUT ROWID;"
                     "INSERT INTO upload VALUES(CAST('b/1' AS BLOB), CAST('k' AS BLOB), "
                     "CAST('u' AS BLOB), 5, 4, 2, CAST('arn' AS BLOB), x'01');"
                     "INSERT INTO part VALUES(CAST('u' AS BLOB), 1, CAST('f' AS BLOB), 3, 5, "
                     "CAST('e' AS BLOB), CAST('c' AS BLOB));"
                     "PRAGMA user_version = 1;")
            .has_value());
  }

  const auto store = open();

  EXPECT_EQ(store->find("b/1", "old").value()->etag, "e");
  const UploadInfo upload = store->find_upload("b/1", "k", "u").value();
  EXPECT_EQ(upload.base, std::nullopt);
  EXPECT_EQ(upload.algorithm, crypto::ChecksumAlgorithm::Sha1);
  const PartInfo part = store->parts("u").value().at(0);
  EXPECT_EQ(part.algorithm, std::nullopt);
  EXPECT_EQ(part.checksum, "c");
  // What it does not know is no conflict.
  StagedFile whole = store->stage().value();
  EXPECT_TRUE(
      store
          ->complete_upload(
              "b/1", "u", std::move(whole), {.key = "k"}, WriteCondition{.must_be_absent = true})
          .has_value());
  EXPECT_EQ(store->find("b/1", "k").value()->upload, "u");
}

// Each column of each table, one at a time.
TEST_F(ObjectStoreTest, NoticesARecordThatIsNotWhatWasWritten) {
  const char* const damages[] = {"UPDATE object SET file = x'61'",
                                 "UPDATE object SET size = size + 1",
                                 "UPDATE object SET modified = 7",
                                 "UPDATE object SET etag = x'61'",
                                 "UPDATE object SET checksum = 1",
                                 "UPDATE object SET checksum_kind = 2",
                                 "UPDATE object SET checksum_value = x'61'",
                                 "UPDATE object SET attributes = x'01030000000000000000'",
                                 "UPDATE object SET key = x'6B6B'",
                                 "UPDATE object SET digest = digest + 1",
                                 "UPDATE upload SET base = NULL",
                                 "UPDATE upload SET initiator = x'61'",
                                 "UPDATE upload SET checksum = 2",
                                 "UPDATE part SET size = 9",
                                 "UPDATE part SET sealed = 1",
                                 "UPDATE part SET crc64 = x'61'",
                                 "UPDATE part SET etag = x'61'",
                                 "UPDATE part SET number = 2"};
  for (const char* damage : damages) {
    const fs::path folder = folder_ / "one";
    {
      const auto store = open(folder);
      ASSERT_TRUE(put(*store, "k", "x").has_value());
      ASSERT_TRUE(store->begin_upload(kBucket, {.id = "u", .key = "k"}).has_value());
      StagedFile part = store->stage().value();
      ASSERT_TRUE(store->put_part(kBucket, "k", "u", std::move(part), {.number = 1}).has_value());
    }
    ASSERT_TRUE(impl::Database::open((folder / "index.db").string(), false)
                    .value()
                    ->execute(damage)
                    .has_value());
    const auto store = open(folder);
    std::vector<std::string> damaged;
    ASSERT_TRUE(
        store->each_damaged_record([&](std::string_view what) { damaged.emplace_back(what); })
            .has_value());
    EXPECT_EQ(damaged.size(), 1U) << damage;
    const bool is_refused =
        !store->list(kBucket, {}) || !store->find_upload(kBucket, "k", "u") || !store->parts("u");
    EXPECT_TRUE(is_refused) << damage;
    fs::remove_all(folder);
  }
}

TEST_F(ObjectStoreTest, AnUploadInProgressCountsAsAnObject) {
  const auto store = ObjectStore::open({.folder = (folder_ / "objects").string(),
                                        .is_durable = false,
                                        .quota = {.bucket = {.bytes = 0, .objects = 2}}},
                                       random_)
                         .value();
  const auto begin = [&](std::string id) {
    return code_of(store->begin_upload(kBucket, {.id = std::move(id), .key = "k"}));
  };
  EXPECT_EQ(begin("1"), ErrorCode{});
  EXPECT_EQ(begin("2"), ErrorCode{});
  EXPECT_EQ(begin("3"), ErrorCode::QuotaExceeded);
  EXPECT_EQ(code_of(put(*store, "o", "x")), ErrorCode::QuotaExceeded);
  ASSERT_TRUE(store->abort_upload(kBucket, "k", "1").has_value());
  EXPECT_TRUE(
      store->complete_upload(kBucket, "2", store->stage().value(), {.key = "k"}, {}).has_value());
  EXPECT_EQ(begin("4"), ErrorCode{});
  EXPECT_EQ(begin("5"), ErrorCode::QuotaExceeded);
}

TEST_F(ObjectStoreTest, UploadsOfEarlierDaysCountForTheirBound) {
  const auto open_bounded = [&] {
    return ObjectStore::open({.folder = (folder_ / "objects").string(),
                              .is_durable = false,
                              .quota = {.bucket = {.uploads = 2}, .account = {.uploads = 2}}},
                             random_)
        .value();
  };
  const auto begin = [&](ObjectStore& store, std::string id) {
    return code_of(store.begin_upload(kBucket, {.id = std::move(id), .key = "k"}));
  };
  EXPECT_EQ(begin(*open_bounded(), "1"), ErrorCode{});
  const auto store = open_bounded();
  store->own(kBucket, "1");
  EXPECT_EQ(begin(*store, "2"), ErrorCode{});
  EXPECT_EQ(begin(*store, "3"), ErrorCode::QuotaExceeded);
  ASSERT_TRUE(store->close(kBucket).has_value());
  while (store->remove_some(kBucket).value()) {
  }
  EXPECT_EQ(begin(*store, "4"), ErrorCode::OperationAborted) << "closed";
  EXPECT_EQ(code_of(store->begin_upload("b/2", {.id = "5", .key = "k"})), ErrorCode{});
}

TEST_F(ObjectStoreTest, ClearForgetsEverything) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "k", "x").has_value());
  ASSERT_TRUE(store->clear().has_value());

  EXPECT_EQ(get(*store, "k"), "absent");
  EXPECT_EQ(count_files(folder_ / "objects" / "data"), 0U);
}

TEST(ObjectAttributes, RoundTrip) {
  const StoredHeaders headers = {{"content-type", ""},
                                 {"x-amz-meta-\xC3\xA9", std::string("a\0b", 3)}};
  const std::vector<std::uint64_t> parts = {0, 1, UINT64_MAX};

  EXPECT_EQ(decode_attributes(encode_attributes(
                {.headers = headers, .part_sizes = parts, .upload = "an-upload"})),
            (ObjectAttributes{headers, parts, "an-upload"}));
  EXPECT_EQ(decode_attributes(encode_attributes({})), ObjectAttributes{});
}

TEST(ObjectAttributes, RefusesDamage) {
  const std::string good =
      encode_attributes({.headers = {{"a", "b"}}, .part_sizes = {7}, .upload = "u"});
  EXPECT_FALSE(decode_attributes("").has_value());
  EXPECT_FALSE(decode_attributes("\x02").has_value());
  for (std::size_t size = 2; size < good.size(); ++size) {
    const bool ends_a_record = size == good.size() - 10 || size == good.size() - 19;
    if (!ends_a_record) {
      EXPECT_FALSE(decode_attributes(good.substr(0, size)).has_value()) << size;
    }
  }
}

}  // namespace
}  // namespace signet::objects
