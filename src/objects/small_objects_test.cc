// Objects whose bytes the index has.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "objects/moment.h"
#include "objects/sealed_file.h"
#include "objects/store_fixture_for_test.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

class SmallObjects : public EncryptedStoreTest {
 protected:
  Status put(const std::string& key, std::string_view bytes, const WriteCondition& condition = {}) {
    StagedFile file = TRY(store_->stage({.bucket = kBucket, .key = key}, bytes.size()));
    TRY_STATUS(file.write(bytes));
    return store_->put(kBucket, std::move(file), ObjectInfo{.key = key, .etag = "e"}, condition);
  }

  static Result<std::string> get(ObjectStore& store, const std::string& key) {
    const auto object = TRY(store.open_object(kBucket, key));
    return object ? read(*object, 0, object->info.size) : fail(ErrorCode::NoSuchKey, "");
  }

  Result<std::string> get(const std::string& key) { return get(*store_, key); }

  std::string file_of(const std::string& key) { return store_->find(kBucket, key).value()->file; }

  // Beside the store.
  void execute(std::string_view sql) {
    const auto index = impl::Database::open((folder_ / "index.db").string(), false).value();
    ASSERT_TRUE(index->execute(std::string(sql).c_str()));
  }

  std::int64_t number(std::string_view sql) {
    const auto index = impl::Database::open((folder_ / "index.db").string(), false).value();
    return index->number(sql).value();
  }
};

TEST_F(SmallObjects, LieInTheIndexUpToOneChunk) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{kChunkBytes}}) {
    const std::string text(size, 'x');
    ASSERT_TRUE(put("k", text));
    EXPECT_EQ(count_files(), 0U) << size;
    EXPECT_EQ(number("SELECT length(sealed) FROM bytes"), sealed_size(size));
    EXPECT_EQ(get("k").value(), text);
  }
  const std::string large(kChunkBytes + 1, 'x');
  ASSERT_TRUE(put("k", large));
  EXPECT_EQ(count_files(), 1U);
  EXPECT_EQ(count_bodies(), 1U);
  EXPECT_EQ(get("k").value(), large);
  EXPECT_TRUE(fs::is_empty(folder_ / "tmp"));
}

TEST_F(SmallObjects, AreNotInPlain) {
  ASSERT_TRUE(put("k", std::string(100, 'x')));
  EXPECT_EQ(number("SELECT instr(sealed, CAST('xxxx' AS BLOB)) FROM bytes"), 0);
}

TEST_F(SmallObjects, AreThereAfterANewStart) {
  ASSERT_TRUE(put("k", "bytes"));
  reopen(keys_);
  EXPECT_EQ(get("k").value(), "bytes");
}

TEST_F(SmallObjects, GoWithWhatReplacesThem) {
  ASSERT_TRUE(put("k", "one"));
  ASSERT_TRUE(put("k", "two"));
  EXPECT_EQ(count_bodies(), 1U);
  EXPECT_EQ(get("k").value(), "two");
  const std::string key = "k";
  ASSERT_TRUE(store_->erase(kBucket, std::span(&key, 1), {}));
  EXPECT_EQ(count_bodies(), 0U);
}

TEST_F(SmallObjects, ThatAreRefusedLeaveNothing) {
  ASSERT_TRUE(put("k", "one"));
  EXPECT_EQ(put("k", "two", {.must_be_absent = true}).error().code, ErrorCode::PreconditionFailed);
  EXPECT_EQ(count_bodies(), 1U);
  EXPECT_EQ(get("k").value(), "one");
}

TEST_F(SmallObjects, GoWithTheirBucket) {
  ASSERT_TRUE(put("k", "one"));
  {
    const auto hold = store_->close(kBucket, Contents::Remove);
  }
  while (store_->remove_some(kBucket).value()) {
  }
  EXPECT_EQ(count_bodies(), 0U);
}

TEST_F(SmallObjects, StayForWhoReadsThem) {
  ASSERT_TRUE(put("k", "one"));
  const auto object = store_->open_object(kBucket, "k").value();
  ASSERT_TRUE(put("k", "two"));
  EXPECT_EQ(read(*object, 0, object->info.size).value(), "one");
}

TEST_F(SmallObjects, AreRefusedWhereAnyByteIsAnother) {
  ASSERT_TRUE(put("k", "bytes of an object"));
  const std::int64_t length = number("SELECT length(sealed) FROM bytes");
  execute("CREATE TABLE good AS SELECT * FROM bytes");
  for (std::int64_t at = 1; at <= length; ++at) {
    const std::string place = std::to_string(at);
    execute("UPDATE bytes SET sealed = CAST(substr(sealed, 1, " + place +
            " - 1) || CASE WHEN substr(sealed, " + place +
            ", 1) = x'41' THEN x'42' ELSE x'41' END || substr(sealed, " + place + " + 1) AS BLOB)");
    const auto got = get("k");
    ASSERT_FALSE(got.has_value()) << at;
    EXPECT_EQ(got.error().code, ErrorCode::S3InternalError);
    execute("DELETE FROM bytes; INSERT INTO bytes SELECT * FROM good");
  }
  EXPECT_EQ(get("k").value(), "bytes of an object");
  execute("UPDATE bytes SET sealed = sealed || x'00'");
  EXPECT_EQ(get("k").error().code, ErrorCode::S3InternalError);
  execute("DELETE FROM bytes");
  EXPECT_EQ(get("k").error().code, ErrorCode::S3InternalError);
}

