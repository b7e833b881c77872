// Versions of objects, and delete markers.

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "objects/store_fixture_for_test.h"

namespace signet::objects {
namespace {

constexpr Instant kNow{1'000'000};

class VersionsTest : public EncryptedStoreTest {
 protected:
  void SetUp() override {
    EncryptedStoreTest::SetUp();
    reopen();
  }

  void reopen(const Quota& quota = Quota()) {
    EncryptedStoreTest::reopen(keys_, quota);
    store_->own(kBucket, "111122223333");
  }

  // Answers the new version.
  std::string put(const std::string& key,
                  std::string_view bytes,
                  Versioning versioning = Versioning::Enabled) {
    StagedFile file = store_->stage({.bucket = kBucket, .key = key}).value();
    EXPECT_TRUE(file.write(bytes));
    ObjectInfo info{
        .key = key, .etag = std::string(bytes), .version = store_->new_version(versioning)};
    const std::string version(shown_version(info));
    EXPECT_TRUE(store_->put(kBucket, std::move(file), std::move(info), {}, versioning));
    return version;
  }

  std::string get(const std::string& key, std::string_view version = {}) {
    const auto object = store_->open_object(kBucket, key, version);
    EXPECT_TRUE(object.has_value()) << object.error().cause;
    if (!object || !*object) {
      return "absent";
    }
    if ((*object)->info.is_marker) {
      return "marker";
    }
    FileReader reader(**object, 0, (*object)->info.size);
    return reader.take_next().value();
  }

  Deleted erase(const std::string& key,
                const std::string& version = {},
                Versioning versioning = Versioning::Enabled) {
    const Deletion deletion{.key = key, .version = version};
    auto deleted = store_->erase(kBucket, std::span(&deletion, 1), versioning, kNow);
    EXPECT_TRUE(deleted.has_value()) << deleted.error().cause;
    return deleted ? deleted->front() : Deleted();
  }

  // "key=bytes" of each, "key!" for a marker; "*" behind the latest.
  std::vector<std::string> listed(VersionQuery query = {}) {
    std::vector<std::string> out;
    const auto page = store_->list_versions(kBucket, query);
    EXPECT_TRUE(page.has_value());
    for (const VersionPage::Version& version : page->versions) {
      out.push_back(version.info.key + (version.info.is_marker ? "!" : "=" + version.info.etag) +
                    (version.is_latest ? "*" : ""));
    }
    return out;
  }

  std::vector<std::string> keys() {
    std::vector<std::string> out;
    const ListPage page = store_->list(kBucket, {}).value();
    for (const ObjectInfo& object : page.objects) {
      out.push_back(object.key);
    }
    return out;
  }

