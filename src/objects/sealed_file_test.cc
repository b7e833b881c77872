#include "objects/sealed_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "objects/file_reader.h"
#include "objects/store_fixture_for_test.h"

namespace signet::objects {
namespace {

namespace fs = std::filesystem;

// Text in which every place differs from its neighbours.
std::string text_of(std::size_t size) {
  std::string out;
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  }
  return out;
}

class SealedStoreTest : public EncryptedStoreTest {
 protected:
  // Writes in pieces of that size.
  Status put(const std::string& key, std::string_view bytes, std::size_t piece = 1 << 20) {
    StagedFile file = TRY(store_->stage({.bucket = kBucket, .key = key}, bytes.size()));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      TRY_STATUS(file.write(bytes.substr(at, piece)));
    }
    return store_->put(kBucket, std::move(file), ObjectInfo{.key = key, .etag = "e"}, {});
  }

  Result<std::string> get(const std::string& key, std::uint64_t offset, std::uint64_t length) {
    const auto object = TRY(store_->open_object(kBucket, key));
    if (!object) {
      return fail(ErrorCode::NoSuchKey, "");
    }
    return EncryptedStoreTest::read(*object, offset, length);
  }

  Result<std::string> get(const std::string& key) {
    const auto info = TRY(store_->find(kBucket, key));
    return get(key, 0, info ? info->size : 0);
  }

  fs::path file_of(const std::string& key) {
    const std::string name = store_->find(kBucket, key).value()->file;
    return folder_ / "data" / name.substr(0, 2) / name;
  }

  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static void write(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
};

TEST_F(SealedStoreTest, GivesBackWhatWasWrittenWhateverTheSizeAndThePieces) {
  for (const std::size_t size : {std::size_t{0},
                                 std::size_t{1},
                                 kChunkBytes - 1,
                                 kChunkBytes,
                                 kChunkBytes + 1,
                                 4 * kChunkBytes,
                                 5 * kChunkBytes + 17,
                                 20 * kChunkBytes}) {
    const std::string text = text_of(size);
    ASSERT_TRUE(put("k", text, size / 3 + 1)) << size;
    EXPECT_EQ(get("k").value(), text) << size;
    if (size > kChunkBytes) {
      EXPECT_EQ(fs::file_size(file_of("k")), sealed_size(size)) << size;
    }
  }
}

TEST_F(SealedStoreTest, ReadsRangesAcrossChunks) {
  const std::string text = text_of(6 * kChunkBytes + 5);
  ASSERT_TRUE(put("k", text));

  for (const std::uint64_t offset : {std::uint64_t{0},
                                     std::uint64_t{1},
                                     kChunkBytes - 1,
                                     kChunkBytes,
                                     3 * kChunkBytes + 11,
                                     6 * kChunkBytes}) {
    for (const std::uint64_t length :
         {std::uint64_t{1}, std::uint64_t{5}, kChunkBytes, 5 * kChunkBytes}) {
      const std::uint64_t most = std::min(length, text.size() - offset);
      EXPECT_EQ(get("k", offset, most).value(), text.substr(offset, most)) << offset;
    }
  }
}

TEST_F(SealedStoreTest, LeavesNothingReadableOnTheDisk) {
  const std::string text = text_of(3 * kChunkBytes);
  ASSERT_TRUE(put("k", text));

  const std::string stored = read(file_of("k"));

  for (std::size_t at = 0; at + 16 <= text.size(); at += 1000) {
    EXPECT_EQ(stored.find(text.substr(at, 16)), std::string::npos);
  }
}

TEST_F(SealedStoreTest, RefusesWhatIsDamagedAnywhere) {
  ASSERT_TRUE(put("k", text_of(2 * kChunkBytes + 100)));
  const fs::path path = file_of("k");
  const std::string good = read(path);

  for (std::size_t at = 0; at < good.size(); at += at < 100 ? 1 : 4099) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    write(path, damaged);
    const auto got = get("k");
    ASSERT_FALSE(got.has_value()) << at;
    EXPECT_EQ(got.error().code, ErrorCode::S3InternalError);
    EXPECT_NE(got.error().cause.find("\"k\""), std::string::npos) << got.error().cause;
  }
  write(path, good.substr(0, good.size() - 1));
  EXPECT_FALSE(get("k").has_value());
  write(path, good + "x");
  EXPECT_FALSE(get("k").has_value());
  write(path, good);
  EXPECT_TRUE(get("k").has_value());
}