TEST_F(SmallObjects, AreRefusedInAnothersPlace) {
  ASSERT_TRUE(put("one", "first"));
  ASSERT_TRUE(put("two", "other"));
  execute(
      "CREATE TABLE swapped AS SELECT (SELECT min(id) + max(id) FROM bytes) - id AS id, sealed "
      "FROM bytes; DELETE FROM bytes; INSERT INTO bytes SELECT id, sealed FROM swapped");
  EXPECT_EQ(get("one").error().code, ErrorCode::S3InternalError);
  EXPECT_EQ(get("two").error().code, ErrorCode::S3InternalError);
}

TEST_F(SmallObjects, HaveNamesThatNoneHadBefore) {
  std::set<std::string> names;
  const std::string key = "k";
  for (int start = 0; start < 3; ++start) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(put(key, "bytes"));
      EXPECT_TRUE(names.insert(file_of(key)).second);
    }
    ASSERT_TRUE(store_->erase(kBucket, std::span(&key, 1), {}));
    reopen(keys_);
  }
}

TEST_F(SmallObjects, AreAnsweredFromMemoryOnceRead) {
  ASSERT_TRUE(put("k", "bytes"));
  EXPECT_FALSE(store_->known_object(kBucket, "k"));
  EXPECT_EQ(get("k").value(), "bytes");
  const auto known = store_->known_object(kBucket, "k");
  ASSERT_TRUE(known);
  EXPECT_EQ(store_->read_known(kBucket, *known, {.offset = 1, .length = 3}), "yte");
  EXPECT_TRUE(store_->is_known_there(kBucket, *known));
  ASSERT_TRUE(put("k", "other"));
  EXPECT_EQ(store_->read_known(kBucket, *known, {.offset = 0, .length = 5}), std::nullopt);
  EXPECT_FALSE(store_->is_known_there(kBucket, *known));
}

TEST_F(SmallObjects, OfMoreThanAFewBytesAreNotKeptInMemory) {
  ASSERT_TRUE(put("k", std::string(20'000, 'x')));
  EXPECT_TRUE(get("k").has_value());
  const auto known = store_->known_object(kBucket, "k");
  ASSERT_TRUE(known);
  EXPECT_EQ(store_->read_known(kBucket, *known, {.offset = 0, .length = 5}), std::nullopt);
  EXPECT_TRUE(store_->is_known_there(kBucket, *known));
}

TEST_F(SmallObjects, OfCustomersKeysAreKnownToNobody) {
  const CustomerKey key = std::make_shared<const Secret>(std::string(32, 'c'));
  ObjectInfo info{.key = "k", .etag = "e"};
  StagedFile file = store_->stage({.bucket = kBucket, .key = "k", .customer_key = key}).value();
  ASSERT_TRUE(file.write("bytes"));
  set_stored_mark(info.headers, mark_of(*key, random_));
  ASSERT_TRUE(store_->put(kBucket, std::move(file), std::move(info), {}));

  const auto opened = store_->open_object(kBucket, "k", {}, key).value();
  ASSERT_TRUE(opened);
  EXPECT_EQ(read(*opened, 0, 5).value(), "bytes");
  EXPECT_TRUE(store_->open_object(kBucket, "k").value()->lacks_key);
  const ObjectInfo known = opened->info;
  EXPECT_EQ(store_->read_known(kBucket, known, {.offset = 0, .length = 5}), std::nullopt);
  EXPECT_FALSE(store_->is_known_there(kBucket, known));
}

TEST_F(SmallObjects, AreInACopyOfTheMoment) {
  ASSERT_TRUE(put("k", "then"));
  const auto moment = store_->hold_moment([] { return Status(); }).value();
  ASSERT_TRUE(put("k", "now"));
  const auto copied = moment->copy_to((root_ / "copy").string());
  ASSERT_TRUE(copied.has_value()) << copied.error().cause;
  EXPECT_EQ(copied->objects, 1U);
  EXPECT_EQ(copied->bytes, 4U);
  EXPECT_EQ(get(*open(root_ / "copy", keys_), "k").value(), "then");
}

TEST_F(SmallObjects, OfADamagedRecordGoWithTheNextStart) {
  ASSERT_TRUE(put("k", "one"));
  ASSERT_TRUE(put("other", "two"));
  execute("UPDATE object SET etag = x'00' WHERE key = CAST('k' AS BLOB)");
  ASSERT_TRUE(put("k", "three"));
  EXPECT_EQ(count_bodies(), 3U);
  reopen(keys_);
  EXPECT_EQ(count_bodies(), 2U);
  EXPECT_EQ(get("k").value(), "three");
  EXPECT_EQ(get("other").value(), "two");
}

}  // namespace
}  // namespace signet::objects