  using Lines = std::vector<std::string>;
};

TEST_F(VersionsTest, KeepWhatAKeyHeldBefore) {
  const std::string one = put("k", "one");
  const std::string two = put("k", "two");

  EXPECT_NE(one, two);
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(get("k", one), "one");
  EXPECT_EQ(get("k", two), "two");
  EXPECT_EQ(get("k", std::string(32, '0')), "absent");
  EXPECT_EQ(get("k", "null"), "absent");
  EXPECT_EQ(listed(), (Lines{"k=two*", "k=one"}));
  EXPECT_EQ(keys(), Lines{"k"});
}

TEST_F(VersionsTest, AnObjectFromBeforeIsTheNullVersion) {
  put("k", "old", Versioning::Off);
  put("k", "new");

  EXPECT_EQ(get("k", "null"), "old");
  EXPECT_EQ(get("k"), "new");
}

TEST_F(VersionsTest, ADeleteMarkerHidesTheObjectUntilItIsDeleted) {
  const std::string one = put("k", "one");

  const Deleted deleted = erase("k");

  EXPECT_TRUE(deleted.is_marker);
  EXPECT_EQ(get("k"), "absent");
  EXPECT_EQ(get("k", one), "one");
  EXPECT_EQ(get("k", deleted.version), "marker");
  EXPECT_EQ(store_->find_marker(kBucket, "k").value()->version, deleted.version);
  EXPECT_EQ(store_->find_marker(kBucket, "k").value()->modified, kNow);
  EXPECT_EQ(listed(), (Lines{"k!*", "k=one"}));
  EXPECT_TRUE(keys().empty());

  const Deleted undone = erase("k", deleted.version);
  EXPECT_TRUE(undone.is_marker);
  EXPECT_EQ(get("k"), "one");
  EXPECT_EQ(listed(), (Lines{"k=one*"}));
  EXPECT_FALSE(store_->find_marker(kBucket, "k").value().has_value());
}

TEST_F(VersionsTest, ADeleteMarkerNeedsNoObject) {
  EXPECT_TRUE(erase("k").is_marker);
  EXPECT_TRUE(erase("k").is_marker);
  EXPECT_EQ(listed(), (Lines{"k!*", "k!"}));
}

TEST_F(VersionsTest, TheNewestOfWhatIsLeftIsTheObjectAgain) {
  const std::string one = put("k", "one");
  const std::string two = put("k", "two");
  const std::string three = put("k", "three");

  EXPECT_EQ(erase("k", three).version, three);
  EXPECT_EQ(get("k"), "two");
  erase("k", one);
  EXPECT_EQ(listed(), (Lines{"k=two*"}));
  erase("k", two);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(count_bodies(), 0U);
}

TEST_F(VersionsTest, AMarkerBelowStaysInFrontAfterItsObjectWent) {
  put("k", "one");
  erase("k");
  const std::string two = put("k", "two");

  erase("k", two);

  EXPECT_EQ(get("k"), "absent");
  EXPECT_EQ(listed(), (Lines{"k!*", "k=one"}));
}

TEST_F(VersionsTest, DeletingAVersionThatIsNotThereChangesNothing) {
  put("k", "one");

  EXPECT_FALSE(erase("k", std::string(32, 'f')).is_marker);
  EXPECT_FALSE(erase("none", "null").is_marker);

  EXPECT_EQ(listed(), (Lines{"k=one*"}));
}

TEST_F(VersionsTest, OneThatIsToBeKeptStays) {
  const std::string first = put("k", "first");
  const std::string second = put("k", "second");
  const auto remove = [&](const std::string& version, std::string_view kept) {
    const Deletion deletion{.key = "k",
                            .version = version,
                            .condition = {},
                            .only_file = {},
                            .keeps = [&](const ObjectInfo& info) {
                              return info.etag == kept;
                            }};
    return store_->erase(kBucket, std::span(&deletion, 1), Versioning::Enabled, kNow)
        .value()
        .front()
        .is_kept;
  };

  EXPECT_TRUE(remove(first, "first"));
  EXPECT_TRUE(remove(second, "second"));
  EXPECT_EQ(get("k", first), "first");
  EXPECT_EQ(get("k"), "second");
  EXPECT_FALSE(remove(first, "second"));
  EXPECT_EQ(get("k", first), "absent");
  EXPECT_FALSE(remove(second, "first"));
  EXPECT_EQ(get("k"), "absent");
}

TEST_F(VersionsTest, ASuspendedBucketReplacesTheNullVersionOnly) {
  const std::string one = put("k", "one");
  EXPECT_EQ(put("k", "null1", Versioning::Suspended), "null");
  put("k", "null2", Versioning::Suspended);

  EXPECT_EQ(listed(), (Lines{"k=null2*", "k=one"}));
  EXPECT_EQ(count_bodies(), 2U);

  const Deleted deleted = erase("k", {}, Versioning::Suspended);
  EXPECT_EQ(deleted.version, "null");
  EXPECT_TRUE(deleted.is_marker);
  EXPECT_EQ(listed(), (Lines{"k!*", "k=one"}));
  EXPECT_EQ(count_bodies(), 1U);

  put("k", "three");
  put("k", "null3", Versioning::Suspended);
  EXPECT_EQ(listed(), (Lines{"k=null3*", "k=three", "k=one"}));
  EXPECT_EQ(get("k", one), "one");
}

TEST_F(VersionsTest, ConditionsAreAboutTheObjectAndAVersionOfItsOwn) {
  const std::string one = put("k", "one");
  put("k", "two");
  const auto attempt = [&](const Deletion& deletion) {
    return store_->erase(kBucket, std::span(&deletion, 1), Versioning::Enabled, kNow);
  };

  EXPECT_FALSE(attempt({.key = "k", .condition = {.must_match = "one"}}));
  EXPECT_FALSE(attempt({.key = "k", .version = one, .condition = {.must_match = "two"}}));
  EXPECT_EQ(listed(), (Lines{"k=two*", "k=one"}));
  EXPECT_TRUE(attempt({.key = "k", .version = one, .condition = {.must_match = "one"}}));
  EXPECT_TRUE(attempt({.key = "k", .condition = {.must_match = "two"}}));
  // Hidden, the key is free.
  EXPECT_TRUE(store_->check(kBucket, "k", {.must_be_absent = true}));
}

TEST_F(VersionsTest, SurviveAnotherStart) {
  const std::string one = put("k", "one");
  put("k", "two");
  put("gone", "x");
  erase("gone");

  reopen();

  EXPECT_EQ(get("k", one), "one");
  EXPECT_EQ(listed(), (Lines{"gone!*", "gone=x", "k=two*", "k=one"}));
  std::size_t seen = 0;
  EXPECT_TRUE(store_->each_object([&](std::string_view, const ObjectInfo& info) -> Status {
    EXPECT_TRUE(store_->open_object(kBucket, info.key, shown_version(info)).value().has_value());
    ++seen;
    return {};
  }));
  EXPECT_EQ(seen, 3U);
}

TEST_F(VersionsTest, PagesAddUpToTheWholeListing) {
  for (const char* key : {"a/1", "a/2", "b", "c/1", "d"}) {
    put(key, "1");
    put(key, "2");
    erase(key);
  }
  for (const std::string& delimiter : {std::string(), std::string("/")}) {
    const VersionPage whole =
        store_->list_versions(kBucket, {.prefix = "", .delimiter = delimiter, .key_marker = ""})
            .value();
    EXPECT_FALSE(whole.is_truncated);
    for (const std::size_t size : {1U, 2U, 4U}) {
      Lines all;
      Lines prefixes;
      VersionQuery query{.prefix = "", .delimiter = delimiter, .key_marker = "", .max_keys = size};
      bool is_more = true;
      while (is_more) {
        const VersionPage page = store_->list_versions(kBucket, query).value();
        EXPECT_LE(page.versions.size() + page.common_prefixes.size(), size);
        for (const auto& version : page.versions) {
          all.push_back(version.info.version + (version.is_latest ? "*" : ""));
        }
        prefixes.insert(prefixes.end(), page.common_prefixes.begin(), page.common_prefixes.end());
        is_more = page.is_truncated;
        query.key_marker = page.next_key;
        query.version_marker = page.next_version;
      }
      Lines expected;
      for (const auto& version : whole.versions) {
        expected.push_back(version.info.version + (version.is_latest ? "*" : ""));
      }
      EXPECT_EQ(all, expected) << size;
      EXPECT_EQ(prefixes, whole.common_prefixes);
    }
  }
}

TEST_F(VersionsTest, AListingBeginsBehindItsMarkers) {
  put("a", "1");
  const std::string b1 = put("b", "1");
  const std::string b2 = put("b", "2");
  put("c", "1");

  EXPECT_EQ(listed({.prefix = "", .delimiter = "", .key_marker = "a"}),
            (Lines{"b=2*", "b=1", "c=1*"}));
  EXPECT_EQ(listed({.prefix = "", .delimiter = "", .key_marker = "b", .version_marker = b2}),
            (Lines{"b=1", "c=1*"}));
  EXPECT_EQ(listed({.prefix = "", .delimiter = "", .key_marker = "b", .version_marker = b1}),
            (Lines{"c=1*"}));
  EXPECT_EQ(listed({.prefix = "b", .delimiter = "", .key_marker = ""}), (Lines{"b=2*", "b=1"}));
}

TEST_F(VersionsTest, CountForTheQuota) {
  reopen({.bucket = {.objects = 2}, .account = {}});
  put("k", "one");
  const std::string two = put("k", "two");
  const auto put_more = [&] {
    StagedFile file = store_->stage({.bucket = kBucket, .key = "k"}).value();
    ObjectInfo info{.key = "k", .version = store_->new_version(Versioning::Enabled)};
    return store_->put(kBucket, std::move(file), std::move(info), {}, Versioning::Enabled);
  };

  EXPECT_EQ(put_more().error().code, ErrorCode::QuotaExceeded);
  erase("k");  // a marker needs no room
  EXPECT_EQ(put_more().error().code, ErrorCode::QuotaExceeded);
  reopen({.bucket = {.objects = 2}, .account = {}});
  EXPECT_EQ(put_more().error().code, ErrorCode::QuotaExceeded);
  erase("k", two);
  EXPECT_TRUE(put_more());
}

TEST_F(VersionsTest, KeepABucketFromBeingDeletedAndGoWithOneThatIs) {
  put("k", "one");
  erase("k");

  EXPECT_EQ(store_->close(kBucket).error().code, ErrorCode::BucketNotEmpty);

  {
    const auto hold = store_->close(kBucket, Contents::Remove);
  }
  while (store_->remove_some(kBucket).value()) {
  }
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(count_bodies(), 0U);
}

TEST_F(VersionsTest, AnUploadsObjectBecomesAVersionWithItsParts) {
  ASSERT_TRUE(store_->begin_upload(kBucket, UploadInfo{.id = "u", .key = "k"}));
  StagedFile part = store_->stage({.bucket = kBucket, .key = "k"}).value();
  ASSERT_TRUE(part.write("parted"));
  ASSERT_TRUE(store_->put_part(kBucket, "k", "u", std::move(part), {.number = 1}));
  const std::vector<PartInfo> parts = store_->parts("u").value();
  ObjectInfo info{
      .key = "k", .part_sizes = {6}, .version = store_->new_version(Versioning::Enabled)};
  const std::string version = info.version;
  ASSERT_TRUE(store_->complete_in_place(kBucket, "u", parts, info, {}, Versioning::Enabled));
  put("k", "new");

  EXPECT_EQ(get("k", version), "parted");
  erase("k", version);
  EXPECT_EQ(count_bodies(), 1U);
}

}  // namespace
}  // namespace signet::objects