TEST_F(SealedStoreTest, RefusesAFileInAnothersPlace) {
  ASSERT_TRUE(put("one", text_of(kChunkBytes + 100)));
  ASSERT_TRUE(put("two", text_of(kChunkBytes + 100)));
  const std::string one = read(file_of("one"));
  const std::string two = read(file_of("two"));

  write(file_of("one"), two);

  EXPECT_FALSE(get("one").has_value());
  EXPECT_TRUE(get("two").has_value());
  write(file_of("one"), one);
  EXPECT_TRUE(get("one").has_value());
}

TEST_F(SealedStoreTest, RefusesChunksInAnotherOrderAndACutTail) {
  const std::string text = text_of(3 * kChunkBytes);
  ASSERT_TRUE(put("k", text));
  const fs::path path = file_of("k");
  const std::string good = read(path);
  const auto chunk = [&](std::uint64_t index) {
    return good.substr(chunk_offset(index), kChunkBytes + crypto::kAeadTagSize);
  };
  const std::string header = good.substr(0, kSealedHeaderBytes);

  write(path, header + chunk(1) + chunk(0) + chunk(2));
  EXPECT_FALSE(get("k").has_value());
  write(path, header + chunk(0) + chunk(2) + chunk(1));
  EXPECT_FALSE(get("k").has_value());

  // A chunk that is not the last is no end, even where the sizes fit.
  const auto key = open_sealed_header(
      *keys_, header, store_->find(kBucket, "k").value()->file, {.bucket = kBucket, .key = "k"});
  ASSERT_TRUE(key.has_value());
  std::string second = chunk(1);
  EXPECT_FALSE(open_chunk(*key, 1, ChunkPlace::Last, second).has_value());
  second = chunk(1);
  EXPECT_TRUE(open_chunk(*key, 1, ChunkPlace::Inner, second).has_value());
}

TEST_F(SealedStoreTest, OpensAHeaderForItsFileAndItsOwnerOnly) {
  const FileOwner owner{.bucket = kBucket, .key = "k"};
  const NewSealedFile made = begin_sealed_file(*keys_, random_, "file", owner);

  EXPECT_TRUE(open_sealed_header(*keys_, made.header, "file", owner).has_value());
  EXPECT_FALSE(open_sealed_header(*keys_, made.header, "elif", owner).has_value());
  EXPECT_FALSE(
      open_sealed_header(*keys_, made.header, "file", {.bucket = kBucket, .key = "j"}).has_value());
  EXPECT_FALSE(
      open_sealed_header(*keys_, made.header, "file", {.bucket = "b/2", .key = "k"}).has_value());
  EXPECT_FALSE(open_sealed_header(*keys_for_test(random_), made.header, "file", owner).has_value());
  EXPECT_FALSE(open_sealed_header(*keys_, made.header.substr(1), "file", owner).has_value());
  EXPECT_FALSE(open_sealed_header(*keys_, "", "file", owner).has_value());
}

TEST_F(SealedStoreTest, ReadsWhatLiesInPlainFromBefore) {
  reopen(nullptr);
  ASSERT_TRUE(put("old", "in plain"));
  reopen(keys_);

  ASSERT_TRUE(put("new", "encrypted"));

  EXPECT_EQ(get("old").value(), "in plain");
  EXPECT_FALSE(store_->find(kBucket, "old").value()->is_sealed);
  EXPECT_TRUE(store_->find(kBucket, "new").value()->is_sealed);
  EXPECT_EQ(read(file_of("old")), "in plain");
}

TEST_F(SealedStoreTest, CannotBeReadWithoutTheKeys) {
  ASSERT_TRUE(put("k", "secret"));

  reopen(nullptr);
  EXPECT_FALSE(get("k").has_value());
  reopen(keys_for_test(random_));
  EXPECT_FALSE(get("k").has_value());
  reopen(keys_);
  EXPECT_EQ(get("k").value(), "secret");
}

TEST_F(SealedStoreTest, AnswersFromMemoryWhatTheDiskWould) {
  const std::string text = text_of(kChunkBytes + 300);
  ASSERT_TRUE(put("k", text));
  const ObjectInfo info = *store_->find(kBucket, "k").value();
  EXPECT_EQ(get("k").value(), text);

  EXPECT_EQ(store_->read_known(kBucket, info, {.offset = kChunkBytes + 100, .length = 200}),
            text.substr(kChunkBytes + 100, 200));
  // Too much for a loop: a whole chunk.
  EXPECT_FALSE(store_->read_known(kBucket, info, {.offset = 10, .length = 20}).has_value());
  EXPECT_FALSE(
      store_->read_known(kBucket, info, {.offset = kChunkBytes - 1, .length = 2}).has_value());
}

class PartFilesTest : public SealedStoreTest {
 protected:
  void SetUp() override {
    SealedStoreTest::SetUp();
    ASSERT_TRUE(store_->begin_upload(kBucket, UploadInfo{.id = "u", .key = "k"}));
  }

  void put_part(std::int64_t number, std::string_view bytes) {
    StagedFile file = store_->stage({.bucket = kBucket, .key = "k"}).value();
    ASSERT_TRUE(file.write(bytes));
    ASSERT_TRUE(store_->put_part(
        kBucket, "k", "u", std::move(file), PartInfo{.number = number, .etag = "p"}));
  }

  Status complete(std::span<const PartInfo> parts) {
    ObjectInfo info{.key = "k", .etag = "e"};
    for (const PartInfo& part : parts) {
      info.part_sizes.push_back(part.size);
    }
    return store_->complete_in_place(kBucket, "u", parts, std::move(info), {});
  }
};

TEST_F(PartFilesTest, ReadsAnObjectAcrossItsParts) {
  const std::string one = text_of(kChunkBytes + 10);
  const std::string three = text_of(300);
  put_part(1, one);
  put_part(2, "not chosen");
  put_part(3, three);
  std::vector<PartInfo> parts = store_->parts("u").value();
  parts.erase(parts.begin() + 1);

  ASSERT_TRUE(complete(parts));

  const std::string whole = one + three;
  EXPECT_EQ(get("k").value(), whole);
  for (const std::uint64_t offset :
       {std::uint64_t{0}, kChunkBytes + 5, kChunkBytes + 10, kChunkBytes + 200}) {
    EXPECT_EQ(get("k", offset, 100).value(), whole.substr(offset, 100)) << offset;
  }
  EXPECT_EQ(store_->find(kBucket, "k").value()->size, whole.size());
  EXPECT_EQ(count_bodies(), 2U);
}

TEST_F(PartFilesTest, GoWithTheirObject) {
  put_part(1, "one");
  put_part(2, "two");
  ASSERT_TRUE(complete(store_->parts("u").value()));

  ASSERT_TRUE(put("k", "another"));

  EXPECT_EQ(count_bodies(), 1U);
  EXPECT_TRUE(store_->parts("u").value().empty());
}

TEST_F(PartFilesTest, StayForWhoReadsThem) {
  put_part(1, "one");
  put_part(2, "two");
  ASSERT_TRUE(complete(store_->parts("u").value()));
  std::optional<OpenObject> open = store_->open_object(kBucket, "k").value();
  const std::string keys[] = {"k"};

  ASSERT_TRUE(store_->erase(kBucket, keys, {}));

  {
    FileReader reader(*open, 0, 6);
    EXPECT_EQ(reader.take_next().value(), "one");
    EXPECT_EQ(reader.take_next().value(), "two");
  }
  EXPECT_EQ(count_bodies(), 2U);
  open.reset();
  EXPECT_EQ(count_bodies(), 0U);
}

TEST_F(PartFilesTest, AreNotTakenOnceTheyWereReplaced) {
  put_part(1, "one");
  const std::vector<PartInfo> parts = store_->parts("u").value();
  put_part(1, "other");

  const Status done = complete(parts);

  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::InvalidPart);
  EXPECT_EQ(store_->parts("u").value().size(), 1U);
  EXPECT_TRUE(complete(store_->parts("u").value()));
  EXPECT_EQ(get("k").value(), "other");
}

TEST_F(PartFilesTest, SurviveAnotherStart) {
  put_part(1, "one");
  put_part(2, "two");
  ASSERT_TRUE(complete(store_->parts("u").value()));

  reopen(keys_);

  EXPECT_EQ(get("k").value(), "onetwo");
}

}  // namespace
}  // namespace signet::objects
